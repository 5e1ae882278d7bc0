"""How much any application loses that has a certain unit in a certain slot: what loses more than the search
allows at the moment need not be looked at."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

Losses = Sequence[Mapping[int, int]]  # per slot what a unit of each cell loses there
Key = tuple[int, bool, int]  # slot, whether it is one of the cheapest, cell


def fill_floors(
    needs: Sequence[int], losses: Losses, counts: Sequence[int], use_price: int
) -> dict[Key, int]:
    """For bundles whose units gain by themselves."""
    return _floors(
        [(slot, False, need, losses[slot]) for slot, need in enumerate(needs)], counts, use_price
    )


def cheapest_floors(
    needs: Sequence[int],
    cheapest: int,
    paid: Losses,
    free: Losses,
    counts: Sequence[int],
    use_price: int,
) -> dict[Key, int]:
    """For bundles with a benefit on the cheapest: cells stand the dearest first, and where the cheapest begin is
    tried at every cell."""
    best: dict[Key, int] = {}
    for border in sorted({cell for cells in free for cell in cells}):
        before = [{cell: loss for cell, loss in cells.items() if cell <= border} for cells in paid]
        after = [{cell: loss for cell, loss in cells.items() if cell >= border} for cells in free]
        for way in _ways(needs, cheapest):
            picks = [
                (slot, kind, units, cells[slot])
                for slot, need in enumerate(needs)
                for kind, units, cells in (
                    (False, need - way[slot], before),
                    (True, way[slot], after),
                )
                if units
            ]
            for key, floor in _floors(picks, counts, use_price).items():
                if floor < best.get(key, floor + 1):
                    best[key] = floor
    return best


def _ways(needs: Sequence[int], cheapest: int) -> Iterator[tuple[int, ...]]:
    """How many of the cheapest may stand in each slot."""
    for way in product(*(range(min(need, cheapest) + 1) for need in needs)):
        if sum(way) == cheapest:
            yield way


def _floors(
    picks: Sequence[tuple[int, bool, int, Mapping[int, int]]],
    counts: Sequence[int],
    use_price: int,
) -> dict[Key, int]:
    """The least total with each unit in turn in place of the worst of those that would be taken."""
    total = use_price
    worst: list[int] = []
    for _, _, need, losses in picks:
        taken = _least(losses, counts, need)
        if taken is None:
            return {}
        total += sum(taken)
        worst.append(taken[-1])
    return {
        (slot, kind, cell): total + max(0, loss - last)
        for (slot, kind, _, losses), last in zip(picks, worst, strict=True)
        for cell, loss in losses.items()
    }


def _least(losses: Mapping[int, int], counts: Sequence[int], need: int) -> list[int] | None:
    found: list[int] = []
    for loss, cell in sorted((loss, cell) for cell, loss in losses.items()):
        found += [loss] * min(counts[cell], need - len(found))
        if len(found) == need:
            return found
    return None
