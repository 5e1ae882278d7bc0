"""Prices of units: what each unit of a cell is worth at most, so that no application is worth more than its units.

The sum over all units is then a bound on every combination, and close to the best one, because the prices
come from the problem with applications taken in parts. Finding the application that is worth most above its
units' prices needs no enumeration: the best units of each slot are taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import lcm

import msgspec

from kupong.pricing.search.bundles import Cheapest, Composed, Fills
from kupong.pricing.search.counters import Tiers
from kupong.pricing.search.packing import Column, Packing
from kupong.pricing.search.paths import Automaton

Key = tuple[int, bool]  # a slot or tier, and whether the unit is one of the cheapest there
Values = dict[int, int]  # the best value by the number of applications it is divided between
ROUNDS = 60


class Taker(msgspec.Struct, frozen=True):
    """An automaton that takes units together, with what each cell brings to each of its slots."""

    automaton: Automaton
    brings: Mapping[Key, Mapping[int, Values]]
    uses: int | None


class Prices(msgspec.Struct, frozen=True):
    """Per cell the price of a unit; per automaton with limited uses the price of one use."""

    units: tuple[int, ...]
    uses: Mapping[int, int]


def unit_prices(
    counts: Sequence[int], singles: Sequence[int], takers: Mapping[int, Taker]
) -> Prices:
    """Prices under which no application is worth more than its units; `singles` is what a unit brings alone."""
    pricing = _Pricing(counts, singles, takers)
    for _ in range(ROUNDS):
        columns = [column for column in pricing.columns() if pricing.packing.worth(column) > 0]
        if not columns:
            return pricing.exact()
        if not pricing.packing.improve(columns):
            break
    return pricing.repaired()


class _Pricing:
    def __init__(
        self, counts: Sequence[int], singles: Sequence[int], takers: Mapping[int, Taker]
    ) -> None:
        self.counts, self.singles, self.takers = counts, singles, takers
        parts = {
            n for t in takers.values() for c in t.brings.values() for v in c.values() for n in v
        }
        self.unit = lcm(1, *parts)
        self.limited = [place for place, taker in takers.items() if taker.uses is not None]
        uses = [takers[place].uses or 0 for place in self.limited]
        self.packing = Packing([*counts, *uses])

    def exact(self) -> Prices:
        found = self.packing.scaled_prices()
        units = [single + price for single, price in zip(self.singles, found, strict=False)]
        uses = dict(zip(self.limited, found[len(self.counts) :], strict=True))
        return Prices(tuple(units), uses)

    def repaired(self) -> Prices:
        """The prices so far, raised until no application is worth more than its units."""
        prices = self.exact()
        units = list(prices.units)
        for taker in self.takers.values():
            for cells in taker.brings.values():
                for cell, values in cells.items():
                    units[cell] = max(units[cell], *values.values())
        return Prices(tuple(units), dict.fromkeys(self.limited, 0))

    def columns(self) -> Iterator[Column]:
        """Per automaton the applications that are worth most at the prices as they stand."""
        for place, taker in self.takers.items():
            automaton = taker.automaton
            margins = {
                key: sorted(
                    ((self._margin(cell, values), cell) for cell, values in cells.items()),
                    reverse=True,
                )
                for key, cells in taker.brings.items()
            }
            if isinstance(automaton, Cheapest):
                found = self._cheapest(taker, automaton, margins)
            elif isinstance(automaton, Tiers):
                found = self._tiers(taker, automaton, margins)
            else:
                assert isinstance(automaton, Fills | Composed)
                found = self._fills(automaton.needs, margins)
            for members in found:
                yield self._column(place, taker, members)

    def _margin(self, cell: int, values: Values) -> int:
        """What the unit is worth above its price, over the determinant."""
        return max(self._part(cell, n, value) for n, value in values.items())

    def _part(self, cell: int, n: int, value: int) -> int:
        packing = self.packing
        above = (value - self.singles[cell]) * packing.determinant - packing.prices[cell]
        return above * (self.unit // n)

    def _fills(
        self, needs: Sequence[int], margins: Mapping[Key, list[tuple[int, int]]]
    ) -> Iterator[list[tuple[Key, int]]]:
        members: list[tuple[Key, int]] = []
        for slot, need in enumerate(needs):
            key = (slot, False)
            taken = self._top(margins.get(key, []), need)
            if taken is None:
                return
            members += [(key, cell) for cell in taken]
        yield members

    def _top(self, margins: Sequence[tuple[int, int]], need: int) -> list[int] | None:
        """The cells of the best units, as many as are needed; None when there are too few."""
        found: list[int] = []
        for _, cell in margins:
            found += [cell] * min(self.counts[cell], need - len(found))
            if len(found) == need:
                return found
        return None

    def _cheapest(
        self, taker: Taker, automaton: Cheapest, margins: Mapping[Key, list[tuple[int, int]]]
    ) -> Iterator[list[tuple[Key, int]]]:
        """For every place where the cheapest may begin: the paid ones are not after it, the free ones not before."""
        count = automaton.size - automaton.paid
        frees = {cell for (_, free), found in margins.items() if free for _, cell in found}
        ways = [
            free
            for free in product(*(range(min(need, count) + 1) for need in automaton.needs))
            if sum(free) == count
        ]
        best: tuple[int, list[tuple[Key, int]]] | None = None
        for border in sorted(frees):
            before = {
                key: [
                    entry
                    for entry in found
                    if (entry[1] >= border if key[1] else entry[1] <= border)
                ]
                for key, found in margins.items()
            }
            for free in ways:
                members = self._split(automaton.needs, free, before)
                if members is not None:
                    worth = self._worth(taker, members)
                    if best is None or worth > best[0]:
                        best = (worth, members)
        if best is not None:
            yield best[1]

    def _split(
        self,
        needs: Sequence[int],
        free: Sequence[int],
        margins: Mapping[Key, list[tuple[int, int]]],
    ) -> list[tuple[Key, int]] | None:
        members: list[tuple[Key, int]] = []
        for slot, need in enumerate(needs):
            for key, units in (((slot, False), need - free[slot]), ((slot, True), free[slot])):
                taken = self._top(margins.get(key, []), units) if units else []
                if taken is None:
                    return None
                members += [(key, cell) for cell in taken]
        return members

    def _worth(self, taker: Taker, members: Sequence[tuple[Key, int]]) -> int:
        return sum(self._margin(cell, taker.brings[key][cell]) for key, cell in members)

    def _tiers(
        self, taker: Taker, automaton: Tiers, margins: Mapping[Key, list[tuple[int, int]]]
    ) -> Iterator[list[tuple[Key, int]]]:
        """Per tier the units it needs, and whoever else is worth more than its price."""
        for (tier, free), found in margins.items():
            low = automaton.low[tier]
            members: list[tuple[Key, int]] = []
            reached = 0
            for margin, cell in found:
                if margin > 0:
                    units = self.counts[cell]
                else:
                    units = int(min(self.counts[cell], max(0, -(-(low - reached) // 1))))
                members += [((tier, free), cell)] * units
                reached += units
            if reached >= low:
                yield members

    def _column(self, place: int, taker: Taker, members: Sequence[tuple[Key, int]]) -> Column:
        needs: dict[int, int] = {}
        value = 0
        for key, cell in members:
            values = taker.brings[key][cell]
            n = max(values, key=lambda n: self._part(cell, n, values[n]))
            share = self.unit // n
            needs[cell] = needs.get(cell, 0) + share
            value += (values[n] - self.singles[cell]) * share
        if place in self.limited:
            row = len(self.counts) + self.limited.index(place)
            needs[row] = needs.get(row, 0) + self.unit
        return Column(value, tuple(sorted(needs.items())))
