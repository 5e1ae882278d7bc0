"""A cluster as the search sees it: the ways to treat a unit of each cell in whole numbers, automata, and prices."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd
from typing import Any

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.picks import Rules
from kupong.pricing.search.bundles import Cheapest, Composed, Fills, Slot
from kupong.pricing.search.cells import Cell
from kupong.pricing.search.counters import Budget, Tiers
from kupong.pricing.search.couplings import Couplings
from kupong.pricing.search.drafts import Draft, Free, drafts
from kupong.pricing.search.floors import cheapest_floors, fill_floors
from kupong.pricing.search.losses import SlotLosses
from kupong.pricing.search.paths import Automaton, Choice, Problem
from kupong.pricing.search.prices import Taker, unit_prices
from kupong.pricing.search.worth import composition_worth

# Among combinations worth the same: fewer counted uses, then fewer discounts. Ties never outweigh money.
TIES = 1 << 32
_LIMITED = 1 << 12
_FINE = 1 << 22  # prices are whole numbers of this
_GRAIN = 10**6  # composed worth is compared to a millionth of a minor unit


class Model:
    """`places` holds the cell of each unit, `drafts` per cell the ways to treat a unit.

    `scale` makes money whole; `potentials` per cell and `uses` per bundle are the prices, once they are set.
    """

    def __init__(
        self, cells: Sequence[Cell], rules: Rules, best_free: Free, stacking: bool
    ) -> None:
        self.cells, self.rules = cells, rules
        self.couplings = Couplings(cells, rules, stacking=stacking)
        self.drafts = [drafts(cell, self.couplings, best_free) for cell in cells]
        self.budgets = self._budgets()
        self.scale = self._scale() * TIES
        self.places = [index for index, cell in enumerate(cells) for _ in range(cell.count)]
        self.potentials: list[int] = []
        self.uses: Mapping[int, int] = {}
        self.floors: Mapping[int, Mapping[Any, int]] = {}

    def problem(self) -> Problem:
        choices = [self._choices(index) for index in range(len(self.cells))]
        automata = self._automata(choices)
        choices = self._with_floors(choices)
        return Problem(tuple(choices[index] for index in self.places), automata, self.unused())

    def total(self) -> int:
        return sum(self.potentials[index] for index in self.places) + self.unused()

    def unused(self) -> int:
        """What all limited uses are priced at."""
        return sum(
            price * (self.couplings.bundles[place][1].discount.header.max_uses_per_order or 0)
            for place, price in self.uses.items()
        )

    def everything(self) -> Fraction:
        """The price of all units: nothing can give more."""
        return Fraction(sum(cell.running * cell.weight * cell.count for cell in self.cells))

    def only_bundles(self) -> bool:
        """Whether bundles are all that couples, one to a unit."""
        return len(self.couplings.bundles) == len(self.couplings.makes) and all(
            sum(part.bundle is not None for part in draft.option.parts) <= 1
            for found in self.drafts
            for draft in found
        )

    def tie(self, draft: Draft) -> int:
        """What comes second after money; with a cap on an amount, everything it covers takes part in it."""
        numbers = draft.option.numbers
        outside = bool(self.budgets) and not any(name in self.budgets for name in numbers)
        taken = sum(name not in self.budgets for name in numbers)
        return 2 * taken + outside + _LIMITED * sum(name in self.rules.limited for name in numbers)

    def loss(self, index: int, draft: Draft) -> int:
        return self.potentials[index] - self.whole(draft.value) + self.tie(draft)

    def alone(self, index: int) -> tuple[int, int]:
        """What a unit of the cell loses when no bundle takes it, and its draft."""
        return min(
            (self.loss(index, draft), number)
            for number, draft in enumerate(self.drafts[index])
            if all(part.bundle is None for part in draft.option.parts)
        )

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

    def whole(self, value: Exact) -> int:
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

    def set_prices(self) -> None:
        """The potential of each cell's units, and of each use that is limited."""
        bare = dict(enumerate(self.plain_automata()))
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

    def plain_automata(self) -> list[Automaton]:
        """Automata that know which units go together, and nothing of what that is worth."""
        automata: list[Automaton] = []
        for place, make in enumerate(self.couplings.makes):
            if make is not None:
                automata.append(make(SlotLosses(0, {})))
            elif place in self.couplings.composed:
                automata.append(self._bare(place))
            else:
                automata.append(Budget(0, waits=True))
        return automata

    def plain_moves(self, index: int, draft: Draft) -> tuple[tuple[int, Any], ...]:
        """What the draft asks of the automata; a cap on an amount asks nothing here."""
        number = self.drafts[index].index(draft)
        return tuple(
            move
            for part in draft.option.parts
            for move in self._moves(part.moves, part, index, number)
        )

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
            value = -(-self.whole(draft.value) // _FINE)
            moves = [m for part in draft.option.parts for m in part.moves if m[0] in brings]
            if not moves:
                single = max(single, value)
            for place, move in moves:
                key = (move[0], getattr(move, "free", False))
                values = brings[place].setdefault(key, {}).setdefault(index, {})
                values[len(moves)] = max(value, values.get(len(moves), value))
        return single

    def _choices(self, index: int) -> tuple[Choice, ...]:
        best: dict[Any, Choice] = {}
        for number, draft in enumerate(self.drafts[index]):
            moves = tuple(
                move
                for part in draft.option.parts
                for move in self._moves(part.moves, part, index, number)
            )
            moves += self._capped(draft)
            loss = self.potentials[index] - self.whole(draft.value) + self.tie(draft)
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
            (self.budgets[number], self.whole(gained))
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
        step = self.rules.step
        return Budget((cap - cap % step) * self.scale, waits=min(parts, default=0) < 0)

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
            return self.whole(composition_worth(rule, contender, found, self.rules))

        def promised(member: Slot) -> int:
            index, number = member.key
            return self.whole(self.drafts[index][number].value)

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
        self.floors = {place: self._floors(place, choices) for place in self.couplings.bundles}
        return [
            tuple(
                msgspec.structs.replace(choice, floor=self._floor(index, choice))
                for choice in found
            )
            for index, found in enumerate(choices)
        ]

    def _floor(self, index: int, choice: Choice) -> int:
        """Units that are taken together may make good what one of them loses, so only bundles have floors."""
        if not any(isinstance(move, tuple) for _, move in choice.moves):
            return choice.loss
        return max(
            (
                self.floors[at].get((move.slot, move.free, index), 0)
                for at, move in choice.moves
                if at in self.floors
            ),
            default=0,
        )

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
