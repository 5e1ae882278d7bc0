"""One cluster: units that depend on each other, solved exactly, and told as applications and steps."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import gcd
from typing import Any

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.bundles import Bundle
from kupong.pricing.candidates import Contender
from kupong.pricing.picks import Rules
from kupong.pricing.search.applications import (
    Combination,
    Offering,
    Side,
    best_combination,
    greedy_combination,
)
from kupong.pricing.search.bundles import Cheapest, Composed, Fills, Slot
from kupong.pricing.search.cells import Cell, Option
from kupong.pricing.search.counters import Budget, Tiers
from kupong.pricing.search.couplings import Couplings
from kupong.pricing.search.drafts import Draft, Free, drafts
from kupong.pricing.search.floors import cheapest_floors, fill_floors
from kupong.pricing.search.losses import SlotLosses
from kupong.pricing.search.pairs import LARGEST, Paired, Pairs
from kupong.pricing.search.paths import (
    Automaton,
    Choice,
    Found,
    Problem,
    best_path,
    good_path,
    reached,
)
from kupong.pricing.search.prices import Taker, unit_prices
from kupong.pricing.search.worth import composition_worth

# Among combinations worth the same: fewer counted uses, then fewer discounts. Ties never outweigh money.
_TIES = 1 << 32
_LIMITED = 1 << 12
_FINE = 1 << 22  # prices are whole numbers of this
QUICK = 4_000  # choices looked at before whole applications are tried
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
        self.potentials: list[int] = []
        self.uses: Mapping[int, int] = {}
        self.floors: Mapping[int, Mapping[Any, int]] = {}

    def solution(self) -> Solution:
        if self._only_pairs():
            return self._paired()
        self._set_prices()
        problem = self._problem()
        growth = max(self._total() // 512, _TIES)
        if not self._only_bundles():
            found, excluded = best_path(problem, growth)
            return self._told(problem, found or good_path(problem), excluded)
        found, excluded = best_path(problem, growth, QUICK)
        if found is not None:
            return self._told(problem, found, excluded)
        offerings = [self._offering(place) for place in self.couplings.bundles]
        alone = [self._alone(index) for index in range(len(self.cells))]
        counts, losses = [cell.count for cell in self.cells], [loss for loss, _ in alone]
        combination, bound = best_combination(counts, losses, offerings, growth)
        if combination is not None:
            return self._told_combination(combination, alone, combination.loss)
        found, excluded = best_path(problem, growth)
        if found is not None:
            return self._told(problem, found, excluded)
        narrow = good_path(problem)
        combination = greedy_combination(counts, losses, offerings)
        bound = max(bound, excluded)
        if narrow.slack <= combination.loss:
            return self._told(problem, narrow, bound)
        return self._told_combination(combination, alone, bound)

    def _problem(self) -> Problem:
        choices = [self._choices(index) for index in range(len(self.cells))]
        automata = self._automata(choices)
        choices = self._with_floors(choices)
        return Problem(tuple(choices[index] for index in self.places), automata, self._unused())

    def _total(self) -> int:
        return sum(self.potentials[index] for index in self.places) + self._unused()

    def _told(self, problem: Problem, found: Found, excluded: int) -> Solution:
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
        return self._solution(found.slack, excluded, units, applications)

    def _solution(
        self,
        slack: int,
        excluded: int,
        units: Sequence[tuple[int, Option]],
        applications: Sequence[Application],
    ) -> Solution:
        """`slack` is what the combination loses, `excluded` what every other one loses at least."""
        total, scale = self._total() // _TIES, self.scale // _TIES
        value = Fraction(total - slack // _TIES, scale)
        bound = Fraction(total - min(slack, excluded) // _TIES, scale)
        if not self.couplings.exact:
            bound = self._everything()
        proven = bound == value
        return Solution(value, bound, proven, tuple(units), tuple(applications))

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

    # Bundles of any size: whole applications.

    def _only_bundles(self) -> bool:
        """Whether bundles are all that couples, one to a unit."""
        return len(self.couplings.bundles) == len(self.couplings.makes) and all(
            sum(part.bundle is not None for part in draft.option.parts) <= 1
            for found in self.drafts
            for draft in found
        )

    def _told_combination(
        self, found: Combination, alone: Sequence[tuple[int, int]], excluded: int
    ) -> Solution:
        left: dict[int, list[int]] = {index: [] for index in range(len(self.cells))}
        for unit, index in enumerate(self.places):
            left[index].append(unit)
        drafts = [alone[index][1] for index in self.places]
        applications = []
        for one in found.applications:
            members = []
            for side in one.sides:
                unit = left[side.cell].pop(0)
                drafts[unit] = side.draft
                members.append((unit, side.slot))
            contender = self.couplings.bundles[one.bundle][1]
            applications.append(Application(contender, tuple(members)))
        units = tuple(
            (index, self.drafts[index][number].option)
            for index, number in zip(self.places, drafts, strict=True)
        )
        return self._solution(found.loss, excluded, units, applications)

    def _alone(self, index: int) -> tuple[int, int]:
        """What a unit of the cell loses when no bundle takes it, and its draft."""
        return min(
            (self._loss(index, draft), number)
            for number, draft in enumerate(self.drafts[index])
            if all(part.bundle is None for part in draft.option.parts)
        )

    def _loss(self, index: int, draft: Draft) -> int:
        return self.potentials[index] - self._whole(draft.value) + self._tie(draft)

    def _offering(self, place: int) -> Offering:
        rule, contender = self.couplings.bundles[place]
        composed = place in self.couplings.composed
        cheapest = 0 if composed or rule.cheapest is None else rule.count
        slots = range(len(rule.needs))
        paid: list[dict[int, tuple[int, int]]] = [{} for _ in slots]
        free: list[dict[int, tuple[int, int]]] = [{} for _ in slots]
        flags: dict[int, tuple[bool, ...]] = {}
        for index, found in enumerate(self.drafts):
            for number, draft in enumerate(found):
                for part in draft.option.parts:
                    if part.bundle == place:
                        move = next(m for at, m in part.moves if at == place)
                        flags[index] = move.flags
                        losses = free if move.free else paid
                        entry = (self._loss(index, draft), number)
                        losses[part.slot][index] = min(entry, losses[part.slot].get(index, entry))
        return Offering(
            bundle=place,
            needs=rule.needs,
            cheapest=cheapest,
            conditions=rule.conditions,
            flags=flags,
            paid=tuple(paid),
            free=tuple(free),
            uses=contender.discount.header.max_uses_per_order,
            use_price=self.uses.get(place, 0),
            floors=self.floors[place],
            exact_loss=partial(self._exact_loss, rule, contender) if composed else None,
        )

    def _exact_loss(self, rule: Bundle, contender: Contender, sides: Sequence[Side]) -> int:
        drafts = [self.drafts[side.cell][side.draft] for side in sides]
        members = [
            (side.slot, self.cells[side.cell], draft.option)
            for side, draft in zip(sides, drafts, strict=True)
        ]
        worth = self._whole(composition_worth(rule, contender, members, self.rules))
        ties = sum(self._tie(draft) for draft in drafts)
        return sum(self.potentials[side.cell] for side in sides) - worth + ties

    def _unused(self) -> int:
        """What all limited uses are priced at."""
        return sum(
            price * (self.couplings.bundles[place][1].discount.header.max_uses_per_order or 0)
            for place, price in self.uses.items()
        )

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

    # Prices of units, under which no application is worth more than its units.

    def _set_prices(self) -> None:
        """The potential of each cell's units, and of each use that is limited."""
        makes = self.couplings.makes
        bare = {
            place: make(SlotLosses(0, {})) if make is not None else self._bare(place)
            for place, make in enumerate(makes)
            if make is not None or place in self.couplings.composed
        }
        takers = {
            place: Taker(automaton, {}, getattr(automaton, "uses", None))
            for place, automaton in bare.items()
            if isinstance(automaton, Fills | Cheapest | Composed | Tiers)
        }
        brings: dict[int, dict[Any, dict[int, dict[int, int]]]] = {place: {} for place in takers}
        singles = []
        for index, found in enumerate(self.drafts):
            singles.append(self._brought(index, found, brings))
        filled = {
            place: Taker(taker.automaton, brings[place], taker.uses)
            for place, taker in takers.items()
        }
        counts = [cell.count for cell in self.cells]
        prices = unit_prices(counts, singles, filled)
        self.potentials = [price * _FINE for price in prices.units]
        self.uses = {place: price * _FINE for place, price in prices.uses.items()}

    def _bare(self, place: int) -> Composed:
        """A composed bundle for its needs only."""
        rule, contender = self.couplings.bundles[place]
        uses = contender.discount.header.max_uses_per_order
        nothing = SlotLosses(0, {})
        return Composed(rule.needs, rule.conditions, uses, nothing, lambda _: 0, lambda _: 0)

    def _brought(self, index: int, found: Sequence[Draft], brings: Any) -> int:
        """What a unit of the cell brings by itself; what it brings to others goes into `brings`."""
        single = 0
        for draft in found:
            value = -(-self._whole(draft.value) // _FINE)
            moves = [m for part in draft.option.parts for m in part.moves if m[0] in brings]
            if not moves:
                single = max(single, value)
            for place, move in moves:
                key = (move[0], getattr(move, "free", False))
                values = brings[place].setdefault(key, {}).setdefault(index, {})
                values[len(moves)] = max(value, values.get(len(moves), value))
        return single

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
                automata.append(self._priced(place, self._composed(place, choices)))
            else:
                assert make is not None
                automata.append(self._priced(place, make(self._losses(place, choices))))
        return tuple(automata)

    def _priced(self, place: int, automaton: Automaton) -> Automaton:
        if isinstance(automaton, Fills | Cheapest | Composed):
            automaton.use_price = self.uses.get(place, 0)
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

    def _with_floors(self, choices: Sequence[tuple[Choice, ...]]) -> list[tuple[Choice, ...]]:
        """The choices with what every combination that has them loses at least."""
        floors = {place: self._floors(place, choices) for place in self.couplings.bundles}
        self.floors = floors
        return [
            tuple(
                msgspec.structs.replace(
                    choice,
                    floor=max(
                        (
                            floors[at].get((move.slot, move.free, index), choice.loss)
                            for at, move in choice.moves
                            if at in floors
                        ),
                        default=choice.loss,
                    ),
                )
                for choice in found
            )
            for index, found in enumerate(choices)
        ]

    def _floors(self, place: int, choices: Sequence[tuple[Choice, ...]]) -> dict[Any, int]:
        rule, _ = self.couplings.bundles[place]
        groups = len(rule.needs)
        by_slot: list[dict[int, int]] = [{} for _ in range(2 * groups)]
        for index, found in enumerate(choices):
            for slot, loss in self._cell_losses(place, found).items():
                by_slot[slot][index] = loss
        counts = [cell.count for cell in self.cells]
        price = self.uses.get(place, 0)
        if rule.cheapest is None or place in self.couplings.composed:
            return fill_floors(rule.needs, by_slot[:groups], counts, price)
        return cheapest_floors(
            rule.needs, rule.count, by_slot[:groups], by_slot[groups:], counts, price
        )

    def _cell_losses(self, place: int, choices: Sequence[Choice]) -> dict[int, int]:
        """A choice that moves several of those that take units together is divided between them."""
        found: dict[int, int] = {}
        for choice in choices:
            takers = [(at, move) for at, move in choice.moves if isinstance(move, tuple)]
            for at, move in takers:
                if at == place:
                    slot = move[0]
                    if isinstance(move, Slot) and move.free:
                        slot += len(self.couplings.bundles[place][0].needs)
                    loss = choice.loss // len(takers)
                    found[slot] = min(loss, found.get(slot, loss))
        return found


def _common(scale: int, value: Exact) -> int:
    denominator = 1 if isinstance(value, int) else value.denominator
    return scale * denominator // gcd(scale, denominator)
