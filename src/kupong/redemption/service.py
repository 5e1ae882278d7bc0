"""The use cases of selling: quote a cart, redeem it, check codes. Each is a plan, run by two executors.

`quote` and `redeem` run on Django's connection, for pages, jobs and programs; the API runs the same plans
on asynchronous connections.
"""

from datetime import datetime
from typing import Any

import msgspec
import psycopg
from django.db import connection

from kupong.kernel.identifiers import normalise_code
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.plans import Plan, run
from kupong.pricing.candidates import ineligible
from kupong.redemption.answers import amounts_by_code, refused_code
from kupong.redemption.claims import Attempt, Refusals, Taken, Wanted, claim, lock_orders
from kupong.redemption.facts import read_cart, read_setting
from kupong.redemption.quotes import (
    Priced,
    empty_cart,
    invalid,
    quote_cart,
    reference_errors,
    sale_of,
)
from kupong.redemption.rules import Verdict, judge_codes
from kupong.redemption.shapes import (
    CodeAnswer,
    CodeCheck,
    CodesCheckRequest,
    Quote,
    QuoteRequest,
    RedemptionAnswer,
    RedemptionRequest,
    Rejected,
    UseAnswer,
)
from kupong.redemption.staff import first_usable_codes


def quote(
    company_id: int,
    request: QuoteRequest,
    now: datetime,
    language: str = "en",
    *,
    explain_all: bool = False,
) -> Quote | Rejected:
    """Price a cart. Changes nothing.

    `not_applied` tells why the discounts that could reach the cart gave nothing; with `explain_all` it
    tells so of every other discount of the company.
    """
    plan = quote_plan(company_id, request, now, language, explain_all=explain_all)
    return run(django_connection(), plan)


def redeem(
    company_id: int, request: RedemptionRequest, now: datetime, language: str = "en"
) -> RedemptionAnswer | Rejected:
    """Complete a sale and take the uses of its codes, all or nothing, in one transaction."""
    with django_connection().transaction():
        return run(django_connection(), redeem_plan(company_id, request, now, language))


def quote_plan(
    company_id: int,
    request: QuoteRequest,
    now: datetime,
    language: str = "en",
    *,
    explain_all: bool = False,
) -> Plan[Quote | Rejected]:
    priced = yield from quote_cart(company_id, request, now, language, explain_all=explain_all)
    return priced.quote if isinstance(priced, Priced) else priced


def redeem_plan(
    company_id: int, request: RedemptionRequest, now: datetime, language: str = "en"
) -> Plan[RedemptionAnswer | Rejected]:
    """Run it inside a transaction: quote, hold the order, claim; again while a lost code can be done without.

    A code that staff applied is replaced by the coupon's next one; with `partial` any other is dropped.
    """
    refused: dict[str, CodeAnswer] = {}
    while True:
        cart = yield from _with_staff_codes(company_id, request, now, language)
        if isinstance(cart, Rejected):
            return cart
        priced = yield from quote_cart(company_id, _without(cart, refused), now, language)
        if isinstance(priced, Rejected):
            return priced
        _restore(priced.quote, cart, refused)
        rejected = _rejected(priced.quote, request)
        if rejected:
            return rejected
        outcome = yield from _take(company_id, request, priced)
        if isinstance(outcome, Rejected):
            return outcome
        if isinstance(outcome, Taken):
            return _redeemed(outcome, request, priced.quote)
        lost = _lost(outcome, priced, language)
        typed = {normalise_code(code) for code in request.codes}
        if not request.partial and lost.keys() & typed:
            return _all_refused(priced.quote, lost)
        refused |= {code: answer for code, answer in lost.items() if code in typed}


def _with_staff_codes(
    company_id: int, request: RedemptionRequest, now: datetime, language: str
) -> Plan[RedemptionRequest | Rejected]:
    """The cart with the first usable code of each coupon that staff apply."""
    if not request.apply_without_code:
        return request
    setting = yield from read_setting(company_id, request)
    if setting.channel is None:
        return request  # quoting says so
    wanted = list(request.apply_without_code)
    codes = yield from first_usable_codes(setting, request.at or now, wanted)
    unknown = [
        (f"apply_without_code[{place}]", Refused(Reason.UNKNOWN_REFERENCE, {"value": coupon}))
        for place, coupon in enumerate(wanted)
        if coupon not in codes
    ]
    if unknown:
        return invalid(unknown, language)
    for coupon, code in codes.items():
        if code is None:
            return Rejected(reason=Reason.NO_USABLE_CODE, detail={"by": coupon})
    found = tuple(code for code in codes.values() if code)
    return msgspec.structs.replace(request, codes=request.codes + found)


def check_codes_plan(
    company_id: int, request: CodesCheckRequest, now: datetime, language: str = "en"
) -> Plan[list[CodeCheck] | Rejected]:
    """Whether each code could be used now by this customer in this channel: each for itself, with no cart."""
    setting = yield from read_setting(company_id, request)
    errors = reference_errors(setting, request.channel, request.customer)
    if errors or setting.channel is None:
        return invalid(errors, language)
    sale = sale_of(setting, request.at or now)
    facts = yield from read_cart(setting, request)
    local, cart = sale.at.astimezone(sale.zone), empty_cart(setting)

    def not_here(number: str) -> Refused | None:
        return ineligible(number, facts.book, cart, local)

    checked = []
    for place, typed in enumerate(request.codes):
        known = {0: facts.codes[place]} if place in facts.codes else {}
        checked += judge_codes([typed], known, sale, not_here)
    return [_checked(verdict, language) for verdict in checked]


def _checked(verdict: Verdict, language: str) -> CodeCheck:
    no = verdict.refused
    return CodeCheck(
        code=verdict.typed,
        coupon=verdict.facts.coupon if verdict.facts else None,
        usable=no is None,
        reason=no.reason if no else None,
        message=message(no, language) if no else None,
        detail=no.detail if no else {},
    )


def _without(request: RedemptionRequest, refused: dict[str, CodeAnswer]) -> RedemptionRequest:
    if not refused:
        return request
    kept = tuple(code for code in request.codes if normalise_code(code) not in refused)
    return msgspec.structs.replace(request, codes=kept)


def _restore(quote: Quote, request: RedemptionRequest, refused: dict[str, CodeAnswer]) -> None:
    """Put the codes that were lost on the way back among the answers, in the order of the cart."""
    answers = {normalise_code(answer.code): answer for answer in quote.codes} | refused
    if refused:
        quote.codes = [answers[normalise_code(code)] for code in request.codes]


def _rejected(quote: Quote, request: RedemptionRequest) -> Rejected | None:
    refused = [answer for answer in quote.codes if answer.status == "refused"]
    if refused and not request.partial:
        return Rejected(reason=refused[0].reason or Reason.INVALID, codes=quote.codes)
    if request.expected_net is not None and request.expected_net != quote.net:
        figures = {"need": request.expected_net, "have": quote.net}
        return Rejected(reason=Reason.AMOUNT_CHANGED, detail=figures, codes=quote.codes)
    return None


def _take(
    company_id: int, request: RedemptionRequest, priced: Priced
) -> Plan[Taken | Refusals | Rejected]:
    channel = priced.setting.channel
    assert channel is not None
    _, existing = yield lock_orders(company_id, [(channel.id, request.order)])
    if existing:
        figures = {"state": existing[0][3], "by": str(existing[0][2])}
        return Rejected(reason=Reason.WRONG_STATE, detail=figures)
    (outcome,) = yield from claim(company_id, [_attempt(request, priced, channel.id)])
    return outcome


def _attempt(request: RedemptionRequest, priced: Priced, channel_id: int) -> Attempt:
    quote = priced.quote
    return Attempt(
        channel_id=channel_id,
        customer_id=priced.sale.customer_id,
        order=request.order,
        sale=priced.sale,
        at=priced.sale.at,
        currency=quote.currency,
        gross=quote.gross,
        discount=quote.discount,
        net=quote.net,
        on_cart=tuple(one.facts.code for one in priced.verdicts if one.facts and not one.refused),
        wanted=tuple(Wanted(*use) for use in amounts_by_code(quote).items() if use[1] > 0),
        quote=msgspec.json.encode(quote),
    )


def _lost(outcome: Refusals, priced: Priced, language: str) -> dict[str, CodeAnswer]:
    return {
        verdict.facts.code: refused_code(verdict, outcome.by_code[verdict.facts.code], language)
        for verdict in priced.verdicts
        if verdict.facts and verdict.facts.code in outcome.by_code
    }


def _all_refused(quote: Quote, lost: dict[str, CodeAnswer]) -> Rejected:
    codes = [lost.get(normalise_code(answer.code), answer) for answer in quote.codes]
    first = next(iter(lost.values()))
    return Rejected(reason=first.reason or Reason.INVALID, detail=first.detail, codes=codes)


def _redeemed(taken: Taken, request: RedemptionRequest, quote: Quote) -> RedemptionAnswer:
    return RedemptionAnswer(
        id=str(taken.redemption_id),
        status="redeemed",
        order=request.order,
        expires_at=None,
        quote=quote,
        uses=[
            UseAnswer(
                code=answer.code,
                coupon=answer.coupon,
                status="redeemed" if answer.status == "applied" else "not_applied",
            )
            for answer in quote.codes
        ],
    )


def django_connection() -> psycopg.Connection[Any]:
    """The psycopg connection that Django's connection wraps, in whatever transaction it is."""
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    return raw
