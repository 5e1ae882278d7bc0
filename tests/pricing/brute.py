"""A second opinion on the search: every assignment of units to discounts is tried, with no cleverness.

It shares no code with the engine. Nothing is rounded. Where several ways are worth the same, or differ by
less than `near`, it follows all of them, so it gives every outcome that is right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from kupong.pricing.discounts import CompoundOn, Concurrency, Discount, Settings
from tests.pricing import worth
from tests.pricing.worth import Money, Part, Unit, Way

Mark = tuple[int, str]  # The priority and the mode under which a unit was held.


@dataclass(frozen=True)
class Piece:
    """A unit on its way through the stages."""

    unit: Unit
    marks: frozenset[Mark] = frozenset()


State = tuple[Piece, ...]
Counts = tuple[int, ...]  # How many units of every sort.
Held = tuple[Money, str | None]  # What a unit gets, and the mode of what holds it.
Placed = dict[int, Held]
Outcome = tuple[Held, ...]
Table = dict[Counts, tuple[Money, list[Placed]]]


@dataclass(frozen=True)
class Stage:
    """One search: the discounts that take part, over the pieces at `places`, and how they meet."""

    discounts: tuple[Discount, ...]
    state: State
    places: tuple[int, ...]
    settings: Settings
    stacking: bool
    near: Money = 0
    thorough: bool = False

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        return tuple(self.state[place].unit for place in self.places)

    @cached_property
    def sorts(self) -> dict[Piece, list[int]]:
        """Pieces that are alike: which of them is held means nothing."""
        alike: dict[Piece, list[int]] = {}
        for at, place in enumerate(self.places):
            alike.setdefault(self.state[place], []).append(at)
        return alike

    @cached_property
    def full(self) -> Counts:
        return tuple(map(len, self.sorts.values()))

    @cached_property
    def none(self) -> Counts:
        return (0,) * len(self.full)

    @property
    def on_original(self) -> bool:
        return self.settings.compound_on is CompoundOn.ORIGINAL_PRICE


Outcome = tuple[
    tuple[Money, ...], tuple[str | None, ...]
]  # Gains, and the mode that holds, per unit.


def outcomes(
    state: State,
    discounts: Sequence[Discount],
    settings: Settings,
    *,
    near: Money = 0,
    thorough: bool = False,
) -> set[State]:
    """Every right state of the units after all stages but the thresholds."""
    states = {state}
    for priority in sorted({d.priority for d in discounts}, reverse=True):
        here = [d for d in discounts if d.priority == priority]
        for exclusive, leftover in product((True, False), (False, True)):
            chosen = tuple(
                d
                for d in here
                if (d.mode == "exclusive") == exclusive and favors_retailer(d) == leftover
            )
            if chosen and leftover:
                states = {a for s in states for a in leftovers(s, chosen, settings, priority)}
            elif chosen:
                states = {
                    canonical(a)
                    for s in states
                    for a in searched(
                        s, chosen, settings, priority, exclusive, near=near, thorough=thorough
                    )
                }
    return states


def favors_retailer(discount: Discount) -> bool:
    least = discount.params.get("least_expensive") if discount.kind == "mix_and_match" else None
    return bool(least) and least.get("favor") == "retailer"


def canonical(state: State) -> State:
    """Units of one item are alike: their order means nothing."""
    return tuple(
        sorted(
            state,
            key=lambda piece: (
                piece.unit.product,
                piece.unit.original,
                piece.unit.price,
                sorted(piece.marks),
            ),
        )
    )


def free(state: State, settings: Settings, priority: int, *, exclusive: bool) -> tuple[int, ...]:
    """The places of the pieces that a stage of the priority may still hold."""
    across = settings.concurrency is Concurrency.ACROSS_PRIORITIES
    found = []
    for place, piece in enumerate(state):
        if across and not exclusive:
            open_ = all(p != priority and mode != "exclusive" for p, mode in piece.marks)
        else:
            open_ = not piece.marks
        if open_ and (settings.count_non_discountable or not piece.unit.blocked):
            found.append(place)
    return tuple(found)


def searched(
    state: State,
    discounts: tuple[Discount, ...],
    settings: Settings,
    priority: int,
    exclusive: bool,
    *,
    near: Money = 0,
    thorough: bool = False,
) -> Iterator[State]:
    """The states after the best combinations of one search."""
    places = free(state, settings, priority, exclusive=exclusive)
    across = settings.concurrency is Concurrency.ACROSS_PRIORITIES
    stage = Stage(discounts, state, places, settings, not across and not exclusive, near, thorough)
    for outcome in best(stage)[1]:
        yield moved(state, places, outcome, priority)


def moved(state: State, places: Sequence[int], outcome: Outcome, priority: int) -> State:
    pieces = list(state)
    for place, (gain, mode) in zip(places, outcome, strict=True):
        if mode is not None:
            piece = pieces[place]
            unit = worth.after((piece.unit,), (gain,))[0]
            pieces[place] = Piece(unit, piece.marks | {(priority, mode)})
    return tuple(pieces)


def best(stage: Stage) -> tuple[Money, set[Outcome]]:
    """The largest total of a stage, and every outcome that reaches it within `near`."""
    stacks = [d for d in stage.discounts if stage.stacking and d.mode == "compounded"]
    alone = [d for d in stage.discounts if d not in stacks]
    totals = partition(stage, alone)
    found: list[tuple[Money, Outcome]] = []
    top: Money = 0
    for kept in counts_up_to(stage.full) if stacks else [stage.none]:
        rest = minus(stage.full, kept)
        beside = max(totals[-1][held] for held in counts_up_to(rest) if held in totals[-1])
        for gains, touched in stack_outcomes(stage, stacks, kept):
            value = sum(gains) + beside
            if value + stage.near < top:
                continue
            top = max(top, value)
            mine = {
                p: (gains[p], "compounded" if touched[p] else None)
                for p in first_places(stage, kept)
            }
            for held in counts_up_to(rest):
                if totals[-1].get(held, -1) + stage.near >= beside:
                    for others in retrace(stage, alone, totals, held):
                        placed = mine | shifted(stage, others, kept)
                        outcome = tuple(placed.get(p, (0, None)) for p in range(len(stage.units)))
                        found.append((sum(gain for gain, _ in outcome), outcome))
    return top, {outcome for value, outcome in found if value + stage.near >= top}


def counts_up_to(most: Counts) -> Iterator[Counts]:
    yield from product(*(range(n + 1) for n in most))


def minus(these: Counts, those: Counts) -> Counts:
    return tuple(a - b for a, b in zip(these, those, strict=True))


def plus(these: Counts, those: Counts) -> Counts:
    return tuple(a + b for a, b in zip(these, those, strict=True))


def first_places(stage: Stage, held: Counts) -> list[int]:
    """The first units of every sort, as many as are held."""
    return [place for sort, n in zip(stage.sorts.values(), held, strict=True) for place in sort[:n]]


def shifted(stage: Stage, placed: Placed, by: Counts) -> Placed:
    """The same with units that come after the first `by` of their sort."""
    moved_to = {
        place: sort[i + n]
        for sort, n in zip(stage.sorts.values(), by, strict=True)
        for i, place in enumerate(sort)
        if i + n < len(sort)
    }
    return {moved_to[place]: held for place, held in placed.items()}


def table(stage: Stage, discount: Discount) -> Table:
    """For every set of units that the discount may hold alone: the most it gives there, and how."""
    found: Table = {stage.none: (0, [{}])}
    for held in counts_up_to(stage.full):
        mine = first_places(stage, held)
        values: dict[tuple[Money, ...], Money] = {}
        for way in ways_of(stage, discount, mine) if mine else ():
            gains = tuple(worth.evaluate(way, stage.units, on_original=stage.on_original))
            if earnest(stage, discount, way):
                values[gains] = sum(gains)
        if values:
            top = max(values.values())
            right = [g for g, value in values.items() if value + stage.near >= top]
            found[held] = top, [{p: (g[p], str(discount.mode)) for p in mine} for g in right]
    return found


def ways_of(stage: Stage, discount: Discount, mine: Sequence[int]) -> Iterator[Way]:
    return worth.ways(
        discount,
        stage.units,
        mine,
        spread=stage.settings.distribute_least_expensive,
        fill=stage.settings.count_non_discountable,
    )


def earnest(stage: Stage, discount: Discount, way: Way) -> bool:
    """A unit of a simple discount, each application and a quantity discount as a whole give something."""
    each = [
        sum(worth.evaluate((part,), stage.units, on_original=stage.on_original)) > 0 for part in way
    ]
    return any(each) if discount.kind == "quantity" else all(each)


def partition(stage: Stage, alone: Sequence[Discount]) -> list[dict[Counts, Money]]:
    """The most that the first discounts give on every set of units, each unit held by one of them."""
    totals: list[dict[Counts, Money]] = [{stage.none: 0}]
    for discount in alone:
        here = table(stage, discount)
        following = dict(totals[-1])
        for before, value in totals[-1].items():
            for held in counts_up_to(minus(stage.full, before)):
                both = plus(before, held)
                if held in here and value + here[held][0] >= following.get(both, -1):
                    following[both] = value + here[held][0]
        totals.append(following)
    return totals


def retrace(
    stage: Stage, alone: Sequence[Discount], totals: list[dict[Counts, Money]], held: Counts
) -> Iterator[Placed]:
    """All ways in which the discounts together reach their total on exactly these units."""
    if not alone:
        if held == stage.none:
            yield {}
        return
    here, before = table(stage, alone[-1]), totals[len(alone) - 1]
    for last in counts_up_to(held):
        rest = minus(held, last)
        if last not in here or rest not in before:
            continue
        value, given = here[last]
        if before[rest] + value + stage.near >= totals[len(alone)][held]:
            for placed in retrace(stage, alone[:-1], totals, rest):
                for gains in given:
                    yield placed | shifted(stage, gains, rest)


def stack_outcomes(
    stage: Stage, stacks: Sequence[Discount], kept: Counts
) -> Iterator[tuple[tuple[Money, ...], tuple[bool, ...]]]:
    """What every combination of stacking discounts gives on the units in `kept`, and which it touches."""
    count, mine = len(stage.units), first_places(stage, kept)
    single = [d for d in stacks if by_unit(d)]
    joint = [d for d in stacks if not by_unit(d)]
    joint_ways = [
        [way for chosen in choices for way in (ways_of(stage, d, chosen) if chosen else [()])]
        for d, choices in ((d, holdings(stage, kept, n)) for n, d in enumerate(joint))
    ]
    menus = [unit_menu(stage, single, place) for place in mine]
    for joined in product(*joint_ways):
        bundled = [part for way in joined for part in way]
        for served in product(*menus):
            parts = bundled + [part for chosen in served for part in chosen]
            if one_price(parts):
                gains = worth.evaluate(parts, stage.units, on_original=stage.on_original)
                held = {place for part in parts for place in part.places}
                yield tuple(gains), tuple(place in held for place in range(count))


def holdings(stage: Stage, kept: Counts, turn: int) -> Iterator[Sequence[int]]:
    """The sets that a discount may hold; for the first one, units of a sort are still alike."""
    if turn == 0:
        yield from (first_places(stage, held) for held in counts_up_to(kept))
    else:
        mine = first_places(stage, kept)
        yield from (c for size in range(len(mine) + 1) for c in combinations(mine, size))


def by_unit(discount: Discount) -> bool:
    """A simple discount whose units do not bother each other."""
    return (
        discount.kind == "simple"
        and discount.max_amount_per_order is None
        and discount.max_quantity_per_order is None
        and all(line.quantity_limit is None for line in discount.lines)
    )


def unit_menu(stage: Stage, single: Sequence[Discount], place: int) -> list[tuple[Part, ...]]:
    """What may stack on one unit. Unless thorough, only new prices may be left out, for another new price."""
    choices: list[list[Way]] = []
    for discount in single:
        options = list(ways_of(stage, discount, [place]))
        priced = any(part.rank == worth.PRICE for way in options for part in way)
        choices.append([(), *options] if stage.thorough or priced or not options else options)
    menu = [tuple(part for way in chosen for part in way) for chosen in product(*choices)]
    return [parts for parts in menu if one_price(parts)]


def one_price(parts: Sequence[Part]) -> bool:
    """Of several new prices only the lowest counts, so a stack holds one at most."""
    priced = [
        place
        for part in parts
        if part.rank == worth.PRICE
        for place in (part.places if part.takers is None else part.takers)
    ]
    return len(priced) == len(set(priced))


def leftovers(
    state: State, discounts: tuple[Discount, ...], settings: Settings, priority: int
) -> Iterator[State]:
    """Bundles in favour of the retailer: as many as there can be, worth as little as they can be."""
    if not discounts:
        yield state
        return
    first = min(discounts, key=lambda d: d.number)
    rest = tuple(d for d in discounts if d is not first)
    places = free(state, settings, priority, exclusive=first.mode == "exclusive")
    stage = Stage((first,), state, places, settings, stacking=False)
    found: list[tuple[int, Money, Outcome]] = []
    for held in counts_up_to(stage.full):
        mine = first_places(stage, held)
        for way in ways_of(stage, first, mine):
            gains = worth.evaluate(way, stage.units, on_original=stage.on_original)
            outcome = tuple((g, first.mode if p in mine else None) for p, g in enumerate(gains))
            found.append((-len(mine), sum(gains), outcome))
    least = min(entry[:2] for entry in found)
    for outcome in {entry[2] for entry in found if entry[:2] == least}:
        yield from leftovers(moved(state, places, outcome, priority), rest, settings, priority)
