"""The simple discount: each line takes a percentage, an amount per unit, or sets a new unit price."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import msgspec

from kupong.kernel.reasons import Refused
from kupong.pricing.discounts import Discount, DiscountLine
from kupong.pricing.kinds import words
from kupong.pricing.kinds.kind import Ask, Form, Kind, Language, Texts
from kupong.pricing.offers import Method, Offer

_LIMITED: Texts = {"en": "{} (at most {} of each)", "sv": "{} (högst {} av varje)"}


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


def enabling_refusals(discount: Discount, params: Params) -> tuple[Refused, ...]:
    """None of its own: what its lines say is checked as every line is."""
    return ()


def sentence(discount: Discount, params: Params, language: Language) -> str:
    """For example "10 % off on 3 products and 1 category, except 1 product"."""
    benefits: dict[tuple[str, Decimal | None], Counter[str]] = {}
    excluded: Counter[str] = Counter()
    for line in discount.lines:
        values = (line.percent_off, line.amount_off, line.price)
        gives = (words.benefit(*values, discount.currency, language), line.quantity_limit)
        counted = excluded if line.exclude else benefits.setdefault(gives, Counter())
        counted[words.level(line)] += 1
    said = "; ".join(
        _limited(words.ON[language].format(gives, words.what(counted, language)), limit, language)
        for (gives, limit), counted in benefits.items()
        if gives
    )
    return (said or words.NOTHING[language]) + words.exceptions(excluded, language)


def _limited(said: str, limit: Decimal | None, language: Language) -> str:
    if limit is None:
        return said
    return _LIMITED[language].format(said, words.decimal(limit, language))


SIMPLE = Kind(
    key="simple",
    version=1,
    params=Params,
    name={"en": "Simple discount", "sv": "Enkel rabatt"},
    sentence=sentence,
    enabling_refusals=enabling_refusals,
    line_values=("percent_off", "amount_off", "price", "quantity_limit"),
    forms=(
        Form(
            "percent_off",
            {"en": "A percentage off", "sv": "Rabatt i procent"},
            (
                Ask(
                    "value", "percent", "lines.percent_off",
                    {"en": "How many per cent", "sv": "Hur många procent"},
                ),
            ),
        ),
        Form(
            "amount_off",
            {"en": "An amount off each unit", "sv": "Ett belopp i rabatt per styck"},
            (Ask("value", "amount", "lines.amount_off", {"en": "How much", "sv": "Hur mycket"}),),
        ),
        Form(
            "price",
            {"en": "A new price for each unit", "sv": "Ett nytt pris per styck"},
            (Ask("value", "amount", "lines.price", {"en": "How much", "sv": "Hur mycket"}),),
        ),
    ),
)  # fmt: skip
