"""The shapes of selling, as docs/reference/api.md has them: what a channel sends and what it is answered.

Money is in minor units, quantities are decimal strings, times carry an offset.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from kupong.kernel.reasons import Reason

MAX_MINOR = 10**15
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
CodeText = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Minor = Annotated[int, msgspec.Meta(ge=0, le=MAX_MINOR)]
SignedMinor = Annotated[int, msgspec.Meta(ge=-MAX_MINOR, le=MAX_MINOR)]
CurrencyCode = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class ManualRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What staff give by hand, one or both: `amount_off` the whole line or cart, then `percent_off`."""

    amount_off: Minor | None = None
    percent_off: Decimal | None = None


class ReceiptRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a returned line was sold for: `net` for `quantity`, of which `returned` came back before."""

    quantity: Decimal
    net: Minor
    returned: Decimal = Decimal(0)


class LineRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`price` is per unit; without it the product's price is used. A return has a negative quantity.

    Whether a line whose price was overridden or keyed in takes discounts, the company's rules say. A return
    with its `receipt` gives back its share of what was paid then, whatever the price is now.
    """

    id: Text
    product: Text
    quantity: Decimal = Decimal(1)
    unit: Text | None = None
    price: Minor | None = None
    price_overridden: bool = False
    price_keyed_in: bool = False
    manual: ManualRequest | None = None
    receipt: ReceiptRequest | None = None
    locked: bool = False
    net: SignedMinor | None = None


class DeliveryRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    mode: Text
    charge: Minor


class TenderRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    tender: Text
    amount: Minor


class QuoteRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A cart. `codes` is the whole set of codes on it; `at` is now when left out.

    `manual` is taken off its total, after everything else; not on a cart that mixes sales and returns.
    """

    channel: Text
    customer: Text | None = None
    currency: CurrencyCode | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    affiliations: Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)] = ()
    lines: Annotated[tuple[LineRequest, ...], msgspec.Meta(max_length=1000)]
    codes: Annotated[tuple[CodeText, ...], msgspec.Meta(max_length=100)] = ()
    delivery: DeliveryRequest | None = None
    tenders: Annotated[tuple[TenderRequest, ...], msgspec.Meta(max_length=100)] = ()
    manual: ManualRequest | None = None


class RedemptionRequest(QuoteRequest, kw_only=True):
    """A cart that is being completed, as `order` of its channel.

    `apply_without_code` names coupons that staff apply: the first usable code of each joins `codes`.
    """

    order: Text
    apply_without_code: Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)] = ()
    expected_net: SignedMinor | None = None
    partial: bool = False


class AppliedAnswer(msgspec.Struct, kw_only=True):
    discount: str
    coupon: str | None
    code: str | None
    amount: int
    quantity: Decimal


class PartAnswer(msgspec.Struct, kw_only=True):
    """Units of a line that were treated alike; the parts add up to the line."""

    quantity: Decimal
    discount: int
    discounts: list[AppliedAnswer]
    manual: int


class LineAnswer(msgspec.Struct, kw_only=True):
    """`discounts` stand in the order in which they applied; `discount` includes `manual`, given by hand.

    `parts` say which units got what; a line that was priced earlier has none. `product`, `quantity` and
    `unit` are missing in quotes that were kept before they were part of the answer.
    """

    id: str
    product: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    gross: int
    discount: int
    net: int
    discounts: list[AppliedAnswer]
    manual: int = 0
    parts: list[PartAnswer] = []


class CodeAnswer(msgspec.Struct, kw_only=True):
    """`status` is applied, no_effect (accepted, gives nothing here, consumes nothing) or refused."""

    code: str
    coupon: str | None
    status: str
    reason: Reason | None = None
    message: str | None = None
    detail: dict[str, Any] = {}


class NotAppliedAnswer(msgspec.Struct, kw_only=True):
    discount: str
    reason: Reason
    message: str
    detail: dict[str, Any] = {}


class AvailableAnswer(msgspec.Struct, kw_only=True):
    """A discount that staff may apply without a code, and what it would take off this cart."""

    discount: str
    coupon: str
    apply_without_code: bool
    amount: int


class DeliveryAnswer(msgspec.Struct, kw_only=True):
    """`applied` is the discount that lowered the charge, if one did."""

    charge: int
    discount: int
    net: int
    applied: AppliedAnswer | None = None


class Quote(msgspec.Struct, kw_only=True):
    currency: str
    gross: int
    discount: int
    net: int
    lines: list[LineAnswer]
    codes: list[CodeAnswer]
    not_applied: list[NotAppliedAnswer]
    available: list[AvailableAnswer]
    delivery: DeliveryAnswer | None
    proven_optimal: bool
    upper_bound: int


class UseAnswer(msgspec.Struct, kw_only=True):
    """`status` is redeemed, or not_applied when the code gave nothing and no use was taken."""

    code: str
    coupon: str | None
    status: str


class RedemptionAnswer(msgspec.Struct, kw_only=True):
    id: str
    status: str
    order: str
    expires_at: datetime | None
    quote: Quote
    uses: list[UseAnswer]


class FieldError(msgspec.Struct, kw_only=True):
    """What is wrong with one field of the input: its path ("lines[0].product"), why, and in words."""

    field: str
    code: Reason
    detail: str


class Rejected(msgspec.Struct, kw_only=True):
    """A call that was refused as a whole. Nothing was changed.

    `errors` names the input at fault; `codes` holds every code's answer when codes were the reason.
    """

    reason: Reason
    detail: dict[str, Any] = {}
    errors: list[FieldError] = []
    codes: list[CodeAnswer] = []


class CodesCheckRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    codes: Annotated[tuple[CodeText, ...], msgspec.Meta(max_length=1000)]
    channel: Text
    customer: Text | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class CodeCheck(msgspec.Struct, kw_only=True):
    code: str
    coupon: str | None
    usable: bool
    reason: Reason | None = None
    message: str | None = None
    detail: dict[str, Any] = {}
