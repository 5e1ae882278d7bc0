"""The overview: what is out there, what came back, and whether it adds up."""

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.models import Company
from kupong.reporting import queries
from kupong.reporting.figures import FirstSteps, Reconciliation, Redeemed, Week, share
from kupong.web.backoffice.access import signed_in
from kupong.web.look import charts


class Outcome(msgspec.Struct, frozen=True):
    """A line of the reconciliation: what happened, how often, and what part of the whole that is."""

    key: str
    text: str
    count: int
    part: Any


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company) -> HttpResponseBase:
    found = queries.overview(company.id, timezone.now())
    if not found.issued.coupons:
        context = {"company": company, "steps": first_steps(queries.first_steps(company.id))}
        return render(request, "backoffice/welcome.html", context)
    context = {
        "company": company,
        "figures": found,
        "part_redeemed": share(found.redeemed.redemptions, found.issued.codes),
        "chart": chart_context(found.redeemed),
        "outcomes": outcomes(found.reconciliation) if found.reconciliation else [],
    }
    return render(request, "backoffice/overview.html", context)


@require_safe
@signed_in
def chart(request: HttpRequest, company: Company, theme: str, size: str) -> HttpResponseBase:
    """Redemptions per week as a picture; the browser keeps it until the data change."""
    if theme not in charts.PALETTES or size not in charts.SIZES:
        raise Http404
    today = queries.local_day(company.id, timezone.now())
    weeks = queries.redeemed(company.id, today).weeks
    svg = charts.weekly_bars([(w.monday, w.redemptions) for w in weeks], theme, size, language())
    etag = f'"{hashlib.sha256(svg.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    response = HttpResponse(svg, content_type="image/svg+xml", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response


def language() -> str:
    return "sv" if (get_language() or "").startswith("sv") else "en"


def chart_context(redeemed: Redeemed) -> Mapping[str, Any] | None:
    """What the page says about the chart in words; None when nothing has been redeemed."""
    if not redeemed.weeks:
        return None
    return {
        "weeks": redeemed.weeks,
        "from": redeemed.weeks[0].monday,
        "to": last_day(redeemed.weeks[-1]),
        "busiest": max(redeemed.weeks, key=lambda week: week.redemptions),
        "latest": max(
            (week for week in redeemed.weeks if week.redemptions), key=attrgetter("monday")
        ),
    }


def last_day(week: Week) -> date:
    return week.monday + timedelta(days=6)


def outcomes(found: Reconciliation) -> list[Outcome]:
    """The lines of the table, which add up to the total: what is missing is a line as well."""
    refused = sorted(found.refused.items(), key=lambda item: (-item[1], item[0]))
    lines = [
        ("redeemed", _("Redeemed"), found.redeemed),
        ("no_effect", _("The code had no effect on the basket"), found.no_effect),
        ("no_basket", _("No basket of the household that day"), found.no_basket),
        *(("refused", _("Refused: %s") % reason_text(key), count) for key, count in refused),
    ]
    if found.missing:
        lines.append(("missing", _("Not accounted for"), found.missing))
    return [Outcome(key, text, n, share(n, found.total)) for key, text, n in lines]


def reason_text(key: str) -> str:
    """What the reason says to people; a reason that a later version dropped reads as its key."""
    if key not in set(Reason):
        return key
    return message(Refused(Reason(key)), language()).rstrip(".")


def first_steps(done: FirstSteps) -> list[tuple[str, str, bool]]:
    """What to make first, why, and whether it is there."""
    return [
        (_("A channel"), _("Where you sell: a till, a call centre or a shop."), done.channel),
        (_("A product"), _("Something to give a discount on."), done.product),
        (_("A discount"), _("What customers get, on what, and when."), done.discount),
        (_("A coupon and its codes"), _("What customers bring to the sale."), done.coupon),
    ]
