"""Try a cart: price it as a till would, and say why of every line, every code and every "no".

The whole cart stands in the address, so it can be sent to somebody; nothing is kept and nothing is changed.
"""

import shlex
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kupong.catalog.queries import goods
from kupong.customers.queries import customer_name
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.models import Channel, Company
from kupong.organisation.queries import channel_name, parameters
from kupong.redemption import service
from kupong.redemption.shapes import Quote, QuoteRequest, Rejected
from kupong.web.backoffice import suggestions, words
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.cart_form import (
    CartForm,
    LineTyped,
    Place,
    place_on_form,
    read_cart,
    request_of,
)
from kupong.web.backoffice.quote_words import told

API = "/api/v1/quotes"
MOST_ROWS = 10
_SEARCHED = {"channel": "channels", "customer": "customers", "product": "products"}


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company) -> HttpResponseBase:
    """The cart of the address, and its quote once it says where and what."""
    form = read_cart(request.GET)
    if _changed(form, request.GET):
        return redirect(f"{reverse('try-cart')}?{form.address()}")
    _complete(company, form)
    place = _place(company, form.channel)
    asked = request_of(form, place) if form.channel and _is_filled(form) else None
    quote = _quoted(company, form, asked) if asked else None
    context = {"company": company, "form": form, "place": place, "quote": quote}
    if asked and quote:
        context |= {
            "told": told(company.id, asked, quote, words.language()),
            "priced_at": (asked.at or timezone.now()).astimezone(place.zone),
            "developer": _developer(request, form, asked, quote),
        }
    return render(request, "backoffice/try_cart.html", context | _fields(company, form))


def _changed(form: CartForm, sent: QueryDict) -> bool:
    """Do what a button asks that only changes the cart."""
    if sent.get("do") == "add":
        form.lines.append(LineTyped(quantity="1"))
    elif "remove" in sent:
        form.lines = [line for at, line in enumerate(form.lines) if str(at) != sent["remove"]]
    elif "pick" in sent:
        field, _separator, picked = str(sent["pick"]).partition(" ")
        _pick(form, field, picked)
    else:
        return False
    return True


def _pick(form: CartForm, field: str, picked: str) -> None:
    name, _separator, place = field.partition("-")
    if name in ("channel", "customer"):
        setattr(form, name, picked)
    elif name == "product" and place.isdecimal() and int(place) < len(form.lines):
        form.lines[int(place)].product = picked


def _complete(company: Company, form: CartForm) -> None:
    """A company with one channel sells there; a cart always has a line to type in."""
    if not form.channel:
        numbers = Channel.objects.filter(company_id=company.id).values_list("number", flat=True)
        first = list(numbers[:2])
        form.channel = first[0] if len(first) == 1 else ""
    if not form.lines:
        form.lines = [LineTyped(quantity="1")]


def _is_filled(form: CartForm) -> bool:
    return bool(form.codes) or any(not line.is_blank() for line in form.lines)


def _place(company: Company, number: str) -> Place:
    channel = Channel.objects.filter(company_id=company.id, number=number).first()
    if channel is None:
        return Place(parameters(company.id).currency, ZoneInfo("UTC"))
    return Place(channel.currency, ZoneInfo(channel.time_zone))


def _quoted(company: Company, form: CartForm, asked: QuoteRequest) -> Quote | None:
    """The quote; None when the cart was refused: its fields then say why."""
    answer = service.quote(
        company.id, asked, timezone.now(), words.language(), explain_all=form.explain_all
    )
    if not isinstance(answer, Rejected):
        return answer
    for error in answer.errors:
        field = place_on_form(form, error.field)
        form.errors.setdefault(field, _said(field, error.code, error.detail))
    if not answer.errors:
        form.errors[""] = message(Refused(answer.reason, answer.detail), words.language())
    return None


def _said(field: str, reason: Reason, said: str) -> str:
    """What a field says in the words of this page, else what the reason says."""
    own = {
        ("channel", Reason.UNKNOWN_REFERENCE): _("There is no channel with this number."),
        ("customer", Reason.UNKNOWN_REFERENCE): _("There is no customer with this number."),
        ("affiliations", Reason.UNKNOWN_REFERENCE): _("There is no affiliation with this number."),
        ("product", Reason.UNKNOWN_REFERENCE): _("There is no product with this number."),
        ("quantity", Reason.INVALID): _("Write a quantity, such as 1 or 0.75."),
        ("price", Reason.MISSING): _(
            "The catalogue has no price for it in this currency: type one."
        ),
    }
    return own.get((field.rpartition(".")[2], reason), said)


def _fields(company: Company, form: CartForm) -> dict[str, Any]:
    """The fields of the form with what is said beside them."""
    found = goods(company.id, [line.product for line in form.lines if line.product])
    lines = []
    for at, line in enumerate(form.lines):
        errors = {
            name: form.errors.get(f"lines[{at}].{name}") for name in LineTyped.__struct_fields__
        }
        known = found.get(line.product)
        lines.append(
            {
                "at": at,
                "product_id": f"product-{at}",
                "typed": line,
                "name": known.name if known else "",
                "errors": errors,
                "choices": _choices(company, "product", line.product, errors["product"]),
                "is_new": at > 0 and line.is_blank() and at == len(form.lines) - 1,
            }
        )
    return {
        "lines": lines,
        "channel_said": channel_name(company.id, form.channel),
        "customer_said": customer_name(company.id, form.customer),
        "channel_choices": _choices(company, "channel", form.channel, form.errors.get("channel")),
        "customer_choices": _choices(
            company, "customer", form.customer, form.errors.get("customer")
        ),
        "whole_error": form.errors.get("", ""),
        "codes_typed": "\n".join(form.codes),
        "codes_rows": min(max(2, len(form.codes) + 1), MOST_ROWS),
        "affiliations_typed": "\n".join(form.affiliations),
        "has_more": any([form.affiliations, form.mode, form.charge, form.tender, form.paid]),
        "address": form.address(),
        "address_explained": form.address(explain_all=True),
        "address_short": form.address(explain_all=False),
    }


def _choices(company: Company, name: str, typed: str, error: str | None) -> list[Any]:
    """What may have been meant by a number that there is not."""
    return suggestions.found(company, _SEARCHED[name], typed) if error and typed else []


def _developer(
    request: HttpRequest, form: CartForm, asked: QuoteRequest, quote: Quote
) -> dict[str, str]:
    """The same call over the API, and what comes back."""
    body = msgspec.json.encode(_sent(asked))
    address = request.build_absolute_uri(API) + ("?explain=all" if form.explain_all else "")
    return {
        "answer": msgspec.json.format(msgspec.json.encode(quote), indent=2).decode(),
        "curl": " \\\n  ".join(
            [
                f"curl {shlex.quote(address)}",
                "-H 'Authorization: Bearer kp_…'",
                "-H 'Content-Type: application/json'",
                f"-H 'Accept-Language: {words.language()}'",
                f"-d {shlex.quote(body.decode())}",
            ]
        ),
    }


def _sent(asked: QuoteRequest) -> dict[str, Any]:
    """The request without what it leaves open."""
    body = {name: value for name, value in msgspec.to_builtins(asked).items() if value}
    body["lines"] = [
        {name: value for name, value in line.items() if value not in (None, False)}
        for line in msgspec.to_builtins(asked.lines)
    ]
    return body
