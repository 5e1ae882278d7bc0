"""The tender discount: a percentage off the goods that are paid with one means of payment."""

from decimal import Decimal

import msgspec


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reached at `from` minor units of covered goods, before this discount."""

    from_: int = msgspec.field(name="from")
    percent_off: Decimal


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tender` is the number of the means of payment, such as CASH."""

    tiers: tuple[Tier, ...]
    tender: str
