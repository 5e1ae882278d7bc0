"""The exact search: every unit takes one of its choices, and the path that loses least is found and proven.

Units stand in one order, the dearest first. What ties them together are automata: one counts how far a
bundle is filled, another how many units a tier has, another what is left of a cap. A state is where all
automata stand after so many units, so combinations that come to the same are one. Each unit has a
potential, its price in the problem without whole numbers; a path's slack is how far it stays below the sum
of potentials, plus what the automata know about what is still to come. Paths are followed up to a slack that
grows until one of them reaches the end: nothing with less slack exists, so it is best.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Protocol

import msgspec

Local = Any  # where one automaton stands: any hashable value
State = tuple[tuple[int, Local], ...]  # the automata that have left their start, by their place
Moves = tuple[tuple[int, Any], ...]  # what a choice asks of automata, by their place

NODES = 60_000  # choices looked at before the search gives up its proof
BEAM = 24  # states kept per unit when it has


class Automaton(Protocol):
    """What couples units. All amounts are in the scaled units of the problem."""

    start: Local

    def steps(self, local: Local, move: Any) -> Sequence[tuple[Local, int]]:
        """Where a unit's move may lead, each with what it adds to the gain; empty when it is not allowed."""

    def lack(self, local: Local, place: int) -> int | None:
        """How much the rest, from the unit at `place` on, must stay below its potentials (negative when it
        may rise above them); None when this cannot be completed any more."""

    def finish(self, local: Local) -> int | None:
        """What the end adds to the gain; None when it may not end here."""


class Choice(msgspec.Struct, frozen=True):
    """One way to treat a unit: `loss` is its potential less its gain (below zero where others of the same bundle
    lose more), `moves` what it asks of the automata. Every path with it has at least `floor` of slack."""

    loss: int
    moves: Moves
    option: Any
    floor: int = 0


class Problem(msgspec.Struct, frozen=True):
    """Per unit its choices. `unused` is what limited uses are priced at in all: so much of the potential is lost
    where they are not used."""

    choices: tuple[tuple[Choice, ...], ...]
    automata: tuple[Automaton, ...]
    unused: int = 0


class Found(msgspec.Struct, frozen=True):
    """A path: per unit the place of its choice and the states around it. `slack` is its distance from the sum of
    potentials."""

    taken: tuple[int, ...]
    states: tuple[State, ...]
    slack: int


def best_path(problem: Problem, growth: int, nodes: int = NODES) -> tuple[Found | None, int]:
    """The path with the least slack, and that slack; or None, and a slack that no path stays below.

    `growth` is the slack by which the search widens, at least.
    """
    sweep = _Sweep(problem, nodes)
    limit = excluded = 0
    while True:
        found = sweep.run(limit)
        if found is not None:
            return found, found.slack
        if sweep.left <= 0:
            return None, excluded
        assert sweep.next_limit is not None, "leaving every unit alone is always allowed"
        excluded = sweep.next_limit
        limit = max(sweep.next_limit, 2 * limit, growth)


def good_path(problem: Problem) -> Found:
    """The best of a narrow search: no proof comes with it."""
    found = _Sweep(problem, NODES, BEAM).run(None)
    assert found is not None, "leaving every unit alone is always allowed"
    return found


Layer = dict[
    int, tuple[int, int, int]
]  # by state: its least slack, the state before it, the choice
_NEVER = 1 << 200  # a lack that nothing makes good


class _Sweep:
    """Goes over the units once, keeping every state whose slack stays within the limit.

    States are known by number. What follows a state, and what it lacks, is remembered from sweep to sweep.
    """

    def __init__(self, problem: Problem, nodes: int, beam: int | None = None) -> None:
        self.problem = problem
        self.left = nodes
        self.beam = beam
        self.next_limit: int | None = None
        self._starts = [automaton.start for automaton in problem.automata]
        self._states: list[State] = [()]
        self._numbers: dict[State, int] = {(): 0}
        self._steps: dict[tuple[int, Local, Hashable], Sequence[tuple[Local, int]]] = {}
        self._ways: dict[Hashable, dict[int, list[tuple[int, int]]]] = {}
        self._lacks: dict[tuple[int, Local, int], int] = {}
        self._lack_at: list[dict[int, int]] = [{} for _ in range(len(problem.choices) + 1)]

    def run(self, limit: int | None) -> Found | None:
        """The best path within the limit; None when there is none, or no budget (`left`) to say."""
        self.next_limit = None
        layers: list[Layer] = [{0: (0, 0, -1)}]
        for place, choices in enumerate(self.problem.choices):
            layer = self._next(layers[-1], place, self._allowed(choices, limit), limit)
            if self.left <= 0 and self.beam is None:
                return None
            if self.beam is not None and len(layer) > self.beam:
                layer = self._narrowed(layer, place + 1)
            layers.append(layer)
        return self._finished(layers, limit)

    def _allowed(
        self, choices: Sequence[Choice], limit: int | None
    ) -> list[tuple[int, int, Moves, dict[int, list[tuple[int, int]]]]]:
        """The choices that can be in a path within the limit: place, loss, moves, and where they lead."""
        allowed = []
        for number, choice in enumerate(choices):
            if limit is None or choice.floor <= limit:
                ways = self._ways.setdefault(choice.moves, {})
                allowed.append((number, choice.loss, choice.moves, ways))
            else:
                self._reject(choice.floor)
        return allowed

    def _next(
        self,
        layer: Layer,
        place: int,
        allowed: Sequence[tuple[int, int, Moves, dict[int, list[tuple[int, int]]]]],
        limit: int | None,
    ) -> Layer:
        """The states after one more unit, each with its least slack so far, and how it was reached."""
        following: Layer = {}
        lacks = self._lack_at[place + 1]
        rejected = _NEVER
        for state, (slack, _, _) in layer.items():
            for number, loss, moves, known_ways in allowed:
                ways = known_ways.get(state)
                if ways is None:
                    ways = known_ways[state] = self._advanced(state, moves)
                self.left -= len(ways)
                for after, bonus in ways:
                    so_far = slack + loss - bonus
                    known = following.get(after)
                    if known is not None and known[0] <= so_far:
                        continue
                    lack = lacks.get(after)
                    if lack is None:
                        lack = lacks[after] = self._lack(after, place + 1)
                    if limit is not None and so_far + lack > limit:
                        rejected = min(rejected, so_far + lack)
                    elif lack < _NEVER:
                        following[after] = (so_far, state, number)
        if rejected < _NEVER // 2:
            self._reject(rejected)
        return following

    def _reject(self, slack: int) -> None:
        if self.next_limit is None or slack < self.next_limit:
            self.next_limit = slack

    def _advanced(self, number: int, moves: Moves) -> list[tuple[int, int]]:
        """Where the moves may lead, each with what it adds to the gain."""
        ways = [(self._states[number], 0)]
        for place, move in moves:
            ways = [
                (after, so_far + bonus)
                for before, so_far in ways
                for after, bonus in self._moved(before, place, move)
            ]
        return [(self._number(state), bonus) for state, bonus in ways]

    def _number(self, state: State) -> int:
        number = self._numbers.get(state)
        if number is None:
            number = self._numbers[state] = len(self._states)
            self._states.append(state)
        return number

    def _moved(self, state: State, place: int, move: Any) -> list[tuple[State, int]]:
        """The state after one automaton's move; the automata stand in order, those at their start left out."""
        start = self._starts[place]
        at, local, held = len(state), start, False
        for index, (number, value) in enumerate(state):
            if number >= place:
                at, held = index, number == place
                local = value if held else local
                break
        key = (place, local, move)
        steps = self._steps.get(key)
        if steps is None:
            steps = self._steps[key] = self.problem.automata[place].steps(local, move)
        head, tail = state[:at], state[at + held :]
        return [
            (head + tail if after == start else (*head, (place, after), *tail), bonus)
            for after, bonus in steps
        ]

    def _lack(self, number: int, place: int) -> int:
        """What all automata together lack from the unit at `place` on."""
        total = 0
        for entry in self._states[number]:
            key = (*entry, place)
            lack = self._lacks.get(key)
            if lack is None:
                found = self.problem.automata[entry[0]].lack(entry[1], place)
                lack = self._lacks[key] = _NEVER if found is None else found
            if lack >= _NEVER:
                return _NEVER
            total += lack
        return total

    def _narrowed(self, layer: Layer, place: int) -> Layer:
        """The most promising states; the idle one stays, so that the end is always reached."""
        ranked = sorted(
            layer.items(), key=lambda item: (item[1][0] + self._lack(item[0], place), item[0])
        )
        kept = dict(ranked[: self.beam])
        if 0 in layer:
            kept[0] = layer[0]
        return kept

    def _finished(self, layers: list[Layer], limit: int | None) -> Found | None:
        best: tuple[int, int] | None = None
        for number, (slack, _, _) in layers[-1].items():
            total = self._finish(self._states[number])
            if total is None:
                continue
            slack += self.problem.unused - total
            if limit is not None and slack > limit:
                self._reject(slack)
            elif best is None or slack < best[0]:
                best = (slack, number)
        return None if best is None else self._traced(layers, *best)

    def _finish(self, state: State) -> int | None:
        total = 0
        for place, local in state:
            bonus = self.problem.automata[place].finish(local)
            if bonus is None:
                return None
            total += bonus
        return total

    def _traced(self, layers: list[Layer], slack: int, number: int) -> Found:
        taken: list[int] = []
        states = [self._states[number]]
        for layer in reversed(layers[1:]):
            _, number, choice = layer[number]
            taken.append(choice)
            states.append(self._states[number])
        return Found(tuple(reversed(taken)), tuple(reversed(states)), slack)


def reached(found: Found, starts: Sequence[Local]) -> Iterator[tuple[int, dict[int, Local]]]:
    """Per unit the place of its choice, and where every automaton stands after it."""
    for number, state in zip(found.taken, found.states[1:], strict=True):
        yield number, dict(enumerate(starts)) | dict(state)
