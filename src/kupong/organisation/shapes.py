"""What is sent and answered about the organisation. A record is its draft and what the system adds."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from kupong.organisation.fields import CurrencyCode, FilledText, Number, Numbers, Text
from kupong.organisation.records import Draft
from kupong.pricing.discounts import Settings


class AffiliationDraft(Draft, kw_only=True):
    price_groups: Numbers = ()


class AffiliationRecord(AffiliationDraft, kw_only=True):
    """What a customer belongs to (students, staff); it adds price groups."""

    number: Number


class ChannelDraft(Draft, kw_only=True):
    """`time_zone` is an IANA name: validity is judged by the channel's wall clock."""

    name: Text = ""
    kind: Literal["pos", "call_centre", "online"]
    currency: CurrencyCode
    time_zone: FilledText
    price_groups: Numbers = ()
    order_completion: bool = True


class ChannelRecord(ChannelDraft, kw_only=True):
    """Where things are sold."""

    number: Number


class PricingRules(Settings, frozen=True, forbid_unknown_fields=True):
    """How discounts meet on a cart; what is left out has the default of a new company."""


class ParametersRecord(msgspec.Struct, kw_only=True):
    """A company's rules. `rounding_step` is the smallest payable step, in minor units."""

    currency: CurrencyCode
    rounding_step: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    pricing: PricingRules


class ParametersPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is; `pricing` is replaced as a whole."""

    currency: CurrencyCode | msgspec.UnsetType = msgspec.UNSET
    rounding_step: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    pricing: PricingRules | msgspec.UnsetType = msgspec.UNSET


Role = Literal["administrator", "channel", "public"]


class ApiKeyDraft(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A key with role `channel` names its channel; one with role `public` may."""

    name: Text = ""
    role: Role
    channel: Number | None = None


class ApiKeyRecord(msgspec.Struct, kw_only=True):
    id: str
    name: str
    role: Role
    channel: str | None
    prefix: str
    created_at: datetime
    revoked_at: datetime | None


class IssuedKey(ApiKeyRecord, kw_only=True):
    """A new key. `key` is shown this once; only its SHA-256 is kept."""

    key: str | None
