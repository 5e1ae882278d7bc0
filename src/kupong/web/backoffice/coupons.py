"""The list of coupons: searched, narrowed and gone through by key."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kupong.coupons import queries
from kupong.coupons.queries import CouponFilter
from kupong.coupons.shapes import CouponRecord
from kupong.discounts.queries import sentences
from kupong.organisation.models import Company
from kupong.reporting.figures import share
from kupong.reporting.queries import uses_by_coupon
from kupong.web.backoffice import words
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.lists import PAGE_SIZE, asked, asked_for, asked_place, pager
from kupong.web.backoffice.words import Mark

VALIDITY = {
    "now": gettext_lazy("Valid now"),
    "upcoming": gettext_lazy("Upcoming"),
    "over": gettext_lazy("Over"),
}
ORDERS = {"newest": gettext_lazy("Newest first"), "number": gettext_lazy("By number")}


class Line(msgspec.Struct, frozen=True):
    """One coupon of the list. `uses` are redemptions of its codes, `rate` their part of the codes."""

    record: CouponRecord
    gives: str
    valid: str
    state: str
    status: Mark
    uses: int
    rate: Any


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company) -> HttpResponseBase:
    chosen, order = _chosen(request), _order(request)
    after = asked_place(request, is_id=order == "newest")
    now = timezone.localtime()
    at = (now, now.date())
    found = queries.coupons_page(company.id, chosen, at, order, after, PAGE_SIZE)
    context = {
        "company": company,
        "chosen": chosen,
        "order": order,
        "lines": lines(company.id, found.items),
        "pager": pager(request, found.next),
        "code": queries.find_code(company.id, chosen.search) if chosen.search else None,
        "is_narrowed": chosen != CouponFilter(),
        "choices": _choices(company.id),
    }
    return render(request, "backoffice/coupons.html", context)


def lines(company_id: int, records: list[CouponRecord]) -> list[Line]:
    """What the list says of these coupons, in two statements however many they are."""
    gives = sentences(company_id, {r.discount for r in records if r.discount}, words.language())
    uses = uses_by_coupon(company_id, [record.number for record in records])
    return [_line(record, gives, uses.get(record.number, 0)) for record in records]


def _line(record: CouponRecord, gives: dict[str, str], uses: int) -> Line:
    state = words.period_state(record, timezone.localtime())
    return Line(
        record=record,
        gives=gives.get(record.discount or "", "") or _("No discount"),
        valid=words.validity_words(record.valid_from, record.valid_to),
        state="" if state == "now" else str(VALIDITY[state]),
        status=words.status_mark(record.status, is_in_force=state == "now"),
        uses=uses,
        rate=share(uses, record.code_count),
    )


def _order(request: HttpRequest) -> queries.Order:
    return "number" if asked(request, "sort") == "number" else "newest"


def _chosen(request: HttpRequest) -> CouponFilter:
    return CouponFilter(
        search=asked(request, "q"),
        status=asked_for(request, "status", words.STATUSES),
        validity=asked_for(request, "valid", VALIDITY),  # type: ignore[arg-type]
        kind=asked_for(request, "kind", words.KINDS),
        folder=asked(request, "folder") or None,
    )


def _choices(company_id: int) -> dict[str, Any]:
    return {
        "status": words.STATUSES.items(),
        "valid": VALIDITY.items(),
        "kind": words.KINDS.items(),
        "folder": [(name, name) for name in _folders(company_id)],
        "sort": ORDERS.items(),
    }


def _folders(company_id: int) -> list[str]:
    return sorted(filter(None, queries.folders(company_id)), key=words.natural)
