"""The parameters of each kind made ready for pricing, once per discount and version of the price book."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.bundles import Bundle, bundle_of
from kupong.pricing.kinds import mix_and_match, quantity, shipping_threshold, tender, threshold
from kupong.pricing.offers import Method, Offer


class Quantity(msgspec.Struct, frozen=True):
    """Tiers by rising minimum: units needed, and what each unit gets."""

    low: tuple[Exact, ...]
    offers: tuple[Offer, ...]
    interval: bool


class Threshold(msgspec.Struct, frozen=True):
    """Tiers by rising amount in minor units: a rate of what is covered, or an amount off all of it.

    `names` are the modes of delivery, or the tender, that it is for.
    """

    low: tuple[int, ...]
    rates: tuple[Exact | None, ...]
    amounts: tuple[int | None, ...]
    names: tuple[str, ...] = ()

    def tier(self, total: Exact) -> int | None:
        """The place of the highest tier that the amount reaches."""
        reached = [place for place, low in enumerate(self.low) if low <= total]
        return reached[-1] if reached else None


Rule = Bundle | Quantity | Threshold | None


def rule_of(params: Any) -> Rule:
    """The rule of a kind's typed parameters; None for the simple kind, which has none."""
    if isinstance(params, mix_and_match.Params):
        return bundle_of(params)
    if isinstance(params, quantity.Params):
        return _quantity(params)
    if isinstance(params, threshold.Params):
        return _threshold(params.tiers)
    if isinstance(params, shipping_threshold.Params):
        return _threshold(params.tiers, params.delivery_modes)
    if isinstance(params, tender.Params):
        return _threshold(params.tiers, (params.tender,))
    return None


def _quantity(params: quantity.Params) -> Quantity:
    tiers = sorted(params.tiers, key=lambda tier: tier.min)
    return Quantity(
        low=tuple(plain(Fraction(tier.min)) for tier in tiers),
        offers=tuple(offer_of(tier.percent_off, tier.amount_off, tier.price) for tier in tiers),
        interval=params.interval,
    )


def _threshold(tiers: Any, names: tuple[str, ...] = ()) -> Threshold:
    ordered = sorted(tiers, key=lambda tier: tier.from_)
    percents = [tier.percent_off for tier in ordered]
    return Threshold(
        low=tuple(tier.from_ for tier in ordered),
        rates=tuple(None if percent is None else rate(percent) for percent in percents),
        amounts=tuple(getattr(tier, "amount_off", None) for tier in ordered),
        names=tuple(names),
    )


def offer_of(percent: Decimal | None, amount: int | None, price: int | None) -> Offer:
    """The one benefit that is given."""
    if percent is not None:
        return Offer(Method.PERCENT, rate(percent))
    if amount is not None:
        return Offer(Method.AMOUNT, amount)
    assert price is not None, "exactly one benefit is given"
    return Offer(Method.PRICE, price)


def rate(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100


def plain(value: Exact) -> Exact:
    """A whole Fraction as an int: arithmetic on ints is many times faster."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value
