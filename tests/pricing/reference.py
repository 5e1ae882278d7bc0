"""What a cart may rightly get, unrounded: the brute force of the search, then thresholds, always and tenders.

A direct reading of the rules, with no cleverness and no code of the engine.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import msgspec

from kupong.pricing.carts import Cart
from kupong.pricing.discounts import CompoundOn, Concurrency, Discount, Settings
from kupong.pricing.kinds import tender, threshold
from tests.pricing import brute, worth
from tests.pricing.brute import Piece, State
from tests.pricing.worth import Money, Unit

SEARCHED = ("simple", "quantity", "mix_and_match")


def right_discounts(
    cart: Cart, discounts: Sequence[Discount], settings: Settings, *, near: Money = 0
) -> set[Money]:
    """Every total discount, in minor units and unrounded, that is right for a cart of whole quantities."""
    sold, returned = pieces(cart)
    totals: set[Money] = {0}
    for state, sign in ((sold, 1), (returned, -1)):
        given = {taken(state, end) for end in ends(state, discounts, settings, near=near)}
        totals = {total + sign * one for total in totals for one in given}
    return totals


def pieces(cart: Cart) -> tuple[State, State]:
    """The units sold and the units returned, netted per product, price and unit of measure."""
    net: dict[Unit, int] = {}
    for line in cart.lines:
        unit = Unit(
            product=line.product,
            original=line.price,
            price=line.price,
            master=line.master,
            categories=line.categories,
            measure=line.unit,
            blocked=line.prevent_discounts or line.prevent_retail_discounts,
        )
        net[unit] = net.get(unit, 0) + int(line.quantity)
    sold = [Piece(unit) for unit, n in net.items() for _ in range(n)]
    returned = [Piece(unit) for unit, n in net.items() for _ in range(-n)]
    return tuple(sold), tuple(returned)


def taken(before: State, after: State) -> Money:
    return sum(p.unit.price for p in before) - sum(p.unit.price for p in after)


def ends(
    state: State, discounts: Sequence[Discount], settings: Settings, *, near: Money = 0
) -> set[State]:
    """Every right state after the search, the thresholds and what always applies."""
    contest = [d for d in discounts if d.kind in SEARCHED and d.mode != "always"]
    tiers = [d for d in discounts if d.kind == "threshold" and d.mode != "always"]
    states = brute.outcomes(state, contest, settings, near=near)
    for priority in sorted({d.priority for d in tiers}, reverse=True):
        here = [d for d in tiers if d.priority == priority]
        for exclusive in (True, False):
            chosen = [d for d in here if (d.mode == "exclusive") == exclusive]
            states = {
                after for s in states for after in threshold_round(s, chosen, settings, priority)
            }
    always = [d for d in discounts if d.mode == "always"]
    for discount in sorted(always, key=lambda d: (d.sequence, d.number)):
        states = {applied_always(s, discount, settings) for s in states}
    return states


def threshold_round(
    state: State, discounts: Sequence[Discount], settings: Settings, priority: int
) -> set[State]:
    """One priority. Those that stack go together; of all orders in which they may come the largest counts."""
    across = settings.concurrency is Concurrency.ACROSS_PRIORITIES
    together = [d for d in discounts if d.mode == "compounded" and not across]
    options = [together] if together else []
    options += [[d] for d in discounts if d not in together]
    found = set()
    for order in permutations(options):
        after = state
        for option in order:
            after = stacked(after, option, settings, priority)
        found.add(after)
    top = max(taken(state, after) for after in found)
    return {after for after in found if taken(state, after) == top}


def stacked(
    state: State, discounts: Sequence[Discount], settings: Settings, priority: int
) -> State:
    """Thresholds that stack: each tests on the prices at the start, amounts go first, then percentages."""
    reached = []
    for discount in discounts:
        places = eligible(state, discount, settings, priority)
        base = sum(state[place].unit.price for place in places)
        tier = tier_of(discount, base + counted(state, discount, settings))
        if tier is not None and places:
            reached.append((tier.amount_off is None, discount.number, discount, tier, places))
    after = state
    for *_, discount, tier, places in sorted(reached, key=lambda entry: entry[:2]):
        mark = (priority, f"threshold {discount.mode}")
        after = lowered(after, tier, places, mark, settings, discount.max_amount_per_order)
    return after


def tier_of(discount: Discount, total: Money) -> threshold.Tier | None:
    params = msgspec.convert(discount.params, threshold.Params)
    return max(
        (tier for tier in params.tiers if tier.from_ <= total), key=lambda t: t.from_, default=None
    )


def eligible(
    state: State, discount: Discount, settings: Settings, priority: int
) -> tuple[int, ...]:
    """The units that count in full and receive."""
    return tuple(
        place
        for place, piece in enumerate(state)
        if not piece.unit.blocked
        and worth.covering(discount, piece.unit)
        and open_to(piece, discount, settings, priority)
    )


def open_to(piece: Piece, discount: Discount, settings: Settings, priority: int) -> bool:
    if discount.mode == "exclusive":
        return not piece.marks
    if settings.concurrency is Concurrency.WITHIN_PRIORITY:
        if discount.mode == "best_price":
            return not piece.marks
        return all(mode == "compounded" for _, mode in piece.marks)
    for at, mode in piece.marks:
        if "exclusive" in mode or (at == priority and "threshold" in mode):
            return False
        if at == priority and not settings.threshold_stacks_in_across_model:
            return False
    return True


def counted(state: State, discount: Discount, settings: Settings) -> Money:
    """With the switch, units that take nothing more count at the price that is paid for them."""
    if not settings.count_non_discountable:
        return 0
    return sum(
        piece.unit.price
        for piece in state
        if worth.covering(discount, piece.unit)
        and (piece.unit.blocked or any(m in ("exclusive", "best_price") for _, m in piece.marks))
    )


def lowered(
    state: State,
    tier: threshold.Tier,
    places: Sequence[int],
    mark: tuple[int, str],
    settings: Settings,
    cap: int | None,
) -> State:
    on_original = settings.compound_on is CompoundOn.ORIGINAL_PRICE
    units = [state[place].unit for place in places]
    if tier.amount_off is not None:
        base = [unit.price for unit in units]
        gains = worth.proportional(tier.amount_off, base, [True] * len(base))
    else:
        base = [unit.original if on_original else unit.price for unit in units]
        gains = worth.each(worth.PERCENT, tier.percent_off)(base)
    gains = [min(gain, unit.price) for gain, unit in zip(gains, units, strict=True)]
    total = sum(gains)
    if cap is not None and total > cap:
        gains = [Fraction(gain * cap) / total for gain in gains]
    pieces = list(state)
    for place, gain in zip(places, gains, strict=True):
        unit = state[place].unit
        pieces[place] = Piece(replace(unit, price=unit.price - gain), state[place].marks | {mark})
    return tuple(pieces)


def applied_always(state: State, discount: Discount, settings: Settings) -> State:
    """On every unit it covers, whatever holds it."""
    places = [
        place
        for place, piece in enumerate(state)
        if not piece.unit.blocked and worth.covering(discount, piece.unit)
    ]
    mark = (discount.sequence, "always")
    if discount.kind == "threshold":
        tier = tier_of(discount, sum(state[place].unit.price for place in places))
        cap = discount.max_amount_per_order
        return lowered(state, tier, places, mark, settings, cap) if tier and places else state
    units = [piece.unit for piece in state]
    on_original = settings.compound_on is CompoundOn.ORIGINAL_PRICE
    found = [
        worth.evaluate(way, units, on_original=on_original)
        for way in worth.ways(discount, units, places)
    ]
    gains = max(found, key=sum, default=[0] * len(state))
    return tuple(
        replace(piece, unit=unit)
        for piece, unit in zip(state, worth.after(units, gains), strict=True)
    )


def tender_discount(net: Fraction, discount: Discount, paid: int) -> Fraction:
    """What one tender discount takes off goods that all take it, of which `paid` is paid with its tender."""
    params = msgspec.convert(discount.params, tender.Params)
    reached = [tier for tier in params.tiers if tier.from_ <= net]
    if not reached:
        return Fraction(0)
    rate = Fraction(max(reached, key=lambda t: t.from_).percent_off) / 100
    part = net if rate == 1 else min(net, paid / (1 - rate))
    return part * rate
