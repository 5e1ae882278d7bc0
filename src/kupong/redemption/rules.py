"""Which codes on a cart are accepted, and why the others are not. Pure: facts in, verdicts out.

The checks stand in the order of docs/reference/reasons.md; the first failure wins.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from kupong.kernel.identifiers import normalise_code
from kupong.kernel.reasons import Reason, Refused
from kupong.redemption.facts import CodeFacts, Scope

# Why a discount does not apply at this place and time at all; None when it may.
Ineligible = Callable[[str], Refused | None]


class Verdict(msgspec.Struct, frozen=True):
    """One code of the cart, as typed: its facts if it exists, and why it is refused (None: accepted)."""

    typed: str
    facts: CodeFacts | None
    refused: Refused | None


class Sale(msgspec.Struct, frozen=True):
    """What the rules ask about the sale. `at` is judged by the wall clock of `zone`."""

    at: datetime
    zone: tzinfo
    customer_id: int | None
    order_completion: bool


def judge_codes(
    typed: Sequence[str], facts: Mapping[int, CodeFacts], sale: Sale, ineligible: Ineligible
) -> list[Verdict]:
    """A verdict for each code, in the order of the cart; `facts` holds those that exist by their place."""
    verdicts: list[Verdict] = []
    for place, text in enumerate(typed):
        code = facts.get(place)
        verdicts.append(Verdict(text, code, _refusal(text, code, verdicts, sale, ineligible)))
    return verdicts


def limit_refusal(scopes: Sequence[Scope]) -> Refused | None:
    """Exhausted, naming the first scope whose limit is reached; None while a use is left in each."""
    for scope in scopes:
        if scope.limit is not None and scope.uses >= scope.limit:
            figures = {"scope": scope.name, "limit": scope.limit, "have": scope.uses}
            return Refused(Reason.EXHAUSTED, figures)
    return None


def state_refusal(code: CodeFacts, sale: Sale) -> Refused | None:
    """Why the code cannot be used now, by its own and its coupon's state and dates (specification 2.3)."""
    return _status_refusal(code) or _period_refusal(code, sale)


def _refusal(
    typed: str,
    code: CodeFacts | None,
    before: Sequence[Verdict],
    sale: Sale,
    ineligible: Ineligible,
) -> Refused | None:
    if code is None:
        return Refused(Reason.NOT_FOUND)
    return next((no for no in _checks(typed, code, before, sale, ineligible) if no), None)


def _checks(
    typed: str, code: CodeFacts, before: Sequence[Verdict], sale: Sale, ineligible: Ineligible
) -> Iterator[Refused | None]:
    yield _status_refusal(code)
    yield _period_refusal(code, sale)
    of_discount = ineligible(code.discount) if code.discount else None
    yield of_discount if of_discount and of_discount.reason in _TIMES else None
    yield _repetition_refusal(typed, code, before)
    yield _customer_refusal(code, sale)
    yield of_discount
    yield _exclusive_refusal(code, before)
    yield _completion_refusal(code, sale)
    yield limit_refusal(code.scopes)


_TIMES = (Reason.DISABLED, Reason.NOT_STARTED, Reason.EXPIRED, Reason.OUTSIDE_HOURS)


def _status_refusal(code: CodeFacts) -> Refused | None:
    statuses = (code.status, code.coupon_status)
    if "inactive" in statuses:
        return Refused(Reason.INACTIVE)
    if "voided" in statuses:
        return Refused(Reason.VOIDED)
    return None if code.discount else Refused(Reason.NO_DISCOUNT)


def _period_refusal(code: CodeFacts, sale: Sale) -> Refused | None:
    """The code's window is the intersection of its own and its coupon's: not started comes before expired."""
    refusals = [period.refusal(sale.at, sale.zone) for period in (code.valid, code.coupon_valid)]
    found = [refused for refused in refusals if refused]
    return min(found, key=lambda refused: refused.reason is Reason.EXPIRED, default=None)


def _repetition_refusal(typed: str, code: CodeFacts, before: Sequence[Verdict]) -> Refused | None:
    if normalise_code(typed) in {normalise_code(verdict.typed) for verdict in before}:
        return Refused(Reason.ALREADY_ON_CART)
    for verdict in _accepted(before):
        if verdict.coupon_id == code.coupon_id:
            return Refused(Reason.SAME_COUPON, {"by": verdict.code})
    return None


def _customer_refusal(code: CodeFacts, sale: Sale) -> Refused | None:
    """A code with a holder, or a limit per customer, needs to know who is buying."""
    personal = code.customer_required or code.limited_per_customer or code.holder_id is not None
    if personal and sale.customer_id is None:
        return Refused(Reason.CUSTOMER_REQUIRED)
    if code.holder_id not in (None, sale.customer_id):
        return Refused(Reason.WRONG_HOLDER)
    return None


def _exclusive_refusal(code: CodeFacts, before: Sequence[Verdict]) -> Refused | None:
    """An exclusive coupon tolerates no other on the cart, whichever came first (specification 2.8)."""
    for other in _accepted(before):
        if code.exclusive or other.exclusive:
            by = code.coupon if code.exclusive else other.coupon
            return Refused(Reason.EXCLUSIVE_CONFLICT, {"by": by})
    return None


def _completion_refusal(code: CodeFacts, sale: Sale) -> Refused | None:
    limited = any(scope.limit is not None for scope in code.scopes)
    if limited and not sale.order_completion:
        return Refused(Reason.ORDER_COMPLETION_REQUIRED)
    return None


def _accepted(before: Sequence[Verdict]) -> Iterator[CodeFacts]:
    return (verdict.facts for verdict in before if verdict.facts and not verdict.refused)
