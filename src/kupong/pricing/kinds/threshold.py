"""The threshold discount: once per cart, when what it covers reaches an amount."""

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from kupong.kernel.reasons import Refused
from kupong.pricing.discounts import Discount
from kupong.pricing.kinds import checks, words
from kupong.pricing.kinds.fields import Minor, Percent
from kupong.pricing.kinds.kind import Ask, Form, Kind, Language, Texts

_BENEFITS = ("percent_off", "amount_off")
_FIRST: Texts = {"en": "Spend {} on {}: {}", "sv": "Handla för {} av {}: {}"}
_ANYTHING: Texts = {"en": "Spend {} on everything: {}", "sv": "Handla för {}: {}"}
_NEXT: Texts = {"en": "{}: {}", "sv": "{}: {}"}
_SPEND: Texts = {"en": "When this much is spent", "sv": "När man handlar för"}


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reached at `from` minor units; one benefit: a percentage, or an amount in minor units off what is covered."""

    from_: Minor = msgspec.field(name="from")
    percent_off: Percent | None = None
    amount_off: Minor | None = None


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The highest tier that is reached replaces the lower ones."""

    tiers: tuple[Tier, ...]


def enabling_refusals(discount: Discount, params: Params) -> Iterator[Refused]:
    """Tiers ascend, and each is worth at least as much as the most that the one before could give (W-52)."""
    yield from checks.bound_refusals([tier.from_ for tier in params.tiers], "from")
    for place, tier in enumerate(params.tiers):
        path = f"tiers[{place}]"
        problems = list(checks.one_benefit(tier, path, _BENEFITS))
        yield from problems
        if place and not problems:
            yield from _compared(params.tiers[place - 1], tier, path)


def _compared(before: Tier, tier: Tier, path: str) -> Iterator[Refused]:
    """The most that a tier gives is what it gives one minor unit below the next."""
    if any(checks.one_benefit(before, "", _BENEFITS)) or tier.from_ <= before.from_:
        return
    most, least = _worth(before, tier.from_ - 1), _worth(tier, tier.from_)
    if least < most:
        name = "percent_off" if tier.percent_off is not None else "amount_off"
        # Rounded up to a whole minor unit, so that the figure would be enough.
        yield checks.not_better(f"{path}.{name}", -(-most // 1), int(least))


def _worth(tier: Tier, total: int) -> Fraction:
    if tier.percent_off is not None:
        return Fraction(tier.percent_off) * total / 100
    return Fraction(tier.amount_off or 0)


def sentence(discount: Discount, params: Params, language: Language) -> str:
    """For example "Spend 100.00 USD on everything: 10 % off; 200.00 USD: 25.00 USD off"."""
    everything = words.everything(language)
    bought = words.covered(discount.lines, language)
    said = []
    for place, tier in enumerate(params.tiers):
        reached = words.money(tier.from_, discount.currency, language)
        gives = _gives(tier, discount.currency, language)
        if place:
            said.append(_NEXT[language].format(reached, gives))
        elif bought == everything:
            said.append(_ANYTHING[language].format(reached, gives))
        else:
            said.append(_FIRST[language].format(reached, bought, gives))
    return "; ".join(said)


def _gives(tier: Tier, currency: str, language: Language) -> str:
    if tier.percent_off is not None:
        return words.benefit(tier.percent_off, None, None, currency, language)
    return words.AMOUNT_OFF[language].format(words.money(tier.amount_off or 0, currency, language))


THRESHOLD = Kind(
    key="threshold",
    version=1,
    params=Params,
    name={"en": "Threshold discount", "sv": "Tröskelrabatt"},
    sentence=sentence,
    enabling_refusals=enabling_refusals,
    forms=(
        Form(
            "spend_amount",
            {"en": "An amount off when enough is spent", "sv": "Ett belopp i rabatt när man handlar för tillräckligt"},
            (
                Ask("spend", "amount", "tiers[0].from", _SPEND),
                Ask("amount", "amount", "tiers[0].amount_off", {"en": "This much off", "sv": "Så mycket i rabatt"}),
            ),
        ),
        Form(
            "spend_percent",
            {"en": "A percentage off when enough is spent", "sv": "Rabatt i procent när man handlar för tillräckligt"},
            (
                Ask("spend", "amount", "tiers[0].from", _SPEND),
                Ask(
                    "percent", "percent", "tiers[0].percent_off",
                    {"en": "How many per cent", "sv": "Hur många procent"},
                ),
            ),
        ),
    ),
)  # fmt: skip
