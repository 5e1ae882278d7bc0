"""The lists of deliveries: all of them, and those that send out one coupon."""

from fractions import Fraction
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kupong.campaigns.lists import DeliveryLine, deliveries_page
from kupong.organisation.models import Company
from kupong.reporting.figures import share
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.coupon import found, head
from kupong.web.backoffice.delivery_words import state_mark
from kupong.web.backoffice.lists import PAGE_SIZE, asked, asked_place, pager
from kupong.web.backoffice.words import Mark


class Line(msgspec.Struct, frozen=True):
    """One delivery of the list. `rate` is the part of what was sent whose code was redeemed."""

    record: DeliveryLine
    state: Mark
    rate: Fraction


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company) -> HttpResponseBase:
    search = asked(request, "q")
    context = {"company": company, "search": search}
    return render(
        request,
        "backoffice/deliveries.html",
        context | _listed(request, company, search=search),
    )


@require_safe
@never_cache
@signed_in
def of_coupon(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    """The tab of a coupon with the deliveries that send it out."""
    record = found(company, number)
    context = head(company, record, "coupon-deliveries")
    return render(
        request,
        "backoffice/coupon_deliveries.html",
        context | _listed(request, company, coupon=number) | {"of_coupon": True},
    )


def _listed(request: HttpRequest, company: Company, **chosen: str) -> dict[str, Any]:
    after = asked_place(request, is_id=True)
    shown = deliveries_page(
        company.id, after=int(after) if after else None, limit=PAGE_SIZE, **chosen
    )
    return {
        "lines": [_line(record) for record in shown.items],
        "pager": pager(request, shown.next),
    }


def _line(record: DeliveryLine) -> Line:
    return Line(
        record=record,
        state=state_mark(record.state),
        rate=share(record.redeemed, record.messages.sent),
    )
