"""Mix and match: so many units of each line group together, for a benefit."""

from decimal import Decimal
from typing import Literal

import msgspec


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`need` units of what the group's lines pick. A `mandatory` group is a condition on the same units.

    With `line_spec` each group that is not mandatory has its own percentage, or a price for its units together.
    """

    need: int
    mandatory: bool = False
    percent_off: Decimal | None = None
    price: int | None = None


class LeastExpensive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On the `count` cheapest units of an application, each: one of the three benefits."""

    count: int = 1
    percent_off: Decimal | None = None
    amount_off: int | None = None
    price: int | None = None
    favor: Literal["customer", "retailer"] = "customer"


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one benefit. Lines of the discount carry the place of their group, from 0, in `group`."""

    groups: tuple[Group, ...]
    deal_price: int | None = None
    percent_off: Decimal | None = None
    amount_off: int | None = None
    least_expensive: LeastExpensive | None = None
    line_spec: bool = False
