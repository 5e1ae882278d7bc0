"""The checkout calls: quotes, redemptions and checks of codes, on asynchronous connections."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.bounds import FIRST_YEAR, LAST_YEAR
from kupong.organisation.plans import Plan
from kupong.organisation.refusals import refuse
from kupong.redemption.queries import (
    BadCursor,
    RedemptionFilter,
    RedemptionPage,
    redemptions,
)
from kupong.redemption.service import check_codes_plan, quote_plan, redeem_plan
from kupong.redemption.shapes import (
    CodeCheck,
    CodesCheckRequest,
    Quote,
    QuoteRequest,
    RedemptionAnswer,
    RedemptionRequest,
    Rejected,
)
from kupong.web.api.discretion import discreet_checks, discreet_quote
from kupong.web.api.operations import EVERYBODY, TRUSTED, Call, Operation, Outcome, Reply

_Mark = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class RedemptionsQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Every mark that is given must fit; `from` and `to` bound the sale's time, both ends included."""

    code: _Mark | None = None
    coupon: _Mark | None = None
    order: _Mark | None = None
    customer: _Mark | None = None
    channel: _Mark | None = None
    from_: _Instant | None = msgspec.field(default=None, name="from")
    to: _Instant | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    after: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)] | None = None


class QuoteQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`explain=all` tells of every discount why it gave nothing, not only of those that could have."""

    explain: Literal["all"] | None = None


class CodesChecked(msgspec.Struct, kw_only=True):
    codes: list[CodeCheck]


def operations() -> list[Operation]:
    return [
        Operation(
            method="POST",
            path="/quotes",
            name="quote",
            summary="Price a cart; changes nothing",
            group="selling",
            answers={200: Quote},
            query=QuoteQuery,
            body=QuoteRequest,
            roles=EVERYBODY,
            plan=_quote,
        ),
        Operation(
            method="POST",
            path="/redemptions",
            name="redeem",
            summary="Complete a sale and take the uses of its codes",
            group="selling",
            answers={201: RedemptionAnswer},
            body=RedemptionRequest,
            roles=TRUSTED,
            changes=True,
            plan=_redeem,
        ),
        Operation(
            method="GET",
            path="/redemptions",
            name="listRedemptions",
            summary="List redemptions, newest first",
            group="selling",
            answers={200: RedemptionPage},
            query=RedemptionsQuery,
            roles=TRUSTED,
            plan=_list,
        ),
        Operation(
            method="POST",
            path="/codes/check",
            name="checkCodes",
            summary="Say of each code whether it could be used now, with no cart",
            group="selling",
            answers={200: CodesChecked},
            body=CodesCheckRequest,
            roles=EVERYBODY,
            plan=_check,
        ),
    ]


def _quote(call: Call) -> Plan[Outcome]:
    is_public = call.caller.role == "public"
    explain_all = call.query.explain == "all"
    refused = _elsewhere(call, call.body.channel) or _wrong_time(call)
    if is_public and explain_all:
        # A browser must not be told which discounts there are.
        refused = Refused(Reason.FORBIDDEN)
    if refused:
        return refused
    answer = yield from quote_plan(
        call.company_id, call.body, call.now, call.language, explain_all=explain_all
    )
    if isinstance(answer, Rejected):
        return answer
    return Reply(discreet_quote(answer, call.language) if is_public else answer)


def _redeem(call: Call) -> Plan[Outcome]:
    refused = _elsewhere(call, call.body.channel) or _wrong_time(call)
    if refused:
        return refused
    answer = yield from redeem_plan(call.company_id, call.body, call.now, call.language)
    return answer if isinstance(answer, Rejected) else Reply(answer, 201)


def _list(call: Call) -> Plan[Outcome]:
    query: RedemptionsQuery = call.query
    channel = query.channel or call.caller.channel
    refused = _elsewhere(call, channel)
    if refused:
        return refused
    chosen = RedemptionFilter(
        code=query.code,
        coupon=query.coupon,
        order=query.order,
        customer=query.customer,
        channel=channel,
        start=query.from_,
        end=query.to,
    )
    try:
        page = yield from redemptions(call.company_id, chosen, query.limit, query.after)
    except BadCursor:
        return refuse(Reason.INVALID, "after")
    return Reply(page)


def _check(call: Call) -> Plan[Outcome]:
    refused = _elsewhere(call, call.body.channel) or _wrong_time(call)
    if refused:
        return refused
    answer = yield from check_codes_plan(call.company_id, call.body, call.now, call.language)
    if isinstance(answer, Rejected):
        return answer
    is_public = call.caller.role == "public"
    return Reply(
        CodesChecked(codes=discreet_checks(answer, call.language) if is_public else answer)
    )


def _elsewhere(call: Call, channel: str | None) -> Refused | None:
    """A key that is bound to a channel sells in that one only."""
    bound = call.caller.channel
    return None if bound is None or bound == channel else Refused(Reason.FORBIDDEN)


def _wrong_time(call: Call) -> Outcome | None:
    """A browser must not choose the time at which a code is judged; nobody a time outside all calendars."""
    at = call.body.at
    if at is None:
        return None
    if call.caller.role == "public":
        return refuse(Reason.READ_ONLY, "at")
    return None if FIRST_YEAR <= at.year <= LAST_YEAR else refuse(Reason.INVALID, "at")
