"""What simpler systems do with the same discounts: heuristics that the engine must never fall below.

Each gives a total for best price discounts of one priority. They use the bundles and values of `worth` alone.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import msgspec

from kupong.pricing.carts import Cart
from kupong.pricing.discounts import Discount
from kupong.pricing.kinds import mix_and_match
from tests.pricing import reference, worth
from tests.pricing.worth import Money, Unit

Heuristic = Callable[[Sequence[Unit], Sequence[Discount]], Money]


def one_after_another(units: Sequence[Unit], discounts: Sequence[Discount]) -> Money:
    """Each discount in turn takes what it can from what is left, dearest first, until it is exhausted."""
    left = list(units)
    total: Money = 0
    for discount in discounts:
        gained, left = exhaust(left, discount)
        total += gained
    return total


def by_marginal_value(units: Sequence[Unit], discounts: Sequence[Discount]) -> Money:
    """Ranked once by what a discount alone gives per unit it takes; then one after another."""

    def rank(discount: Discount) -> Fraction:
        gained, left = exhaust(list(units), discount)
        taken = len(units) - len(left)
        return Fraction(gained) / taken if taken else Fraction(0)

    return one_after_another(units, sorted(discounts, key=lambda d: -rank(d)))


def largest_first(units: Sequence[Unit], discounts: Sequence[Discount]) -> Money:
    """Ranked once by what a discount alone gives in all; then one after another."""
    return one_after_another(
        units, sorted(discounts, key=lambda d: -Fraction(exhaust(list(units), d)[0]))
    )


HEURISTICS: tuple[Heuristic, ...] = (one_after_another, by_marginal_value, largest_first)


def sold_units(cart: Cart) -> list[Unit]:
    return [piece.unit for piece in reference.pieces(cart)[0]]


def exhaust(left: list[Unit], discount: Discount) -> tuple[Money, list[Unit]]:
    """What the discount gets out of the units, and the units that it does not take."""
    left = sorted(left, key=lambda unit: -unit.price)
    best: tuple[Money, list[int]] = (0, [])
    for held in holdings(left, discount):
        for way in worth.ways(discount, left, held):
            value = sum(worth.evaluate(way, left))
            if value > best[0]:
                best = (value, held)
            break
    return best[0], [unit for place, unit in enumerate(left) if place not in best[1]]


def holdings(left: Sequence[Unit], discount: Discount) -> Iterator[list[int]]:
    """A few sets worth trying: the dearest units that it covers, as many as it may hold."""
    if discount.kind == "mix_and_match":
        yield from filled(left, discount)
        return
    covered = [place for place, unit in enumerate(left) if worth.covering(discount, unit)]
    for size in range(1, len(covered) + 1):
        yield covered[:size]


def filled(left: Sequence[Unit], discount: Discount) -> Iterator[list[int]]:
    """Applications one by one, the dearest unit that fits into every slot."""
    params = msgspec.convert(discount.params, mix_and_match.Params)
    held: list[int] = []
    while True:
        for g, group in enumerate(params.groups):
            for _ in range(0 if group.mandatory else group.need):
                fitting = (
                    place
                    for place, unit in enumerate(left)
                    if place not in held and worth.covering(discount, unit, g)
                )
                place = next(fitting, None)
                if place is None:
                    return
                held.append(place)
        yield list(held)
