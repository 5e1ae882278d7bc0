"""A coupon's pages: what it is and how it went, its codes, its redemptions; and the steps of its life."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kupong.coupons import service
from kupong.coupons.shapes import CouponRecord
from kupong.discounts.queries import covered
from kupong.organisation.models import Company
from kupong.organisation.refusals import Refusals
from kupong.reporting import queries
from kupong.reporting.figures import share
from kupong.web.backoffice import coupons, words
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.weeks import chart_context

FIRST_LINES = 8


class Tab(msgspec.Struct, frozen=True):
    """One of a coupon's pages. `name` is that of its address."""

    name: str
    text: Promise


# Another page of a coupon takes its place here.
TABS = (
    Tab("coupon", _("Summary")),
    Tab("coupon-codes", _("Codes")),
    Tab("coupon-redemptions", _("Redemptions")),
    Tab("coupon-deliveries", _("Deliveries")),
)


class Step(msgspec.Struct, frozen=True):
    """A step in the life of a coupon, and what is said when it is done."""

    use_case: Callable[[int, str], CouponRecord | Refusals]
    done: Promise


STEPS: Mapping[str, Step] = {
    "activate": Step(service.activate, _("The coupon is active: its codes can be used.")),
    "deactivate": Step(service.deactivate, _("The coupon is stopped: no code of it can be used.")),
    "void": Step(service.void, _("The coupon is voided for good.")),
}


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    """What the coupon is, and what came of it."""
    record = found(company, number)
    redeemed = queries.redeemed(company.id, timezone.localdate(), number)
    context = head(company, record, "coupon") | {
        "limits": words.limit_words(record),
        "kind": words.KINDS[record.kind],
        "rules": words.rule_words(record),
        "covered": covered(company.id, record.discount or "", FIRST_LINES),
        "redeemed": redeemed,
        "part_redeemed": share(redeemed.redemptions, record.code_count),
        "chart": chart_context(redeemed, number),
    }
    return render(request, "backoffice/coupon.html", context)


@require_POST
@signed_in
def step(request: HttpRequest, company: Company, number: str, name: str) -> HttpResponseBase:
    """Take a step that can be taken back."""
    found(company, number)
    return _taken(request, company, number, name)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def void(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    """Ask first: it cannot be taken back."""
    record = found(company, number)
    if request.method == "POST":
        return _taken(request, company, number, "void")
    return render(request, "backoffice/coupon_void.html", head(company, record, ""))


def found(company: Company, number: str) -> CouponRecord:
    record = service.coupons.find(company.id, number)
    if record is None:
        raise Http404
    return record


def head(company: Company, record: CouponRecord, current: str) -> dict[str, Any]:
    """What stands at the top of each of the coupon's pages; `current` is the tab that is shown."""
    (line,) = coupons.lines(company.id, [record])
    return {
        "company": company,
        "coupon": record,
        "line": line,
        "tabs": [
            (tab.text, reverse(tab.name, args=[record.number]), tab.name == current) for tab in TABS
        ],
    }


def _taken(request: HttpRequest, company: Company, number: str, name: str) -> HttpResponseBase:
    step = STEPS[name]
    done = step.use_case(company.id, number)
    if isinstance(done, Refusals):
        messages.error(request, words.refusal_words(done))
    else:
        messages.success(request, str(step.done))
    return redirect("coupon", number)
