"""One cluster: units that depend on each other, solved exactly, and told as applications and steps."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, gcd
from typing import Any

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.candidates import Contender
from kupong.pricing.picks import Rules
from kupong.pricing.search.bundles import Cheapest, Composed, Fills, Slot
from kupong.pricing.search.cells import Cell, Option
from kupong.pricing.search.counters import Budget
from kupong.pricing.search.couplings import Couplings
from kupong.pricing.search.drafts import Draft, Free, drafts
from kupong.pricing.search.losses import SlotLosses
from kupong.pricing.search.pairs import LARGEST, Paired, Pairs
from kupong.pricing.search.paths import Automaton, Choice, Found, Problem, best_path, reached
from kupong.pricing.search.worth import composition_worth

# Among combinations worth the same: fewer counted uses, then fewer discounts. Ties never outweigh money.
_TIES = 1 << 32
_LIMITED = 1 << 12
_GRAIN = 10**6  # composed worth is compared to a millionth of a minor unit


class Application(msgspec.Struct, frozen=True):
    """One use of a bundle: its units, by their place in the solution, each with the slot it fills."""

    contender: Contender
    members: tuple[tuple[int, int], ...]


class Solution(msgspec.Struct, frozen=True):
    """Per unit the place of its cell and how it is treated; `value` is unrounded, and at most `bound`."""

    value: Exact
    bound: Exact
    proven: bool
    units: tuple[tuple[int, Option], ...]
    applications: tuple[Application, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The discounts that take part."""
        return tuple(dict.fromkeys(n for _, option in self.units for n in option.numbers))


def solve(cells: Sequence[Cell], rules: Rules, best_free: Free, *, stacking: bool) -> Solution:
    """The best combination on these cells; cells stand in the canonical order of their lots."""
    ordered = sorted(cells, key=lambda cell: (not cell.blocked, -cell.running, cell.order))
    return _Cluster(ordered, rules, best_free, stacking).solution()


class _Cluster:
    def __init__(
        self, cells: Sequence[Cell], rules: Rules, best_free: Free, stacking: bool
    ) -> None:
        self.cells, self.rules = cells, rules
        self.couplings = Couplings(cells, rules, stacking=stacking)
        self.drafts = [drafts(cell, self.couplings, best_free) for cell in cells]
        self.budgets = self._budgets()
        self.scale = self._scale() * _TIES
        self.places = [index for index, cell in enumerate(cells) for _ in range(cell.count)]
        self.most, self.share = self._cheapest()
        self.potentials = [
            max(self._potential(index, draft) for draft in found)
            for index, found in enumerate(self.drafts)
        ]

    def solution(self) -> Solution:
        if self._only_pairs():
            return self._paired()
        choices = [self._choices(index) for index in range(len(self.cells))]
        automata = self._automata(choices)
        problem = Problem(tuple(choices[index] for index in self.places), automata)
        total = sum(self.potentials[index] for index in self.places)
        found = best_path(problem, max(total // 64, _TIES))
        return self._told(problem, found, total)

    def _told(self, problem: Problem, found: Found, total: int) -> Solution:
        events: dict[int, list[tuple[int, Any, Any, Any]]] = {}
        before = {place: entry.start for place, entry in enumerate(problem.automata)}
        starts = [entry.start for entry in problem.automata]
        units = []
        for place, (number, after) in enumerate(reached(found, starts)):
            choice = problem.choices[place][number]
            units.append((self.places[place], choice.option))
            for automaton, move in choice.moves:
                event = (place, move, before[automaton], after[automaton])
                events.setdefault(automaton, []).append(event)
            before = after
        applications = tuple(
            Application(contender, tuple(members))
            for automaton, (_, contender) in self.couplings.bundles.items()
            for members in self._grouped(problem.automata[automaton], events.get(automaton, []))
        )
        scale = self.scale // _TIES
        value = Fraction(total // _TIES - found.slack // _TIES, scale)
        bound = Fraction(total // _TIES - found.bound // _TIES, scale)
        proven = found.proven and self.couplings.exact
        if not self.couplings.exact:
            bound = self._everything()
        return Solution(value, bound, proven, tuple(units), applications)

    @staticmethod
    def _grouped(automaton: Automaton, events: list[Any]) -> list[list[tuple[int, int]]]:
        assert isinstance(automaton, Fills | Cheapest | Composed)
        return automaton.applications(events) if events else []

    # Pairs.

    def _only_pairs(self) -> bool:
        """Whether bundles of two units are all that couples: then the heaviest matching is best."""
        bundles = self.couplings.bundles
        return (
            len(self.places) <= LARGEST
            and len(bundles) == len(self.couplings.makes)
            and all(
                rule.size == 2
                and rule.count <= 1
                and contender.discount.header.max_uses_per_order is None
                for rule, contender in bundles.values()
            )
            and all(
                sum(part.bundle is not None for part in draft.option.parts) <= 1
                for found in self.drafts
                for draft in found
            )
        )

    def _paired(self) -> Solution:
        pairs = Pairs(
            self.cells, self.drafts, self.couplings.bundles, self.rules, self._worth, self._whole
        )
        numbers, found = pairs.best(self.places)
        units = tuple(
            (index, self.drafts[index][number].option)
            for index, number in zip(self.places, numbers, strict=True)
        )
        value = sum(
            self._whole(self.drafts[index][number].value)
            for index, number in zip(self.places, numbers, strict=True)
        )
        value += sum(self._composed_surplus(pair) for pair in found)
        exact = Fraction(value, self.scale)
        bound = exact if self.couplings.exact else self._everything()
        applications = tuple(self._told_pair(pair) for pair in found)
        return Solution(exact, bound, self.couplings.exact, units, applications)

    def _worth(self, draft: Draft) -> int:
        return self._whole(draft.value) - self._tie(draft)

    def _composed_surplus(self, pair: Paired) -> int:
        """What a composed pair is worth, less what its drafts promised."""
        half = pair.halves[0]
        if half.bundle not in self.couplings.composed:
            return 0
        rule, contender = self.couplings.bundles[half.bundle]
        places = (self.places[pair.one], self.places[pair.other])
        drafts = [
            self.drafts[index][side.draft] for index, side in zip(places, pair.halves, strict=True)
        ]
        members = [
            (side.slot, self.cells[index], draft.option)
            for index, side, draft in zip(places, pair.halves, drafts, strict=True)
        ]
        exact = composition_worth(rule, contender, members, self.rules)
        return self._whole(exact) - sum(self._whole(draft.value) for draft in drafts)

    def _told_pair(self, pair: Paired) -> Application:
        _, contender = self.couplings.bundles[pair.halves[0].bundle]
        members = ((pair.one, pair.halves[0].slot), (pair.other, pair.halves[1].slot))
        return Application(contender, members)

    def _everything(self) -> Fraction:
        """The price of all units: nothing can give more."""
        return Fraction(sum(cell.running * cell.weight * cell.count for cell in self.cells))

    def _tie(self, draft: Draft) -> int:
        numbers = draft.option.numbers
        return len(numbers) + _LIMITED * sum(name in self.rules.limited for name in numbers)

    # Values as whole numbers.

    def _scale(self) -> int:
        """What makes every value a whole number."""
        scale = 1
        for found in self.drafts:
            for draft in found:
                for value in (draft.value, draft.base, *draft.gains.values()):
                    scale = _common(scale, value)
        for rule, contender in self.couplings.bundles.values():
            scale = scale * rule.size // gcd(scale, rule.size)
            cap = contender.discount.header.max_amount_per_order
            assert cap is None or isinstance(cap, int)
        return scale * (_GRAIN if self.couplings.composed else 1)

    def _whole(self, value: Exact) -> int:
        whole = value * self.scale
        return whole if isinstance(whole, int) else whole.numerator // whole.denominator

    def _budgets(self) -> dict[str, int]:
        """The automata that cap amounts, by discount; of composed bundles the parts are not known in time."""
        found: dict[str, int] = {}
        for cell in self.cells:
            for contender in cell.contenders:
                place = self.couplings.budget(contender)
                if place is not None:
                    found[contender.number] = place
        for place in self.couplings.composed:
            number = self.couplings.bundles[place][1].number
            if number in found:
                self.couplings.exact = False
        return found

    # The potential of units in bundles whose benefit falls on the cheapest ones.

    def _cheapest(self) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
        """Per bundle and cell the most that a unit from there on can get as one of the cheapest, and its share."""
        most: dict[int, list[int]] = {}
        share: dict[int, list[int]] = {}
        for place, (rule, _) in self.couplings.bundles.items():
            if rule.cheapest is None or place in self.couplings.composed:
                continue
            largest, found = 0, []
            for drafts_of in reversed(self.drafts):
                for draft in drafts_of:
                    if any(p.bundle == place and p.step is not None for p in draft.option.parts):
                        largest = max(largest, self._whole(draft.value - draft.base))
                found.append(largest)
            most[place] = found[::-1]
            share[place] = [ceil(Fraction(value * rule.count, rule.size)) for value in most[place]]
        return most, share

    def _potential(self, index: int, draft: Draft) -> int:
        shares = [self.share[p.bundle][index] for p in draft.option.parts if p.bundle in self.share]
        return self._whole(draft.base if shares else draft.value) + sum(shares)

    # Choices and automata.

    def _choices(self, index: int) -> tuple[Choice, ...]:
        best: dict[Any, Choice] = {}
        for number, draft in enumerate(self.drafts[index]):
            moves = tuple(
                move
                for part in draft.option.parts
                for move in self._moves(part.moves, part, index, number)
            )
            moves += self._capped(draft)
            loss = self.potentials[index] - self._whole(draft.value) + self._tie(draft)
            known = best.get(moves)
            if known is None or loss < known.loss:
                best[moves] = Choice(
                    loss, tuple(sorted(moves, key=lambda move: move[0])), draft.option
                )
        return tuple(best.values())

    def _moves(self, moves: Any, part: Any, index: int, number: int) -> Any:
        """A composed bundle asks who the unit is."""
        if not part.composed:
            return moves
        return tuple(
            (place, move._replace(key=(index, number)) if isinstance(move, Slot) else move)
            for place, move in moves
        )

    def _capped(self, draft: Draft) -> tuple[tuple[int, int], ...]:
        composed = None if draft.composed is None else draft.composed.contender.number
        return tuple(
            (self.budgets[number], self._whole(gained))
            for number, gained in draft.gains.items()
            if number in self.budgets and number != composed
        )

    def _automata(self, choices: Sequence[tuple[Choice, ...]]) -> tuple[Automaton, ...]:
        automata: list[Automaton] = []
        caps = {place: number for number, place in self.budgets.items()}
        for place, make in enumerate(self.couplings.makes):
            if place in caps:
                automata.append(self._budget(place, caps[place], choices))
            elif place in self.couplings.composed:
                automata.append(self._composed(place, choices))
            else:
                assert make is not None
                automata.append(self._with_potentials(place, make(self._losses(place, choices), 1)))
        return tuple(automata)

    def _with_potentials(self, place: int, automaton: Automaton) -> Automaton:
        if isinstance(automaton, Cheapest):
            automaton.most = [*(self.most[place][index] for index in self.places), 0]
            automaton.share = [*(self.share[place][index] for index in self.places), 0]
        return automaton

    def _budget(self, place: int, number: str, choices: Sequence[tuple[Choice, ...]]) -> Budget:
        parts = [m for found in choices for c in found for at, m in c.moves if at == place]
        headers = (
            c.discount.header for cell in self.cells for c in cell.contenders if c.number == number
        )
        cap = next(headers).max_amount_per_order
        assert cap is not None
        return Budget(cap * self.scale, waits=min(parts, default=0) < 0)

    def _composed(self, place: int, choices: Sequence[tuple[Choice, ...]]) -> Composed:
        rule, contender = self.couplings.bundles[place]

        def worth(members: Sequence[Slot]) -> int:
            found = [
                (
                    member.slot,
                    self.cells[member.key[0]],
                    self.drafts[member.key[0]][member.key[1]].option,
                )
                for member in members
            ]
            return self._whole(composition_worth(rule, contender, found, self.rules))

        def promised(member: Slot) -> int:
            index, number = member.key
            return self._whole(self.drafts[index][number].value)

        uses = contender.discount.header.max_uses_per_order
        losses = self._losses(place, choices)
        return Composed(rule.needs, rule.conditions, uses, losses, worth, promised)

    def _losses(self, place: int, choices: Sequence[tuple[Choice, ...]]) -> SlotLosses:
        """Per slot (or tier) of an automaton the loss of each unit that may fill it."""
        by_slot: dict[int, dict[int, int]] = {}
        by_cell = [self._cell_losses(place, found) for found in choices]
        for unit, index in enumerate(self.places):
            for slot, loss in by_cell[index].items():
                by_slot.setdefault(slot, {})[unit] = loss
        partial = {unit for unit, index in enumerate(self.places) if self.cells[index].weight != 1}
        return SlotLosses(len(self.places), by_slot, partial)

    def _cell_losses(self, place: int, choices: Sequence[Choice]) -> dict[int, int]:
        found: dict[int, int] = {}
        for choice in choices:
            for at, move in choice.moves:
                if at == place and isinstance(move, tuple):
                    # A loss counts once, however many automata the unit moves; one that others may
                    # make good is no loss.
                    cheap = any(other in self.most for other, _ in choice.moves)
                    loss = 0 if cheap else max(0, choice.loss) // len(choice.moves)
                    found[move[0]] = min(loss, found.get(move[0], loss))
        return found


def _common(scale: int, value: Exact) -> int:
    denominator = 1 if isinstance(value, int) else value.denominator
    return scale * denominator // gcd(scale, denominator)
