"""What is sent and answered about deliveries."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kupong.campaigns.journal import LogLine
from kupong.campaigns.states import State
from kupong.organisation.fields import Count, FilledText, Number, Text
from kupong.organisation.records import Draft
from kupong.personalization.sandbox import MAX_TEMPLATE_CHARACTERS

MAX_CHOSEN = 100_000
MAX_CHOSEN_SHOWN = 100

Instant = Annotated[datetime, Meta(tz=True)]
HtmlTemplate = Annotated[str, Meta(max_length=MAX_TEMPLATE_CHARACTERS)]


class Recipients(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly one of the three: everybody, customers by number, or an audience."""

    all: bool = False
    customers: Annotated[tuple[Number, ...], Meta(max_length=MAX_CHOSEN)] | UnsetType = UNSET
    audience: Number | UnsetType = UNSET


class DeliveryDraft(Draft, kw_only=True):
    """What is left out may follow later; the analysis asks for it.

    `subject` and `html` are Liquid templates. `coupon` gives each message a code where they name
    `coupon.code`. `limit` 0 is without limit. Without a `contact_date` it goes out when it is confirmed.
    """

    label: FilledText
    channel: Literal["email"] = "email"
    sender: Text = ""
    subject: Text = ""
    html: HtmlTemplate = ""
    coupon: Number | None = None
    limit: Count = 0
    contact_date: Instant | None = None
    recipients: Recipients | UnsetType = UNSET


class Excluded(msgspec.Struct, kw_only=True):
    """Who is left out, by the first cause that holds, in this order."""

    no_address: int = 0
    opted_out: int = 0
    quarantined: int = 0
    duplicate: int = 0
    limited: int = 0


class DeliveryRecord(DeliveryDraft, kw_only=True):
    """A delivery with what its analysis found; before it, the counts are null.

    `need` counts the messages that carry a code of their own, `have` the codes that can be given to them.
    `recipients` shows the first 100 of those chosen by number, `recipient_count` how many they are.
    """

    recipients: Recipients
    recipient_count: int | None
    state: State
    need: int | None
    have: int | None
    short: int | None
    to_send: int | None
    excluded: Excluded
    created_at: datetime


class MessageCounts(msgspec.Struct, kw_only=True):
    pending: int = 0
    sent: int = 0
    failed: int = 0
    cancelled: int = 0


class DeliveryPage(DeliveryRecord, kw_only=True):
    """Everything about one delivery. `redeemed` counts the messages whose code was used at a till."""

    messages: MessageCounts
    redeemed: int
    log: list[LogLine]


class MessageRow(msgspec.Struct, kw_only=True):
    """`cause` says why it failed or was cancelled: refused, gave_up, address, template, voided or stopped."""

    recipient: str
    address: str
    status: Literal["pending", "sent", "failed", "cancelled"]
    code: str | None
    cause: str | None
    sent_at: datetime | None
    attempts: int
    answer: str | None


class AnalysisAsked(msgspec.Struct, kw_only=True):
    """The job that analyses; the delivery's state tells the outcome too."""

    job: str


class PreviewRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    recipient: Number


class Preview(msgspec.Struct, kw_only=True):
    """The message as this recipient would get it. `sample`: the code is not reserved for them."""

    subject: str
    html: str
    text: str
    code: str | None
    sample: bool
