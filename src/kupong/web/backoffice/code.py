"""A code's page: whether it can be used, by whom and how often, and its history from issue to receipt."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kupong.campaigns.queries import CodeStory, StoryEvent, code_story
from kupong.coupons.codes import change_code
from kupong.coupons.service import coupons
from kupong.coupons.shapes import CodePatch, CouponRecord
from kupong.customers.service import customers
from kupong.kernel.periods import Period
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.bounds import bound_text
from kupong.organisation.models import Company
from kupong.organisation.plans import run
from kupong.organisation.refusals import Refusals
from kupong.redemption.queries import CodePage
from kupong.redemption.service import django_connection
from kupong.reporting.figures import share
from kupong.web.backoffice import words
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.coupons import lines

EVENTS_SHOWN = 100
COUNTERS_SHOWN = 20

EVENTS = {
    "issued": gettext_lazy("Issued"),
    "assigned": gettext_lazy("Set aside"),
    "recycled": gettext_lazy("Given back"),
    "released": gettext_lazy("Given back"),
    "sent": gettext_lazy("Sent"),
    "undelivered": gettext_lazy("Not delivered"),
    "redeemed": gettext_lazy("Redemption"),
}
_CHANGED = {
    "active": gettext_lazy("The code is active."),
    "inactive": gettext_lazy("The code is stopped: it cannot be used."),
    "voided": gettext_lazy("The code is voided for good."),
}


class Counter(msgspec.Struct, frozen=True):
    """Uses in one scope against its limit (None: there is none)."""

    text: str
    uses: int
    limit: int | None

    @property
    def part(self) -> Any:
        return share(self.uses, self.limit or 0)


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company, code: str) -> HttpResponseBase:
    told, coupon = _found(company, code)
    story = told.page
    (line,) = lines(company.id, [coupon])
    holder = customers.find(company.id, story.holder) if story.holder else None
    counters, events = list(_counters(story, coupon)), _events(told)
    context = {
        "company": company,
        "code": story,
        "coupon": coupon,
        "line": line,
        "status": words.status_mark(story.status),
        "why_not": _why_not(story, coupon, timezone.now()),
        "holder": holder,
        "valid": words.validity_words(bound_text(story.valid_from), bound_text(story.valid_to)),
        "has_own_dates": bool(story.valid_from or story.valid_to),
        "counters": counters[:COUNTERS_SHOWN],
        "is_cut": len(counters) > COUNTERS_SHOWN,
        "events": events,
        "earlier": _uses_in_all(story) - sum(1 for event, _text in events if event.redemption),
    }
    return render(request, "backoffice/code.html", context)


@require_POST
@signed_in
def change(request: HttpRequest, company: Company, code: str) -> HttpResponseBase:
    """Stop the code, or let it be used again."""
    status = request.POST.get("status", "")
    if status not in ("active", "inactive"):
        raise Http404
    return _changed(request, company, code, status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def void(request: HttpRequest, company: Company, code: str) -> HttpResponseBase:
    """Ask first: it cannot be taken back."""
    told, coupon = _found(company, code)
    if request.method == "POST":
        return _changed(request, company, code, "voided")
    context = {"company": company, "code": told.page, "coupon": coupon}
    return render(request, "backoffice/code_void.html", context)


def _found(company: Company, code: str) -> tuple[CodeStory, CouponRecord]:
    told = run(django_connection(), code_story(company.id, code, timezone.now()))
    coupon = coupons.find(company.id, told.page.coupon) if told else None
    if told is None or coupon is None:
        raise Http404
    return told, coupon


def _events(told: CodeStory) -> list[tuple[StoryEvent, str]]:
    """When the code was issued, and the latest of what happened to it since, each in a word or two."""
    issued = [event for event in told.history if event.event == "issued"]
    since = [event for event in told.history if event.event != "issued"]
    shown = issued + since[-EVENTS_SHOWN:]
    return [(event, str(EVENTS.get(event.event, event.event))) for event in shown]


def _changed(request: HttpRequest, company: Company, code: str, status: str) -> HttpResponseBase:
    done = change_code(company.id, code, CodePatch(status=status))  # type: ignore[arg-type]
    if isinstance(done, Refusals):
        messages.error(request, words.refusal_words(done))
    else:
        messages.success(request, str(_CHANGED[status]))
    return redirect("code", code)


def _why_not(story: CodePage, coupon: CouponRecord, now: datetime) -> str:
    """Why the code cannot be used now, judged as `code_page` does, and whether that lies in its coupon."""
    if story.reason is None:
        return ""
    if story.status == "active" and coupon.status != "active":
        return _("The coupon is not active.")
    own = Period(story.valid_from, story.valid_to)
    whole = Period(words.read_bound(coupon.valid_from), words.read_bound(coupon.valid_to))
    for refused in (period.refusal(now, UTC) for period in (own, whole)):
        if refused and refused.reason == story.reason:
            return words.period_words(refused)
    return words.refusal_words(Refused(story.reason, _spent(story)))


def _spent(story: CodePage) -> dict[str, Any]:
    """The figures of an exhausted code: the page judges it by the limit in all."""
    spent = (counter for counter in story.uses if counter.scope == "global" and counter.limit)
    figures = ({"have": one.uses, "limit": one.limit, "scope": one.scope} for one in spent)
    return next(figures, {}) if story.reason is Reason.EXHAUSTED else {}


def _counters(story: CodePage, coupon: CouponRecord) -> Iterator[Counter]:
    """The counter of each scope that has a limit or uses; a limit that nobody has touched stands at 0."""
    limits = {limit.scope: limit.uses for limit in words.limits_of(coupon)}
    counted = {(counter.scope, counter.of): counter for counter in story.uses}
    yield Counter(_("In all"), _uses_in_all(story), limits.pop("global", None))
    for (scope, of), counter in counted.items():
        if scope != "global" and scope in limits:
            text = _("Channel %s") if scope == "channel" else _("Customer %s")
            yield Counter(text % of, counter.uses, limits[scope])
    for scope in limits.keys() - {scope for scope, _of in counted}:
        text = _("Each channel") if scope == "channel" else _("Each customer")
        yield Counter(text, 0, limits[scope])


def _uses_in_all(story: CodePage) -> int:
    return next((counter.uses for counter in story.uses if counter.scope == "global"), 0)
