"""A second opinion: every way to discount an item group is tried, step by step, with no cleverness at all.

It shares no code with the engine. Where several ways are worth the same it keeps them all, so it gives
the set of the totals that are right.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

from kupong.pricing.discounts import CompoundOn, Concurrency, Discount, DiscountLine, Settings

Option = tuple[str, Fraction]  # "price" or "amount" in cents per unit, or "percent" as a rate
Chosen = tuple[Discount, Option]

ORDER = ("price", "amount", "percent")


def right_totals(
    discounts: Sequence[Discount],
    name: str,
    categories: Sequence[str],
    cents: int,
    quantity: int,
    settings: Settings,
    step: int,
) -> set[int]:
    """Every discount in cents that `quantity` units of the product may rightly get, by its unit price."""
    original = Fraction(cents * quantity)
    states = {(original, False)}
    for priority in sorted({d.priority for d in discounts}, reverse=True):
        here = [d for d in discounts if d.priority == priority and options(d, name, categories)]
        states = {
            after
            for running, closed in states
            for after in (
                [(running, closed)]
                if closed
                else outcomes(here, name, categories, running, original, quantity, settings, step)
            )
        }
    return {int(original - running) for running, _ in states}


def options(discount: Discount, name: str, categories: Sequence[str]) -> list[Option]:
    if any(covers(line, name, categories) for line in discount.lines if line.exclude):
        return []
    found: list[Option] = []
    for line in discount.lines:
        if not line.exclude and covers(line, name, categories):
            if line.price is not None:
                found.append(("price", Fraction(line.price)))
            if line.amount_off is not None:
                found.append(("amount", Fraction(line.amount_off)))
            if line.percent_off is not None:
                found.append(("percent", Fraction(line.percent_off) / 100))
    return found


def covers(line: DiscountLine, name: str, categories: Sequence[str]) -> bool:
    return line.all_products or line.product == name or line.category in categories


def outcomes(
    here: Sequence[Discount],
    name: str,
    categories: Sequence[str],
    running: Fraction,
    original: Fraction,
    quantity: int,
    settings: Settings,
    step: int,
) -> Iterator[tuple[Fraction, bool]]:
    """What is left to pay after each of the best ways, and whether the group is closed by it."""
    on_original = settings.compound_on is CompoundOn.ORIGINAL_PRICE
    across = settings.concurrency is Concurrency.ACROSS_PRIORITIES
    ways = list(all_ways(here, name, categories, across))
    values = [
        running - after(way, running, original, quantity, on_original, rounding=0) for way in ways
    ]
    best = max(values)
    for way, value in zip(ways, values, strict=True):
        if value == best:
            left = after(way, running, original, quantity, on_original, rounding=step)
            yield left, left < running and not across


def all_ways(
    here: Sequence[Discount], name: str, categories: Sequence[str], across: bool
) -> Iterator[list[Chosen]]:
    """Nothing; one discount alone; within a priority every selection of those that stack."""
    yield []
    for discount in here:
        if across or discount.mode == "best_price":
            for option in options(discount, name, categories):
                yield [(discount, option)]
    if across:
        return
    stacking = [d for d in here if d.mode == "compounded"]
    menus = [[None, *options(d, name, categories)] for d in stacking]
    for selection in product(*menus):
        chosen = [(d, o) for d, o in zip(stacking, selection, strict=True) if o is not None]
        if sum(option[0] == "price" for _, option in chosen) <= 1:
            yield chosen


def after(
    way: list[Chosen],
    running: Fraction,
    original: Fraction,
    quantity: int,
    on_original: bool,
    rounding: int,
) -> Fraction:
    """What is left to pay; with `rounding` each step is rounded to it, halves up."""
    ordered = sorted(way, key=lambda c: (ORDER.index(c[1][0]), -c[0].priority, c[0].number))
    for _, (method, value) in ordered:
        base = original if on_original else running
        if method == "price":
            worth = base - value * quantity
        elif method == "amount":
            worth = value * quantity
        else:
            worth = base * value
        worth = max(Fraction(0), min(worth, running))
        if rounding:
            worth = min(Fraction(rounding * ((2 * worth + rounding) // (2 * rounding))), running)
        running -= worth
    return running
