"""Numbers, shares and money as the reader's language writes them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from django import template
from django.template import Context
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language

from kupong.kernel.money import minor_digits
from kupong.web.look.navigation import Door, doors

register = template.Library()


class Stacked(Protocol):
    """A part of a bar: where it begins and how long it is, both of one."""

    @property
    def tone(self) -> str: ...
    @property
    def start(self) -> Fraction: ...
    @property
    def length(self) -> Fraction: ...


NO_BREAK = "\N{NO-BREAK SPACE}"


@register.filter
def number(value: int) -> str:
    """1234567 → 1,234,567 in English, 1 234 567 in Swedish."""
    return number_format(value, force_grouping=True)


@register.filter
def money(minor: int, currency: str) -> str:
    """Minor units in full and exactly: 123456 USD → USD 1,234.56 in English, 1 234,56 USD in Swedish."""
    digits = minor_digits(currency)
    figure = number_format(Decimal(minor).scaleb(-digits), digits, force_grouping=True)
    return f"{figure}{NO_BREAK}{currency}" if _is_swedish() else f"{currency}{NO_BREAK}{figure}"


@register.filter
def percent(part: Fraction) -> str:
    """A part of one with one decimal: 1/8 → 12.5% in English, 12,5 % in Swedish.

    What is more than nothing, or less than all, never reads as 0% or 100%.
    """
    tenths = round(part * 1000)
    if part > 0:
        tenths = max(tenths, 1)
    if part < 1:
        tenths = min(tenths, 999)
    figure = number_format(Decimal(tenths).scaleb(-1), 1)
    return f"{figure}{NO_BREAK}%" if _is_swedish() else f"{figure}%"


@register.filter
def day(value: date) -> str:
    """3 May 2017, 3 maj 2017: short, and never taken for a month."""
    return date_format(value, "j b Y" if _is_swedish() else "j M Y")


@register.filter
def minute(value: datetime) -> str:
    """The same with the hour, on the reader's wall clock."""
    return date_format(localtime(value), "j b Y H:i" if _is_swedish() else "j M Y H:i")


@register.simple_tag
def bar(part: Fraction) -> SafeString:
    """A bar as long as the part of one. It repeats a figure beside it, so readers of the text skip it."""
    width = f"{float(min(max(part, Fraction(0)), Fraction(1))) * 100:.2f}%"
    return format_html(
        '<svg class="bar" aria-hidden="true" focusable="false">'
        '<rect class="bar-track" width="100%" height="100%"></rect>'
        '<rect class="bar-part" width="{}" height="100%"></rect></svg>',
        width,
    )


@register.simple_tag
def stack(parts: Iterable[Stacked]) -> SafeString:
    """Parts of one bar, side by side, each in the colour of its tone. It repeats figures below it."""
    drawn = format_html_join(
        "",
        '<rect class="stack-{}" x="{}%" width="{}%" height="100%"></rect>',
        (
            (part.tone, f"{float(part.start) * 100:.2f}", f"{float(part.length) * 100:.2f}")
            for part in parts
        ),
    )
    return format_html('<svg class="stack" aria-hidden="true" focusable="false">{}</svg>', drawn)


@register.simple_tag(name="doors", takes_context=True)
def doors_from(context: Context) -> list[Door]:
    """The links of the main menu, seen from the page that is drawn."""
    return list(doors(context["request"].path))


def _is_swedish() -> bool:
    return (get_language() or "").startswith("sv")
