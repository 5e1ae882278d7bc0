"""The shipping threshold: a percentage off the delivery charge when the goods reach an amount."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.discounts import Discount
from kupong.pricing.kinds import checks, words
from kupong.pricing.kinds.fields import Minor, Name, Percent
from kupong.pricing.kinds.kind import Ask, Form, Kind, Language, Texts

_FREE: Texts = {"en": "Free delivery ({}) from {}", "sv": "Fri frakt ({}) från {}"}
_CHEAPER: Texts = {
    "en": "{} % off delivery ({}) from {}",
    "sv": "{} % rabatt på frakt ({}) från {}",
}
_NEXT_FREE: Texts = {"en": "free from {}", "sv": "fri från {}"}
_NEXT: Texts = {"en": "{} % from {}", "sv": "{} % från {}"}
_WHOLE = Decimal(100)


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reached at `from` minor units of covered goods."""

    from_: Minor = msgspec.field(name="from")
    percent_off: Percent


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For the listed modes of delivery only."""

    tiers: tuple[Tier, ...]
    delivery_modes: tuple[Name, ...]


def enabling_refusals(discount: Discount, params: Params) -> Iterator[Refused]:
    """Tiers ascend and never give a lower percentage; there is a mode of delivery."""
    yield from checks.percent_tier_refusals(params.tiers)
    if not params.delivery_modes:
        yield Refused(Reason.MISSING, {"field": "delivery_modes"})


def sentence(discount: Discount, params: Params, language: Language) -> str:
    """For example "Free delivery (STANDARD) from 50.00 USD"; "50 % off delivery (STANDARD) from …; free from …"."""
    everything = words.everything(language)
    bought = words.covered(discount.lines, language, otherwise=everything)
    modes = ", ".join(params.delivery_modes)
    said = "; ".join(
        _tier(tier, place, modes, discount.currency, language)
        for place, tier in enumerate(params.tiers)
    )
    return said if bought == everything else words.ON[language].format(said, bought)


def _tier(tier: Tier, place: int, modes: str, currency: str, language: Language) -> str:
    reached = words.money(tier.from_, currency, language)
    percent = words.decimal(tier.percent_off, language)
    is_free = tier.percent_off == _WHOLE
    if place:
        return (
            _NEXT_FREE[language].format(reached)
            if is_free
            else _NEXT[language].format(percent, reached)
        )
    if is_free:
        return _FREE[language].format(modes, reached)
    return _CHEAPER[language].format(percent, modes, reached)


SHIPPING_THRESHOLD = Kind(
    key="shipping_threshold",
    version=1,
    params=Params,
    name={"en": "Delivery discount", "sv": "Fraktrabatt"},
    sentence=sentence,
    enabling_refusals=enabling_refusals,
    has_mode=False,
    covers_all=True,
    forms=(
        Form(
            "free_delivery",
            {"en": "Free or cheaper delivery", "sv": "Fri eller billigare frakt"},
            (
                Ask(
                    "spend", "amount", "tiers[0].from",
                    {"en": "When this much is spent", "sv": "När man handlar för"},
                ),
                Ask(
                    "mode", "name", "delivery_modes[0]",
                    {"en": "Delivery mode", "sv": "Leveranssätt"}, "STANDARD",
                ),
                Ask(
                    "percent", "percent", "tiers[0].percent_off",
                    {"en": "Per cent off the charge; 100 is free", "sv": "Procent av frakten; 100 är fri frakt"}, "100",
                ),
            ),
        ),
    ),
)  # fmt: skip
