"""Automata that count: the tiers of a quantity discount, limits on units, and a cap on the amount."""

from collections.abc import Sequence
from typing import Any

from kupong.kernel.money import Exact
from kupong.pricing.search.losses import SlotLosses


class Tiers:
    """The units of one line of a quantity discount, all in one tier. A move is (tier, weight).

    State: None, or the tier with the units so far, counted no further than `low`, what the tier needs;
    `high`, where set, is what it must stay below, because there the next tier would take over.
    """

    start: Any = None

    def __init__(
        self, low: Sequence[Exact], high: Sequence[Exact | None], losses: SlotLosses
    ) -> None:
        self.low, self._high, self._losses = tuple(low), tuple(high), losses

    def steps(self, local: Any, move: tuple[int, Exact]) -> Sequence[tuple[Any, int]]:
        tier, weight = move
        if local is not None and local[0] != tier:
            return ()
        count = (0 if local is None else local[1]) + weight
        high = self._high[tier]
        if high is None:
            count = min(count, self.low[tier])
        elif count >= high:
            return ()
        return (((tier, count), 0),)

    def lack(self, local: Any, place: int) -> int | None:
        if local is None:
            return 0
        missing = self.low[local[0]] - local[1]
        # A part of a unit may be among those to come, so only whole ones are sure to be missing.
        whole = -(-missing // 1) - self._losses.partial(place)
        return self._losses.least_from(local[0], place, max(0, int(whole)))

    def finish(self, local: Any) -> int | None:
        return 0 if local is None or local[1] >= self.low[local[0]] else None


class Slabs:
    """The units of one line of a quantity discount by interval: the n-th has the tier of n. A move is the tier.

    State: the units so far, counted no further than the last tier.
    """

    start: Any = 0

    def __init__(self, low: Sequence[Exact]) -> None:
        self._low = tuple(low)

    def steps(self, local: int, move: int) -> Sequence[tuple[Any, int]]:
        number = local + 1
        tier = sum(low <= number for low in self._low) - 1
        return ((min(number, int(self._low[-1])), 0),) if tier == move else ()

    def lack(self, local: int, place: int) -> int | None:
        return 0

    def finish(self, local: int) -> int | None:
        return 0


class Counter:
    """At most `cap` units. A move is the weight of a unit; the state is how many there are."""

    start: Any = 0

    def __init__(self, cap: Exact) -> None:
        self._cap = cap

    def steps(self, local: Exact, move: Exact) -> Sequence[tuple[Any, int]]:
        return ((local + move, 0),) if local + move <= self._cap else ()

    def lack(self, local: Exact, place: int) -> int | None:
        return 0

    def finish(self, local: Exact) -> int | None:
        return 0


class Budget:
    """What one discount gives in all, clamped at `cap`. A move is a unit's part; parts may be below zero.

    Without such parts everything beyond the cap is one state; with them the clamp has to wait for the end.
    """

    start: Any = 0

    def __init__(self, cap: int, *, waits: bool) -> None:
        self._cap, self._waits = cap, waits

    def steps(self, local: int, move: int) -> Sequence[tuple[Any, int]]:
        total = local + move
        if self._waits:
            return ((total, 0),)
        return ((min(total, self._cap), min(0, self._cap - total)),)

    def lack(self, local: int, place: int) -> int | None:
        return 0

    def finish(self, local: int) -> int | None:
        return min(0, self._cap - local) if self._waits else 0
