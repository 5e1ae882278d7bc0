"""What the back office says about coupons and codes, in the reader's language."""

import re
from datetime import date, datetime
from typing import Literal

import msgspec
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kupong.coupons.shapes import CouponRecord, UsageLimit
from kupong.kernel.periods import Bound
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.refusals import Refusals
from kupong.pricing.kinds.kind import Language
from kupong.web.look.templatetags.look import day, minute

Tone = Literal["good", "quiet", "warm", "bad"]
STATUSES = {
    "active": gettext_lazy("Active"),
    "inactive": gettext_lazy("Inactive"),
    "voided": gettext_lazy("Voided"),
}
KINDS = {
    "individual": gettext_lazy("Individual codes"),
    "anonymous": gettext_lazy("One shared code"),
}
SCOPES = {
    "global": gettext_lazy("%s in all"),
    "channel": gettext_lazy("%s per channel"),
    "customer": gettext_lazy("%s per customer"),
}
_TONES: dict[str, Tone] = {"active": "good", "inactive": "quiet", "voided": "bad"}


class Mark(msgspec.Struct, frozen=True):
    """A word that stands out. `tone` of look.css (good, quiet, warm, bad) repeats what the word says."""

    text: str
    tone: Tone


def language() -> Language:
    return "sv" if (get_language() or "").startswith("sv") else "en"


def status_mark(status: str, *, is_in_force: bool = True) -> Mark:
    """Active says that it was switched on; it is as good as nothing outside its dates."""
    tone = _TONES.get(status, "quiet") if is_in_force or status == "voided" else "quiet"
    return Mark(str(STATUSES.get(status, status)), tone)


def validity_words(start: str | None, end: str | None) -> str:
    """A period between two bounds as records write them."""
    if start and end:
        return f"{bound_words(read_bound(start))} – {bound_words(read_bound(end))}"
    if start:
        return _("from %s") % bound_words(read_bound(start))
    return _("until %s") % bound_words(read_bound(end)) if end else _("Always")


def read_bound(text: str | None) -> Bound:
    if text is None:
        return None
    return (
        date.fromisoformat(text) if len(text) == len("2026-03-01") else datetime.fromisoformat(text)
    )


def bound_words(bound: Bound) -> str:
    """A day, or a minute on the reader's wall clock."""
    if isinstance(bound, datetime):
        return minute(bound)
    return day(bound) if bound else "–"


def period_state(record: CouponRecord, now: datetime) -> Literal["upcoming", "now", "over"]:
    """Where `now` (on the reader's wall clock) lies."""
    start, end = read_bound(record.valid_from), read_bound(record.valid_to)
    if start and _is_before(now, start):
        return "upcoming"
    return "over" if end and _is_after(now, end) else "now"


def _is_before(now: datetime, bound: date | datetime) -> bool:
    return now < bound if isinstance(bound, datetime) else now.date() < bound


def _is_after(now: datetime, bound: date | datetime) -> bool:
    return now > bound if isinstance(bound, datetime) else now.date() > bound


def limits_of(record: CouponRecord) -> tuple[UsageLimit, ...]:
    """The limits on each of the coupon's codes."""
    return record.usage_limits if isinstance(record.usage_limits, tuple) else ()


def limit_words(record: CouponRecord) -> str:
    """How often each code may be used."""
    said = [str(SCOPES[limit.scope]) % limit.uses for limit in limits_of(record)]
    return ", ".join(said) or _("As often as anybody likes")


def rule_words(record: CouponRecord) -> list[str]:
    """What else stands between the coupon and a sale, a sentence each."""
    rules = (
        (record.customer_required, _("Only with a customer on the cart.")),
        (record.exclusive, _("Not together with other coupons.")),
        (record.apply_without_code, _("Staff may apply it without a code.")),
        (record.give_back == "never", _("A use is spent for good, even when the goods come back.")),
    )
    return [text for holds, text in rules if holds]


def refusal_words(refused: Refusals | Refused) -> str:
    """Every reason of a refusal, a sentence each."""
    problems = [refused] if isinstance(refused, Refused) else [p.refused for p in refused.problems]
    return " ".join(dict.fromkeys(_said(problem) for problem in problems))


def _said(refused: Refused) -> str:
    state = refused.detail.get("state")
    if state in STATUSES:
        refused = Refused(refused.reason, refused.detail | {"state": str(STATUSES[state]).lower()})
    return message(refused, language())


def period_words(refused: Refused) -> str:
    """Why a period refuses, with its bound as people write it."""
    figures = {key: bound_words(read_bound(text)) for key, text in refused.detail.items()}
    return message(Refused(refused.reason, figures), language())


def reason_words(key: str) -> str:
    """What a reason says to people, short; one that a later version dropped reads as its key."""
    if key not in set(Reason):
        return key
    return message(Refused(Reason(key)), language()).rstrip(".")


def natural(text: str) -> list[tuple[int, str]]:
    """A key that puts Campaign 9 before Campaign 10."""
    parts = re.split(r"(\d+)", text.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
