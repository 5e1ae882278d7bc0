"""What it costs at least to find more units for a slot, among those that are still to come."""

from bisect import insort
from collections.abc import Mapping, Set


class SlotLosses:
    """Per slot of one bundle or tier, the loss of each unit that may fill it, by the unit's place.

    `partial` holds the places of units that are less than one.
    """

    def __init__(
        self, units: int, by_slot: Mapping[int, Mapping[int, int]], partial: Set[int] = frozenset()
    ) -> None:
        self._units = units
        self._by_slot = by_slot
        self._partial = partial
        self._sums: dict[int, list[list[int]]] = {}
        self._counts: dict[int | None, list[int]] = {}
        self._saved: dict[tuple[int, int], list[int]] = {}

    def least(self, slot: int, place: int, missing: int) -> int | None:
        """The least total loss of `missing` units from `place` on; None when there are not so many."""
        sums = self._sums.get(slot)
        if sums is None:
            sums = self._sums[slot] = self._summed(self._by_slot.get(slot, {}))
        return sums[place][missing] if missing < len(sums[place]) else None

    def least_from(self, slot: int, place: int, missing: int) -> int | None:
        """The least total loss of `missing` units or more; None when there are not so many."""
        least = self.least(slot, place, missing)
        if least is None:
            return None
        return min(self._sums[slot][place][missing:])

    def most_saved(self, slot: int, instead: int, place: int) -> int:
        """The most that one unit from `place` on loses less in slot `instead` than in `slot`."""
        key = (slot, instead)
        saved = self._saved.get(key)
        if saved is None:
            plain, other = self._by_slot.get(slot, {}), self._by_slot.get(instead, {})
            saved = [0] * (self._units + 1)
            for at in range(self._units - 1, -1, -1):
                here = plain[at] - other[at] if at in plain and at in other else 0
                saved[at] = max(saved[at + 1], here)
            self._saved[key] = saved
        return saved[place]

    def remaining(self, slot: int | None, place: int) -> int:
        """How many units from `place` on may fill the slot; any slot when it is None."""
        counts = self._counts.get(slot)
        if counts is None:
            of_slots = self._by_slot.values() if slot is None else [self._by_slot.get(slot, {})]
            counts = self._counts[slot] = self._counted(set().union(*of_slots))
        return counts[place]

    def partial(self, place: int) -> int:
        """How many units from `place` on are less than one."""
        return sum(at >= place for at in self._partial)

    def _counted(self, places: Set[int]) -> list[int]:
        counts = [0] * (self._units + 1)
        for at in range(self._units - 1, -1, -1):
            counts[at] = counts[at + 1] + (at in places)
        return counts

    def _summed(self, losses: Mapping[int, int]) -> list[list[int]]:
        """Per place the sums of the 0, 1, 2 … least losses from there on."""
        sums: list[list[int]] = [[0]] * (self._units + 1)
        known: list[int] = []
        for place in range(self._units - 1, -1, -1):
            if place in losses:
                insort(known, losses[place])
                total, found = 0, [0]
                for loss in known:
                    total += loss
                    found.append(total)
                sums[place] = found
            else:
                sums[place] = sums[place + 1]
        return sums
