"""The overview: what is out there, what came back, and whether it adds up."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kupong.organisation.models import Company
from kupong.reporting import queries
from kupong.reporting.figures import Campaign, FirstSteps, Reconciliation, share
from kupong.web.backoffice import words
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.weeks import chart_context

CAMPAIGNS_SHOWN = 7


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
        "campaigns": rates(found.campaigns)[:CAMPAIGNS_SHOWN],
        "more_campaigns": rates(found.campaigns)[CAMPAIGNS_SHOWN:],
        "outcomes": outcomes(found.reconciliation) if found.reconciliation else [],
    }
    return render(request, "backoffice/overview.html", context)


def rates(campaigns: Sequence[Campaign]) -> list[tuple[Campaign, Any]]:
    """Each campaign beside its rate as a part of the best one's: rates of a few per cent can be compared."""
    best = max((campaign.rate for campaign in campaigns), default=0)
    return [(campaign, campaign.rate / best if best else 0) for campaign in campaigns]


def outcomes(found: Reconciliation) -> list[Outcome]:
    """The lines of the table, which add up to the total: what is missing is a line as well."""
    refused = sorted(found.refused.items(), key=lambda item: (-item[1], item[0]))
    lines = [
        ("redeemed", _("Redeemed"), found.redeemed),
        ("no_effect", _("The code had no effect on the basket"), found.no_effect),
        ("no_basket", _("No basket of the household that day"), found.no_basket),
        *(("refused", _("Refused: %s") % words.reason_words(key), count) for key, count in refused),
    ]
    if found.missing:
        lines.append(("missing", _("Not accounted for"), found.missing))
    return [Outcome(key, text, n, share(n, found.total)) for key, text, n in lines]


def first_steps(done: FirstSteps) -> list[tuple[str, str, bool]]:
    """What to make first, why, and whether it is there."""
    return [
        (_("A channel"), _("Where you sell: a till, a call centre or a shop."), done.channel),
        (_("A product"), _("Something to give a discount on."), done.product),
        (_("A discount"), _("What customers get, on what, and when."), done.discount),
        (_("A coupon and its codes"), _("What customers bring to the sale."), done.coupon),
    ]
