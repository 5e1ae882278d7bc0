"""What comes after the price book's discounts of goods: delivery, what staff give by hand, and the tender.

Specification 1.4, 1.7 and 1.11. Goods stand as shares of lines here. What comes later never takes back what
was decided before it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from kupong.kernel.money import Exact, round_to_step
from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.allocation import share_out
from kupong.pricing.candidates import Contender
from kupong.pricing.carts import Cart, Manual
from kupong.pricing.discounts import CompoundOn, Settings
from kupong.pricing.handing_back import Share
from kupong.pricing.rules import Threshold

Covered = Mapping[str, Mapping[int, Contender]]  # per discount the item groups it covers


class Charge(msgspec.Struct, frozen=True):
    """What lowers the delivery charge, and by how much."""

    number: str
    amount: int


def delivery_discount(
    cart: Cart, covered: Covered, left: Mapping[int, int], refused: dict[str, Refused]
) -> Charge | None:
    """The best shipping threshold; `left` is what is to pay of each item group that is sold."""
    best: Charge | None = None
    given: dict[str, int] = {}
    for number in sorted(covered):
        contender = next(iter(covered[number].values()))
        rule = contender.discount.rule
        assert isinstance(rule, Threshold)
        tier, total = _tier(rule, sum(left.get(group, 0) for group in covered[number]))
        if cart.delivery is None or cart.delivery.mode not in rule.names:
            refused[number] = Refused(Reason.NO_MATCHING_LINES, {"need": list(rule.names)})
        elif tier is None:
            refused[number] = _below(rule, total)
        else:
            amount = _amount(cart.delivery.charge, rule.rates[tier], cart.currency.step)
            cap = contender.discount.header.max_amount_per_order
            given[number] = amount if cap is None else min(amount, cap)
            if given[number] > 0 and (best is None or given[number] > best.amount):
                best = Charge(number, given[number])
    for number, amount in given.items():
        if best is None:
            refused[number] = Refused(Reason.GIVES_NOTHING)
        elif number != best.number:
            refused[number] = _beaten(best.number, amount, best.amount)
    return best


def _amount(charge: int, rate: Exact | None, step: int) -> int:
    assert rate is not None
    return min(charge, round_to_step(charge * rate, step))


def apply_manual(cart: Cart, shares: Sequence[Share], settings: Settings) -> None:
    """What staff give: on a line, then on the whole cart; amounts first, then percentages.

    A percentage on a line is another step of its compounding, so it may work on the original price; one on
    the cart works on what is left.
    """
    by_line: dict[int, list[Share]] = {}
    for share in shares:
        if not share.group.prevents_manual:
            by_line.setdefault(share.place, []).append(share)
    for place, found in by_line.items():
        manual = cart.lines[place].manual
        if manual is not None:
            if settings.manual_replaces:
                for share in found:
                    share.taken.clear()
            on_original = settings.compound_on is CompoundOn.ORIGINAL_PRICE
            _give(found, manual, cart.currency.step, on_original=on_original)
    everything = [share for found in by_line.values() for share in found]
    signs = {share.sign for share in shares}
    if cart.manual is not None and len(signs) == 1:
        _give(everything, cart.manual, cart.currency.step)


def _give(shares: Sequence[Share], manual: Manual, step: int, *, on_original: bool = False) -> None:
    if manual.amount_off is not None:
        _take(shares, manual.amount_off, step)
    if manual.percent_off is not None:
        rate = Fraction(manual.percent_off) / 100
        base = sum(share.gross if on_original else share.room for share in shares)
        _take(shares, round_to_step(base * rate, step), step)


def _take(shares: Sequence[Share], amount: int, step: int) -> None:
    room = [share.room for share in shares]
    amount = min(amount, sum(room))
    if amount > 0:
        parts = share_out(amount, room, room, step)
        for share, part in zip(shares, parts, strict=True):
            share.manual += part


def apply_tenders(
    cart: Cart, covered: Covered, shares: Sequence[Share], refused: dict[str, Refused]
) -> None:
    """Per tender the best of its discounts, on the goods that the tender pays for.

    A part payment pays off so many goods that it covers them after the discount: amount / (1 - rate).
    """
    for tender in sorted({_tender(entries) for entries in covered.values()}):
        paid = sum(entry.amount for entry in cart.tenders if entry.tender == tender)
        numbers = sorted(n for n, entries in covered.items() if _tender(entries) == tender)
        if not paid:
            for number in numbers:
                refused[number] = Refused(Reason.NO_MATCHING_LINES, {"need": [tender]})
            continue
        _best_tender(cart, covered, shares, numbers, paid, refused)


def _best_tender(
    cart: Cart,
    covered: Covered,
    shares: Sequence[Share],
    numbers: Sequence[str],
    paid: int,
    refused: dict[str, Refused],
) -> None:
    worth: dict[str, tuple[int, list[Share]]] = {}
    for number in numbers:
        contender = next(iter(covered[number].values()))
        rule = contender.discount.rule
        assert isinstance(rule, Threshold)
        goods = [share for share in shares if _covers(covered[number], share)]
        tier, total = _tier(rule, sum(share.room for share in goods))
        if tier is None:
            refused[number] = _below(rule, total)
            continue
        rate = rule.rates[tier]
        assert rate is not None
        base = Fraction(total) if rate >= 1 else min(Fraction(total), Fraction(paid) / (1 - rate))
        amount = round_to_step(base * rate, cart.currency.step)
        cap = contender.discount.header.max_amount_per_order
        worth[number] = (amount if cap is None else min(amount, cap), goods)
    if not worth:
        return
    best = max(worth, key=lambda number: (worth[number][0], [-ord(c) for c in number]))
    amount, goods = worth[best]
    _take_tender(best, amount, goods, cart.currency.step)
    for number, (other, _) in worth.items():
        if number != best:
            refused[number] = _beaten(best, other, amount)
        elif not amount:
            refused[number] = Refused(Reason.GIVES_NOTHING)


def _take_tender(number: str, amount: int, goods: Sequence[Share], step: int) -> None:
    room = [share.room for share in goods]
    amount = min(amount, sum(room))
    if amount > 0:
        parts = share_out(amount, room, room, step)
        for share, part in zip(goods, parts, strict=True):
            share.taken.append((number, part))


def _covers(covered: Mapping[int, Contender], share: Share) -> bool:
    contender = covered.get(share.order)
    return contender is not None and not contender.blocked


def _tender(entries: Mapping[int, Contender]) -> str:
    rule = next(iter(entries.values())).discount.rule
    assert isinstance(rule, Threshold)
    return rule.names[0]


def _tier(rule: Threshold, total: int) -> tuple[int | None, int]:
    return (rule.tier(total) if total > 0 else None), total


def _below(rule: Threshold, have: int) -> Refused:
    figures = {"need": rule.low[0], "have": have, "missing": max(0, rule.low[0] - have)}
    return Refused(Reason.BELOW_THRESHOLD, figures)


def _beaten(by: str, have: int, need: int) -> Refused:
    return Refused(Reason.BEATEN, {"by": [by], "have": have, "need": need, "missing": need - have})


def proration(net: int, sold: Decimal, returned: Decimal, returning: Decimal) -> int:
    """What comes back for `returning` more units, so that any sequence of returns adds up to `net` exactly.

    Cumulative (specification 1.12, W-40): what is due after this return, less what was due before it.
    """
    before = round_to_step(Fraction(net) * Fraction(returned) / Fraction(sold))
    after = round_to_step(Fraction(net) * Fraction(returned + returning) / Fraction(sold))
    return after - before
