"""What is sent and answered about coupons and their codes."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kupong.organisation.fields import BoundText, Count, FilledText, LongText, Number, Text
from kupong.organisation.records import Draft

MAX_CODES = 1000
Scope = Literal["global", "channel", "customer"]
Kind = Literal["anonymous", "individual"]
Status = Literal["inactive", "active", "voided"]
CodeStatus = Literal["active", "inactive", "voided"]
# A code goes into addresses too; blanks at its ends and its case do not matter.
CodeText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^\s*(?!\.{1,2}\s*$)[^\s/\x00-\x1f\x7f]([^/\x00-\x1f\x7f]*[^\s/\x00-\x1f\x7f])?\s*$",
        description="What is typed or scanned.",
    ),
]


class UsageLimit(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How often each code may be used in a scope; 0 is without limit."""

    scope: Scope = "global"
    uses: Count


class CouponDraft(Draft, kw_only=True):
    """`usage_limit` with `usage_limit_scope` is the short form of one limit; 0 is without limit.

    `code` is the one code of an anonymous coupon; its number when left out. `valid_from` and `valid_to` are
    dates (the channel's whole day) or times.
    """

    label: FilledText
    description: LongText = ""
    folder: Text = ""
    kind: Kind
    code: CodeText | UnsetType | None = UNSET
    discount: Number | None = None
    valid_from: BoundText | None = None
    valid_to: BoundText | None = None
    usage_limits: Annotated[tuple[UsageLimit, ...], Meta(max_length=3)] | UnsetType = UNSET
    usage_limit: Count | UnsetType = UNSET
    usage_limit_scope: Scope | UnsetType = UNSET
    customer_required: bool = False
    apply_without_code: bool = False
    exclusive: bool = False
    give_back: Literal["always", "never"] = "always"


class CouponRecord(CouponDraft, kw_only=True):
    """A coupon. It is used at tills only while it is active; `code_count` is how many codes it has."""

    number: Number
    status: Status
    code_count: int
    created_at: datetime


class CodeDraft(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A code to be added by hand. `holder` is the customer who alone may use it."""

    code: CodeText
    barcode: FilledText | None = None
    status: CodeStatus = "active"
    valid_from: BoundText | None = None
    valid_to: BoundText | None = None
    holder: Number | None = None
    segment: Text = ""


class CodePatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. `voided` is for good."""

    status: CodeStatus | UnsetType = UNSET
    valid_from: BoundText | UnsetType | None = UNSET
    valid_to: BoundText | UnsetType | None = UNSET


class CodeRecord(msgspec.Struct, kw_only=True):
    """A code as it is kept; whether it can be used now is derived elsewhere. `id` is from its sequence."""

    id: str
    coupon: str
    code: str
    barcode: str | None
    status: CodeStatus
    valid_from: str | None
    valid_to: str | None
    holder: str | None
    segment: str
    created_at: datetime
