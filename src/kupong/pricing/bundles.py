"""What one application of a mix and match gives to each of its units, whatever its benefit (specification 1.4)."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.kinds.mix_and_match import Params
from kupong.pricing.offers import Method, Offer


class Bundle(msgspec.Struct, frozen=True):
    """A mix and match made ready: `needs` of the groups that fill slots, `conditions` on the same units.

    `groups` and `mandatory` hold the places of both in the discount. Exactly one benefit is set:
    `deal` or `amount` for the application, `each` per group (line spec) or for all, or `cheapest`.
    """

    groups: tuple[int, ...]
    needs: tuple[int, ...]
    mandatory: tuple[int, ...]
    conditions: tuple[int, ...]
    method: Method
    deal: int | None = None
    amount: int | None = None
    each: tuple[Exact, ...] | None = None  # a rate per group
    prices: tuple[int | None, ...] | None = None  # a price per group, for its units together
    cheapest: Offer | None = None
    count: int = 0
    retailer: bool = False

    @property
    def size(self) -> int:
        return sum(self.needs)


class Member(msgspec.Struct, frozen=True):
    """A unit in an application: the slot (place in `Bundle.groups`) it fills, its price now and at first.

    A `blocked` unit fills its slot and takes no discount.
    """

    slot: int
    running: Exact
    original: Exact
    blocked: bool = False


def bundle_of(params: Params) -> Bundle:
    """The bundle of these parameters; a price or rate of each group stands beside its need."""
    fills = [place for place, group in enumerate(params.groups) if not group.mandatory]
    must = [place for place, group in enumerate(params.groups) if group.mandatory]
    shared: dict[str, Any] = {
        "groups": tuple(fills),
        "needs": tuple(params.groups[place].need for place in fills),
        "mandatory": tuple(must),
        "conditions": tuple(params.groups[place].need for place in must),
    }
    if params.deal_price is not None:
        return Bundle(method=Method.PRICE, deal=params.deal_price, **shared)
    if params.amount_off is not None:
        return Bundle(method=Method.AMOUNT, amount=params.amount_off, **shared)
    if params.percent_off is not None:
        rates = (_rate(params.percent_off),) * len(fills)
        return Bundle(method=Method.PERCENT, each=rates, **shared)
    if params.least_expensive is not None:
        least = params.least_expensive
        offer = _offer(least.percent_off, least.amount_off, least.price)
        retailer = least.favor == "retailer"
        return Bundle(
            method=offer.method, cheapest=offer, count=least.count, retailer=retailer, **shared
        )
    return _line_spec(params, fills, shared)


def gains(
    bundle: Bundle, members: Sequence[Member], on_original: bool, spread: bool
) -> list[Exact]:
    """What each unit of one application gets, unrounded. `spread` shares the cheapest units' benefit over all."""
    if bundle.deal is not None:
        worth = sum(_reference(member, on_original) for member in members) - bundle.deal
        return _shared(worth, members)
    if bundle.amount is not None:
        return _shared(bundle.amount, members)
    if bundle.cheapest is not None:
        found = _on_cheapest(bundle, members, on_original)
        return _shared(sum(found), members) if spread else found
    return _per_group(bundle, members, on_original)


def unit_gain(offer: Offer, member: Member, on_original: bool) -> Exact:
    """What the offer takes off one unit; nothing off a blocked one."""
    if member.blocked:
        return 0
    reference = _reference(member, on_original)
    if offer.method is Method.PERCENT:
        worth = reference * offer.value
    elif offer.method is Method.AMOUNT:
        worth = offer.value
    else:
        worth = reference - offer.value
    return max(0, min(worth, member.running))


def _on_cheapest(bundle: Bundle, members: Sequence[Member], on_original: bool) -> list[Exact]:
    """The benefit on the cheapest units that may take one; of units at one price the later ones."""
    assert bundle.cheapest is not None
    takers = [place for place, member in enumerate(members) if not member.blocked]
    takers.sort(key=lambda place: (members[place].running, -place))
    found: list[Exact] = [0] * len(members)
    for place in takers[: bundle.count]:
        found[place] = unit_gain(bundle.cheapest, members[place], on_original)
    return found


def _per_group(bundle: Bundle, members: Sequence[Member], on_original: bool) -> list[Exact]:
    """Line spec, or one rate for all: a percentage on each unit, or a price for the group's units together."""
    assert bundle.each is not None
    prices = bundle.prices or (None,) * len(bundle.needs)
    found: list[Exact] = [0] * len(members)
    for slot, price in enumerate(prices):
        inside = [place for place, member in enumerate(members) if member.slot == slot]
        if price is None:
            offer = Offer(Method.PERCENT, bundle.each[slot])
            shares = [unit_gain(offer, members[place], on_original) for place in inside]
        else:
            group = [members[place] for place in inside]
            worth = sum(_reference(member, on_original) for member in group) - price
            shares = _shared(worth, group)
        for place, share in zip(inside, shares, strict=True):
            found[place] = share
    return found


def _shared(worth: Exact, members: Sequence[Member]) -> list[Exact]:
    """In proportion to price, over those that may take it, and never more than their price."""
    takers = [0 if member.blocked else member.running for member in members]
    whole = sum(takers)
    worth = max(0, min(worth, whole))
    if worth == 0:
        return [0] * len(members)
    return [Fraction(worth) * share / whole for share in takers]


def _reference(member: Member, on_original: bool) -> Exact:
    return member.original if on_original else member.running


def _line_spec(params: Params, fills: Sequence[int], shared: dict[str, Any]) -> Bundle:
    groups = [params.groups[place] for place in fills]
    prices = tuple(group.price for group in groups)
    priced = any(price is not None for price in prices)
    return Bundle(
        method=Method.PRICE if priced else Method.PERCENT,
        each=tuple(_rate(group.percent_off or Decimal(0)) for group in groups),
        prices=prices if priced else None,
        **shared,
    )


def _offer(percent: Decimal | None, amount: int | None, price: int | None) -> Offer:
    if percent is not None:
        return Offer(Method.PERCENT, _rate(percent))
    if amount is not None:
        return Offer(Method.AMOUNT, amount)
    assert price is not None
    return Offer(Method.PRICE, price)


def _rate(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100
