"""The cart that is tried: what stands in the address, as it was typed, and the request that it means."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _

from kupong.organisation.fields import MAX_MINOR
from kupong.redemption.shapes import QuoteRequest
from kupong.web.look.amounts import read_decimal, read_minor

LONGEST = 200
MOST_LINES = 200
MOST_CODES = 100
# What stands in the form under its own name, a text each.
PLAIN = ("channel", "customer", "at", "mode", "charge", "tender", "paid")


class LineTyped(msgspec.Struct, kw_only=True):
    product: str = ""
    quantity: str = ""
    price: str = ""

    def is_blank(self) -> bool:
        """Nothing was asked: a quantity alone means nothing."""
        return not self.product and not self.price


class Place(msgspec.Struct, frozen=True):
    """What a channel says about amounts and times."""

    currency: str
    zone: ZoneInfo


class CartForm(msgspec.Struct, kw_only=True):
    """`errors` are by field: "channel", "lines[0].product" with the line's place on the form.

    `mode` and `charge` are of the delivery; `paid` is what is paid with `tender`.
    """

    channel: str = ""
    customer: str = ""
    at: str = ""
    mode: str = ""
    charge: str = ""
    tender: str = ""
    paid: str = ""
    affiliations: list[str] = []
    codes: list[str] = []
    lines: list[LineTyped] = []
    explain_all: bool = False
    errors: dict[str, str] = {}

    def address(self, **changes: Any) -> str:
        """The query of an address that shows the same cart."""
        form = msgspec.structs.replace(self, **changes)
        query: list[tuple[str, str]] = [
            (name, value) for name in PLAIN if (value := getattr(form, name))
        ]
        for line in form.lines:
            query += [("product", line.product), ("quantity", line.quantity), ("price", line.price)]
        query += [("affiliation", number) for number in form.affiliations]
        query += [("code", code) for code in form.codes]
        if form.explain_all:
            query.append(("explain", "all"))
        return urlencode(query)


def read_cart(sent: QueryDict) -> CartForm:
    """Codes come one a line in `codes`, or each as a `code`; affiliations likewise."""
    lists = [[_clean(one) for one in sent.getlist(name)] for name in LineTyped.__struct_fields__]
    lines = [
        LineTyped(product=product, quantity=quantity, price=price)
        for product, quantity, price in zip_longest(*lists, fillvalue="")
    ]
    plain: dict[str, Any] = {name: _clean(sent.get(name, "")) for name in PLAIN}
    return CartForm(
        **plain,
        affiliations=_listed(sent, "affiliation"),
        codes=_listed(sent, "code"),
        lines=lines[:MOST_LINES],
        explain_all=sent.get("explain") == "all",
    )


def _listed(sent: QueryDict, name: str) -> list[str]:
    typed = [*sent.getlist(name), *sent.get(f"{name}s", "").splitlines()]
    return [one for text in typed if (one := _clean(text))][:MOST_CODES]


def request_of(form: CartForm, place: Place) -> QuoteRequest | None:
    """The request that the cart means; None while a field cannot be read (see `errors`)."""
    lines = [
        line
        for at, typed in enumerate(form.lines)
        if not typed.is_blank()
        for line in [_line(form, at, typed, place)]
    ]
    body: dict[str, Any] = {
        "channel": form.channel,
        "lines": lines,
        "codes": form.codes,
        "affiliations": form.affiliations,
    }
    if form.customer:
        body["customer"] = form.customer
    if form.at:
        body["at"] = _instant(form, place)
    if form.mode or form.charge:
        body["delivery"] = {"mode": form.mode, "charge": _amount(form, "charge", place)}
        if not form.mode:
            form.errors["mode"] = _("Say which way it is delivered.")
    if form.tender or form.paid:
        body["tenders"] = [{"tender": form.tender, "amount": _amount(form, "paid", place)}]
        if not form.tender:
            form.errors["tender"] = _("Say which way it is paid.")
    if form.errors:
        return None
    try:
        return msgspec.convert(body, QuoteRequest)
    except msgspec.ValidationError as error:
        form.errors[""] = str(error)
        return None


def place_on_form(form: CartForm, path: str) -> str:
    """The field of the form for a field of the request, which has no blank lines."""
    if path.startswith("affiliations["):
        return "affiliations"
    if not path.startswith("lines["):
        return path
    place, rest = path.removeprefix("lines[").split("]", 1)
    filled = [at for at, line in enumerate(form.lines) if not line.is_blank()]
    return f"lines[{filled[int(place)]}]{rest}"


def _line(form: CartForm, at: int, typed: LineTyped, place: Place) -> Mapping[str, Any]:
    line: dict[str, Any] = {"id": str(at + 1), "product": typed.product}
    if not typed.product:
        form.errors[f"lines[{at}].product"] = _("Say which product.")
    quantity = read_decimal(typed.quantity) if typed.quantity else Decimal(1)
    if quantity is None:
        form.errors[f"lines[{at}].quantity"] = _("Write a quantity, such as 1 or 0.75.")
    else:
        line["quantity"] = str(quantity)
    if typed.price:
        line["price"] = _read_amount(form, f"lines[{at}].price", typed.price, place)
    return line


def _amount(form: CartForm, name: str, place: Place) -> int | None:
    return _read_amount(form, name, getattr(form, name), place)


def _read_amount(form: CartForm, field: str, typed: str, place: Place) -> int | None:
    amount = read_minor(typed, place.currency)
    if amount is None or not 0 <= amount <= MAX_MINOR:
        form.errors[field] = _("Write an amount, such as 5 or 4.50.")
        return None
    return amount


def _instant(form: CartForm, place: Place) -> datetime | None:
    """A time without a zone is one on the wall of the channel."""
    try:
        at = datetime.fromisoformat(form.at)
    except ValueError:
        form.errors["at"] = _("Write a day and a time, such as 2026-12-31T12:00.")
        return None
    if not 1900 <= at.year <= 2999:
        form.errors["at"] = _("Write a day and a time, such as 2026-12-31T12:00.")
        return None
    return at if at.tzinfo else at.replace(tzinfo=place.zone)


def _clean(text: str | None) -> str:
    """Trimmed, of bearable length, without signs no database takes."""
    return (text or "").replace("\x00", "").strip()[:LONGEST]
