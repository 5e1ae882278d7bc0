"""One round of a stage: discounts of one priority and one standing meet the lots that are open to them.

Lots that no discount ties to others are settled each by itself; the others form clusters, which the search
solves exactly. Of combinations worth the same, the one that spends the fewest limited uses is taken.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.applying import Piece, Use, apply
from kupong.pricing.candidates import Contender
from kupong.pricing.groups import ItemGroup
from kupong.pricing.lots import Lot, split
from kupong.pricing.picks import Pick, Rules
from kupong.pricing.rules import plain
from kupong.pricing.search.cells import Cell, Option, Solution
from kupong.pricing.search.clusters import solve
from kupong.pricing.singles import Singles, best_single
from kupong.pricing.units import Short, without_short

Entering = Mapping[int, Sequence[Contender]]  # who meets which lot, by the lot's place


class Round(msgspec.Struct, frozen=True):
    """What a round came to: the lots after it, and the unrounded bound on what it could have given at most.

    `short` says of discounts that had too few units how many they need and have; `applied` names, per place
    of a lot before the round, who was applied to some of its units.
    """

    lots: list[Lot]
    value: Exact
    bound: Exact
    proven: bool
    short: dict[str, Short]
    applied: dict[int, set[str]]


class Field(msgspec.Struct, frozen=True):
    """What stays the same over all rounds: the item groups, the rules, and what each discount gave so far."""

    groups: Sequence[ItemGroup]
    rules: Rules
    given: dict[str, int]

    def blocked(self, group: int) -> bool:
        return self.groups[group].prevented is not None


def run_round(lots: Sequence[Lot], entering: Entering, field: Field, *, stacking: bool) -> Round:
    """The best combination of the discounts that enter, applied to the cent."""
    entering, short = without_short(lots, entering)
    components = _components(lots, entering, field, stacking, Singles(field.rules))
    found = _solved(components, entering, field.rules)
    pieces: list[Piece] = []
    uses: list[Use] = []
    applied: dict[int, set[str]] = {}
    untouched = dict(enumerate(lots))
    for component, solution in zip(components, found, strict=True):
        for place in component.places:
            del untouched[place]
        component.tell(solution, pieces, uses, applied, field.rules)
    pieces += [Piece(lot) for lot in untouched.values()]
    return Round(
        lots=apply(pieces, uses, field.blocked, field.rules, field.given),
        value=sum((solution.value for solution in found), Fraction()),
        bound=sum((_bound(solution) for solution in found), Fraction()),
        proven=all(not isinstance(solution, Solution) or solution.proven for solution in found),
        short=short,
        applied=applied,
    )


def _bound(solution: "Pick | Solution") -> Exact:
    return solution.bound if isinstance(solution, Solution) else solution.value


class _Single:
    """One lot that depends on no other."""

    def __init__(
        self, place: int, lot: Lot, contenders: Sequence[Contender], singles: Singles
    ) -> None:
        self.places = (place,)
        self.lot, self.contenders, self.singles = lot, contenders, singles
        self.met = singles.numbers(contenders)

    def choose(self, spared: frozenset[str], rules: Rules) -> Pick:
        if not spared:
            return self.singles.best(self.contenders, self.lot.amounts)
        taking = [entry for entry in self.contenders if entry.number not in spared]
        return best_single(taking, self.lot.amounts, rules)

    def tell(
        self,
        found: "Pick | Solution",
        pieces: list[Piece],
        uses: list[Use],
        applied: dict[int, set[str]],
        rules: Rules,
    ) -> None:
        assert isinstance(found, Pick)
        pieces.append(Piece(self.lot, found.steps))
        applied[self.places[0]] = set(found.numbers)


class _Cluster:
    """Lots that discounts tie together."""

    def __init__(
        self, places: Sequence[int], cells: Sequence[Cell], lots: Sequence[Lot], stacking: bool
    ) -> None:
        self.places = tuple(places)
        self.cells, self.lots, self.stacking = cells, lots, stacking
        self.met = {entry.number for cell in cells for entry in cell.contenders}

    def choose(self, spared: frozenset[str], rules: Rules) -> Solution:
        return solve(self._without(spared), rules, best_single, stacking=self.stacking)

    def _without(self, spared: frozenset[str]) -> list[Cell]:
        if spared.isdisjoint(self.met):
            return list(self.cells)
        return [
            msgspec.structs.replace(
                cell,
                contenders=tuple(e for e in cell.contenders if e.number not in spared),
            )
            for cell in self.cells
        ]

    def tell(
        self,
        found: "Pick | Solution",
        pieces: list[Piece],
        uses: list[Use],
        applied: dict[int, set[str]],
        rules: Rules,
    ) -> None:
        assert isinstance(found, Solution)
        piece_of = self._cut(found, pieces, applied, rules)
        for application in found.applications:
            members = tuple((piece_of[unit], slot) for unit, slot in application.members)
            options = [found.units[unit][1] for unit, _ in application.members]
            number = application.contender.number
            if any(option.shares_out(number) for option in options):
                uses.append(Use(application.contender, members))

    def _cut(
        self,
        found: Solution,
        pieces: list[Piece],
        applied: dict[int, set[str]],
        rules: Rules,
    ) -> dict[int, int]:
        """Every lot in pieces by how its units are treated; per unit the place of its piece.

        Units that share in what an application shares out are treated alike only in alike applications.
        """
        company = _company(found)
        ordered = sorted(self.cells, key=lambda cell: (not cell.blocked, -cell.running, cell.order))
        by_lot: dict[int, dict[object, list[int]]] = {}
        options: dict[object, Option] = {}
        for unit, (index, option) in enumerate(found.units):
            key: object = (id(option), company.get(unit))
            options[key] = option
            by_lot.setdefault(ordered[index].lot, {}).setdefault(key, []).append(unit)
        piece_of: dict[int, int] = {}
        for place, treated in by_lot.items():
            weights = [
                plain(sum(ordered[found.units[unit][0]].weight for unit in units))
                for units in treated.values()
            ]
            for lot, (key, units) in zip(
                split(self.lots[place], weights, rules.step), treated.items(), strict=True
            ):
                option = options[key]
                holders = tuple(part.contender for part in option.parts)
                applied.setdefault(place, set()).update(option.numbers)
                for unit in units:
                    piece_of[unit] = len(pieces)
                pieces.append(Piece(lot, option.steps, holders))
        return piece_of


def _company(found: Solution) -> dict[int, object]:
    """Per unit whose benefit is shared out, the units that it shares with."""
    company: dict[int, object] = {}
    for application in found.applications:
        options = [found.units[unit] for unit, _ in application.members]
        number = application.contender.number
        if any(option.shares_out(number) for _, option in options):
            sides = sorted((index, id(option)) for index, option in options)
            for unit, _ in application.members:
                company[unit] = (company.get(unit), number, tuple(sides))
    return company


Component = _Single | _Cluster


def _components(
    lots: Sequence[Lot], entering: Entering, field: Field, stacking: bool, singles: Singles
) -> list[Component]:
    """Lots that share a discount that couples them stand together."""
    parent = {place: place for place in entering}

    def root(place: int) -> int:
        while parent[place] != place:
            place = parent[place]
        return place

    first: dict[object, int] = {}
    tied = set()
    for place, contenders in entering.items():
        for contender in singles.coupling(contenders):
            tied.add(place)
            for key in _ties(contender, field.groups[lots[place].group]):
                parent[root(place)] = root(first.setdefault(key, place))
    clusters: dict[int, list[int]] = {}
    components: list[Component] = []
    for place, contenders in entering.items():
        if place in tied:
            clusters.setdefault(root(place), []).append(place)
        else:
            components.append(_Single(place, lots[place], contenders, singles))
    for places in clusters.values():
        cells = [
            cell
            for order, place in enumerate(sorted(places, key=lambda at: canonical(lots[at], field)))
            for cell in _cells(place, order, lots[place], entering, field)
        ]
        components.append(_Cluster(places, cells, lots, stacking))
    return components


def _ties(contender: Contender, group: ItemGroup) -> list[object]:
    """What the discount counts together: the whole of it, one of its lines, or one product on a line."""
    header = contender.discount.header
    rule = contender.discount.rule
    whole = header.max_amount_per_order is not None or header.max_quantity_per_order is not None
    if whole or (rule is not None and contender.discount.kind != "quantity"):
        return [contender.number]
    if rule is not None:
        return [(contender.number, cover.place) for cover in contender.covers]
    return [
        (contender.number, offer.line, group.counted)
        for offer in contender.offers
        if offer.limit is not None
    ]


def canonical(lot: Lot, field: Field) -> tuple[Any, ...]:
    """An order of lots that does not depend on the order of the cart's lines."""
    group = field.groups[lot.group]
    return (group.keys, group.unit, lot.price, [entry.number for entry in lot.held])


def _cells(place: int, order: int, lot: Lot, entering: Entering, field: Field) -> list[Cell]:
    """The lot as whole units, and the part of one that is left over."""
    whole = int(lot.quantity)
    part = lot.quantity - whole
    group = field.groups[lot.group]
    amounts = lot.amounts
    running = plain(Fraction(amounts.running) / lot.quantity)
    found = []
    for count, weight in ((whole, 1), (1 if part else 0, part)):
        if count:
            found.append(
                Cell(
                    lot=place,
                    order=order * 2 + (weight != 1),
                    count=count,
                    weight=weight,
                    running=running,
                    original=lot.price,
                    counted=group.counted,
                    blocked=group.prevented is not None,
                    contenders=tuple(entering[place]),
                )
            )
    return found


def worth_alone(met: Sequence[tuple[int, Lot, Contender]], field: Field) -> Exact:
    """What one discount would give on these lots if it were the only one."""
    ordered = sorted(met, key=lambda entry: canonical(entry[1], field))
    cells = [
        cell
        for order, (place, lot, contender) in enumerate(ordered)
        for cell in _cells(place, order, lot, {place: [contender]}, field)
    ]
    return solve(cells, field.rules, best_single, stacking=False, quick=True).value


# Of combinations that are worth the same, the one that spends the fewest limited uses.

_SUBSETS = 10  # with more dispensable coupons than this, they are left out one by one


def _solved(
    components: Sequence[Component], entering: Entering, rules: Rules
) -> list["Pick | Solution"]:
    known: dict[tuple[int, frozenset[str]], Pick | Solution] = {}

    def choose(number: int, spared: frozenset[str]) -> "Pick | Solution":
        component = components[number]
        key = (number, spared & component.met)
        if key not in known:
            known[key] = component.choose(key[1], rules)
        return known[key]

    found = [choose(number, frozenset()) for number in range(len(components))]
    met = set().union(*{id(component.met): component.met for component in components}.values())
    spared = _spared_uses(found, choose, rules.limited & met)
    return [choose(number, spared) for number in range(len(components))]


Choose = Callable[[int, frozenset[str]], "Pick | Solution"]


def _spared_uses(
    found: Sequence["Pick | Solution"], choose: Choose, limited: frozenset[str]
) -> frozenset[str]:
    """The limited discounts that can be left out, so that as few as possible are spent, at no cost."""
    used = limited.intersection(name for solution in found for name in solution.numbers)
    # A single one is never in vain: each solution already prefers what spends nothing.
    if len(used) < 2:
        return frozenset()
    needed = frozenset(
        name for name in used if not _costs_nothing(frozenset({name}), found, choose)
    )
    if needed == used:
        return frozenset()
    others = sorted(limited - needed)
    if len(others) > _SUBSETS:
        return _left_out_singly(limited - used, sorted(used - needed), found, choose)
    for size in range(len(used) - len(needed)):
        for kept in combinations(others, size):
            spared = limited - needed - {*kept}
            if _costs_nothing(spared, found, choose):
                return spared
    return frozenset()


def _left_out_singly(
    spared: frozenset[str],
    spare: Sequence[str],
    found: Sequence["Pick | Solution"],
    choose: Choose,
) -> frozenset[str]:
    """Leave out one after the other, from the back; what remains is enough, and none of it is in vain."""
    for name in reversed(spare):
        if _costs_nothing(spared | {name}, found, choose):
            spared |= {name}
    return spared


def _costs_nothing(
    spared: frozenset[str], found: Sequence["Pick | Solution"], choose: Choose
) -> bool:
    return all(
        choose(place, spared).value == solution.value
        for place, solution in enumerate(found)
        if not spared.isdisjoint(solution.numbers)
    )
