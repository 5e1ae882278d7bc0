"""The operations on deliveries: their records, the steps of their life, and what became of their messages."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec

from kupong.campaigns import service
from kupong.campaigns.preview import preview
from kupong.campaigns.queries import delivery_page, messages_page
from kupong.campaigns.shapes import (
    AnalysisAsked,
    DeliveryPage,
    DeliveryRecord,
    MessageRow,
    Preview,
    PreviewRequest,
)
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.records import Page
from kupong.organisation.refusals import Refusals, refuse
from kupong.web.api.cursors import is_identity, read_cursor, write_cursor
from kupong.web.api.managing import Collection, replied
from kupong.web.api.operations import Call, Operation, Outcome, Reply

GROUP = "deliveries"


class MessagesQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`after` is the `next` of the page before."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    after: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)] | None = None


def operations() -> list[Operation]:
    records = Collection(GROUP, "delivery", service.deliveries).operations(readable=False)
    return [
        *(one for one in records if one.name != "getDelivery"),
        Operation(
            method="GET",
            path="/deliveries/{number}",
            name="getDelivery",
            summary="Everything about a delivery",
            group=GROUP,
            answers={200: DeliveryPage},
            use_case=_get,
        ),
        Operation(
            method="GET",
            path="/deliveries/{number}/messages",
            name="listMessages",
            summary="List the messages of a delivery",
            group=GROUP,
            answers={200: Page[MessageRow]},
            query=MessagesQuery,
            use_case=_messages,
        ),
        Operation(
            method="POST",
            path="/deliveries/{number}/preview",
            name="previewDelivery",
            summary="Look at the message of a recipient; changes nothing",
            group=GROUP,
            answers={200: Preview},
            body=PreviewRequest,
            use_case=_preview,
        ),
        _step("analyze", "Find out whom a delivery reaches, and reserve the codes", service.analyse,
              answers={202: AnalysisAsked}),
        _step("confirm", "Let a delivery go out", service.confirm),
        _step("pause", "Send nothing more of a delivery for now", service.pause),
        _step("resume", "Go on with a delivery", service.resume),
        _step("stop", "Stop a delivery for good", service.stop),
    ]  # fmt: skip


def _step(
    verb: str,
    summary: str,
    use_case: Callable[[int, str, datetime], Any],
    answers: dict[int, Any] | None = None,
) -> Operation:
    answers = answers or {200: DeliveryRecord}
    (status,) = answers
    return Operation(
        method="POST",
        path=f"/deliveries/{{number}}/{verb}",
        name=f"{verb}Delivery",
        summary=summary,
        group=GROUP,
        answers=answers,
        use_case=lambda call: replied(
            use_case(call.company_id, call.path["number"], call.now), status
        ),
        changes=True,
    )


def _get(call: Call) -> Outcome:
    page = delivery_page(call.company_id, call.path["number"], call.language)
    return Refused(Reason.NOT_FOUND) if page is None else Reply(page)


def _messages(call: Call) -> Outcome:
    after = read_cursor(call.query.after) if call.query.after else "0"
    if after is None or not is_identity(after):
        return refuse(Reason.INVALID, "after")
    page = messages_page(call.company_id, call.path["number"], int(after), call.query.limit)
    if page is None:
        return Refused(Reason.NOT_FOUND)
    return Reply(Page(items=page.items, next=write_cursor(page.next)))


def _preview(call: Call) -> Outcome:
    shown = preview(call.company_id, call.path["number"], call.body.recipient, call.now)
    return shown if isinstance(shown, Refusals) else Reply(shown)
