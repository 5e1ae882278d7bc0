"""Amounts handed back: from an item group to its lines, and from a line to its units. Nothing is lost."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from kupong.kernel.money import Exact, allocate


def share_out(total: int, weights: Sequence[Exact], room: Sequence[int], step: int) -> list[int]:
    """Share `total` by largest remainder, no share above its room; what does not fit goes to the others.

    `total` and every share are zero or more, in minor units; `total` is at most the sum of `room`.
    """
    if len(weights) == 1:
        return [total]
    shares = allocate(total, weights, step)
    fitting = [min(share, limit) for share, limit in zip(shares, room, strict=True)]
    left = total - sum(fitting)
    for place, limit in enumerate(room):
        if not left:
            break
        more = min(left, limit - fitting[place])
        fitting[place] += more
        left -= more
    return fitting


def unit_discounts(
    discount: int, quantity: Decimal, step: int, *, split_lines: bool
) -> list[Exact]:
    """What each unit of a line gets of the line's discount (specification 1.8), in minor units.

    With `split_lines` the units differ by a step where the amount does not divide; without it every unit
    has the same, unrounded share. Weighed goods are one unit.
    """
    units = abs(int(quantity))
    if not units or units != abs(quantity):
        return [discount]
    if split_lines:
        return list(allocate(discount, [1] * units, step))
    return [Fraction(discount, units)] * units
