"""The log of a delivery: written as keys with figures, read as sentences."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from kupong.campaigns.log_texts import TEXTS, Note
from kupong.campaigns.models import Delivery, DeliveryLog
from kupong.kernel.reason_texts import message, sentence
from kupong.kernel.reasons import Reason, Refused

LATEST = 200

Level = Literal["info", "warning", "error"]


class LogLine(msgspec.Struct, kw_only=True):
    """`key` is a note's or a reason's; `text` says it in the reader's language."""

    at: datetime
    level: Level
    key: str
    text: str


class Entry(msgspec.Struct, frozen=True):
    level: Level
    key: str
    figures: Mapping[str, Any]


def note(key: Note, level: Level = "info", **figures: Any) -> Entry:
    return Entry(level, key, figures)


def error(refused: Refused) -> Entry:
    return Entry("error", refused.reason, refused.detail)


def warning(refused: Refused) -> Entry:
    return Entry("warning", refused.reason, refused.detail)


def write(company_id: int, delivery_id: int, entries: Iterable[Entry], at: datetime) -> None:
    """Append these lines, in the transaction in which what they tell happens."""
    DeliveryLog.objects.bulk_create(
        DeliveryLog(
            company_id=company_id,
            delivery_id=delivery_id,
            at=at,
            level=entry.level,
            key=entry.key,
            figures=msgspec.to_builtins(dict(entry.figures)),
        )
        for entry in entries
    )


def read(delivery: Delivery, language: str) -> list[LogLine]:
    """The latest lines, oldest first."""
    rows = DeliveryLog.objects.filter(company_id=delivery.company_id, delivery_id=delivery.id)
    return [
        LogLine(
            at=row.at,
            level=row.level,  # type: ignore[arg-type]  # the column holds no other
            key=row.key,
            text=said(row.key, row.figures, language),
        )
        for row in reversed(rows.order_by("-id")[:LATEST])
    ]


def said(key: str, figures: dict[str, Any], language: str) -> str:
    if key in TEXTS:
        return sentence(TEXTS[key], figures, language)
    return message(Refused(Reason(key), figures), language)
