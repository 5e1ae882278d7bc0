"""The quantity discount: the more units of what a line covers, the better the tier."""

from decimal import Decimal

import msgspec


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reached at `min` units; exactly one benefit, per unit: a percentage, an amount off or a price in minor units."""

    min: Decimal
    percent_off: Decimal | None = None
    amount_off: int | None = None
    price: int | None = None


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The highest tier that is reached covers all units; with `interval` each slab of units has its own."""

    tiers: tuple[Tier, ...]
    interval: bool = False
