"""Numbers and money as people type them, in either language: 12.5 and 12,5, 1 234,50 and 1,234.50."""

import re
from decimal import Decimal

from kupong.kernel.money import minor_digits

_BLANKS = re.compile(r"[\s\u00a0\u2009\u202f']+")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)


def read_decimal(typed: str) -> Decimal | None:
    """The number; None when it is none. Of points and commas the last kind is the decimal sign."""
    text = _BLANKS.sub("", typed).replace("\N{MINUS SIGN}", "-")
    sign = max(".,", key=text.rfind)
    for other in ".,".replace(sign, ""):
        text = text.replace(other, "")
    text = text.replace(sign, ".")
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_minor(typed: str, currency: str) -> int | None:
    """The amount in minor units of the currency; None when it is no number, or finer than the currency."""
    amount = read_decimal(typed)
    if amount is None:
        return None
    minor = amount.scaleb(minor_digits(currency))
    return int(minor) if minor == minor.to_integral_value() else None


def major_text(minor: int, currency: str) -> str:
    """The amount as it can be typed again, whatever the language: 1250 USD → 12.50."""
    return f"{Decimal(minor).scaleb(-minor_digits(currency)):f}"
