"""Pricing: a cart and a price book in, a priced cart out, every cent and every "no" explained.

The steps stand in the order of specification 1.7: item groups, candidates, the stages for sales and then
for returns, back to lines, delivery, what staff give by hand, the tender, explanation.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from kupong.kernel.money import Exact
from kupong.kernel.reasons import Refused
from kupong.pricing.afterwards import (
    Charge,
    apply_manual,
    apply_tenders,
    delivery_discount,
    proration,
)
from kupong.pricing.book import PriceBook
from kupong.pricing.candidates import Contender, candidates, refusal_of_others
from kupong.pricing.carts import (
    Applied,
    Cart,
    CartLine,
    LinePart,
    NotApplied,
    PricedCart,
    PricedDelivery,
    PricedLine,
    Unlocked,
)
from kupong.pricing.discounts import CompoundOn, Concurrency, Settings
from kupong.pricing.groups import Basket, merge
from kupong.pricing.handing_back import Share, hand_back
from kupong.pricing.lots import Lot, open_lots
from kupong.pricing.picks import Rules
from kupong.pricing.stages import Pipeline

Met = Mapping[int, Sequence[Contender]]


def price(cart: Cart, book: PriceBook, at: datetime, *, explain_all: bool = False) -> PricedCart:
    """Price the cart at `at`: aware, and in the channel's time zone, whose wall clock validity goes by.

    `not_applied` lists the discounts that reached the cart or were unlocked, and gave nothing;
    `explain_all` adds every other discount of the book. ValueError when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("pricing needs a time with its zone")
    basket = merge(cart, book.settings)
    field = candidates(cart, book, basket.groups, at)
    met = dict(enumerate(field.contenders))
    refused: dict[str, Refused] = {}
    lots, slack, proven = _run_stages(basket, met, cart, book.settings, refused)
    shares = _shares(basket, lots, cart.currency.step)
    charge = _after_goods(cart, basket, met, shares, book.settings, refused)
    applied = {number for share in shares for number, amount in share.taken if amount}
    applied |= {charge.number} if charge else set()
    refused = {n: no for n, no in (field.refused | refused).items() if n not in applied}
    if explain_all:
        others = book.discounts.keys() - refused.keys() - applied
        refused |= {number: refusal_of_others(cart, book, at, number) for number in others}
    lines = _lines(cart, basket, shares)
    return _priced(cart, lines, refused, charge, slack, proven)


def _run_stages(
    basket: Basket, met: Met, cart: Cart, settings: Settings, refused: dict[str, Refused]
) -> tuple[list[Lot], Exact, bool]:
    """Sales, then returns as mirror sales: the lots after all stages, and how much is left unproven."""
    rules = rules_of(cart, settings)
    opened = open_lots(basket)
    lots: list[Lot] = []
    slack: Exact = 0
    proven = True
    for sign in (1, -1):
        mine = [lot for lot in opened if basket.groups[lot.group].sign == sign]
        inside = {lot.group: met[lot.group] for lot in mine}
        if not any(inside.values()):
            lots += mine
            continue
        pipeline = Pipeline(basket.groups, mine, inside, rules, settings, {})
        pipeline.run()
        lots += pipeline.lots
        slack += pipeline.slack
        proven = proven and pipeline.proven
        refused |= pipeline.losses.refusals()
    return lots, slack, proven


def rules_of(cart: Cart, settings: Settings) -> Rules:
    """What the company's settings and the cart mean for a pricing run."""
    return Rules(
        across_priorities=settings.concurrency is Concurrency.ACROSS_PRIORITIES,
        on_original=settings.compound_on is CompoundOn.ORIGINAL_PRICE,
        step=cart.currency.step,
        limited=frozenset(opened.discount for opened in cart.unlocked if opened.limited),
        spread_cheapest=settings.distribute_least_expensive,
    )


def _shares(basket: Basket, lots: Sequence[Lot], step: int) -> list[Share]:
    by_group: dict[int, list[Lot]] = {}
    for lot in lots:
        by_group.setdefault(lot.group, []).append(lot)
    shares = []
    for place, group in enumerate(basket.groups):
        for share in hand_back(group, by_group[place], basket.gross, step):
            share.order = place
            shares.append(share)
    return shares


def _after_goods(
    cart: Cart,
    basket: Basket,
    met: Met,
    shares: Sequence[Share],
    settings: Settings,
    refused: dict[str, Refused],
) -> Charge | None:
    """Delivery, then what staff give, then tenders; returns earn neither delivery nor tender discounts back."""
    left: dict[int, int] = {}
    for share in shares:
        if share.sign > 0:
            left[share.order] = left.get(share.order, 0) + share.room
    shipping = _of_kind(met, "shipping_threshold")
    charge = delivery_discount(cart, shipping, left, refused) if shipping else None
    if cart.manual is not None or any(line.manual for line in cart.lines):
        apply_manual(cart, shares, settings)
    tenders = _of_kind(met, "tender")
    if tenders:
        apply_tenders(cart, tenders, [share for share in shares if share.sign > 0], refused)
    return charge


def _of_kind(met: Met, kind: str) -> dict[str, dict[int, Contender]]:
    distinct = {id(contenders): contenders for contenders in met.values()}
    chosen = {
        name: [entry for entry in contenders if entry.discount.kind == kind]
        for name, contenders in distinct.items()
    }
    found: dict[str, dict[int, Contender]] = {}
    for group, contenders in met.items():
        for contender in chosen[id(contenders)]:
            found.setdefault(contender.number, {})[group] = contender
    return found


# The answer.


def _lines(cart: Cart, basket: Basket, shares: Sequence[Share]) -> list[PricedLine]:
    unlocked = {opened.discount: opened for opened in reversed(cart.unlocked)}
    by_line: list[list[Share]] = [[] for _ in cart.lines]
    for share in shares:
        by_line[share.place].append(share)
    return [
        _line(line, gross, found, unlocked)
        for line, gross, found in zip(cart.lines, basket.gross, by_line, strict=True)
    ]


def _line(
    line: CartLine, gross: int, shares: Sequence[Share], unlocked: Mapping[str, Unlocked]
) -> PricedLine:
    if line.locked_net is not None or line.receipt is not None:
        net = _locked_net(line)
        return PricedLine(id=line.id, gross=gross, discount=gross - net, net=net)
    parts = tuple(_part(share, unlocked) for share in shares)
    rest = line.quantity - sum(part.quantity for part in parts)
    if rest:
        # What a return on the same cart cancels, and goods without a price, take no discount.
        parts += (LinePart(quantity=rest, discount=0),)
    discount = sum(part.discount for part in parts)
    return PricedLine(
        id=line.id,
        gross=gross,
        discount=discount,
        net=gross - discount,
        discounts=_together(parts),
        manual=sum(part.manual for part in parts),
        parts=parts,
    )


def _locked_net(line: CartLine) -> int:
    if line.receipt is None:
        assert line.locked_net is not None
        return line.locked_net
    receipt = line.receipt
    return -proration(receipt.net, receipt.quantity, receipt.returned, -line.quantity)


def _part(share: Share, unlocked: Mapping[str, Unlocked]) -> LinePart:
    quantity = _decimal(share.quantity * share.sign)
    applied = []
    for number, amount in share.taken:
        if amount:
            opened = unlocked.get(number)
            applied.append(
                Applied(
                    discount=number,
                    coupon=opened.coupon if opened else None,
                    code=opened.code if opened else None,
                    amount=amount * share.sign,
                    quantity=quantity,
                )
            )
    manual = share.manual * share.sign
    return LinePart(
        quantity=quantity,
        discount=sum(entry.amount for entry in applied) + manual,
        discounts=tuple(applied),
        manual=manual,
    )


def _together(parts: Sequence[LinePart]) -> tuple[Applied, ...]:
    """What each discount gave on the whole line, in the order in which they applied."""
    if len(parts) == 1:
        return parts[0].discounts
    found: dict[str, Applied] = {}
    for part in parts:
        for entry in part.discounts:
            known = found.get(entry.discount)
            if known is None:
                found[entry.discount] = entry
            else:
                found[entry.discount] = Applied(
                    discount=entry.discount,
                    coupon=entry.coupon,
                    code=entry.code,
                    amount=known.amount + entry.amount,
                    quantity=known.quantity + entry.quantity,
                )
    return tuple(found.values())


def _decimal(value: Exact) -> Decimal:
    return Decimal(value.numerator) / value.denominator


def _priced(
    cart: Cart,
    lines: Sequence[PricedLine],
    refused: Mapping[str, Refused],
    charge: Charge | None,
    slack: Exact,
    proven: bool,
) -> PricedCart:
    discount = sum(line.discount for line in lines)
    more = Fraction(slack)
    return PricedCart(
        currency=cart.currency.code,
        gross=sum(line.gross for line in lines),
        discount=discount,
        net=sum(line.net for line in lines),
        lines=tuple(lines),
        not_applied=tuple(
            NotApplied(discount=number, reason=no.reason, detail=no.detail)
            for number, no in sorted(refused.items())
        ),
        delivery=_delivery(cart, charge),
        proven_optimal=proven,
        upper_bound=discount + -(-more.numerator // more.denominator),
    )


def _delivery(cart: Cart, charge: Charge | None) -> PricedDelivery | None:
    if cart.delivery is None:
        return None
    whole = cart.delivery.charge
    if charge is None:
        return PricedDelivery(charge=whole, discount=0, net=whole)
    opened = next((o for o in cart.unlocked if o.discount == charge.number), None)
    applied = Applied(
        discount=charge.number,
        coupon=opened.coupon if opened else None,
        code=opened.code if opened else None,
        amount=charge.amount,
        quantity=Decimal(1),
    )
    return PricedDelivery(
        charge=whole, discount=charge.amount, net=whole - charge.amount, applied=applied
    )
