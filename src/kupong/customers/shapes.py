"""What is sent and answered about customers."""

from typing import Annotated

from msgspec import Meta

from kupong.organisation.fields import Number, Numbers, Text
from kupong.organisation.records import Draft

Email = Annotated[str, Meta(max_length=320, pattern=r"^([^@\s]+@[^@\s]+)?$(?!\n)")]
LanguageTag = Annotated[str, Meta(max_length=35, pattern="^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$(?!\n)")]


class CustomerDraft(Draft, kw_only=True):
    """`language` is the one the customer is written to in (a BCP 47 tag)."""

    first_name: Text = ""
    name: Text = ""
    email: Email = ""
    email_opt_out: bool = False
    language: LanguageTag = "en"
    affiliations: Numbers = ()


class CustomerRecord(CustomerDraft, kw_only=True):
    """A person who buys, and who may be written to."""

    number: Number
