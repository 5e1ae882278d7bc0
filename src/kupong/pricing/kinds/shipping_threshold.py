"""The shipping threshold: a percentage off the delivery charge when the goods reach an amount."""

from decimal import Decimal

import msgspec


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reached at `from` minor units of covered goods."""

    from_: int = msgspec.field(name="from")
    percent_off: Decimal


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For the listed modes of delivery only."""

    tiers: tuple[Tier, ...]
    delivery_modes: tuple[str, ...]
