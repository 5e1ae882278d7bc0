"""The quantity discount: the more units of what a line covers, the better the tier."""

from collections.abc import Iterator

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.discounts import Discount
from kupong.pricing.kinds import checks, words
from kupong.pricing.kinds.fields import Minor, Percent, Quantity
from kupong.pricing.kinds.kind import Ask, Form, Kind, Language, Texts

_REACHED: Texts = {"en": "{} or more: {}", "sv": "{} eller fler: {}"}
_SLAB: Texts = {"en": "from unit {}: {}", "sv": "från enhet {}: {}"}
_ON: Texts = {"en": "{}, on {}", "sv": "{}, på {}"}


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reached at `min` units; exactly one benefit, per unit: a percentage, an amount off or a price in minor units."""

    min: Quantity
    percent_off: Percent | None = None
    amount_off: Minor | None = None
    price: Minor | None = None


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The highest tier that is reached covers all units; with `interval` each slab of units has its own."""

    tiers: tuple[Tier, ...]
    interval: bool = False


def enabling_refusals(discount: Discount, params: Params) -> Iterator[Refused]:
    """Tiers ascend, give one kind of benefit throughout, and never less for more units."""
    yield from checks.bound_refusals([tier.min for tier in params.tiers], "min")
    for place, tier in enumerate(params.tiers):
        path = f"tiers[{place}]"
        if not checks.is_positive(tier.min):
            yield Refused(Reason.NOT_POSITIVE, {"field": f"{path}.min", "have": str(tier.min)})
        yield from checks.one_benefit(tier, path)
        if place:
            yield from _compared(params.tiers[place - 1], tier, path)


def _compared(before: Tier, tier: Tier, path: str) -> Iterator[Refused]:
    """Only tiers of the same benefit can be compared: which price gets which tier is not known here."""
    given, wanted = _benefit(tier), _benefit(before)
    if not given or not wanted:
        return
    if given != wanted:
        figures = {"field": f"{path}.{given}", "need": wanted, "have": given}
        yield Refused(Reason.MIXED_BENEFITS, figures)
        return
    old, new = getattr(before, given), getattr(tier, given)
    is_worse = checks.falls(new, old) if given == "price" else checks.falls(old, new)
    if is_worse:
        yield checks.not_better(f"{path}.{given}", old, new)


def _benefit(tier: Tier) -> str | None:
    return next((name for name in checks.BENEFITS if getattr(tier, name) is not None), None)


def sentence(discount: Discount, params: Params, language: Language) -> str:
    """For example "4 or more: 20 % off; 10 or more: 30 % off, on 2 categories"."""
    text = (_SLAB if params.interval else _REACHED)[language]
    said = "; ".join(
        text.format(
            words.decimal(tier.min, language),
            words.benefit(
                tier.percent_off, tier.amount_off, tier.price, discount.currency, language
            ),
        )
        for tier in params.tiers
    )
    return _ON[language].format(
        said[:1].upper() + said[1:], words.covered(discount.lines, language)
    )


QUANTITY = Kind(
    key="quantity",
    version=1,
    params=Params,
    name={"en": "Quantity discount", "sv": "Mängdrabatt"},
    sentence=sentence,
    enabling_refusals=enabling_refusals,
    forms=(
        Form(
            "from_units",
            {"en": "A percentage off when many are bought", "sv": "Rabatt i procent när man köper många"},
            (
                Ask("units", "count", "tiers[0].min", {"en": "From this many", "sv": "Från så här många"}, "3"),
                Ask(
                    "percent", "percent", "tiers[0].percent_off",
                    {"en": "How many per cent", "sv": "Hur många procent"},
                ),
            ),
        ),
    ),
)  # fmt: skip
