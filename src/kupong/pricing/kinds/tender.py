"""The tender discount: a percentage off the goods that are paid with one means of payment."""

from collections.abc import Iterator

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.discounts import Discount
from kupong.pricing.kinds import checks, words
from kupong.pricing.kinds.fields import Minor, Name, Percent
from kupong.pricing.kinds.kind import Kind, Language, Texts

_PAID: Texts = {"en": "{} when paid with {}", "sv": "{} vid betalning med {}"}
_REACHED: Texts = {"en": "{} from {}", "sv": "{} från {}"}


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reached at `from` minor units of covered goods, before this discount."""

    from_: Minor = msgspec.field(name="from")
    percent_off: Percent


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tender` is the number of the means of payment, such as CASH."""

    tiers: tuple[Tier, ...]
    tender: Name


def enabling_refusals(discount: Discount, params: Params) -> Iterator[Refused]:
    """Tiers ascend and never give a lower percentage; there is a means of payment."""
    yield from checks.percent_tier_refusals(params.tiers)
    if not params.tender.strip():
        yield Refused(Reason.MISSING, {"field": "tender"})


def sentence(discount: Discount, params: Params, language: Language) -> str:
    """For example "5 % off when paid with CASH"; "5 % off from 50.00 USD; 10 % off from … when paid with CASH"."""
    everything = words.everything(language)
    bought = words.covered(discount.lines, language, otherwise=everything)
    said = "; ".join(_tier(tier, discount.currency, language) for tier in params.tiers)
    if bought != everything:
        said = words.ON[language].format(said, bought)
    return _PAID[language].format(said, params.tender)


def _tier(tier: Tier, currency: str, language: Language) -> str:
    gives = words.benefit(tier.percent_off, None, None, currency, language)
    if not tier.from_:
        return gives
    return _REACHED[language].format(gives, words.money(tier.from_, currency, language))


TENDER = Kind(
    key="tender",
    version=1,
    params=Params,
    name={"en": "Tender discount", "sv": "Betalsättsrabatt"},
    sentence=sentence,
    enabling_refusals=enabling_refusals,
    has_mode=False,
    covers_all=True,
)
