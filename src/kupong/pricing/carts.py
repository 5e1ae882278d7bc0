"""The shapes that go into pricing and come out of it. Money is in minor units, prices are per unit."""

from decimal import Decimal
from typing import Any

import msgspec

from kupong.kernel.money import Currency
from kupong.kernel.reasons import Reason


class Manual(msgspec.Struct, frozen=True, kw_only=True):
    """What staff give by hand: `amount_off` in minor units off the whole line or cart, then `percent_off`."""

    amount_off: int | None = None
    percent_off: Decimal | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a line was sold for: `quantity` units for `net` minor units, of which `returned` came back before."""

    quantity: Decimal
    net: int
    returned: Decimal = Decimal(0)


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line as the channel holds it. A return has a negative quantity.

    `categories` holds every category the product belongs to, directly or through its ancestors.
    A line with `locked_net` was priced earlier: it takes part in nothing and keeps that net.
    A return with its `receipt` gives back its share of what was paid, exact over any sequence of
    partial returns, and takes part in nothing either. `prevent_discounts` blocks every discount, the
    narrower flags those of their layer (specification 1.2); whether a line whose price was overridden
    or keyed in takes discounts is a setting of the company.
    """

    id: str
    product: str
    quantity: Decimal
    price: int
    unit: str = "ea"
    master: str | None = None
    categories: tuple[str, ...] = ()
    prevent_discounts: bool = False
    prevent_retail_discounts: bool = False
    prevent_tender_discounts: bool = False
    prevent_manual_discounts: bool = False
    price_overridden: bool = False
    price_keyed_in: bool = False
    manual: Manual | None = None
    receipt: Receipt | None = None
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
    manual: Manual | None = None


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What one discount gave on one line: `amount` in minor units, over `quantity` of its units."""

    discount: str
    coupon: str | None
    code: str | None
    amount: int
    quantity: Decimal


class LinePart(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one line that were treated alike: `discounts` in the order in which they applied, `manual` after them.

    The parts of a line add up to it, in quantity (signed like the line) and in every amount.
    """

    quantity: Decimal
    discount: int
    discounts: tuple[Applied, ...] = ()
    manual: int = 0


class PricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """`discounts` stand in the order in which they were applied; `discount` includes `manual`.

    `parts` says which units got what; empty for a line that was priced earlier.
    """

    id: str
    gross: int
    discount: int
    net: int
    discounts: tuple[Applied, ...] = ()
    manual: int = 0
    parts: tuple[LinePart, ...] = ()


class NotApplied(msgspec.Struct, frozen=True, kw_only=True):
    """A discount that could reach the cart and gave nothing, why, and the figures (need, have, missing, by)."""

    discount: str
    reason: Reason
    detail: dict[str, Any] = {}


class PricedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """`applied` names the discount that lowered the charge, if one did."""

    charge: int
    discount: int
    net: int
    applied: Applied | None = None


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
