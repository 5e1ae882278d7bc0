"""The discounts of a scenario file, of every kind that pricing declares.

What belongs to a kind alone becomes `params`, with money in minor units, as the kind's `Params` read it;
lines of a line group carry the group's number, counted from 0.
"""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import Any, cast

import msgspec
import yaml

from kupong.formats.yaml_fields import (
    Fields,
    Reader,
    decimal,
    error_at,
    flag,
    list_of,
    map_of,
    money,
    one_of,
    text,
    whole,
)
from kupong.kernel.periods import Period
from kupong.pricing import kinds
from kupong.pricing.discounts import Discount, DiscountLine, Mode
from kupong.pricing.validity import opening_hours

MODES = ("exclusive", "best_price", "compounded", "always")
PICKS = ("product", "master", "category", "all")
HEADER = (
    "id kind name mode priority sequence currency price_groups match_all_price_groups requires_code"
    " enabled coupon codes max_amount_per_order max_quantity_per_order max_uses_per_order valid"
).split()
BENEFITS = ("percent_off", "amount_off", "price")
BUNDLE_BENEFITS = ("deal_price", "percent_off", "amount_off", "least_expensive", "line_spec")


class Gated(msgspec.Struct, frozen=True):
    """A discount with the codes that unlock it, and the coupon they belong to."""

    discount: Discount
    codes: tuple[str, ...] = ()
    coupon: str | None = None


class Place(msgspec.Struct, frozen=True):
    """What the values of a discount depend on: the cart's currency and the channel's time zone."""

    currency: str
    zone: tzinfo


def discount_reader(place: Place) -> Reader[Gated]:
    def read(node: yaml.Node, name: str) -> Gated:
        # Which keys may stand here depends on the kind, so all of them pass until it is known.
        kind = Fields(node, "discount", _EVERY_KEY).required("kind", one_of(tuple(KINDS)))
        own_keys, read_own = KINDS[kind]
        keys = [key for key in HEADER if key != "mode" or kind not in _WITHOUT_MODE]
        fields = Fields(node, f"discount of kind {kind}", [*keys, *own_keys])
        currency = fields.optional("currency", text, place.currency)
        lines, params = read_own(fields, currency)
        codes = tuple(fields.maybe("codes", list_of(text)) or ())
        return Gated(
            _discount(fields, currency, place.zone, lines, params, gated="codes" in fields.nodes),
            codes,
            fields.maybe("coupon", text),
        )

    return read


def _discount(
    fields: Fields,
    currency: str,
    zone: tzinfo,
    lines: tuple[DiscountLine, ...],
    params: dict[str, Any],
    *,
    gated: bool,
) -> Discount:
    period, weekly = fields.maybe("valid", _validity(zone)) or (Period(), None)
    return Discount(
        number=fields.required("id", text),
        kind=fields.required("kind", text),
        name=fields.optional("name", text, ""),
        mode=cast(Mode, fields.optional("mode", one_of(MODES), "best_price")),
        priority=fields.optional("priority", whole, 0),
        sequence=fields.optional("sequence", whole, 0),
        currency=currency,
        price_groups=frozenset(fields.optional("price_groups", list_of(text), ["ALL"])),
        match_all_price_groups=fields.optional("match_all_price_groups", flag, False),
        requires_code=fields.optional("requires_code", flag, False) or gated,
        enabled=fields.optional("enabled", flag, True),
        max_amount_per_order=fields.maybe("max_amount_per_order", money(currency)),
        max_quantity_per_order=fields.maybe("max_quantity_per_order", decimal),
        max_uses_per_order=fields.maybe("max_uses_per_order", whole),
        valid=period,
        weekly=weekly,
        lines=lines,
        params=params,
    )


def _validity(zone: tzinfo) -> Reader[tuple[Period, dict[str, tuple[str, str]] | None]]:
    def read(node: yaml.Node, name: str) -> tuple[Period, dict[str, tuple[str, str]] | None]:
        fields = Fields(node, name, ("from", "to", "weekly"))
        bound = _bound(zone)
        period = Period(fields.maybe("from", bound), fields.maybe("to", bound))
        return period, fields.maybe("weekly", _weekly)

    return read


def _bound(zone: tzinfo) -> Reader[date | datetime]:
    def read(node: yaml.Node, name: str) -> date | datetime:
        try:
            return date.fromisoformat(text(node, name))
        except ValueError:
            return moment(zone)(node, name)

    return read


def moment(zone: tzinfo) -> Reader[datetime]:
    """A time, given in `zone`; one without an offset is local to it."""

    def read(node: yaml.Node, name: str) -> datetime:
        try:
            at = datetime.fromisoformat(text(node, name))
        except ValueError:
            raise error_at(
                node, f"{name}: {text(node, name)!r} is not a time such as 2026-03-10T12:00:00"
            ) from None
        return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)

    return read


def _weekly(node: yaml.Node, name: str) -> dict[str, tuple[str, str]]:
    weekly: dict[str, tuple[str, str]] = {}
    for day, hours in map_of(list_of(text))(node, name).items():
        if len(hours) != 2:
            raise error_at(node, f"{name} {day}: expected two times, from and to")
        weekly[day] = (hours[0], hours[1])
    try:
        opening_hours(weekly)
    except ValueError as error:
        raise error_at(node, f"{name}: {error}") from None
    return weekly


# What each kind reads from its own keys: its lines and its parameters.

Own = tuple[tuple[DiscountLine, ...], dict[str, Any]]


def _simple(fields: Fields, currency: str) -> Own:
    return tuple(fields.required("lines", list_of(_line(currency, BENEFITS)))), {}


def _quantity(fields: Fields, currency: str) -> Own:
    tier = _tier("min", decimal, currency, BENEFITS)
    return _covered(fields, currency), {
        "tiers": fields.required("tiers", list_of(tier)),
        "interval": fields.optional("interval", flag, False),
    }


def _threshold(fields: Fields, currency: str) -> Own:
    tier = _tier("from", money(currency), currency, ("percent_off", "amount_off"))
    return _covered(fields, currency), {"tiers": fields.required("tiers", list_of(tier))}


def _shipping_threshold(fields: Fields, currency: str) -> Own:
    tier = _tier("from", money(currency), currency, ("percent_off",))
    return _covered(fields, currency, everything=True), {
        "tiers": fields.required("tiers", list_of(tier)),
        "delivery_modes": fields.required("delivery_modes", list_of(text)),
    }


def _tender(fields: Fields, currency: str) -> Own:
    tier = _tier("from", money(currency), currency, ("percent_off",))
    return _covered(fields, currency, everything=True), {
        "tiers": fields.required("tiers", list_of(tier)),
        "tender": fields.required("tender", text),
    }


def _mix_and_match(fields: Fields, currency: str) -> Own:
    benefit = fields.exactly_one(BUNDLE_BENEFITS)
    lines: list[DiscountLine] = []
    groups: list[dict[str, Any]] = []
    for group in fields.required("groups", list_of(_group(currency, benefit == "line_spec"))):
        inside = group.pop("lines")
        lines += [msgspec.structs.replace(line, group=len(groups)) for line in inside]
        groups.append(group)
    return tuple(lines), {"groups": groups, benefit: _bundle_benefit(fields, benefit, currency)}


def _bundle_benefit(fields: Fields, benefit: str, currency: str) -> Any:
    if benefit == "line_spec":
        if not fields.required(benefit, flag):
            raise fields.error(benefit, "line_spec: leave it out, or write true")
        return True
    if benefit == "least_expensive":
        return fields.required(benefit, _least_expensive(currency))
    reader: Reader[Any] = decimal if benefit == "percent_off" else money(currency)
    return fields.required(benefit, reader)


def _least_expensive(currency: str) -> Reader[dict[str, Any]]:
    def read(node: yaml.Node, name: str) -> dict[str, Any]:
        fields = Fields(node, name, ("count", "favor", *BENEFITS))
        return {
            "count": fields.optional("count", whole, 1),
            "favor": fields.optional("favor", one_of(("customer", "retailer")), "customer"),
            **_benefit(fields, currency, BENEFITS),
        }

    return read


def _group(currency: str, line_spec: bool) -> Reader[dict[str, Any]]:
    """A line group; only with `line_spec` does it carry a benefit of its own, unless it is mandatory."""
    benefits = ("percent_off", "price") if line_spec else ()

    def read(node: yaml.Node, name: str) -> dict[str, Any]:
        fields = Fields(node, "group", ("need", "mandatory", "lines", *benefits))
        mandatory = fields.optional("mandatory", flag, False)
        for key in fields.given(benefits) if mandatory else ():
            raise fields.error(key, f"{key}: a mandatory group is a condition and gives nothing")
        return {
            "need": fields.required("need", whole),
            "mandatory": mandatory,
            "lines": fields.required("lines", list_of(_line(currency, ()))),
            **(_benefit(fields, currency, benefits) if benefits and not mandatory else {}),
        }

    return read


def _tier(
    bound: str, reader: Reader[Any], currency: str, benefits: tuple[str, ...]
) -> Reader[dict[str, Any]]:
    def read(node: yaml.Node, name: str) -> dict[str, Any]:
        fields = Fields(node, "tier", (bound, *benefits))
        return {bound: fields.required(bound, reader), **_benefit(fields, currency, benefits)}

    return read


def _covered(
    fields: Fields, currency: str, *, everything: bool = False
) -> tuple[DiscountLine, ...]:
    """Lines that only say what is covered; where `everything` is the default they may be left out."""
    reader = list_of(_line(currency, ()))
    if everything:
        return tuple(fields.optional("lines", reader, [DiscountLine(all_products=True)]))
    return tuple(fields.required("lines", reader))


def _line(currency: str, benefits: tuple[str, ...]) -> Reader[DiscountLine]:
    limits = ("quantity_limit",) if benefits else ()

    def read(node: yaml.Node, name: str) -> DiscountLine:
        fields = Fields(node, "line", (*PICKS, "exclude", "unit", *benefits, *limits))
        pick = fields.exactly_one(PICKS)
        if pick == "all" and not fields.required("all", flag):
            raise fields.error("all", "all: write true, or pick something else")
        exclude = fields.optional("exclude", flag, False)
        for key in fields.given((*benefits, *limits)) if exclude else ():
            raise fields.error(key, f"{key}: what is excluded gives nothing")
        return DiscountLine(
            product=fields.maybe("product", text),
            master=fields.maybe("master", text),
            category=fields.maybe("category", text),
            all_products=pick == "all",
            exclude=exclude,
            unit=fields.maybe("unit", text),
            quantity_limit=fields.maybe("quantity_limit", decimal),
            **(_benefit(fields, currency, benefits) if benefits and not exclude else {}),
        )

    return read


def _benefit(fields: Fields, currency: str, benefits: tuple[str, ...]) -> dict[str, Any]:
    """The one benefit that is given, by its key."""
    benefit = fields.exactly_one(benefits)
    reader: Reader[Any] = decimal if benefit == "percent_off" else money(currency)
    return {benefit: fields.required(benefit, reader)}


_WITHOUT_MODE = {kind.key for kind in kinds.KINDS if not kind.has_mode}

# Each kind: the keys it adds to the header, and what reads them.
KINDS: dict[str, tuple[tuple[str, ...], Callable[[Fields, str], Own]]] = {
    "simple": (("lines",), _simple),
    "quantity": (("lines", "tiers", "interval"), _quantity),
    "mix_and_match": (("groups", *BUNDLE_BENEFITS), _mix_and_match),
    "threshold": (("lines", "tiers"), _threshold),
    "shipping_threshold": (("lines", "tiers", "delivery_modes"), _shipping_threshold),
    "tender": (("lines", "tiers", "tender"), _tender),
}

_EVERY_KEY = {*HEADER, *(key for keys, _ in KINDS.values() for key in keys)}
