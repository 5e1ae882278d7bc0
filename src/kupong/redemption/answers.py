"""The quote as a channel reads it: what pricing found, with what became of every code."""

import msgspec

from kupong.kernel.identifiers import normalise_code
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.carts import (
    Applied,
    Cart,
    CartLine,
    NotApplied,
    PricedCart,
    PricedDelivery,
    PricedLine,
)
from kupong.pricing.explanation_text import loss_text
from kupong.redemption.rules import Verdict
from kupong.redemption.shapes import (
    AppliedAnswer,
    CodeAnswer,
    DeliveryAnswer,
    LineAnswer,
    NotAppliedAnswer,
    PartAnswer,
    Quote,
)


def answer(cart: Cart, priced: PricedCart, verdicts: list[Verdict], language: str) -> Quote:
    """The quote of this cart; what staff could apply besides is not among it yet."""
    return Quote(
        currency=priced.currency,
        gross=priced.gross,
        discount=priced.discount,
        net=priced.net,
        lines=[_line(sold, line) for sold, line in zip(cart.lines, priced.lines, strict=True)],
        codes=_codes(priced, verdicts, language),
        not_applied=[
            NotAppliedAnswer(
                discount=lost.discount,
                reason=lost.reason,
                detail=lost.detail,
                message=loss_text(lost, priced.currency, language),
            )
            for lost in priced.not_applied
        ],
        available=[],
        delivery=_delivery(priced.delivery) if priced.delivery else None,
        proven_optimal=priced.proven_optimal,
        upper_bound=priced.upper_bound,
    )


def amounts_by_code(quote: Quote) -> dict[str, int]:
    """What each code (normalised) took off goods and delivery, in minor units."""
    applied = [one for line in quote.lines for one in line.discounts]
    if quote.delivery and quote.delivery.applied:
        applied.append(quote.delivery.applied)
    amounts: dict[str, int] = {}
    for one in applied:
        if one.code:
            code = normalise_code(one.code)
            amounts[code] = amounts.get(code, 0) + one.amount
    return amounts


def refused_code(verdict: Verdict, refused: Refused, language: str) -> CodeAnswer:
    return CodeAnswer(
        code=verdict.typed,
        coupon=verdict.facts.coupon if verdict.facts else None,
        status="refused",
        reason=refused.reason,
        message=message(refused, language),
        detail=refused.detail,
    )


def _line(sold: CartLine, line: PricedLine) -> LineAnswer:
    return LineAnswer(
        id=line.id,
        product=sold.product,
        quantity=sold.quantity,
        unit=sold.unit,
        gross=line.gross,
        discount=line.discount,
        net=line.net,
        discounts=[_applied(one) for one in line.discounts],
        manual=line.manual,
        parts=[
            PartAnswer(
                quantity=part.quantity,
                discount=part.discount,
                discounts=[_applied(one) for one in part.discounts],
                manual=part.manual,
            )
            for part in line.parts
        ],
    )


def _applied(one: Applied) -> AppliedAnswer:
    return AppliedAnswer(**msgspec.structs.asdict(one))


def _delivery(delivery: PricedDelivery) -> DeliveryAnswer:
    return DeliveryAnswer(
        charge=delivery.charge,
        discount=delivery.discount,
        net=delivery.net,
        applied=_applied(delivery.applied) if delivery.applied else None,
    )


def _codes(priced: PricedCart, verdicts: list[Verdict], language: str) -> list[CodeAnswer]:
    gave = {applied.code for line in priced.lines for applied in line.discounts if applied.amount}
    if priced.delivery and priced.delivery.applied and priced.delivery.applied.amount:
        gave.add(priced.delivery.applied.code)
    lost = {one.discount: one for one in priced.not_applied}
    return [_code(verdict, gave, lost, priced.currency, language) for verdict in verdicts]


def _code(
    verdict: Verdict,
    gave: set[str | None],
    lost: dict[str, NotApplied],
    currency: str,
    language: str,
) -> CodeAnswer:
    code = verdict.facts
    if verdict.refused or code is None:
        return refused_code(verdict, verdict.refused or Refused(Reason.NOT_FOUND), language)
    if code.code in gave:
        return CodeAnswer(code=verdict.typed, coupon=code.coupon, status="applied")
    number = code.discount or ""
    why = lost.get(number) or NotApplied(discount=number, reason=Reason.GIVES_NOTHING)
    return CodeAnswer(
        code=verdict.typed,
        coupon=code.coupon,
        status="no_effect",
        reason=why.reason,
        message=loss_text(why, currency, language),
        detail=why.detail,
    )
