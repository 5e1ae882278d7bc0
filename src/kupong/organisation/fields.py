"""The types of the fields that people send: msgspec checks them and the API's document tells of them."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

MAX_MINOR = 10**15
MAX_INTEGER = 2**31 - 1

# A number goes into addresses: no slash, no control characters, no blanks at its ends, not "." or "..".
Number = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^(?!\.{1,2}$)[^\s/\x00-\x1f\x7f]([^/\x00-\x1f\x7f]*[^\s/\x00-\x1f\x7f])?$(?!\n)",
        description="What people know the record by.",
    ),
]
Text = Annotated[str, Meta(max_length=500)]
FilledText = Annotated[str, Meta(min_length=1, max_length=500)]
LongText = Annotated[str, Meta(max_length=10_000)]
CurrencyCode = Annotated[str, Meta(pattern="^[A-Z]{3}$(?!\n)", description="ISO 4217")]
Minor = Annotated[int, Meta(ge=0, le=MAX_MINOR, description="Minor units of the currency.")]
Integer = Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Numbers = Annotated[tuple[Number, ...], Meta(max_length=1000)]

_A_DECIMAL = r"^-?[0-9]{1,12}(\.[0-9]{1,9})?$(?!\n)"
DecimalText = Annotated[str, Meta(pattern=_A_DECIMAL, description='A decimal: "12.5".')]
PercentText = Annotated[
    str, Meta(pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,9})?$(?!\n)", description='12.5 % is "12.5".')
]
# A date is the channel's whole local day; an instant carries an offset.
BoundText = Annotated[
    str,
    Meta(
        pattern=(
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
            "([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$(?!\n)"
        ),
        description="A date (the channel's whole day) or a time with offset.",
        examples=["2026-03-01", "2026-03-01T12:00:00+01:00"],
    ),
]


def decimal_text(value: Decimal | None) -> str | None:
    """The shortest way to write it, without an exponent: 10.000000000 is "10"."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimal_from(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
