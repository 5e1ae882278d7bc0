"""The simple discount: each line takes a percentage, an amount per unit, or sets a new unit price."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import msgspec

from kupong.kernel.money import minor_digits
from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.discounts import Discount, DiscountLine
from kupong.pricing.kinds.kind import Kind, Language
from kupong.pricing.offers import Method, Offer

_BENEFITS = ("percent_off", "amount_off", "price")
_WORDS = {
    "en": {
        "percent_off": "{} % off",
        "amount_off": "{} off each unit",
        "price": "{} per unit",
        "all": "everything",
        "product": ("1 product", "{} products"),
        "master": ("1 product family", "{} product families"),
        "category": ("1 category", "{} categories"),
        "on": "{} on {}",
        "and": " and ",
        "except": ", except {}",
        "nothing": "Nothing yet",
    },
    "sv": {
        "percent_off": "{} % rabatt",
        "amount_off": "{} i rabatt per styck",
        "price": "{} per styck",
        "all": "allt",
        "product": ("1 artikel", "{} artiklar"),
        "master": ("1 artikelfamilj", "{} artikelfamiljer"),
        "category": ("1 kategori", "{} kategorier"),
        "on": "{} på {}",
        "and": " och ",
        "except": ", utom {}",
        "nothing": "Ingenting än",
    },
}


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A simple discount has no parameters of its own: everything stands on its lines."""


def offers(line: DiscountLine) -> tuple[Offer, ...]:
    """What the line gives; a line that gives nothing offers nothing."""
    return tuple(_offers(line))


def _offers(line: DiscountLine) -> Iterator[Offer]:
    if line.price is not None:
        yield Offer(Method.PRICE, line.price, line.unit)
    if line.amount_off is not None:
        yield Offer(Method.AMOUNT, line.amount_off, line.unit)
    if line.percent_off is not None:
        yield Offer(Method.PERCENT, _rate(line.percent_off), line.unit)


@lru_cache(maxsize=1024)
def _rate(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100


def unsupported(discount: Discount) -> str | None:
    if discount.params:
        return f"parameter {min(discount.params)} of a simple discount"
    if any(line.quantity_limit is not None for line in discount.lines):
        return "quantity_limit"
    return None


def enabling_refusals(discount: Discount) -> tuple[Refused, ...]:
    """The checks of specification 1.1 for this kind. `line` in the details counts from 1."""
    return tuple(_header_refusals(discount)) + tuple(
        refused
        for place, line in enumerate(discount.lines, start=1)
        for refused in _line_refusals(line, place)
    )


def _header_refusals(discount: Discount) -> Iterator[Refused]:
    if all(line.exclude for line in discount.lines):
        yield Refused(Reason.NO_LINES)
    if not discount.price_groups:
        yield Refused(Reason.NO_PRICE_GROUP)


def _line_refusals(line: DiscountLine, place: int) -> Iterator[Refused]:
    chosen = [line.product, line.master, line.category, line.all_products or None]
    if sum(choice is not None for choice in chosen) != 1:
        yield Refused(Reason.INVALID, {"line": place, "need": "product, master, category or all"})
    given = [name for name in _BENEFITS if getattr(line, name) is not None]
    if line.exclude and given:
        yield Refused(Reason.INVALID, {"line": place, "field": given[0]})
    if line.exclude:
        return
    if not given:
        yield Refused(Reason.MISSING, {"line": place, "need": ", ".join(_BENEFITS)})
    if len(given) > 1:
        yield Refused(Reason.INVALID, {"line": place, "field": given[1]})
    yield from _value_refusals(line, place)


def _value_refusals(line: DiscountLine, place: int) -> Iterator[Refused]:
    percent = line.percent_off
    if percent is not None and not (percent.is_finite() and 0 < percent <= 100):
        yield Refused(Reason.PERCENT_OUT_OF_RANGE, {"line": place, "have": str(percent)})
    if line.amount_off is not None and line.amount_off <= 0:
        yield Refused(Reason.AMOUNT_NOT_POSITIVE, {"line": place, "have": line.amount_off})
    if line.price is not None and line.price < 0:
        yield Refused(Reason.AMOUNT_NOT_POSITIVE, {"line": place, "have": line.price})


def sentence(discount: Discount, language: Language = "en") -> str:
    """For example "10 % off on 3 products and 1 category, except 1 product"."""
    words = _WORDS[language]
    benefits: dict[str, Counter[str]] = {}
    for line in discount.lines:
        values = (line.percent_off, line.amount_off, line.price)
        benefit = "" if line.exclude else _benefit(*values, discount.currency, language)
        benefits.setdefault(benefit, Counter())[_level(line)] += 1
    excluded = benefits.pop("", None)
    said = "; ".join(
        str(words["on"]).format(benefit, _what(counted, language))
        for benefit, counted in benefits.items()
    )
    tail = str(words["except"]).format(_what(excluded, language)) if excluded else ""
    return (said or str(words["nothing"])) + tail


@lru_cache(maxsize=1024)  # Thousands of lines of a discount say the same.
def _benefit(
    percent: Decimal | None,
    amount: int | None,
    price: int | None,
    currency: str,
    language: Language,
) -> str:
    words = _WORDS[language]
    if percent is not None:
        return str(words["percent_off"]).format(_decimal(percent, language))
    name = "amount_off" if amount is not None else "price"
    minor = amount if amount is not None else price or 0
    major = Decimal(minor).scaleb(-minor_digits(currency))
    return str(words[name]).format(f"{_decimal(major, language, exact=True)} {currency}")


def _decimal(value: Decimal, language: Language, *, exact: bool = False) -> str:
    text = f"{value if exact else value.normalize():f}"
    return text.replace(".", ",") if language == "sv" else text


def _level(line: DiscountLine) -> str:
    for level in ("product", "master", "category"):
        if getattr(line, level) is not None:
            return level
    return "all"


def _what(counted: Counter[str], language: Language) -> str:
    words = _WORDS[language]
    if counted["all"]:
        return str(words["all"])
    return str(words["and"]).join(
        words[level][0] if counted[level] == 1 else words[level][1].format(counted[level])
        for level in ("product", "master", "category")
        if counted[level]
    )


SIMPLE = Kind(
    key="simple",
    version=1,
    params=Params,
    sentence=sentence,
    enabling_refusals=enabling_refusals,
    unsupported=unsupported,
    offers=offers,
)
