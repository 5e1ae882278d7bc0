"""What is sent and answered about discounts: every kind in one shape, money in minor units."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kupong.discounts.kind_fields import ALL_KIND_FIELDS, with_kind_fields
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
from kupong.pricing.discounts import Mode

MAX_LINES = 100_000
Kind = Literal["simple", "quantity", "mix_and_match", "threshold", "shipping_threshold", "tender"]
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


class Valid(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whole dates or times, both ends included, and hours per weekday that may run past midnight."""

    from_: BoundText | UnsetType | None = msgspec.field(default=UNSET, name="from")
    to: BoundText | UnsetType | None = UNSET
    weekly: dict[Weekday, tuple[Hour, Hour]] | None = None


class DiscountHeader(Draft, kw_only=True):
    """What discounts of every kind have."""

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


if TYPE_CHECKING:
    _Header = DiscountHeader
else:
    _Header = with_kind_fields(DiscountHeader, {"Group": [("lines", Lines, ())]})


class DiscountDraft(_Header, kw_only=True):
    """What a customer gets. The fields of one kind only are those that the kind declares as its parameters.

    `priority` left out is inherited from the price groups, `currency` from the company's parameters.
    `status`, the dates of `valid` and `requires_code` are dictated by the coupons linked to the discount.
    """


class DiscountRecord(DiscountDraft, kw_only=True):
    """A discount. `status` is enabled when it is in the price book."""

    number: Number


def kind_fields(draft: DiscountHeader) -> dict[str, Any]:
    """The fields of a kind that were sent, by name; one that is null was not."""
    given = {name: getattr(draft, name) for name in ALL_KIND_FIELDS}
    return {name: value for name, value in given.items() if value not in (UNSET, None)}


def groups_of(draft: DiscountHeader) -> Sequence[Any]:
    """The line groups of a mix and match, each with its `lines`."""
    found: Sequence[Any] = kind_fields(draft).get("groups", ())
    return found


def with_parameters(
    record: DiscountRecord,
    params: dict[str, Any],
    lines: Sequence[tuple[LineDraft, int | None]],
) -> DiscountRecord:
    """The record with its kind's parameters as they are kept, the groups with those of the lines that are theirs."""
    typed = msgspec.convert(params | {"number": record.number}, DiscountRecord)
    own = kind_fields(typed)
    if "groups" in own:
        own["groups"] = tuple(
            msgspec.structs.replace(
                group, lines=tuple(line for line, among in lines if among == at)
            )
            for at, group in enumerate(own["groups"])
        )
    return msgspec.structs.replace(record, **own)
