"""Scenario files: discount rules as executable examples. The format is described in docs/reference/scenarios.md."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import yaml

from kupong.formats.scenario_discounts import Gated, Place, discount_reader, moment
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
    parse,
    text,
)
from kupong.kernel.identifiers import normalise_code
from kupong.kernel.money import Currency
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason
from kupong.pricing.cart_checks import Problem, cart_problems, line_problems
from kupong.pricing.carts import Cart, CartLine, Delivery, Manual, Receipt, Tender, Unlocked
from kupong.pricing.discounts import CompoundOn, Concurrency, Discount, Settings

SWITCHES = (
    "threshold_stacks_in_across_model count_non_discountable exclusive_thresholds_compete"
    " distribute_least_expensive split_lines_for_cents manual_replaces discount_overridden_prices"
    " discount_keyed_in_prices"
).split()
PRODUCT_FLAGS = (
    "prevent_discounts prevent_retail_discounts prevent_tender_discounts prevent_manual_discounts"
).split()
LINE_FLAGS = ("price_overridden", "price_keyed_in")
# Reasons of kinds that pricing does not know yet; a scenario may already expect them.
REASONS = {*Reason, "not_enough_units", "below_threshold", "blocked_by_exclusive"}


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """The figures a scenario states, in minor units; None where it is silent. Only ids listed are checked."""

    total: int | None = None
    discount: int | None = None
    by_discount: dict[str, int] = {}
    by_line: dict[str, int] = {}
    unit_discounts: dict[str, list[int]] = {}
    delivery: int | None = None
    not_applied: dict[str, str] = {}
    optimal: bool | None = None


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A cart, the discounts in force, when, and what the customer must pay. `at` is in the channel's zone."""

    id: str
    line: int
    title: str
    source: str
    settings: Settings
    discounts: tuple[Discount, ...]
    cart: Cart
    at: datetime
    expected: Expected


def read_scenarios(content: str) -> list[Scenario]:
    """The scenarios of one file. Raises FormatError, which names the line, for anything it does not know."""
    fields = Fields(parse(content), "file", ("scenarios",))
    scenarios: list[Scenario] = []
    for node in fields.required("scenarios", list_of(_node)):
        scenario = _scenario(node)
        if not scenario.id:
            raise error_at(node, "scenario: id is missing")
        if any(known.id == scenario.id for known in scenarios):
            raise error_at(node, f"scenario {scenario.id} is given twice")
        scenarios.append(scenario)
    return scenarios


def read_cart(content: str) -> Scenario:
    """One scenario by itself, in YAML or JSON; its id may be left out. Raises FormatError like the above."""
    return _scenario(parse(content))


def _node(node: yaml.Node, name: str) -> yaml.Node:
    return node


def _scenario(node: yaml.Node) -> Scenario:
    fields = Fields(
        node, "scenario", "id title source settings products discounts cart expect".split()
    )
    identifier, title = fields.optional("id", text, ""), fields.optional("title", text, "")
    currency, zone, settings = fields.optional("settings", _settings, _DEFAULTS)
    products = fields.maybe("products", map_of(_product)) or {}
    gated = fields.maybe("discounts", list_of(discount_reader(Place(currency.code, zone)))) or []
    _unique(fields, "discounts", [entry.discount.number for entry in gated])
    cart, at = fields.required("cart", _cart_reader(currency, zone, products, gated))
    known = {"line": {line.id for line in cart.lines}}
    known["discount"] = {entry.discount.number for entry in gated}
    return Scenario(
        id=identifier,
        line=node.start_mark.line + 1,
        title=title,
        source=fields.optional("source", text, ""),
        settings=settings,
        discounts=tuple(entry.discount for entry in gated),
        cart=cart,
        at=at,
        expected=fields.optional("expect", _expected_reader(currency.code, known), Expected()),
    )


def _unique(fields: Fields, key: str, ids: Sequence[str]) -> None:
    for identifier in ids:
        if ids.count(identifier) > 1:
            raise fields.error(key, f"{key}: {identifier} is given twice")


_Surroundings = tuple[Currency, ZoneInfo, Settings]
_DEFAULTS: _Surroundings = (Currency("USD", 1), ZoneInfo("UTC"), Settings())


def _settings(node: yaml.Node, name: str) -> _Surroundings:
    keys = ("currency", "rounding_step", "concurrency", "compound_on", "time_zone", *SWITCHES)
    fields = Fields(node, name, keys)
    code = fields.optional("currency", _currency, "USD")
    step = fields.optional("rounding_step", money(code), 1)
    if step < 1:
        raise fields.error("rounding_step", "rounding_step: must be above zero")
    models, bases = [str(model) for model in Concurrency], [str(base) for base in CompoundOn]
    switches = {key: fields.required(key, flag) for key in fields.given(SWITCHES)}
    settings = Settings(
        concurrency=Concurrency(fields.optional("concurrency", one_of(models), models[0])),
        compound_on=CompoundOn(fields.optional("compound_on", one_of(bases), bases[0])),
        **switches,
    )
    zone = fields.optional("time_zone", _zone, ZoneInfo("UTC"))
    return Currency(code, step), zone, settings


def _currency(node: yaml.Node, name: str) -> str:
    code = text(node, name)
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        raise error_at(node, f"{name}: {code!r} is not a currency code such as USD")
    return code


def _zone(node: yaml.Node, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(text(node, name))
    except (KeyError, ValueError, OSError):
        raise error_at(node, f"{name}: {text(node, name)!r} is not a known time zone") from None


class _Product(msgspec.Struct, frozen=True):
    master: str | None = None
    categories: tuple[str, ...] = ()
    unit: str = "ea"
    flags: dict[str, bool] = {}


def _product(node: yaml.Node, name: str) -> _Product:
    fields = Fields(node, name, ("master", "category", "unit", *PRODUCT_FLAGS))
    return _Product(
        master=fields.maybe("master", text),
        categories=tuple(fields.optional("category", list_of(text), [])),
        unit=fields.optional("unit", text, "ea"),
        flags={key: fields.required(key, flag) for key in fields.given(PRODUCT_FLAGS)},
    )


def _cart_reader(
    currency: Currency, zone: ZoneInfo, products: dict[str, _Product], gated: Iterable[Gated]
) -> Reader[tuple[Cart, datetime]]:
    def read(node: yaml.Node, name: str) -> tuple[Cart, datetime]:
        keys = "at channel price_groups codes delivery tenders manual lines".split()
        fields = Fields(node, name, keys)
        fields.maybe("channel", text)
        lines = fields.required("lines", list_of(_cart_line(currency.code, products)))
        _unique(fields, "lines", [line.id for line in lines])
        cart = Cart(
            currency=currency,
            lines=tuple(lines),
            price_groups=frozenset(fields.maybe("price_groups", list_of(text)) or ()) | {"ALL"},
            unlocked=_unlocked(fields.maybe("codes", list_of(text)) or (), gated),
            delivery=fields.maybe("delivery", _delivery(currency.code)),
            tenders=tuple(fields.optional("tenders", list_of(_tender(currency.code)), [])),
            manual=fields.maybe("manual", _manual(currency.code)),
        )
        _refuse(fields, cart_problems(cart))
        return cart, fields.required("at", moment(zone))

    return read


def _unlocked(codes: Iterable[str], gated: Iterable[Gated]) -> tuple[Unlocked, ...]:
    """A code opens every discount that lists it."""
    return tuple(
        Unlocked(discount=entry.discount.number, coupon=entry.coupon, code=normalise_code(code))
        for code in codes
        for entry in gated
        if normalise_code(code) in map(normalise_code, entry.codes)
    )


def _cart_line(currency: str, products: dict[str, _Product]) -> Reader[CartLine]:
    def read(node: yaml.Node, name: str) -> CartLine:
        keys = "id product quantity price unit manual receipt locked_net".split()
        fields = Fields(node, "line", (*keys, *LINE_FLAGS))
        number = fields.required("product", text)
        product = products.get(number, _Product())
        line = CartLine(
            id=fields.required("id", text),
            product=number,
            quantity=fields.required("quantity", decimal),
            price=fields.required("price", money(currency)),
            unit=fields.optional("unit", text, product.unit),
            master=product.master,
            categories=product.categories,
            manual=fields.maybe("manual", _manual(currency)),
            receipt=fields.maybe("receipt", _receipt(currency)),
            locked_net=fields.maybe("locked_net", money(currency)),
            **product.flags,
            **{key: fields.required(key, flag) for key in fields.given(LINE_FLAGS)},
        )
        _refuse(fields, line_problems(line))
        return line

    return read


def _refuse(fields: Fields, problems: Iterable[Problem]) -> None:
    """Raise FormatError for the first problem, where the key at fault stands."""
    for path, refused in problems:
        raise fields.error(path.partition(".")[0], f"{path}: {message(refused)}")


def _manual(currency: str) -> Reader[Manual]:
    def read(node: yaml.Node, name: str) -> Manual:
        fields = Fields(node, name, ("amount_off", "percent_off"))
        return Manual(
            amount_off=fields.maybe("amount_off", money(currency)),
            percent_off=fields.maybe("percent_off", decimal),
        )

    return read


def _receipt(currency: str) -> Reader[Receipt]:
    def read(node: yaml.Node, name: str) -> Receipt:
        fields = Fields(node, name, ("quantity", "net", "returned"))
        return Receipt(
            quantity=fields.required("quantity", decimal),
            net=fields.required("net", money(currency)),
            returned=fields.optional("returned", decimal, Decimal(0)),
        )

    return read


def _delivery(currency: str) -> Reader[Delivery]:
    def read(node: yaml.Node, name: str) -> Delivery:
        fields = Fields(node, name, ("mode", "charge"))
        return Delivery(
            mode=fields.required("mode", text), charge=fields.required("charge", money(currency))
        )

    return read


def _tender(currency: str) -> Reader[Tender]:
    def read(node: yaml.Node, name: str) -> Tender:
        fields = Fields(node, name, ("tender", "amount"))
        return Tender(
            tender=fields.required("tender", text),
            amount=fields.required("amount", money(currency)),
        )

    return read


def _expected_reader(currency: str, known: dict[str, set[str]]) -> Reader[Expected]:
    def read(node: yaml.Node, name: str) -> Expected:
        amount = money(currency)
        fields = Fields(node, name, Expected.__struct_fields__)

        def by_id(key: str, what: str, reader: Reader[Any]) -> dict[str, Any]:
            found = fields.maybe(key, map_of(reader)) or {}
            for identifier in found:
                if identifier not in known[what]:
                    raise fields.error(key, f"{key}: the scenario has no {what} {identifier}")
            return found

        return Expected(
            total=fields.maybe("total", amount),
            discount=fields.maybe("discount", amount),
            by_discount=by_id("by_discount", "discount", amount),
            by_line=by_id("by_line", "line", amount),
            unit_discounts=by_id("unit_discounts", "line", list_of(amount)),
            delivery=fields.maybe("delivery", amount),
            not_applied=by_id("not_applied", "discount", one_of(sorted(REASONS))),
            optimal=fields.maybe("optimal", flag),
        )

    return read
