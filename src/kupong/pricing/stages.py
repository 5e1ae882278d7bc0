"""The pipeline of specification 1.7: by priority exclusive, best price and compounded; thresholds; always.

Each stage changes the lots and tells `Losses` who entered it and what came of it.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations

from kupong.kernel.money import Exact
from kupong.pricing.bundles import Bundle
from kupong.pricing.candidates import Contender
from kupong.pricing.discounts import Settings
from kupong.pricing.groups import ItemGroup
from kupong.pricing.losses import Losses
from kupong.pricing.lots import Lot
from kupong.pricing.picks import Rules
from kupong.pricing.retailer import run_retailer
from kupong.pricing.rounds import Field, Round, run_round
from kupong.pricing.thresholds import ORDERS, Outcome, Turn

Met = Mapping[int, Sequence[Contender]]  # who meets which item group, by the group's place
Open = Callable[[Lot], bool]


class Pipeline:
    """Prices the goods of one sign. `slack` is how much more the stages could have given at most, if not proven."""

    def __init__(
        self,
        groups: Sequence[ItemGroup],
        lots: Sequence[Lot],
        met: Met,
        rules: Rules,
        settings: Settings,
        given: dict[str, int],
    ) -> None:
        self.lots, self.met, self.settings = list(lots), met, settings
        self.field = Field(groups, rules, given)
        self.losses = Losses(rules)
        self.slack: Exact = 0
        self.proven = True
        self._spent: set[str] = set()  # thresholds that won a place among the exclusive ones
        # Item groups that look alike share their contenders: each tuple is gone through once.
        self._distinct = list({id(found): found for found in met.values()}.values())
        self._chosen: dict[tuple[int, int, Sequence[str], bool], Sequence[Contender]] = {}

    def run(self) -> None:
        goods = [entry for found in self._distinct for entry in found if _is_goods(entry)]
        for priority in sorted({_priority(entry) for entry in goods}, reverse=True):
            self._goods_stage(priority)
        thresholds = [entry for found in self._distinct for entry in found if _is_threshold(entry)]
        for priority in sorted({_priority(entry) for entry in thresholds}, reverse=True):
            self._threshold_stage(priority)
        self._always()

    # Discounts of goods, one priority after the other.

    def _goods_stage(self, priority: int) -> None:
        across = self.field.rules.across_priorities
        exclusive = self._entering(priority, ("exclusive",), _untouched, retailer=False)
        rivals = self._rivals(priority)
        if rivals:
            self._contest(priority, rivals)
        else:
            self._round(exclusive, stacking=False)
        self._retailers(priority, ("exclusive",), _untouched)
        is_open = _not_exclusive if across else _untouched
        modes = ("best_price", "compounded")
        self._round(self._entering(priority, modes, is_open, retailer=False), stacking=not across)
        free = _free_at(priority) if across else _untouched
        self._retailers(priority, modes, free)

    def _entering(
        self, priority: int, modes: Sequence[str], is_open: Open, *, retailer: bool
    ) -> dict[int, Sequence[Contender]]:
        """Who enters, by the lot's place; those for whom the lot is closed are told so."""
        entering: dict[int, Sequence[Contender]] = {}
        for place, lot in enumerate(self.lots):
            found = self._choose(self.met.get(lot.group, ()), priority, modes, retailer)
            if found and is_open(lot):
                entering[place] = found
            elif found:
                self.losses.shut_out(found, lot)
        return entering

    def _choose(
        self, met: Sequence[Contender], priority: int, modes: Sequence[str], retailer: bool
    ) -> Sequence[Contender]:
        key = (id(met), priority, modes, retailer)
        if key not in self._chosen:
            self._chosen[key] = [
                entry
                for entry in met
                if entry.discount.header.mode in modes
                and _priority(entry) == priority
                and _is_goods(entry)
                and _is_retailer(entry) is retailer
            ]
        return self._chosen[key]

    def _round(self, entering: Mapping[int, Sequence[Contender]], *, stacking: bool) -> None:
        if entering:
            before = self.lots
            result = run_round(before, entering, self.field, stacking=stacking)
            self._accept(result)
            self.losses.round(before, entering, result, self.field, stacking=stacking)

    def _accept(self, result: Round) -> None:
        self.lots = result.lots
        self.proven = self.proven and result.proven
        self.slack += result.bound - result.value
        self._count()

    def _count(self) -> None:
        """What each discount has given so far, for caps per order."""
        counted: dict[str, int] = {}
        for lot in self.lots:
            for number, amount in lot.taken:
                counted[number] = counted.get(number, 0) + amount
        self.field.given.update(counted)

    def _retailers(self, priority: int, modes: Sequence[str], is_open: Open) -> None:
        entering = self._entering(priority, modes, is_open, retailer=True)
        for number in sorted({entry.number for found in entering.values() for entry in found}):
            entering = {
                place: [entry for entry in self.met.get(lot.group, ()) if entry.number == number]
                for place, lot in enumerate(self.lots)
                if is_open(lot)
            }
            self._retailer({place: found for place, found in entering.items() if found}, number)

    def _retailer(self, entering: Mapping[int, Sequence[Contender]], number: str) -> None:
        if entering:
            before = self.lots
            self.lots = run_retailer(before, entering, number, self.field)
            self._count()
            self.losses.retailer(before, entering, self.lots, number)

    # Exclusive thresholds that compete with the exclusive discounts of goods.

    def _rivals(self, priority: int) -> list[str]:
        if not self.settings.exclusive_thresholds_compete:
            return []
        numbers = self._thresholds(priority, ("exclusive",))
        return numbers[:ORDERS]

    def _contest(self, priority: int, rivals: Sequence[str]) -> None:
        """Every order in which the thresholds and the search may choose is tried; the largest total wins."""
        best: tuple[int, list[Lot], list[str], Round | None] | None = None
        for order in permutations([None, *rivals]):
            lots, won, result = self.lots, [], None
            for name in order:
                if name is None:
                    kept, self.lots = self.lots, lots
                    entering = self._entering_quietly(priority)
                    self.lots = kept
                    result = run_round(lots, entering, self.field, stacking=False)
                    lots = result.lots
                else:
                    outcome = self._turn(priority, [name], _only_untouched).run(lots, [[name]])
                    won += [name] if outcome.given else []
                    lots = outcome.lots
            given = sum(lot.room for lot in self.lots) - sum(lot.room for lot in lots)
            if best is None or given > best[0]:
                best = (given, list(lots), won, result)
        assert best is not None
        before = self.lots
        entering = self._entering_quietly(priority)
        _, self.lots, won, result = best
        self._spent.update(won)
        self._count()
        if result is not None:
            self.proven = self.proven and result.proven
            self.slack += result.bound - result.value
            self.losses.round(before, entering, result, self.field, stacking=False)
        self.losses.applied(won)

    def _entering_quietly(self, priority: int) -> dict[int, Sequence[Contender]]:
        """Like `_entering` for exclusive discounts, without telling those that are shut out."""
        losses, self.losses = self.losses, Losses(self.field.rules)
        entering = self._entering(priority, ("exclusive",), _untouched, retailer=False)
        self.losses = losses
        return entering

    # Thresholds.

    def _threshold_stage(self, priority: int) -> None:
        across = self.field.rules.across_priorities
        numbers = [n for n in self._thresholds(priority, ("exclusive",)) if n not in self._spent]
        self._thresholds_choose(priority, numbers, [[n] for n in numbers], _only_untouched)
        single = self._thresholds(priority, ("best_price",))
        stacked = self._thresholds(priority, ("compounded",))
        if across:
            eligible = _across(priority, self.settings.threshold_stacks_in_across_model)
            numbers = sorted([*single, *stacked])
            self._thresholds_choose(priority, numbers, [[n] for n in numbers], eligible)
        else:
            batches = [[n] for n in single] + ([stacked] if stacked else [])
            self._thresholds_choose(priority, [*single, *stacked], batches, _within(priority))

    def _thresholds(self, priority: int, modes: Sequence[str]) -> list[str]:
        return sorted(
            {
                entry.number
                for found in self._distinct
                for entry in found
                if _is_threshold(entry)
                and _priority(entry) == priority
                and entry.discount.header.mode in modes
            }
        )

    def _thresholds_choose(
        self,
        priority: int,
        numbers: Sequence[str],
        batches: Sequence[Sequence[str]],
        eligible: Callable[[Lot, Contender], bool],
    ) -> None:
        if numbers:
            turn = self._turn(priority, numbers, eligible)
            outcome = turn.run(self.lots, batches)
            self._accept_thresholds(turn, outcome)

    def _accept_thresholds(self, turn: Turn, outcome: Outcome) -> None:
        before, self.lots = self.lots, outcome.lots
        self._count()
        self.losses.thresholds(before, turn, outcome)

    def _turn(
        self, priority: int, numbers: Sequence[str], eligible: Callable[[Lot, Contender], bool]
    ) -> Turn:
        covered: dict[str, dict[int, Contender]] = {number: {} for number in numbers}
        for group, found in self.met.items():
            for entry in found:
                if entry.number in covered:
                    covered[entry.number][group] = entry
        return Turn(covered, self.field, self.settings, eligible)

    # Discounts that apply always, after everything else and to everything they cover.

    def _always(self) -> None:
        found = {e.number: e for es in self._distinct for e in es if _mode(e) == "always"}
        for number in sorted(found, key=lambda n: (found[n].discount.header.sequence, n)):
            contender = found[number]
            if contender.discount.kind == "threshold":
                turn = self._turn(0, [number], lambda *_: True)
                self._accept_thresholds(turn, turn.run(self.lots, [[number]]))
                continue
            entering = {
                place: [entry for entry in self.met.get(lot.group, ()) if entry.number == number]
                for place, lot in enumerate(self.lots)
            }
            entering = {place: entries for place, entries in entering.items() if entries}
            if _is_retailer(contender):
                self._retailer(entering, number)
            else:
                self._round(entering, stacking=False)


def _priority(contender: Contender) -> int:
    return contender.discount.header.priority


def _mode(contender: Contender) -> str:
    return contender.discount.header.mode


def _is_goods(contender: Contender) -> bool:
    return (
        contender.discount.kind in ("simple", "quantity", "mix_and_match")
        and _mode(contender) != "always"
    )


def _is_threshold(contender: Contender) -> bool:
    return contender.discount.kind == "threshold" and _mode(contender) != "always"


def _is_retailer(contender: Contender) -> bool:
    rule = contender.discount.rule
    return isinstance(rule, Bundle) and rule.retailer


# How a lot must stand.


def _untouched(lot: Lot) -> bool:
    return not lot.held


def _not_exclusive(lot: Lot) -> bool:
    return all(held.mode != "exclusive" for held in lot.held)


def _free_at(priority: int) -> Open:
    """Open to what is left of a priority: no exclusive discount on it, and none of this priority."""
    return lambda lot: _not_exclusive(lot) and all(held.priority != priority for held in lot.held)


def _only_untouched(lot: Lot, _: Contender) -> bool:
    return not lot.held


def _within(priority: int) -> Callable[[Lot, Contender], bool]:
    """Best price: nothing on the unit. Compounded: only what compounds, and no threshold of another priority."""

    def eligible(lot: Lot, contender: Contender) -> bool:
        if _mode(contender) == "best_price":
            return not lot.held
        return all(
            held.mode == "compounded" and (not held.threshold or held.priority == priority)
            for held in lot.held
        )

    return eligible


def _across(priority: int, stacks: bool) -> Callable[[Lot, Contender], bool]:
    """One winner per unit and priority, on top of the winners of other priorities (contradiction C1)."""

    def eligible(lot: Lot, _: Contender) -> bool:
        return all(
            held.mode != "exclusive"
            and (held.priority != priority or (stacks and not held.threshold))
            for held in lot.held
        )

    return eligible
