"""What one line of a discount offers an item group, and how much that is worth."""

from enum import IntEnum

import msgspec

from kupong.kernel.money import Exact


class Method(IntEnum):
    """The order of the members is the order in which compounded offers apply (specification 1.5)."""

    PRICE = 0
    AMOUNT = 1
    PERCENT = 2


class Offer(msgspec.Struct, frozen=True):
    """`value` is a new unit price or an amount per unit in minor units, or a rate between 0 and 1.

    `unit` is the unit of measure that it is restricted to; None takes any. `limit` is the most units of
    one product (variants count as their master) that may have it, counted by the discount's `line`.
    """

    method: Method
    value: Exact
    unit: str | None = None
    limit: Exact | None = None
    line: int = 0


class Cover(msgspec.Struct, frozen=True):
    """The discount covers the item: by its line at `place`, or for the line group at `place` of a bundle."""

    place: int
    unit: str | None = None


class Amounts(msgspec.Struct, frozen=True):
    """An item group's money at one moment: its quantity, its original amount and what is left of it."""

    quantity: Exact
    original: Exact
    running: Exact

    def less(self, gained: Exact) -> "Amounts":
        return Amounts(self.quantity, self.original, max(0, self.running - gained))


def gain(offer: Offer, amounts: Amounts, on_original: bool) -> Exact:
    """What the offer takes off, unrounded: never negative, never more than what is left."""
    reference = amounts.original if on_original else amounts.running
    if offer.method is Method.PERCENT:
        worth = reference * offer.value
        if reference <= amounts.running:
            return worth  # A rate is never below 0, and never above 1.
    elif offer.method is Method.AMOUNT:
        worth = offer.value * amounts.quantity
    else:
        worth = reference - offer.value * amounts.quantity
    return max(0, min(worth, amounts.running))
