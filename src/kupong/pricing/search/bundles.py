"""Automata of bundles: how far their slots are filled, and which units belong together in the end.

`Fills` counts: where each unit's gain is its own, which units share an application does not matter.
`Cheapest` follows open applications, because units come dearest first and the last ones are the cheapest.
`Composed` remembers every unit of an open application, for benefits that depend on who is in it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from kupong.pricing.search.losses import SlotLosses

App = tuple[Any, ...]
Event = tuple[
    int, Any, Any, Any
]  # the unit's place, its move, and the local state before and after it


class Slot(NamedTuple):
    """A move: the unit fills `slot`; `flags` say which mandatory conditions it meets."""

    slot: int
    flags: tuple[bool, ...] = ()
    free: bool = False  # the unit is one of the cheapest
    key: Any = None  # who the unit is, for benefits that ask


class Fills:
    """State: applications completed (only where they are limited), units that meet the condition and are not
    spoken for, units per slot."""

    def __init__(
        self, needs: Sequence[int], condition: int, uses: int | None, losses: SlotLosses
    ) -> None:
        self.needs, self.condition, self.uses = tuple(needs), condition, uses
        self.losses, self.use_price = losses, 0
        self.start = (0, 0, *(0 for _ in needs))

    def steps(self, local: Any, move: Slot) -> Sequence[tuple[Any, int]]:
        used, met, *fills = local
        fills[move.slot] += 1
        met += 1 if self.condition and move.flags[0] else 0
        done = met >= self.condition and all(
            fill >= need for fill, need in zip(fills, self.needs, strict=True)
        )
        if done:
            fills = [fill - need for fill, need in zip(fills, self.needs, strict=True)]
            met -= self.condition
            used += 1 if self.uses is not None else 0
        if self.uses is not None and used + self._open(fills) > self.uses:
            return ()
        return (((used, met, *fills), 0),)

    def lack(self, local: Any, place: int) -> int | None:
        used, _, *fills = local
        opened = self._open(fills)
        total: int = self.use_price * (used + opened)
        for slot, (fill, need) in enumerate(zip(fills, self.needs, strict=True)):
            missing = opened * need - fill
            if missing:
                lost = self.losses.least(slot, place, missing)
                if lost is None:
                    return None
                total += lost
        return total

    def finish(self, local: Any) -> int | None:
        return None if any(local[2:]) else 0

    def applications(self, events: Sequence[Event]) -> list[list[tuple[int, int]]]:
        """The units of each application with their slots: in order, those that meet the condition shared out first."""
        queues: list[list[tuple[int, bool]]] = [[] for _ in self.needs]
        for place, move, _, _ in events:
            queues[move.slot].append((place, bool(self.condition and move.flags[0])))
        count = len(queues[0]) // self.needs[0]
        apps: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        for slot, (queue, need) in enumerate(zip(queues, self.needs, strict=True)):
            flagged = [place for place, flag in queue if flag]
            plain = [place for place, flag in queue if not flag]
            sure = [flagged[n * self.condition : (n + 1) * self.condition] for n in range(count)]
            rest = sorted(plain + flagged[count * self.condition :])
            for number, app in enumerate(apps):
                chosen = sure[number] if self.condition else []
                take = need - len(chosen)
                app += [(place, slot) for place in [*chosen, *rest[:take]]]
                rest = rest[take:]
        return apps

    def _open(self, fills: Sequence[int]) -> int:
        return max(-(-fill // need) for fill, need in zip(fills, self.needs, strict=True))


class Cheapest:
    """State: applications completed (where limited), and the open ones, each as its fills and conditions met.

    In `losses` the slots of the cheapest units stand after those of the others.
    """

    def __init__(
        self,
        needs: Sequence[int],
        conditions: Sequence[int],
        count: int,
        uses: int | None,
        losses: SlotLosses,
    ) -> None:
        self.needs, self.conditions = tuple(needs), tuple(conditions)
        self.size, self.paid = sum(needs), sum(needs) - count
        self.uses, self.losses, self.use_price = uses, losses, 0
        self.start: Any = (0, ())
        self._fresh: App = (0,) * (len(needs) + len(conditions))

    def steps(self, local: Any, move: Slot) -> Sequence[tuple[Any, int]]:
        used, apps = local
        return [
            ((after, left), 0)
            for app in self._joinable(used, apps, move)
            for after, left in self._joined(used, apps, app, move)
        ]

    def _joinable(self, used: int, apps: tuple[App, ...], move: Slot) -> Iterator[App]:
        """The open applications that have room for it; where one slot is all there is, the fullest is enough."""
        found = []
        may_open = self.uses is None or used + len(apps) < self.uses
        for app in dict.fromkeys((*reversed(apps), *((self._fresh,) if may_open else ()))):
            filled = sum(app[: len(self.needs)])
            fits = filled >= self.paid if move.free else filled < self.paid
            if fits and app[move.slot] < self.needs[move.slot]:
                found.append(app)
        if len(self.needs) == 1 and not self.conditions:
            return iter(found[:1])
        return iter(found)

    def _joined(
        self, used: int, apps: tuple[App, ...], app: App, move: Slot
    ) -> Iterator[tuple[int, tuple[App, ...]]]:
        grown = list(app)
        grown[move.slot] += 1
        for place, (flag, need) in enumerate(zip(move.flags, self.conditions, strict=True)):
            index = len(self.needs) + place
            grown[index] = min(need, grown[index] + flag)
        rest = list(apps)
        if app in rest:
            rest.remove(app)
        if sum(grown[: len(self.needs)]) < self.size:
            yield used, tuple(sorted([*rest, tuple(grown)]))
        elif tuple(grown[len(self.needs) :]) == self.conditions:
            yield used + (1 if self.uses is not None else 0), tuple(rest)

    def lack(self, local: Any, place: int) -> int | None:
        used, apps = local
        groups = len(self.needs)
        paid, free = [0] * groups, [0] * groups
        saved = 0
        for app in apps:
            opened = sum(app[:groups]) <= self.paid
            saved += self.size - self.paid if opened else 0
            missing = paid if opened else free
            for slot, need in enumerate(self.needs):
                missing[slot] += need - app[slot]
        total: int = self.use_price * (used + len(apps))
        for slot in range(groups):
            for at, units in ((slot, paid[slot]), (slot + groups, free[slot])):
                if units:
                    lost = self.losses.least(at, place, units)
                    if lost is None:
                        return None
                    total += lost
        if sum(paid) + sum(free) > self.losses.remaining(None, place):
            return None
        return total - saved * self._most_saved(place)

    def _most_saved(self, place: int) -> int:
        """How much a unit that is still to come loses less as one of the cheapest."""
        groups = len(self.needs)
        return max(self.losses.most_saved(slot, slot + groups, place) for slot in range(groups))

    def finish(self, local: Any) -> int | None:
        return None if local[1] else 0

    def applications(self, events: Sequence[Event]) -> list[list[tuple[int, int]]]:
        """The units of each application with their slots."""

        def joined(before: Any, move: Slot, after: Any) -> App:
            return next(
                app
                for app in self._joinable(before[0], before[1], move)
                if after in self._joined(before[0], before[1], app, move)
            )

        return _replayed(events, joined)


class Composed:
    """State: applications completed (where limited), and the open ones with all their units.

    `worth` is the exact gain of a complete application, by the keys of its units and their slots; a unit's
    choice has already counted the gain that `promised` says, which is never too little.
    """

    def __init__(
        self,
        needs: Sequence[int],
        conditions: Sequence[int],
        uses: int | None,
        losses: SlotLosses,
        worth: Callable[[Sequence[Slot]], int],
        promised: Callable[[Slot], int],
    ) -> None:
        self.needs, self.conditions, self.uses = tuple(needs), tuple(conditions), uses
        self.losses, self.worth, self.promised = losses, worth, promised
        self.use_price = 0
        self.start: Any = (0, ())

    def steps(self, local: Any, move: Slot) -> Sequence[tuple[Any, int]]:
        used, apps = local
        reached: list[tuple[Any, int]] = []
        may_open = self.uses is None or used + len(apps) < self.uses
        for app in dict.fromkeys((*apps, *(((),) if may_open else ()))):
            if sum(member.slot == move.slot for member in app) < self.needs[move.slot]:
                rest = list(apps)
                if app:
                    rest.remove(app)
                reached += self._joined(used, rest, tuple(sorted((*app, move))))
        return reached

    def _joined(self, used: int, rest: list[App], app: App) -> Iterator[tuple[Any, int]]:
        if len(app) < sum(self.needs):
            yield (used, tuple(sorted([*rest, app]))), 0
        elif self._met(app):
            bonus = self.worth(app) - sum(self.promised(member) for member in app)
            yield (used + (1 if self.uses is not None else 0), tuple(rest)), bonus

    def _met(self, app: App) -> bool:
        return all(
            sum(member.flags[place] for member in app) >= need
            for place, need in enumerate(self.conditions)
        )

    def lack(self, local: Any, place: int) -> int | None:
        used, apps = local
        missing = [0] * len(self.needs)
        for app in apps:
            for slot, need in enumerate(self.needs):
                missing[slot] += need - sum(member.slot == slot for member in app)
        total: int = self.use_price * (used + len(apps))
        for slot, units in enumerate(missing):
            lost = self.losses.least(slot, place, units)
            if lost is None:
                return None
            total += lost
        if sum(missing) > self.losses.remaining(None, place):
            return None
        return total

    def finish(self, local: Any) -> int | None:
        return None if local[1] else 0

    def applications(self, events: Sequence[Event]) -> list[list[tuple[int, int]]]:
        """The units of each application with their slots."""

        def joined(before: Any, move: Slot, after: Any) -> App:
            return next(
                app
                for app in dict.fromkeys((*before[1], ()))
                if after in self._ends(before, app, move)
            )

        return _replayed(events, joined)

    def _ends(self, before: Any, app: App, move: Slot) -> list[Any]:
        """Where the unit's joining this application may lead."""
        used, apps = before
        if sum(member.slot == move.slot for member in app) >= self.needs[move.slot]:
            return []
        rest = list(apps)
        if app:
            rest.remove(app)
        return [end for end, _ in self._joined(used, rest, tuple(sorted((*app, move))))]


def _replayed(
    events: Sequence[Event], joined: Callable[[Any, Slot, Any], App]
) -> list[list[tuple[int, int]]]:
    """The path once more, on open lists of units; `joined` says which open application a unit went to."""
    opened: list[tuple[App, list[tuple[int, int]]]] = []
    finished = []
    for place, move, before, after in events:
        app = joined(before, move, after)
        at = next((n for n, (state, _) in enumerate(opened) if state == app), None)
        units = [] if at is None else opened.pop(at)[1]
        units = [*units, (place, move.slot)]
        grown = _added(before[1], app, after[1])
        if grown is None:
            finished.append(units)
        else:
            opened.append((grown, units))
    return finished


def _added(before: Sequence[App], joined: App, after: Sequence[App]) -> App | None:
    """The application that a unit made out of `joined`; None when it was completed."""
    rest = list(before)
    if joined in rest:
        rest.remove(joined)
    left = list(after)
    for app in rest:
        left.remove(app)
    return left[0] if left else None
