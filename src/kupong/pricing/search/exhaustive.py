"""The last resort for small clusters in which what a unit gets depends on everything around it: every
combination that could be better than the best so far is evaluated in full."""

from collections.abc import Callable, Sequence
from typing import Any

from kupong.kernel.money import Exact
from kupong.pricing.search.paths import Automaton, Local

NODES = 30_000
LEAVES = 1_500

Way = list[
    tuple[int, dict[int, Local]]
]  # per unit its draft, and where the automata stand after it


def best_of_all(
    places: Sequence[int],
    promises: Sequence[Sequence[Exact]],
    moves: Sequence[Sequence[Sequence[tuple[int, Any]]]],
    automata: Sequence[Automaton],
    evaluate: Callable[[Way], Exact],
) -> tuple[Exact, Way] | None:
    """The best combination, with its worth; None when there are too many to look at.

    `places` holds the cell of each unit, `promises` per cell and draft the most that it may bring, `moves` what
    the draft asks of the automata. Units of one cell are alike, so their drafts go in order
    where the automata do not ask for another.
    """
    search = _Search(places, promises, moves, automata, evaluate)
    try:
        search.go(0, 0, {place: entry.start for place, entry in enumerate(automata)}, [])
    except _TooMany:
        return None
    assert search.best is not None, "leaving every unit alone is always allowed"
    return search.best


class _TooMany(Exception):
    pass


class _Search:
    def __init__(
        self,
        places: Sequence[int],
        promises: Sequence[Sequence[Exact]],
        moves: Sequence[Sequence[Sequence[tuple[int, Any]]]],
        automata: Sequence[Automaton],
        evaluate: Callable[[Way], Exact],
    ) -> None:
        self.places, self.promises, self.moves = places, promises, moves
        self.automata, self.evaluate = automata, evaluate
        self.nodes, self.leaves = NODES, LEAVES
        self.best: tuple[Exact, Way] | None = None
        self.order = [
            sorted(range(len(found)), key=lambda draft: (-found[draft], draft))
            for found in promises
        ]
        # Bundles with a benefit on the cheapest take the paid units first, also of those that are alike.
        self.ordered = [
            any(getattr(move, "free", False) for made in found for _, move in made)
            for found in moves
        ]
        self.rest: list[Exact] = [0] * (len(places) + 1)
        for unit in range(len(places) - 1, -1, -1):
            self.rest[unit] = self.rest[unit + 1] + max(promises[places[unit]])

    def go(self, unit: int, promised: Exact, local: dict[int, Local], way: Way) -> None:
        self.nodes -= 1
        if self.nodes < 0:
            raise _TooMany
        if self.best is not None and promised + self.rest[unit] <= self.best[0]:
            return
        if unit == len(self.places):
            self._end(local, way)
            return
        cell = self.places[unit]
        first = self._rank(unit, cell, way)
        for draft in self.order[cell][first:]:
            for after in self._after(local, self.moves[cell][draft]):
                more = promised + self.promises[cell][draft]
                self.go(unit + 1, more, after, [*way, (draft, after)])

    def _rank(self, unit: int, cell: int, way: Way) -> int:
        """Among units that are alike the second does not go before the first, unless their order matters."""
        if unit and self.places[unit - 1] == cell and not self.ordered[cell]:
            return self.order[cell].index(way[-1][0])
        return 0

    def _after(
        self, local: dict[int, Local], moves: Sequence[tuple[int, Any]]
    ) -> list[dict[int, Local]]:
        reached = [local]
        for place, move in moves:
            reached = [
                {**before, place: value}
                for before in reached
                for value, _ in self.automata[place].steps(before[place], move)
            ]
        return reached

    def _end(self, local: dict[int, Local], way: Way) -> None:
        if any(self.automata[place].finish(value) is None for place, value in local.items()):
            return
        self.leaves -= 1
        if self.leaves < 0:
            raise _TooMany
        worth = self.evaluate(way)
        if self.best is None or worth > self.best[0]:
            self.best = (worth, way)
