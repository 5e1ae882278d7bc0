"""The words that the kinds share: amounts, benefits and what a discount covers, in English and Swedish."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from kupong.kernel.money import minor_digits
from kupong.pricing.discounts import Discount, DiscountLine
from kupong.pricing.kinds.kind import Language, Texts

NOTHING: Texts = {"en": "Nothing yet", "sv": "Ingenting än"}
PERCENT_OFF: Texts = {"en": "{} % off", "sv": "{} % rabatt"}
AMOUNT_OFF: Texts = {"en": "{} off", "sv": "{} i rabatt"}
ON: Texts = {"en": "{} on {}", "sv": "{} på {}"}

_AMOUNT_OFF_EACH: Texts = {"en": "{} off each unit", "sv": "{} i rabatt per styck"}
_PRICE_EACH: Texts = {"en": "{} per unit", "sv": "{} per styck"}
_EVERYTHING: Texts = {"en": "everything", "sv": "allt"}
_AND: Texts = {"en": " and ", "sv": " och "}
_EXCEPT: Texts = {"en": ", except {}", "sv": ", utom {}"}
_LEVELS: dict[str, dict[Language, tuple[str, str]]] = {
    "product": {"en": ("1 product", "{} products"), "sv": ("1 artikel", "{} artiklar")},
    "master": {
        "en": ("1 product family", "{} product families"),
        "sv": ("1 artikelfamilj", "{} artikelfamiljer"),
    },
    "category": {"en": ("1 category", "{} categories"), "sv": ("1 kategori", "{} kategorier")},
}
_CAPS: dict[str, Texts] = {
    "amount": {"en": "at most {} off per order", "sv": "högst {} i rabatt per order"},
    "quantity": {"en": "at most {} units per order", "sv": "högst {} enheter per order"},
    "uses": {"en": "at most {} times per order", "sv": "högst {} gånger per order"},
}


def covered(lines: Iterable[DiscountLine], language: Language, *, otherwise: str = "") -> str:
    """For example "3 products and 1 category, except 1 product"; `otherwise` where no line includes anything."""
    counted: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for line in lines:
        counted[line.exclude][level(line)] += 1
    included, excluded = counted[False], counted[True]
    if not included:
        return otherwise
    return what(included, language) + exceptions(excluded, language)


def without(excluded: Iterable[DiscountLine], language: Language) -> str:
    """What these lines take out: ", except 1 product"; empty for none."""
    return exceptions(Counter(level(line) for line in excluded), language)


def exceptions(excluded: Counter[str], language: Language) -> str:
    """ ", except 1 product"; empty where nothing is taken out."""
    return _EXCEPT[language].format(what(excluded, language)) if excluded else ""


def what(counted: Counter[str], language: Language) -> str:
    """How many of each level: "3 products and 1 category", or "everything"."""
    if counted["all"]:
        return _EVERYTHING[language]
    return _AND[language].join(
        forms[language][0] if counted[name] == 1 else forms[language][1].format(counted[name])
        for name, forms in _LEVELS.items()
        if counted[name]
    )


def everything(language: Language) -> str:
    return _EVERYTHING[language]


def level(line: DiscountLine) -> str:
    """What the line picks by: product, master, category or all."""
    for name in _LEVELS:
        if getattr(line, name) is not None:
            return name
    return "all"


@lru_cache(maxsize=1024)  # Thousands of lines of a discount say the same.
def benefit(
    percent: Decimal | None,
    amount: int | None,
    price: int | None,
    currency: str,
    language: Language,
) -> str:
    """What each unit gets: "10 % off", "4.00 USD off each unit" or "19.90 USD per unit"; empty for none."""
    if percent is not None:
        return PERCENT_OFF[language].format(decimal(percent, language))
    if amount is not None:
        return _AMOUNT_OFF_EACH[language].format(money(amount, currency, language))
    if price is not None:
        return _PRICE_EACH[language].format(money(price, currency, language))
    return ""


def money(minor: int, currency: str, language: Language) -> str:
    """Minor units as "25.00 USD"."""
    major = Decimal(minor).scaleb(-minor_digits(currency))
    return f"{_point(f'{major:f}', language)} {currency}"


def decimal(value: Decimal, language: Language) -> str:
    """The shortest way to write it: 12.50 is "12.5"."""
    return _point(f"{value.normalize():f}", language)


def _point(text: str, language: Language) -> str:
    return text.replace(".", ",") if language == "sv" else text


def listed(parts: Sequence[str], language: Language) -> str:
    """ "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + _AND[language] + parts[-1]


def caps(discount: Discount, language: Language) -> str:
    """What it gives at most in one order: " (at most 50.00 USD off per order)"; empty where nothing limits it."""
    amount, uses = discount.max_amount_per_order, discount.max_uses_per_order
    quantity = discount.max_quantity_per_order
    figures = {
        "amount": None if amount is None else money(amount, discount.currency, language),
        "quantity": None if quantity is None else decimal(quantity, language),
        "uses": uses,
    }
    said = [_CAPS[name][language].format(figure) for name, figure in figures.items() if figure]
    return f" ({', '.join(said)})" if said else ""
