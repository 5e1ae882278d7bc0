"""The threshold discount: once per cart, when what it covers reaches an amount."""

from decimal import Decimal

import msgspec


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reached at `from` minor units; one benefit: a percentage, or an amount in minor units off what is covered."""

    from_: int = msgspec.field(name="from")
    percent_off: Decimal | None = None
    amount_off: int | None = None


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The highest tier that is reached replaces the lower ones."""

    tiers: tuple[Tier, ...]
