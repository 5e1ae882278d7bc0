"""What one discount may do to a handful of units: every way to hold exactly these, and what each way gives.

Written from the rules alone and shared with nothing in the engine. A unit is one piece of one product.
A way is a tuple of parts; a part turns the prices of its units into what each of them gets.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, permutations, product
from typing import Any

import msgspec

from kupong.pricing.discounts import Discount, DiscountLine
from kupong.pricing.kinds import mix_and_match, quantity

Money = int | Fraction
PRICE, AMOUNT, PERCENT = range(3)


@dataclass(frozen=True)
class Unit:
    """`price` is what it costs now, `original` before every discount; a blocked one takes no discount."""

    product: str
    original: Money
    price: Money
    master: str | None = None
    categories: tuple[str, ...] = ()
    measure: str = "ea"
    blocked: bool = False


@dataclass(frozen=True)
class Part:
    """Some units under one discount; `gains` gives, for their prices, what each of them gets."""

    discount: Discount
    rank: int
    places: tuple[int, ...]
    gains: Callable[[Sequence[Money]], Sequence[Money]]
    takers: tuple[int, ...] | None = None  # Those that it benefits, where it only holds the others.


Way = tuple[Part, ...]


def ways(
    discount: Discount,
    units: Sequence[Unit],
    held: Sequence[int],
    *,
    spread: bool = False,
    fill: bool = False,
) -> Iterator[Way]:
    """Every way in which the discount holds exactly the units at the places `held`.

    `spread`: the benefit of a least expensive goes over the whole application.
    `fill`: units that take no discount fill the slots of a mix and match.
    """
    if discount.kind == "simple":
        yield from _simple(discount, units, held)
    elif discount.kind == "quantity":
        yield from _quantity(discount, units, held)
    elif discount.kind == "mix_and_match":
        yield from _mix_and_match(discount, units, tuple(held), spread, fill)


def covers(line: DiscountLine, unit: Unit) -> bool:
    return (line.unit is None or line.unit == unit.measure) and (
        line.all_products
        or (line.product is not None and line.product == unit.product)
        or (line.master is not None and line.master == unit.master)
        or (line.category is not None and line.category in unit.categories)
    )


def covering(discount: Discount, unit: Unit, group: int | None = None) -> list[int]:
    """The places of the lines that include the unit; none when any line excludes it."""
    if any(line.exclude and covers(line, unit) for line in discount.lines):
        return []
    return [
        place
        for place, line in enumerate(discount.lines)
        if not line.exclude and line.group == group and covers(line, unit)
    ]


def each(method: int, value: Any) -> Callable[[Sequence[Money]], Sequence[Money]]:
    """A benefit per unit: a new price, an amount, or a percentage."""
    if method == PRICE:
        return lambda prices: [max(0, price - value) for price in prices]
    if method == AMOUNT:
        return lambda prices: [min(value, price) for price in prices]
    rate = Fraction(value) / 100
    return lambda prices: [price * rate for price in prices]


def benefit(source: Any) -> tuple[int, Any] | None:
    """What a line, a tier, a group or a least expensive gives: method and value."""
    for method, name in ((PRICE, "price"), (AMOUNT, "amount_off"), (PERCENT, "percent_off")):
        if getattr(source, name, None) is not None:
            return method, getattr(source, name)
    return None


def _simple(discount: Discount, units: Sequence[Unit], held: Sequence[int]) -> Iterator[Way]:
    most = discount.max_quantity_per_order
    if most is not None and len(held) > most:
        return
    menus = [() if units[place].blocked else covering(discount, units[place]) for place in held]
    for chosen in product(*menus):
        taken = Counter(
            (line, units[place].master or units[place].product)
            for line, place in zip(chosen, held, strict=True)
        )
        limits = {line: discount.lines[line].quantity_limit for line in chosen}
        if all(limits[line] is None or n <= limits[line] for (line, _), n in taken.items()):  # type: ignore[operator]
            yield tuple(
                Part(discount, given[0], (place,), each(*given))
                for line, place in zip(chosen, held, strict=True)
                if (given := benefit(discount.lines[line]))
            )


def _quantity(discount: Discount, units: Sequence[Unit], held: Sequence[int]) -> Iterator[Way]:
    params = msgspec.convert(discount.params, quantity.Params)
    most = discount.max_quantity_per_order
    if most is not None and len(held) > most:
        return
    menus = [() if units[place].blocked else covering(discount, units[place]) for place in held]
    for chosen in product(*menus):
        choices = []
        for line in sorted(set(chosen)):
            mine = [place for at, place in zip(chosen, held, strict=True) if at == line]
            choices.append(list(_slabs(params, mine, units)))
        for combined in product(*choices):
            numbered = [pair for pairs in combined for pair in pairs]
            yield tuple(
                Part(discount, given[0], (place,), each(*given))
                for place, tier in numbered
                if tier is not None and (given := benefit(tier))
            )


def _slabs(
    params: quantity.Params, mine: Sequence[int], units: Sequence[Unit]
) -> Iterator[list[tuple[int, quantity.Tier | None]]]:
    """Which unit gets which tier. With slabs, any order of the units that differ in price."""
    if not params.interval:
        tier = reached(params.tiers, len(mine))
        yield [(place, tier) for place in mine]
        return
    seen = set()
    for order in permutations(mine):
        key = tuple(units[place].price for place in order)
        if key not in seen:
            seen.add(key)
            yield [(place, reached(params.tiers, n)) for n, place in enumerate(order, start=1)]


def reached(tiers: Sequence[quantity.Tier], have: Any) -> quantity.Tier | None:
    """The tier with the largest minimum that is reached."""
    return max((tier for tier in tiers if tier.min <= have), key=lambda t: t.min, default=None)


def _mix_and_match(
    discount: Discount, units: Sequence[Unit], held: tuple[int, ...], spread: bool, fill: bool
) -> Iterator[Way]:
    params = msgspec.convert(discount.params, mix_and_match.Params)
    size = sum(group.need for group in params.groups if not group.mandatory)
    times, rest = divmod(len(held), size)
    most = discount.max_uses_per_order
    if rest or (most is not None and times > most):
        return
    yield from _applications(discount, params, size, units, held, spread, fill)


def _applications(
    discount: Discount,
    params: mix_and_match.Params,
    size: int,
    units: Sequence[Unit],
    held: tuple[int, ...],
    spread: bool,
    fill: bool,
) -> Iterator[Way]:
    if not held:
        yield ()
        return
    seen = set()
    for others in combinations(held[1:], size - 1):
        mine = (held[0], *others)
        alike = tuple(units[place] for place in mine)
        if alike in seen:  # Units that are alike make the same application.
            continue
        seen.add(alike)
        parts = list(application(discount, params, units, mine, spread, fill))
        if parts:
            left = tuple(place for place in held if place not in mine)
            for way in _applications(discount, params, size, units, left, spread, fill):
                for part in parts:
                    yield (part, *way)


def application(
    discount: Discount,
    params: mix_and_match.Params,
    units: Sequence[Unit],
    mine: tuple[int, ...],
    spread: bool,
    fill: bool,
) -> Iterator[Part]:
    """The parts that one application to exactly these units may be: one, or none, or with line spec several."""
    if any(units[place].blocked for place in mine) and not fill:
        return
    slots = [
        g for g, group in enumerate(params.groups) if not group.mandatory for _ in range(group.need)
    ]
    fits = {
        (place, g): bool(covering(discount, units[place], g))
        for place in mine
        for g in range(len(params.groups))
    }
    for g, group in enumerate(params.groups):
        if group.mandatory and sum(fits[place, g] for place in mine) < group.need:
            return
    orders = [tuple(slots)] if len(set(slots)) == 1 else set(permutations(slots))
    seatings = {
        seated
        for seated in orders
        if all(fits[place, g] for place, g in zip(mine, seated, strict=True))
    }
    open_ = tuple(not units[place].blocked for place in mine)
    for seated in sorted(seatings) if params.line_spec else sorted(seatings)[:1]:
        for chosen in _cheapest(params, [units[place] for place in mine]):
            takers = None
            if params.least_expensive is not None and not spread:
                takers = tuple(mine[place] for place in chosen)
            elif params.line_spec:
                takers = tuple(
                    place
                    for place, g in zip(mine, seated, strict=True)
                    if params.groups[g].price is not None
                )
            yield Part(
                discount, *_bundle(params, seated, open_, mine, chosen, spread), takers=takers
            )


def _cheapest(params: mix_and_match.Params, members: Sequence[Unit]) -> list[tuple[int, ...]]:
    """The choices of the cheapest units by their price when the stage begins; a tie may go either way."""
    if params.least_expensive is None:
        return [()]
    takers = [place for place, unit in enumerate(members) if not unit.blocked]
    count = min(params.least_expensive.count, len(takers))
    total = sum(sorted(members[place].price for place in takers)[:count])
    return [
        chosen
        for chosen in combinations(takers, count)
        if sum(members[place].price for place in chosen) == total
    ]


def _bundle(
    params: mix_and_match.Params,
    seated: tuple[int, ...],
    open_: tuple[bool, ...],
    mine: tuple[int, ...],
    chosen: tuple[int, ...],
    spread: bool,
) -> tuple[int, tuple[int, ...], Callable[[Sequence[Money]], Sequence[Money]]]:
    if params.deal_price is not None:
        deal = params.deal_price
        return PRICE, mine, lambda p: proportional(max(0, sum(p) - deal), p, open_)
    if params.amount_off is not None:
        amount = params.amount_off
        return AMOUNT, mine, lambda p: proportional(amount, p, open_)
    if params.percent_off is not None:
        rate = each(PERCENT, params.percent_off)
        return PERCENT, mine, lambda p: [g if o else 0 for g, o in zip(rate(p), open_, strict=True)]
    if params.least_expensive is not None:
        given = benefit(params.least_expensive)
        assert given is not None
        one = each(*given)
        return given[0], mine, lambda p: _on_chosen(p, chosen, one, open_, spread)
    specs = [group for group in params.groups if not group.mandatory]
    strongest = PRICE if any(group.price is not None for group in specs) else PERCENT
    return strongest, mine, lambda p: _line_spec(p, params, seated, open_)


def proportional(total: Money, prices: Sequence[Money], open_: Sequence[bool]) -> Sequence[Money]:
    """`total` over the units that take it, by price, never more than their price."""
    base = sum(price for price, o in zip(prices, open_, strict=True) if o)
    total = min(total, base)
    return [
        Fraction(total * price) / base if o and base else 0
        for price, o in zip(prices, open_, strict=True)
    ]


def _on_chosen(
    prices: Sequence[Money],
    chosen: Sequence[int],
    one: Callable[[Sequence[Money]], Sequence[Money]],
    open_: Sequence[bool],
    spread: bool,
) -> Sequence[Money]:
    got = dict(zip(chosen, one([prices[place] for place in chosen]), strict=True))
    if spread:
        return proportional(sum(got.values()), prices, open_)
    return [got.get(place, 0) for place in range(len(prices))]


def _line_spec(
    prices: Sequence[Money],
    params: mix_and_match.Params,
    seated: tuple[int, ...],
    open_: Sequence[bool],
) -> Sequence[Money]:
    gains: list[Money] = [0] * len(prices)
    for g in set(seated):
        mine = [place for place, at in enumerate(seated) if at == g]
        here = [prices[place] for place in mine]
        takes = [open_[place] for place in mine]
        group = params.groups[g]
        if group.price is not None:
            got = proportional(max(0, sum(here) - group.price), here, takes)
        else:
            rate = each(PERCENT, group.percent_off or Decimal(0))
            got = [gain if o else 0 for gain, o in zip(rate(here), takes, strict=True)]
        for place, gain in zip(mine, got, strict=True):
            gains[place] = gain
    return gains


def evaluate(
    parts: Sequence[Part], units: Sequence[Unit], *, on_original: bool = False
) -> list[Money]:
    """What each unit gets from all the parts together, in the order of a stack, capped per discount.

    New prices come first, then amounts, then percentages; of one method by number.
    """
    left = [unit.price for unit in units]
    got: list[Money] = [0] * len(units)
    spent: dict[str, Money] = {}
    for rank, number in sorted({(part.rank, part.discount.number) for part in parts}):
        step: list[Money] = [0] * len(units)
        here = [p for p in parts if (p.rank, p.discount.number) == (rank, number)]
        for part in here:
            base = [units[i].original if on_original else left[i] for i in part.places]
            for place, gain in zip(part.places, part.gains(base), strict=True):
                step[place] += min(gain, left[place])
        cap, total = here[0].discount.max_amount_per_order, sum(step)
        if cap is not None and spent.get(number, 0) + total > cap:
            left_of_cap = cap - spent.get(number, 0)
            step = [Fraction(gain * left_of_cap) / total for gain in step]
        spent[number] = spent.get(number, 0) + sum(step)
        for place, gain in enumerate(step):
            left[place] -= gain
            got[place] += gain
    return got


def after(units: Sequence[Unit], gains: Sequence[Money]) -> tuple[Unit, ...]:
    """The units with what they got taken off their prices."""
    return tuple(
        replace(unit, price=unit.price - gain) for unit, gain in zip(units, gains, strict=True)
    )
