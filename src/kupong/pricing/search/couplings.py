"""Which discounts tie units together, and what each of them may do with one unit.

A `Couplings` stands for one cluster of cells. It hands out the parts that a discount offers a cell, and
keeps for each automaton what is needed to make it once the losses are known.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.bundles import Bundle
from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Method, Offer, gain
from kupong.pricing.picks import Rules, Step
from kupong.pricing.rules import Quantity
from kupong.pricing.search.bundles import Cheapest, Fills, Slot
from kupong.pricing.search.cells import Cell, Part
from kupong.pricing.search.counters import Counter, Slabs, Tiers
from kupong.pricing.search.losses import SlotLosses
from kupong.pricing.search.paths import Automaton

Make = Callable[[SlotLosses], Automaton]


class Couplings:
    """The automata of one cluster, by place. `budgets` holds those of caps on the amount, by discount.

    `exact` turns False when the cluster holds something that the search cannot follow to the cent.
    """

    def __init__(self, cells: Sequence[Cell], rules: Rules, *, stacking: bool) -> None:
        self.cells, self.rules, self.stacking = cells, rules, stacking
        self.makes: list[Make | None] = []
        self.bundles: dict[int, tuple[Bundle, Contender]] = {}
        self.composed: set[int] = set()
        self.exact = True
        self._places: dict[Any, int] = {}

    def parts(self, contender: Contender, cell: Cell) -> list[Part]:
        """What the discount may do with a unit of the cell, leaving it alone not counted."""
        rule = contender.discount.rule
        if isinstance(rule, Bundle):
            found = self._bundle_parts(contender, rule, cell)
        elif isinstance(rule, Quantity):
            found = self._tier_parts(contender, rule, cell)
        else:
            found = self._limited_parts(contender, cell)
        return found

    def budget(self, contender: Contender) -> int | None:
        """The place of the automaton that caps the discount's amount, made by whoever knows its parts."""
        if contender.discount.header.max_amount_per_order is None:
            return None
        inside = [cell for cell in self.cells if _meets(cell, contender)]
        if self._stacked(contender, inside):
            # What the cap leaves to the discounts after it depends on all units it is shared by.
            self.exact = False
        return self._place(("budget", contender.number), None)

    def _place(self, key: Any, make: Make | None) -> int:
        if key not in self._places:
            self._places[key] = len(self.makes)
            self.makes.append(make)
        return self._places[key]

    def _limited_parts(self, contender: Contender, cell: Cell) -> list[Part]:
        parts = []
        for offer in contender.offers:
            moves = self._order_limit(contender, cell)
            if offer.limit is not None:
                moves += self._counter(
                    ("line", contender.number, offer.line, cell.counted), offer.limit, cell
                )
            parts.append(Part(contender, moves, Step(contender, offer)))
        return parts

    def _order_limit(self, contender: Contender, cell: Cell) -> tuple[tuple[int, Any], ...]:
        cap = contender.discount.header.max_quantity_per_order
        if cap is None:
            return ()
        return self._counter(("order", contender.number), Fraction(cap), cell)

    def _counter(self, key: Any, cap: Exact, cell: Cell) -> tuple[tuple[int, Any], ...]:
        return ((self._place(key, lambda _: Counter(cap)), cell.weight),)

    # Quantity discounts: one automaton for each of their lines.

    def _tier_parts(self, contender: Contender, rule: Quantity, cell: Cell) -> list[Part]:
        parts = []
        for cover in contender.covers:
            key = ("tiers", contender.number, cover.place)
            inside = [other for other in self.cells if _covered(other, contender, cover.place)]
            if rule.interval:
                place = self._place(key, lambda _: Slabs(rule.low))
                parts += self._slab_parts(contender, rule, cell, place)
            else:
                place = self._place(key, self._tiers(rule, inside))
                available = sum(other.count * other.weight for other in inside)
                parts += [
                    self._tier_part(contender, rule, cell, place, tier)
                    for tier, low in enumerate(rule.low)
                    if low <= available
                ]
        return parts

    def _tiers(self, rule: Quantity, inside: Sequence[Cell]) -> Make:
        high: list[Exact | None] = []
        for tier, offer in enumerate(rule.offers):
            better = rule.offers[tier + 1 :]
            rises = all(
                gain(offer, cell.amounts, self.rules.on_original)
                <= gain(higher, cell.amounts, self.rules.on_original)
                for higher in better[:1]
                for cell in inside
            )
            high.append(None if rises or not better else rule.low[tier + 1])
        return lambda losses: Tiers(rule.low, high, losses)

    def _tier_part(
        self, contender: Contender, rule: Quantity, cell: Cell, place: int, tier: int
    ) -> Part:
        move = (place, (tier, cell.weight))
        limits = self._order_limit(contender, cell)
        return Part(contender, (move, *limits), Step(contender, rule.offers[tier]))

    def _slab_parts(
        self, contender: Contender, rule: Quantity, cell: Cell, place: int
    ) -> list[Part]:
        if cell.weight != 1:
            return []
        limits = self._order_limit(contender, cell)
        parts = [Part(contender, ((place, -1),))] if rule.low[0] > 1 else []
        for tier, offer in enumerate(rule.offers):
            parts.append(Part(contender, ((place, tier), *limits), Step(contender, offer)))
        return parts

    # Bundles: one automaton each, of the form that its benefit needs.

    def _bundle_parts(self, contender: Contender, rule: Bundle, cell: Cell) -> list[Part]:
        if cell.weight != 1:
            return []
        place = self._place(("bundle", contender.number), None)
        if place in self.bundles:
            rule = self.bundles[place][0]
        else:
            rule = self._with_groups_together(contender, rule)
            self.bundles[place] = (rule, contender)
            if self._needs_composition(contender, rule):
                self.composed.add(place)
            else:
                self.makes[place] = self._fills(contender, rule)
        covered = {cover.place for cover in contender.covers}
        flags = tuple(must in covered for must in rule.mandatory)
        parts: list[Part] = []
        for slot, group in enumerate(rule.groups):
            if group in covered:
                parts += self._slot_parts(contender, rule, cell, place, slot, flags)
        return parts

    def _with_groups_together(self, contender: Contender, rule: Bundle) -> Bundle:
        """Groups that every unit here fits alike are one group of so many more units."""
        if len(rule.groups) == 1 or rule.prices is not None or len(set(rule.each or ())) > 1:
            return rule
        fitting = {
            group: [cell.order for cell in self.cells if _covered(cell, contender, group)]
            for group in rule.groups
        }
        first: dict[tuple[int, ...], int] = {}
        needs: dict[int, int] = {}
        for group, need in zip(rule.groups, rule.needs, strict=True):
            kept = first.setdefault(tuple(fitting[group]), group)
            needs[kept] = needs.get(kept, 0) + need
        each = None if rule.each is None else rule.each[: len(needs)]
        return msgspec.structs.replace(
            rule, groups=tuple(needs), needs=tuple(needs.values()), each=each
        )

    def _slot_parts(
        self,
        contender: Contender,
        rule: Bundle,
        cell: Cell,
        place: int,
        slot: int,
        flags: tuple[bool, ...],
    ) -> list[Part]:
        composed = place in self.composed
        limits = self._order_limit(contender, cell)
        common: dict[str, Any] = {"bundle": place, "slot": slot, "composed": composed}
        plain = ((place, Slot(slot, flags)),)
        if rule.cheapest is not None:
            spread = self.rules.spread_cheapest
            idle = Part(contender, plain, spread=spread, **common)
            if cell.blocked:
                return [idle]
            step = Step(contender, rule.cheapest)
            free = ((place, Slot(slot, flags, free=not composed)), *limits)
            taking = Part(contender, free, step, spread=spread, **common)
            return [taking] if composed else [idle, taking]
        price = rule.deal if rule.prices is None else rule.prices[slot]
        if price is None and rule.amount is None:
            assert rule.each is not None
            own = None if cell.blocked else Step(contender, Offer(Method.PERCENT, rule.each[slot]))
            # Beside a group with a price the whole application shares out what it gives.
            spread = rule.prices is not None
            return [Part(contender, (*plain, *limits), own, spread=spread, **common)]
        if rule.amount is not None:
            constant, takes_all = Fraction(rule.amount, rule.size), False
        else:
            size = rule.size if rule.prices is None else rule.needs[slot]
            constant, takes_all = -Fraction(price or 0, size), True
        return [
            Part(
                contender,
                (*plain, *limits),
                constant=constant,
                takes_all=takes_all,
                spread=True,
                **common,
            )
        ]

    def _fills(self, contender: Contender, rule: Bundle) -> Make:
        uses = contender.discount.header.max_uses_per_order
        if rule.cheapest is None:
            condition = rule.conditions[0] if rule.conditions else 0
            return lambda losses: Fills(rule.needs, condition, uses, losses)
        return lambda losses: Cheapest(rule.needs, rule.conditions, rule.count, uses, losses)

    def _needs_composition(self, contender: Contender, rule: Bundle) -> bool:
        """Whether what an application gives depends on which units are in it."""
        inside = [cell for cell in self.cells if _meets(cell, contender)]
        if len(rule.conditions) > 1 or (rule.conditions and len(rule.needs) > 1):
            return rule.cheapest is None
        blocked = any(cell.blocked for cell in inside)
        if rule.cheapest is not None:
            return blocked or (self.rules.spread_cheapest and self._stacked(contender, inside))
        if rule.deal is None and rule.amount is None and rule.prices is None:
            return False
        moved = self.rules.on_original and any(cell.running != cell.original for cell in inside)
        return blocked or moved or self._stacked(contender, inside) or self._clamps(rule, contender)

    def _stacked(self, contender: Contender, inside: Sequence[Cell]) -> bool:
        return (
            self.stacking
            and contender.compounded
            and any(
                other.compounded and other.number != contender.number
                for cell in inside
                for other in cell.contenders
            )
        )

    def _clamps(self, rule: Bundle, contender: Contender) -> bool:
        """Whether cheap units could stop the amount, or a group's price, at zero."""
        if rule.amount is not None:
            return self._least(contender, None, rule.size) < rule.amount
        if rule.prices is None:
            return False
        return any(
            price is not None
            and self._least(contender, rule.groups[slot], rule.needs[slot]) < price
            for slot, price in enumerate(rule.prices)
        )

    def _least(self, contender: Contender, group: int | None, units: int) -> Exact:
        total: Exact = 0
        for cell in sorted(self.cells, key=lambda cell: cell.running):
            met = [other for other in cell.contenders if other.number == contender.number]
            if met and cell.weight == 1 and (group is None or _covers(met[0], group)):
                taken = min(units, cell.count)
                total += taken * cell.running
                units -= taken
        return total


def _meets(cell: Cell, contender: Contender) -> bool:
    return any(other.number == contender.number for other in cell.contenders)


def _covered(cell: Cell, contender: Contender, place: int) -> bool:
    return any(
        other.number == contender.number and _covers(other, place) for other in cell.contenders
    )


def _covers(contender: Contender, place: int) -> bool:
    return any(cover.place == place for cover in contender.covers)
