"""Redemptions per week: the chart as a picture of its own, and what a page says about it in words."""

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from kupong.organisation.models import Company
from kupong.reporting import queries
from kupong.reporting.figures import Redeemed, Week
from kupong.web.backoffice import words
from kupong.web.backoffice.access import signed_in
from kupong.web.look import charts


@require_safe
@signed_in
def picture(
    request: HttpRequest, company: Company, theme: str, size: str, number: str | None = None
) -> HttpResponseBase:
    """The company's redemptions, or those of one coupon; the browser keeps it until the data change."""
    if theme not in charts.PALETTES or size not in charts.SIZES:
        raise Http404
    today = queries.local_day(company.id, timezone.now())
    weeks = queries.redeemed(company.id, today, number).weeks
    bars = [(week.monday, week.redemptions) for week in weeks]
    svg = charts.weekly_bars(bars, theme, size, words.language())
    etag = f'"{hashlib.sha256(svg.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    response = HttpResponse(svg, content_type="image/svg+xml", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response


def chart_context(redeemed: Redeemed, number: str | None = None) -> Mapping[str, Any] | None:
    """What the page says about the chart in words; None when nothing has been redeemed."""
    if not redeemed.weeks:
        return None
    return {
        "weeks": redeemed.weeks,
        "pictures": _pictures(number),
        "from": redeemed.weeks[0].monday,
        "to": last_day(redeemed.weeks[-1]),
        "busiest": max(redeemed.weeks, key=lambda week: week.redemptions),
        "latest": max(
            (week for week in redeemed.weeks if week.redemptions), key=attrgetter("monday")
        ),
    }


def _pictures(number: str | None) -> dict[str, str]:
    """The address of each picture by theme and size: "light_wide"."""
    name, coupon = ("coupon-weeks", [number]) if number else ("redemptions-per-week", [])
    return {
        f"{theme}_{size}": reverse(name, args=[*coupon, theme, size])
        for theme in charts.PALETTES
        for size in charts.SIZES
    }


def last_day(week: Week) -> date:
    return week.monday + timedelta(days=6)
