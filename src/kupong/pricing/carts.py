"""The shapes that go into pricing and come out of it. Money is in minor units, prices are per unit."""

from decimal import Decimal
from typing import Any

import msgspec

from kupong.kernel.money import Currency
from kupong.kernel.reasons import Reason


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line as the channel holds it. A return has a negative quantity.

    `categories` holds every category the product belongs to, directly or through its ancestors.
    A line with `locked_net` was priced earlier: it takes part in nothing and keeps that net.
    """

    id: str
    product: str
    quantity: Decimal
    price: int
    unit: str = "ea"
    master: str | None = None
    categories: tuple[str, ...] = ()
    prevent_discounts: bool = False
    locked_net: int | None = None


class Unlocked(msgspec.Struct, frozen=True, kw_only=True):
    """A discount that a usable coupon code on the cart opens.

    `limited`: applying it spends a use that is counted. Of two combinations that are worth the same,
    the one that spends fewer of them wins.
    """

    discount: str
    coupon: str | None = None
    code: str | None = None
    limited: bool = True


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    mode: str
    charge: int


class Tender(msgspec.Struct, frozen=True, kw_only=True):
    tender: str
    amount: int


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a sale that prices depend on, resolved: no look-up happens in pricing."""

    currency: Currency
    lines: tuple[CartLine, ...]
    price_groups: frozenset[str] = frozenset()
    unlocked: tuple[Unlocked, ...] = ()
    delivery: Delivery | None = None
    tenders: tuple[Tender, ...] = ()


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What one discount gave on one line: `amount` in minor units, over `quantity` of its units."""

    discount: str
    coupon: str | None
    code: str | None
    amount: int
    quantity: Decimal


class PricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """`discounts` stand in the order in which they were applied."""

    id: str
    gross: int
    discount: int
    net: int
    discounts: tuple[Applied, ...] = ()


class NotApplied(msgspec.Struct, frozen=True, kw_only=True):
    """A discount that could reach the cart and gave nothing, why, and the figures (need, have, missing, by)."""

    discount: str
    reason: Reason
    detail: dict[str, Any] = {}


class PricedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    charge: int
    discount: int
    net: int


class PricedCart(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: net of all lines (delivery not included), proven best or with an honest bound.

    `upper_bound` is the most that any combination could have taken off, in minor units.
    """

    currency: str
    gross: int
    discount: int
    net: int
    lines: tuple[PricedLine, ...]
    not_applied: tuple[NotApplied, ...] = ()
    delivery: PricedDelivery | None = None
    proven_optimal: bool = True
    upper_bound: int = 0
