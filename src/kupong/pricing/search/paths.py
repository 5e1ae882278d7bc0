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
    moves: tuple[tuple[int, Any], ...]
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


class _Sweep:
    """Goes over the units once, keeping every state whose slack stays within the limit."""

    def __init__(self, problem: Problem, nodes: int, beam: int | None = None) -> None:
        self.problem = problem
        self.left = nodes
        self.beam = beam
        self.next_limit: int | None = None
        self._starts = [automaton.start for automaton in problem.automata]
        self._steps: dict[tuple[int, Local, Hashable], Sequence[tuple[Local, int]]] = {}
        self._lacks: dict[tuple[int, Local, int], int | None] = {}

    def run(self, limit: int | None) -> Found | None:
        """The best path within the limit; None when there is none, or no budget (`left`) to say."""
        self.next_limit = None
        layers: list[dict[State, tuple[int, State, int]]] = [{(): (0, (), -1)}]
        for place, choices in enumerate(self.problem.choices):
            layer = self._next(layers[-1], place, choices, limit)
            if self.left <= 0 and self.beam is None:
                return None
            if self.beam is not None and len(layer) > self.beam:
                layer = self._narrowed(layer, place + 1)
            layers.append(layer)
        return self._finished(layers, limit)

    def _next(
        self,
        layer: dict[State, tuple[int, State, int]],
        place: int,
        choices: Sequence[Choice],
        limit: int | None,
    ) -> dict[State, tuple[int, State, int]]:
        """The states after one more unit, each with its least slack so far, and how it was reached."""
        following: dict[State, tuple[int, State, int]] = {}
        lacks: dict[State, int | None] = {}
        allowed = []
        for number, choice in enumerate(choices):
            if limit is None or choice.floor <= limit:
                allowed.append((number, choice))
            else:
                self._reject(choice.floor)
        for state, (slack, _, _) in layer.items():
            for number, choice in allowed:
                lost = slack + choice.loss
                ways = self._advanced(state, choice.moves)
                self.left -= len(ways)
                for after, bonus in ways:
                    reached = lost - bonus
                    known = following.get(after)
                    if known is not None and known[0] <= reached:
                        continue
                    if after in lacks:
                        lack = lacks[after]
                    else:
                        lack = lacks[after] = self._lack(after, place + 1)
                    if lack is None:
                        continue
                    if limit is not None and reached + lack > limit:
                        self._reject(reached + lack)
                        continue
                    following[after] = (reached, state, number)
        return following

    def _reject(self, slack: int) -> None:
        if self.next_limit is None or slack < self.next_limit:
            self.next_limit = slack

    def _advanced(
        self, state: State, moves: tuple[tuple[int, Any], ...]
    ) -> Sequence[tuple[State, int]]:
        if not moves:
            return ((state, 0),)
        if len(moves) == 1:
            return self._moved(state, *moves[0])
        reached = [(state, 0)]
        for place, move in moves:
            reached = [
                (after, so_far + bonus)
                for before, so_far in reached
                for after, bonus in self._moved(before, place, move)
            ]
        return reached

    def _moved(self, state: State, place: int, move: Any) -> list[tuple[State, int]]:
        """The state after one automaton's move; the automata stand in order, those at their start left out."""
        at, local = len(state), self._starts[place]
        held = False
        for index, (number, value) in enumerate(state):
            if number >= place:
                at, held = index, number == place
                local = value if held else local
                break
        key = (place, local, move)
        steps = self._steps.get(key)
        if steps is None:
            steps = self._steps[key] = self.problem.automata[place].steps(local, move)
        start = self._starts[place]
        head, tail = state[:at], state[at + held :]
        return [
            (head + tail if after == start else (*head, (place, after), *tail), bonus)
            for after, bonus in steps
        ]

    def _lack(self, state: State, place: int) -> int | None:
        total = 0
        for entry in state:
            key = (*entry, place)
            if key in self._lacks:
                lack = self._lacks[key]
            else:
                lack = self.problem.automata[entry[0]].lack(entry[1], place)
                self._lacks[key] = lack
            if lack is None:
                return None
            total += lack
        return total

    def _narrowed(
        self, layer: dict[State, tuple[int, State, int]], place: int
    ) -> dict[State, tuple[int, State, int]]:
        """The most promising states; the idle one stays, so that the end is always reached."""
        ranked = sorted(
            layer.items(), key=lambda item: item[1][0] + (self._lack(item[0], place) or 0)
        )
        kept = dict(ranked[: self.beam])
        if () in layer:
            kept[()] = layer[()]
        return kept

    def _finished(
        self, layers: list[dict[State, tuple[int, State, int]]], limit: int | None
    ) -> Found | None:
        best: tuple[int, State] | None = None
        for state, (slack, _, _) in layers[-1].items():
            total = self._finish(state)
            if total is None:
                continue
            slack += self.problem.unused - total
            if limit is not None and slack > limit:
                self._reject(slack)
            elif best is None or slack < best[0]:
                best = (slack, state)
        return None if best is None else self._traced(layers, *best)

    def _finish(self, state: State) -> int | None:
        total = 0
        for place, local in state:
            bonus = self.problem.automata[place].finish(local)
            if bonus is None:
                return None
            total += bonus
        return total

    @staticmethod
    def _traced(
        layers: list[dict[State, tuple[int, State, int]]], slack: int, state: State
    ) -> Found:
        taken: list[int] = []
        states = [state]
        for layer in reversed(layers[1:]):
            _, state, number = layer[state]
            taken.append(number)
            states.append(state)
        return Found(tuple(reversed(taken)), tuple(reversed(states)), slack)


def reached(found: Found, starts: Sequence[Local]) -> Iterator[tuple[int, dict[int, Local]]]:
    """Per unit the place of its choice, and where every automaton stands after it."""
    for number, state in zip(found.taken, found.states[1:], strict=True):
        yield number, dict(enumerate(starts)) | dict(state)
