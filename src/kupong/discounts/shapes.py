"""What is sent and answered about discounts: every kind in one shape, money in minor units."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kupong.organisation.fields import (
    BoundText,
    Count,
    CurrencyCode,
    DecimalText,
    Integer,
    Minor,
    Number,
    Numbers,
    PercentText,
    Text,
)
from kupong.organisation.records import Draft

MAX_LINES = 100_000
Kind = Literal["simple", "quantity", "mix_and_match", "threshold", "shipping_threshold", "tender"]
Mode = Literal["exclusive", "best_price", "compounded", "always"]
Status = Literal["disabled", "enabled"]
Hour = Annotated[str, Meta(pattern="^[0-9]{2}:[0-9]{2}$(?!\n)", description='"22:00"')]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class PriceGroupDraft(Draft, kw_only=True):
    """Discounts without a priority of their own inherit the highest of their price groups."""

    priority: Integer = 0


class PriceGroupRecord(PriceGroupDraft, kw_only=True):
    """Connects discounts with channels and affiliations."""

    number: Number


class LineDraft(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Picks products by exactly one of product, master, category or all; `exclude` takes them out.

    `amount_off` and `price` are per unit.
    """

    product: Number | None = None
    master: Number | None = None
    category: Number | None = None
    all_products: bool = msgspec.field(default=False, name="all")
    exclude: bool = False
    unit: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    percent_off: PercentText | None = None
    amount_off: Minor | None = None
    price: Minor | None = None
    quantity_limit: DecimalText | None = None


Lines = Annotated[tuple[LineDraft, ...], Meta(max_length=MAX_LINES)]


class Tier(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Reached at `min` units (quantity) or at an amount `from` (threshold, tender)."""

    min: Annotated[int, Meta(ge=0, le=10**9)] | DecimalText | None = None
    from_: Minor | None = msgspec.field(default=None, name="from")
    percent_off: PercentText | None = None
    amount_off: Minor | None = None
    price: Minor | None = None


class GroupDraft(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line group of a mix and match: `need` units out of what its lines pick."""

    need: Annotated[int, Meta(ge=1, le=10**6)]
    mandatory: bool = False
    percent_off: PercentText | None = None
    price: Minor | None = None
    lines: Lines = ()


class LeastExpensive(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    count: Annotated[int, Meta(ge=1, le=10**6)]
    percent_off: PercentText | None = None
    amount_off: Minor | None = None
    price: Minor | None = None
    favor: Literal["customer", "retailer"] | None = None


class Valid(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whole dates or times, both ends included, and hours per weekday that may run past midnight."""

    from_: BoundText | UnsetType | None = msgspec.field(default=UNSET, name="from")
    to: BoundText | UnsetType | None = UNSET
    weekly: dict[Weekday, tuple[Hour, Hour]] | None = None


Tiers = Annotated[tuple[Tier, ...], Meta(max_length=100)]


class DiscountDraft(Draft, kw_only=True):
    """What a customer gets. Which of the fields from `tiers` on belong to a kind: see KIND_FIELDS.

    `priority` left out is inherited from the price groups, `currency` from the company's parameters.
    `status`, the dates of `valid` and `requires_code` are dictated by the coupons linked to the discount.
    """

    kind: Kind = "simple"
    name: Text = ""
    mode: Mode = "best_price"
    priority: Integer | None = None
    sequence: Integer = 0
    status: Status | UnsetType = UNSET
    currency: CurrencyCode | None = None
    price_groups: Numbers = ("ALL",)
    match_all_price_groups: bool = False
    requires_code: bool | UnsetType = UNSET
    max_amount_per_order: Minor | None = None
    max_quantity_per_order: DecimalText | None = None
    max_uses_per_order: Count | None = None
    valid: Valid | UnsetType | None = UNSET
    lines: Lines = ()
    tiers: Tiers | UnsetType = UNSET
    interval: bool | UnsetType = UNSET
    groups: Annotated[tuple[GroupDraft, ...], Meta(max_length=100)] | UnsetType = UNSET
    deal_price: Minor | UnsetType = UNSET
    percent_off: PercentText | UnsetType = UNSET
    amount_off: Minor | UnsetType = UNSET
    least_expensive: LeastExpensive | UnsetType = UNSET
    line_spec: bool | UnsetType = UNSET
    delivery_modes: Numbers | UnsetType = UNSET
    tender: Text | UnsetType = UNSET


class DiscountRecord(DiscountDraft, kw_only=True):
    """A discount. `status` is enabled when it is in the price book."""

    number: Number


# The fields that belong to one kind only; they are the kind's parameters.
KIND_FIELDS: dict[Kind, tuple[str, ...]] = {
    "simple": (),
    "quantity": ("tiers", "interval"),
    "mix_and_match": (
        "groups",
        "deal_price",
        "percent_off",
        "amount_off",
        "least_expensive",
        "line_spec",
    ),
    "threshold": ("tiers",),
    "shipping_threshold": ("tiers", "delivery_modes"),
    "tender": ("tiers", "tender"),
}
ALL_KIND_FIELDS = tuple(dict.fromkeys(name for names in KIND_FIELDS.values() for name in names))
