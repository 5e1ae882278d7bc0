"""The exact search over whole applications, for clusters in which only bundles couple.

At the prices of units an application loses what its units cost more than it brings, and a combination loses
the sum of that and of what the units left alone could have brought. All applications that lose no more than
a limit are listed, and combined cell by cell; the limit grows until a combination within it is found, which
is then best, because nothing that was left out can be in a better one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import msgspec

from kupong.pricing.search.floors import Key

LIMITS = 12


class Side(NamedTuple):
    """A unit in an application: its cell, which draft of it, and the slot it fills."""

    cell: int
    draft: int
    slot: int


class Offering(msgspec.Struct, frozen=True):
    """One bundle: per slot how many units, of which `cheapest` are free; `paid` and `free` hold per slot what a
    unit of each cell loses there, with its draft. `floors` is what any application with that unit loses at least.
    `exact_loss`, if set, says what complete applications really lose."""

    bundle: int
    needs: tuple[int, ...]
    cheapest: int
    conditions: tuple[int, ...]
    flags: dict[int, tuple[bool, ...]]  # per cell, which conditions it meets
    paid: tuple[dict[int, tuple[int, int]], ...]
    free: tuple[dict[int, tuple[int, int]], ...]
    uses: int | None
    use_price: int
    floors: Mapping[Key, int]
    exact_loss: Callable[[Sequence[Side]], int] | None = None


class Listed(NamedTuple):
    """An application within the limit: what it loses, units per cell, and how it comes about."""

    loss: int
    counts: tuple[tuple[int, int], ...]
    bundle: int
    sides: tuple[Side, ...]


class Combination(NamedTuple):
    """What it loses in all, and its applications; all other units are left alone."""

    loss: int
    applications: tuple[Listed, ...]


class TooMany(Exception):
    """The limit lets in more than can be looked at."""


def best_combination(
    counts: Sequence[int],
    alone: Sequence[int],
    offerings: Sequence[Offering],
    growth: int,
    effort: int,
) -> tuple[Combination | None, int]:
    """The combination that loses least, and the limit up to which all were looked at; None when it was given up.

    `alone` is what a unit of each cell loses when it is left alone. `effort` is how many choices of units are
    looked at to list applications, and how many combinations of those.
    """
    limit, excluded = growth, 0
    unused = sum((offering.uses or 0) * offering.use_price for offering in offerings)
    for _ in range(LIMITS):
        try:
            listed = _Lister(counts, offerings, limit, effort).listed()
            found = _Combiner(counts, alone, offerings, listed, limit, unused, effort).best()
        except TooMany:
            return None, excluded
        if found is not None:
            return found, found.loss
        excluded, limit = limit, limit * 4
    return None, excluded


class _Lister:
    """Lists applications slot by slot; a way is left as soon as it must lose more than the limit."""

    def __init__(
        self, counts: Sequence[int], offerings: Sequence[Offering], limit: int, effort: int
    ) -> None:
        self.counts, self.offerings, self.limit = counts, offerings, limit
        self.left = effort
        self.found: dict[object, Listed] = {}

    def listed(self) -> list[Listed]:
        """The applications, the one that loses least first; of those on the same units only the best."""
        for offering in self.offerings:
            self._list(offering)
        return sorted(self.found.values(), key=lambda one: (one.loss, one.counts, one.bundle))

    def _list(self, offering: Offering) -> None:
        for free in _ways(offering):
            picks = []
            for slot, need in enumerate(offering.needs):
                if need > free[slot]:
                    ranked = self._ranked(offering, slot, offering.paid[slot], free=False)
                    picks.append((slot, False, need - free[slot], ranked))
            for slot, need in enumerate(free):
                if need:
                    ranked = self._ranked(offering, slot, offering.free[slot], free=True)
                    picks.append((slot, True, need, ranked))
            least = [0]
            for _, _, need, ranked in reversed(picks):
                lost = self._least(ranked, need)
                if lost is None:
                    break
                least.append(least[-1] + lost)
            else:
                self._fill(offering, picks, least[::-1], 0, offering.use_price, (), -1)

    def _ranked(
        self, offering: Offering, slot: int, losses: Mapping[int, tuple[int, int]], *, free: bool
    ) -> list[tuple[int, int, int]]:
        floors = offering.floors
        return sorted(
            (loss, cell, draft)
            for cell, (loss, draft) in losses.items()
            if floors.get((slot, free, cell), loss) <= self.limit
        )

    def _least(self, ranked: Sequence[tuple[int, int, int]], need: int) -> int | None:
        total = 0
        for loss, cell, _ in ranked:
            units = min(self.counts[cell], need)
            total += units * loss
            need -= units
            if not need:
                return total
        return None

    def _fill(
        self,
        offering: Offering,
        picks: Sequence[tuple[int, bool, int, Sequence[tuple[int, int, int]]]],
        least: Sequence[int],
        at: int,
        lost: int,
        sides: tuple[Side, ...],
        border: int,
    ) -> None:
        """Fill the pick at `at`; `border` is the cheapest of the paid units, which no free one may go before."""
        if lost + least[at] > self.limit:
            return
        if at == len(picks):
            self._note(offering, lost, sides)
            return
        slot, free, need, ranked = picks[at]
        for loss, chosen in self._chosen(
            ranked, need, 0, lost + least[at + 1], border if free else -1
        ):
            more = tuple(Side(cell, draft, slot) for cell, draft in chosen)
            last = border if free else max(border, *(cell for cell, _ in chosen))
            self._fill(offering, picks, least, at + 1, lost + loss, sides + more, last)

    def _chosen(
        self,
        ranked: Sequence[tuple[int, int, int]],
        need: int,
        start: int,
        lost: int,
        border: int,
    ) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
        """Every choice of so many units, in order of rank, that stays within the limit."""
        if not need:
            yield 0, ()
            return
        for place in range(start, len(ranked)):
            self.left -= 1
            if self.left < 0:
                raise TooMany
            loss, cell, draft = ranked[place]
            if lost + need * loss > self.limit:
                return
            if cell < border:
                continue
            for units in range(min(self.counts[cell], need), 0, -1):
                head = ((cell, draft),) * units
                for rest, tail in self._chosen(
                    ranked, need - units, place + 1, lost + units * loss, border
                ):
                    yield units * loss + rest, head + tail

    def _note(self, offering: Offering, lost: int, sides: tuple[Side, ...]) -> None:
        counts: dict[int, int] = {}
        for side in sides:
            counts[side.cell] = counts.get(side.cell, 0) + 1
        if any(units > self.counts[cell] for cell, units in counts.items()):
            return
        for place, need in enumerate(offering.conditions):
            if sum(offering.flags[side.cell][place] for side in sides) < need:
                return
        if offering.exact_loss is not None:
            lost = offering.use_price + offering.exact_loss(sides)
            if lost > self.limit:
                return
        listed = Listed(lost, tuple(sorted(counts.items())), offering.bundle, sides)
        key = (listed.counts, offering.bundle if offering.uses is not None else None)
        known = self.found.get(key)
        if known is None or listed < known:
            self.found[key] = listed


class _Combiner:
    """Goes from cell to cell: applications that hold it are taken, in order, and the rest of it is left alone."""

    def __init__(
        self,
        counts: Sequence[int],
        alone: Sequence[int],
        offerings: Sequence[Offering],
        listed: Sequence[Listed],
        limit: int,
        unused: int,
        effort: int,
    ) -> None:
        self.alone, self.limit = alone, limit
        self.uses = {o.bundle: o.uses for o in offerings if o.uses is not None}
        self.prices = {o.bundle: o.use_price for o in offerings}
        self.unused = unused
        self.order = sorted(range(len(counts)), key=lambda cell: (-alone[cell], cell))
        rank = {cell: place for place, cell in enumerate(self.order)}
        self.by_cell: list[list[Listed]] = [[] for _ in counts]
        for one in listed:
            self.by_cell[min(rank[cell] for cell, _ in one.counts)].append(one)
        self.start = tuple(counts[cell] for cell in self.order)
        self.rank = rank
        self.left = effort * 4
        self.known: dict[object, tuple[int, int | None, tuple[Listed, ...]]] = {}

    def best(self) -> Combination | None:
        lost, applications = self._from(0, self.start, (), self.limit)
        return None if lost is None else Combination(lost, applications)

    def _from(
        self, place: int, rest: tuple[int, ...], used: tuple[int, ...], limit: int
    ) -> tuple[int | None, tuple[Listed, ...]]:
        """The least that the cells from `place` on can lose, if that is within the limit."""
        while place < len(rest) and not rest[place]:
            place += 1
        if place == len(rest):
            spent = sum(self.prices[bundle] for bundle in used)
            lost = self.unused - spent
            return (lost, ()) if lost <= limit else (None, ())
        key = (rest, used)
        known = self.known.get(key)
        if known is not None:
            if known[1] is not None:
                return (known[1], known[2]) if known[1] <= limit else (None, ())
            if limit <= known[0]:
                return None, ()
        least, applications = self._cell(place, 0, rest, used, limit)
        self.known[key] = (limit, least, applications)
        return least, applications

    def _cell(
        self, place: int, at: int, rest: tuple[int, ...], used: tuple[int, ...], limit: int
    ) -> tuple[int | None, tuple[Listed, ...]]:
        """Take an application that holds the cell, from the one at `at` on; or leave what is left of it alone."""
        self.left -= 1
        if self.left < 0:
            raise TooMany
        best: int | None = None
        chosen: tuple[Listed, ...] = ()
        listed = self.by_cell[place]
        for index in range(at, len(listed)):
            self.left -= 1
            one = listed[index]
            if one.loss > limit:
                break
            after = self._without(rest, one)
            if after is None or not self._may_use(one, used):
                continue
            now = tuple(sorted((*used, one.bundle))) if one.bundle in self.uses else used
            rest_lost, more = self._cell(place, index, after, now, limit - one.loss)
            if rest_lost is not None and (best is None or rest_lost + one.loss < best):
                best, chosen = rest_lost + one.loss, (one, *more)
                limit = best - 1
        bare = rest[place] * self.alone[self.order[place]]
        if bare <= limit:
            closed = (*rest[:place], 0, *rest[place + 1 :])
            left, more = self._from(place + 1, closed, used, limit - bare)
            if left is not None and (best is None or left + bare < best):
                best, chosen = left + bare, more
        return best, chosen

    def _without(self, rest: tuple[int, ...], one: Listed) -> tuple[int, ...] | None:
        after = list(rest)
        for cell, units in one.counts:
            rank = self.rank[cell]
            after[rank] -= units
            if after[rank] < 0:
                return None
        return tuple(after)

    def _may_use(self, one: Listed, used: tuple[int, ...]) -> bool:
        uses = self.uses.get(one.bundle)
        return uses is None or used.count(one.bundle) < uses


def _ways(offering: Offering) -> Iterator[tuple[int, ...]]:
    """How many of the cheapest may stand in each slot."""
    for free in product(*(range(min(need, offering.cheapest) + 1) for need in offering.needs)):
        if sum(free) == offering.cheapest:
            yield free


def greedy_combination(
    counts: Sequence[int], alone: Sequence[int], offerings: Sequence[Offering]
) -> Combination:
    """A good combination without any search: again and again the application that saves most."""
    left, used, taken = list(counts), dict[int, int](), list[Listed]()
    while True:
        best: tuple[int, Listed] | None = None
        for offering in offerings:
            if offering.uses is None or used.get(offering.bundle, 0) < offering.uses:
                one = _best_application(offering, left)
                if one is not None:
                    saved = sum(units * alone[cell] for cell, units in one.counts) - one.loss
                    if saved > 0 and (best is None or saved > best[0]):
                        best = (saved, one)
        if best is None:
            break
        one = best[1]
        taken.append(one)
        used[one.bundle] = used.get(one.bundle, 0) + 1
        for cell, units in one.counts:
            left[cell] -= units
    unused = sum(
        ((offering.uses or 0) - used.get(offering.bundle, 0)) * offering.use_price
        for offering in offerings
        if offering.uses is not None
    )
    bare = sum(units * alone[cell] for cell, units in enumerate(left))
    return Combination(sum(one.loss for one in taken) + bare + unused, tuple(taken))


def _best_application(offering: Offering, left: Sequence[int]) -> Listed | None:
    """The application that loses least among those that take the best unit for each place in turn."""
    best: Listed | None = None
    borders: list[int | None] = [*sorted({cell for cells in offering.free for cell in cells})]
    for border in borders or [None]:
        for way in _ways(offering):
            one = _filled(offering, left, way, border)
            if one is not None and (best is None or one < best):
                best = one
    return best


def _filled(
    offering: Offering, left: Sequence[int], way: Sequence[int], border: int | None
) -> Listed | None:
    rest, sides, lost = list(left), list[Side](), offering.use_price
    for free, losses in ((True, offering.free), (False, offering.paid)):
        for slot, need in enumerate(offering.needs):
            ranked = sorted((loss, cell, draft) for cell, (loss, draft) in losses[slot].items())
            missing = way[slot] if free else need - way[slot]
            for loss, cell, draft in ranked:
                fits = border is None or (cell >= border if free else cell <= border)
                units = min(rest[cell], missing) if fits else 0
                rest[cell] -= units
                missing -= units
                lost += units * loss
                sides += [Side(cell, draft, slot)] * units
            if missing:
                return None
    for place, need in enumerate(offering.conditions):
        if sum(offering.flags[side.cell][place] for side in sides) < need:
            return None
    if offering.exact_loss is not None:
        lost = offering.use_price + offering.exact_loss(sides)
    counts = tuple(
        (cell, left[cell] - units) for cell, units in enumerate(rest) if units < left[cell]
    )
    return Listed(lost, counts, offering.bundle, tuple(sides))
