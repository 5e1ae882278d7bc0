"""Reads the fields of a form one by one, as people type numbers, amounts and percentages."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from kupong.kernel.money import minor_digits
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.fields import MAX_MINOR, PercentText, decimal_text
from kupong.web.backoffice import words
from kupong.web.look.amounts import read_decimal, read_minor
from kupong.web.look.templatetags.look import number


class Reader:
    """Remembers the first thing that is wrong with each field. What is not there, or is wrong, reads None."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.errors: dict[str, str] = {}

    def wrong(self, field: str, said: str) -> None:
        self.errors.setdefault(field, said)

    def needed(self, field: str, said: str) -> str | None:
        if not self.typed[field]:
            self.wrong(field, said)
        return self.typed[field] or None

    def whole(self, field: str, least: int, most: int) -> int | None:
        text = self.typed[field]
        if not text:
            return None
        found = read_decimal(text)
        if found is None or found != int(found) or not least <= found <= most:
            self.wrong(
                field,
                _("Write a whole number from %(least)s to %(most)s.")
                % {"least": number(least), "most": number(most)},
            )
            return None
        return int(found)

    def percent(self, field: str) -> str | None:
        percent = read_decimal(self.typed[field].removesuffix("%"))
        if percent is None:
            self.wrong(field, _("Write a number, such as 10 or 12.5."))
            return None
        text = str(decimal_text(percent))
        if not reads_as(text, PercentText):
            refused = Refused(Reason.PERCENT_OUT_OF_RANGE, {"have": text})
            self.wrong(field, message(refused, words.language()))
            return None
        return text

    def amount(self, field: str, currency: str) -> int | None:
        """In minor units of the currency."""
        amount = read_minor(self.typed[field], currency)
        if amount is None:
            said = _("Write an amount with at most %(digits)s decimals, such as 5 or 4.50.")
            if not minor_digits(currency):
                said = _("Write an amount without decimals, such as 5.")
            self.wrong(field, said % {"digits": minor_digits(currency)})
            return None
        if not 0 <= amount <= MAX_MINOR:
            self.wrong(field, _("Write an amount above zero."))
            return None
        return amount


def reads_as(text: str, type_: Any) -> bool:
    """Whether a field of this type takes the text."""
    try:
        msgspec.convert(text, type_)
    except msgspec.ValidationError:
        return False
    return True
