"""What a field with suggestions offers, and the way to ask again where what was typed is no number."""

from collections.abc import Callable, Mapping

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kupong.catalog.queries import find_categories, find_products
from kupong.coupons.queries import find_coupons
from kupong.customers.queries import find_customers
from kupong.organisation.models import Company
from kupong.organisation.queries import Found, find_affiliations, find_channels
from kupong.web.backoffice.access import signed_in

LONGEST = 200

# Another kind of thing to search for takes its place here.
SEARCHES: Mapping[str, Callable[[int, str], list[Found]]] = {
    "products": find_products,
    "categories": find_categories,
    "channels": find_channels,
    "affiliations": find_affiliations,
    "customers": find_customers,
    "coupons": find_coupons,
}


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company, kind: str) -> HttpResponseBase:
    """The options below a field, which comes as the only parameter, whatever its name."""
    if kind not in SEARCHES:
        raise Http404
    typed = str(next(iter(request.GET.values()), ""))
    return render(request, "backoffice/suggestions.html", {"found": found(company, kind, typed)})


def found(company: Company, kind: str, typed: str) -> list[Found]:
    """Nothing for nothing: before the first letter there is nothing to suggest."""
    typed = typed.replace("\x00", "").strip()[:LONGEST]
    return SEARCHES[kind](company.id, typed) if typed else []
