"""The codes and the redemptions of a coupon: long lists, narrowed and gone through by key."""

from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kupong.coupons.queries import codes_page
from kupong.coupons.shapes import CodeRecord
from kupong.kernel.identifiers import normalise_code
from kupong.organisation.models import Channel, Company
from kupong.organisation.plans import run
from kupong.redemption.queries import BadCursor, RedemptionFilter, RedemptionRow, redemptions
from kupong.redemption.service import django_connection
from kupong.redemption.standings import Standing, standings
from kupong.web.backoffice import words
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.coupon import found, head
from kupong.web.backoffice.lists import (
    PAGE_SIZE,
    asked,
    asked_day,
    asked_for,
    asked_place,
    pager,
)
from kupong.web.backoffice.words import Mark

MAX_CHANNELS = 1000


class CodeLine(msgspec.Struct, frozen=True):
    """One code of the list and how it stands now."""

    record: CodeRecord
    standing: Standing
    mark: Mark


class Use(msgspec.Struct, frozen=True):
    """One redemption of the list; `codes` are those of this coupon, `amount` what they took off."""

    row: RedemptionRow
    codes: list[str]
    amount: int


@require_safe
@never_cache
@signed_in
def codes(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    record = found(company, number)
    asks = {name: asked(request, name) for name in ("q", "holder", "first")}
    asks["status"] = asked_for(request, "status", words.STATUSES)
    page = codes_page(
        company.id,
        number,
        asked_place(request, is_id=not asks["q"]),
        PAGE_SIZE,
        asks["q"],
        status=asks["status"],
        holder=asks["holder"],
        first=asks["first"],
    )
    if page is None:
        raise Http404
    context = head(company, record, "coupon-codes") | {
        "asks": asks,
        "is_narrowed": any(asks.values()),
        "statuses": words.STATUSES.items(),
        "codes": _code_lines(company, page.items),
        "pager": pager(request, page.next),
    }
    return render(request, "backoffice/coupon_codes.html", context)


def _code_lines(company: Company, records: list[CodeRecord]) -> list[CodeLine]:
    plan = standings(company.id, [record.code for record in records], timezone.now())
    known = run(django_connection(), plan)
    return [_code_line(record, known[normalise_code(record.code)]) for record in records]


def _code_line(record: CodeRecord, standing: Standing) -> CodeLine:
    return CodeLine(record, standing, standing_mark(record.status, standing))


def standing_mark(status: str, standing: Standing) -> Mark:
    """Usable, or the short reason why not; what was stopped by hand stands out from what ended by itself."""
    if standing.usable:
        return Mark(_("Usable"), "good")
    if status != "active":
        return words.status_mark(status)
    return Mark(words.reason_words(standing.reason or ""), "quiet")


@require_safe
@never_cache
@signed_in
def uses(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    record = found(company, number)
    start, end = asked_day(request, "from"), asked_day(request, "to")
    asks = {name: asked(request, name) for name in ("code", "channel", "order")}
    chosen = RedemptionFilter(coupon=number, start=_midnight(start), end=_last_moment(end), **asks)
    try:
        plan = redemptions(company.id, chosen, PAGE_SIZE, asked_place(request, is_id=False))
        page = run(django_connection(), plan)
    except BadCursor as error:
        raise Http404 from error
    context = head(company, record, "coupon-redemptions") | {
        "asks": asks | {"from": start, "to": end},
        "is_narrowed": any((*asks.values(), start, end)),
        "channels": _channels(company),
        "uses": [_use(row, number) for row in page.items],
        "pager": pager(request, page.next),
    }
    return render(request, "backoffice/coupon_redemptions.html", context)


def _use(row: RedemptionRow, number: str) -> Use:
    own = [use for use in row.uses if use.coupon == number]
    return Use(row, [use.code for use in own], sum(use.amount for use in own))


def _channels(company: Company) -> Any:
    """For the browser to suggest while a number is typed."""
    rows = Channel.objects.filter(company_id=company.id).order_by("number")
    return rows.values_list("number", "name")[:MAX_CHANNELS]


def _midnight(day: date | None) -> datetime | None:
    """When the day begins on the reader's wall clock."""
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _last_moment(day: date | None) -> datetime | None:
    if day is None or day == date.max:
        return None
    following = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    return following - timedelta(microseconds=1)
