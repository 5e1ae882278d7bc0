"""Make a coupon: one page that asks for all that it takes, with an example basket beside it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kupong.catalog.queries import category_name, goods
from kupong.coupons.example import ExampleBasket, example_basket
from kupong.coupons.issuing import guessable
from kupong.coupons.making import Made, MakingDraft, check, make_coupon
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Refused
from kupong.numbering.codes import guesses_per_hit
from kupong.organisation.models import Affiliation, Company
from kupong.organisation.queries import Found, channel_name, currencies
from kupong.organisation.refusals import Refusals
from kupong.web.backoffice import benefit_form, suggestions, words
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.coupon_form import (
    CouponForm,
    add_problems,
    blank_form,
    read_again,
    read_form,
    refusal_words,
)
from kupong.web.look.amounts import read_decimal, read_minor
from kupong.web.look.templatetags.look import number

UNPROCESSABLE = 422
MOST_PRODUCTS = 1000
LARGEST_EXAMPLE = 1_000_000

# The fields that name something by its number, and what is searched where the number is not known.
NAMED = {
    "category": "categories",
    "add_product": "products",
    "channel": "channels",
    "affiliation": "affiliations",
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def page(request: HttpRequest, company: Company) -> HttpResponseBase:
    """The form; a POST makes the coupon, unless it comes from a button that only changes the form."""
    sold_in = currencies(company.id)
    if request.method != "POST":
        return _shown(request, company, blank_form(timezone.localdate(), sold_in[0]))
    form = read_form(request.POST, sold_in)
    if _changed(company, form, request.POST):
        form.errors = {name: said for name, said in form.errors.items() if name in form.choices}
        response = _shown(request, company, form)
        # Tells the example beside the form, which cannot see what was added or removed.
        response["HX-Trigger"] = "coupon-changed"
        return response
    made = _made(company, form)
    if isinstance(made, Made):
        _tell(request, form.draft, made)
        return redirect("coupon", made.coupon)
    add_problems(form, made.problems if made else ())
    _offer_choices(company, form)
    return _shown(request, company, form, UNPROCESSABLE)


@require_POST
@never_cache
@signed_in
def example(request: HttpRequest, company: Company) -> HttpResponseBase:
    """The part that follows what is typed."""
    form = read_form(request.POST, currencies(company.id))
    return render(request, "backoffice/example.html", _example_context(company, form))


def _made(company: Company, form: CouponForm) -> Made | Refusals | None:
    """What became of it; where some fields cannot be read, what is wrong with the others."""
    if form.errors:
        return check(company.id, form.draft)
    return make_coupon(company.id, _with_label(company, form.draft))


def _changed(company: Company, form: CouponForm, sent: QueryDict) -> bool:
    """Do what a button asks that is not the one that makes the coupon."""
    if "remove" in sent:
        form.products = [one for one in form.products if one != sent["remove"]]
    elif "pick" in sent:
        field, _separator, picked = str(sent["pick"]).partition(" ")
        if field in NAMED:
            form.typed[field] = picked
    elif sent.get("do") not in ("add", "show"):
        return False
    read_again(form)
    if sent.get("do") == "add" or str(sent.get("pick", "")).startswith("add_product "):
        _add_product(company, form)
    return True


def _add_product(company: Company, form: CouponForm) -> None:
    """Move the product that is typed to those that are chosen, or ask which one is meant."""
    typed = form.typed["add_product"]
    if goods(company.id, [typed]):
        form.products = list(dict.fromkeys([*form.products, typed]))[:MOST_PRODUCTS]
        form.typed["add_product"] = ""
        read_again(form)
    elif typed:
        form.errors["add_product"] = _("There is no product with this number.")
        _offer_choices(company, form)


def _offer_choices(company: Company, form: CouponForm) -> None:
    """Where a number is not known, what was typed may be a name."""
    for field, kind in NAMED.items():
        if field in form.errors and form.typed[field]:
            form.choices[field] = suggestions.found(company, kind, form.typed[field])


def _with_label(company: Company, draft: MakingDraft) -> MakingDraft:
    """A coupon without a name is called after what it gives."""
    if draft.label:
        return draft
    basket = example_basket(company.id, draft, timezone.now(), words.language())
    label = _gives(company, draft, basket) if basket else _("New coupon")
    return msgspec.structs.replace(draft, label=label)


def _gives(company: Company, draft: MakingDraft, basket: ExampleBasket) -> str:
    """What it gives in a sentence, with the name of the one thing that it is given on."""
    target = category_name(company.id, draft.category) if draft.category else None
    if len(draft.products) == 1:
        target = basket.goods.name
    return f"{basket.says}: {target}" if target else basket.says


def _tell(request: HttpRequest, draft: MakingDraft, made: Made) -> None:
    said = _("The coupon is made, and can be used at once.")
    if not draft.active:
        said = _("The coupon is made. Activate it when its codes are to work.")
    address = reverse("coupon-code-file", args=[made.coupon, "csv"])
    link = _("Download its codes (%s)") % number(made.code_count)
    messages.success(request, format_html('{} <a href="{}">{}</a>', said, address, link))


def _shown(
    request: HttpRequest, company: Company, form: CouponForm, status: int = 200
) -> HttpResponseBase:
    context = {
        "company": company,
        "form": form,
        "typed": form.typed,
        "benefits": benefit_form.choices(form.typed, form.errors),
        "names": _names(company, form),
        "currencies": currencies(company.id),
        "has_affiliations": Affiliation.objects.filter(company_id=company.id).exists(),
    }
    context |= _example_context(company, form)
    return render(request, "backoffice/make_coupon.html", context, status=status)


def _names(company: Company, form: CouponForm) -> Mapping[str, Any]:
    """What the numbers on the form stand for."""
    found = goods(company.id, form.products)
    return {
        "category": category_name(company.id, form.typed["category"]),
        "channel": channel_name(company.id, form.typed["channel"]),
        "products": [
            Found(number=one, name=found[one].name if one in found else "") for one in form.products
        ],
    }


def _example_context(company: Company, form: CouponForm) -> dict[str, Any]:
    basket = _basket(company, form)
    context: dict[str, Any] = {"basket": basket, "terms": _terms(form), "lost": ""}
    if basket:
        context["says"] = _gives(company, form.draft, basket)
        context["currency"] = basket.priced.currency
        context["quantity"] = f"{basket.quantity.normalize():f}"
        delivery = basket.priced.delivery
        context["to_pay"] = basket.priced.net + (delivery.net if delivery else 0)
        for loss in basket.priced.not_applied:
            context["lost"] = message(Refused(loss.reason, loss.detail), words.language())
    return context


def _basket(company: Company, form: CouponForm) -> ExampleBasket | None:
    if form.errors.keys() & benefit_form.chosen_fields(form.typed["gives"]):
        return None
    quantity = read_decimal(form.typed["example_quantity"])
    price = read_minor(form.typed["example_price"], form.typed["currency"])
    return example_basket(
        company.id,
        form.draft,
        timezone.now(),
        words.language(),
        quantity=quantity if quantity and 0 < quantity <= LARGEST_EXAMPLE else None,
        unit_price=price if price is not None and price >= 0 else None,
    )


def _terms(form: CouponForm) -> list[str]:
    """What else was said, in words, so that one can see whether it is what was meant."""
    draft = form.draft
    return [
        _code_words(draft),
        _use_words(draft),
        _("Valid: %s.") % words.validity_words(draft.valid_from, draft.valid_to),
        _whom_words(draft),
    ]


def _code_words(draft: MakingDraft) -> str:
    if not draft.code_count:
        return _("One code that everybody uses: %s.") % (draft.code or _("drawn at random"))
    refused = guessable(draft.code_count, draft.code_length)
    if refused:
        return refusal_words(refused)
    figures = {
        "count": number(draft.code_count),
        "length": draft.code_length,
        "tries": number(guesses_per_hit(draft.code_count, draft.code_length)),
    }
    return (
        _(
            "%(count)s codes of %(length)s characters. A guess at random hits one in %(tries)s tries."
        )
        % figures
    )


def _use_words(draft: MakingDraft) -> str:
    once = 1 if draft.code_count else 0
    in_all = once if draft.uses_per_code is None else draft.uses_per_code
    limits = {"global": in_all, "customer": draft.uses_per_customer}
    said = [str(words.SCOPES[scope]) % number(uses) for scope, uses in limits.items() if uses]
    if not said:
        return _("Each code is used as often as anybody likes.")
    needs = _("The customer has to be known at the till.") if draft.uses_per_customer else ""
    return f"{_('Each code is used at most: %s.') % ', '.join(said)} {needs}".strip()


def _whom_words(draft: MakingDraft) -> str:
    if draft.channel:
        return _("Only in channel %s.") % draft.channel
    if draft.affiliation:
        return _("Only for affiliation %s.") % draft.affiliation
    return _("For everybody.")
