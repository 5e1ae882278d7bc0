"""Pricing: a cart and a price book in, a priced cart out, every cent and every "no" explained.

The steps stand in the order of specification 1.7: item groups, candidates, one stage per priority for
sales and then for returns, allocation to lines, explanation.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kupong.kernel.reasons import Refused
from kupong.pricing.book import PriceBook
from kupong.pricing.candidates import Contender, Field, candidates, refusal_of_others
from kupong.pricing.carts import (
    Applied,
    Cart,
    CartLine,
    NotApplied,
    PricedCart,
    PricedDelivery,
    PricedLine,
    Unlocked,
)
from kupong.pricing.discounts import CompoundOn, Concurrency, Settings
from kupong.pricing.explanation import Losses
from kupong.pricing.groups import merge
from kupong.pricing.picks import Rules
from kupong.pricing.stages import best_picks
from kupong.pricing.tally import Tally, open_tallies


def price(cart: Cart, book: PriceBook, at: datetime, *, explain_all: bool = False) -> PricedCart:
    """Price the cart at `at`: aware, and in the channel's time zone, whose wall clock validity goes by.

    `not_applied` lists the discounts that reached the cart or were unlocked, and gave nothing;
    `explain_all` adds every other discount of the book. ValueError when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("pricing needs a time with its zone")
    basket = merge(cart)
    field = candidates(cart, book, basket.groups, at)
    rules = _rules(cart, book.settings)
    tallies, losses = open_tallies(basket), Losses()
    for sign in (1, -1):
        for priority in _priorities(field, tallies, sign):
            _run_stage(_entering(field, tallies, sign, priority), tallies, losses, rules)
    lines = _hand_back(cart, basket.gross, tallies)
    refused = _explain(field, tallies, losses)
    if explain_all:
        others = book.discounts.keys() - refused.keys() - _applied(tallies)
        refused |= {number: refusal_of_others(cart, book, at, number) for number in others}
    return _priced(cart, lines, refused)


def _rules(cart: Cart, settings: Settings) -> Rules:
    return Rules(
        across_priorities=settings.concurrency is Concurrency.ACROSS_PRIORITIES,
        on_original=settings.compound_on is CompoundOn.ORIGINAL_PRICE,
        step=cart.currency.step,
        limited=frozenset(opened.discount for opened in cart.unlocked if opened.limited),
    )


def _priorities(field: Field, tallies: Sequence[Tally], sign: int) -> list[int]:
    """The priorities that occur among the contenders of this sign, highest first."""
    found = {
        contender.discount.header.priority
        for contenders, tally in zip(field.contenders, tallies, strict=True)
        if tally.group.sign == sign
        for contender in contenders
    }
    return sorted(found, reverse=True)


def _entering(
    field: Field, tallies: Sequence[Tally], sign: int, priority: int
) -> dict[int, list[Contender]]:
    """Who meets which item group at this priority, by the group's place."""
    entering = {}
    for place, contenders in enumerate(field.contenders):
        if tallies[place].group.sign == sign:
            met = [entry for entry in contenders if entry.discount.header.priority == priority]
            if met:
                entering[place] = met
    return entering


def _run_stage(
    entering: dict[int, list[Contender]], tallies: Sequence[Tally], losses: Losses, rules: Rules
) -> None:
    """Find the best picks for the groups that are still open, apply them, and note who lost."""
    for place in [place for place in entering if tallies[place].closed_by]:
        losses.blocked(entering.pop(place), tallies[place].closed_by)
    amounts = {place: tallies[place].amounts for place in entering}
    for place, pick in best_picks(entering, amounts, rules).items():
        applied = tallies[place].apply(pick, rules)
        losses.lost(entering[place], amounts[place], pick, applied, rules)
        if not rules.across_priorities:
            # A discount that came to nothing closes nothing.
            tallies[place].closed_by = applied


def _hand_back(cart: Cart, gross: Sequence[int], tallies: Sequence[Tally]) -> list[PricedLine]:
    """Each line with its own share of what was taken off its item group."""
    unlocked = {opened.discount: opened for opened in reversed(cart.unlocked)}
    applied: list[list[Applied]] = [[] for _ in cart.lines]
    for tally in tallies:
        sign = tally.group.sign
        for taken in tally.taken:
            opened = unlocked.get(taken.number) or Unlocked(discount=taken.number)
            for part, share in zip(tally.group.parts, taken.shares, strict=True):
                if share:
                    applied[part.place].append(
                        Applied(
                            discount=taken.number,
                            coupon=opened.coupon,
                            code=opened.code,
                            amount=share * sign,
                            quantity=part.signed(sign),
                        )
                    )
    return [_line(*entry) for entry in zip(cart.lines, gross, applied, strict=True)]


def _line(line: CartLine, gross: int, applied: Sequence[Applied]) -> PricedLine:
    discount = sum(entry.amount for entry in applied)
    if line.locked_net is not None:
        discount = gross - line.locked_net
    return PricedLine(
        id=line.id, gross=gross, discount=discount, net=gross - discount, discounts=tuple(applied)
    )


def _explain(field: Field, tallies: Sequence[Tally], losses: Losses) -> dict[str, Refused]:
    """Those that were asked and gave nothing: refused before the search, or lost in it."""
    return field.refused | losses.refusals(but=_applied(tallies))


def _applied(tallies: Sequence[Tally]) -> set[str]:
    return {taken.number for tally in tallies for taken in tally.taken}


def _priced(cart: Cart, lines: Sequence[PricedLine], refused: Mapping[str, Refused]) -> PricedCart:
    """The answer. What is supported is solved exactly, so the bound is the discount itself."""
    discount = sum(line.discount for line in lines)
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
        delivery=_delivery(cart),
        proven_optimal=True,
        upper_bound=discount,
    )


def _delivery(cart: Cart) -> PricedDelivery | None:
    if cart.delivery is None:
        return None
    return PricedDelivery(charge=cart.delivery.charge, discount=0, net=cart.delivery.charge)
