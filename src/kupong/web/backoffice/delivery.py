"""A delivery's page: where it stands, its figures, its messages, a preview; and the steps of its life."""

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kupong.campaigns import service
from kupong.campaigns.preview import preview
from kupong.campaigns.queries import delivery_page, messages_page
from kupong.campaigns.shapes import DeliveryPage, MessageRow
from kupong.campaigns.states import Event, State, target
from kupong.coupons.queries import coupon_label
from kupong.customers.queries import customer_name
from kupong.organisation.models import Company
from kupong.organisation.refusals import Refusals
from kupong.reporting.figures import share
from kupong.web.backoffice import delivery_words, words
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.lists import PAGE_SIZE, asked, asked_place, pager
from kupong.web.backoffice.words import Mark

# While it is in one of these, the page asks again by itself.
MOVING = frozenset({State.ANALYSING, State.SENDING, State.STOPPING})


class Step(msgspec.Struct, frozen=True):
    """A step in the life of a delivery, and what is said when it is done."""

    use_case: Callable[[int, str, datetime], Any]
    done: Promise


STEPS: Mapping[str, Step] = {
    "analyse": Step(service.analyse, _("The analysis has started.")),
    "confirm": Step(service.confirm, _("The delivery is confirmed.")),
    "pause": Step(service.pause, _("The delivery is paused: nothing more goes out for now.")),
    "resume": Step(service.resume, _("The delivery goes on.")),
    "stop": Step(service.stop, _("The delivery is being stopped.")),
}


class Line(msgspec.Struct, frozen=True):
    """One message of the list."""

    row: MessageRow
    mark: Mark
    cause: str


class Part(msgspec.Struct, frozen=True):
    """The messages of one status: `tone` colours their part of the bar, which begins at `start`."""

    text: str
    tone: str
    count: int
    start: Fraction
    length: Fraction


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    record = found(company, number)
    place = asked_place(request, is_id=True)
    rows = messages_page(company.id, number, int(place or 0), PAGE_SIZE)
    if rows is None:
        raise Http404
    context = _progress(company, record) | _previewed(request, company, number)
    context["messages_shown"] = [
        Line(row, delivery_words.message_mark(row.status), delivery_words.cause_words(row.cause))
        for row in rows.items
    ]
    context["pager"] = pager(request, rows.next)
    return render(request, "backoffice/delivery.html", context)


@require_safe
@never_cache
@signed_in
def progress(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    """The part of the page that asks again every two seconds, until nothing moves any more."""
    record = found(company, number)
    context = _progress(company, record) | {"is_part": True}
    response = render(request, "backoffice/delivery_progress.html", context)
    if record.state not in MOVING:
        response["HX-Trigger"] = "delivery-settled"
    return response


@require_POST
@signed_in
def step(request: HttpRequest, company: Company, number: str, name: str) -> HttpResponseBase:
    """Take a step that can be taken back."""
    if name not in STEPS:
        raise Http404
    found(company, number)
    return taken(request, company, number, name)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def confirm(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    """Ask first, and say how many messages go out: what has left cannot be taken back."""
    return _asked_first(request, company, number, "confirm", Event.CONFIRM)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def stop(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    """Ask first: a delivery that was stopped stays so. An analysis just ends."""
    return _asked_first(request, company, number, "stop", Event.STOP)


def found(company: Company, number: str) -> DeliveryPage:
    record = delivery_page(company.id, number, words.language())
    if record is None:
        raise Http404
    return record


def taken(request: HttpRequest, company: Company, number: str, name: str) -> HttpResponseBase:
    """Take the step, say how it went, and show the delivery."""
    done = STEPS[name].use_case(company.id, number, timezone.now())
    if isinstance(done, Refusals):
        messages.error(request, delivery_words.refusal_words(done))
    else:
        messages.success(request, str(STEPS[name].done))
    return redirect("delivery", number)


def _asked_first(
    request: HttpRequest, company: Company, number: str, name: str, event: Event
) -> HttpResponseBase:
    record = found(company, number)
    if request.method == "POST" or target(record.state, event) is None:
        return taken(request, company, number, name)
    return render(request, f"backoffice/delivery_{name}.html", _progress(company, record))


def _progress(company: Company, record: DeliveryPage) -> dict[str, Any]:
    """Where it stands: what the page shows above its messages."""
    return {
        "company": company,
        "delivery": record,
        "state": delivery_words.state_mark(record.state),
        "is_moving": record.state in MOVING,
        "can": {event.value: target(record.state, event) is not None for event in Event},
        "is_short": record.state == State.ANALYSIS_FAILED and bool(record.short),
        "errors": delivery_words.why_failed(record, record.log),
        "excluded": delivery_words.excluded_lines(record.excluded),
        "parts": _parts(record),
        "rate": share(record.redeemed, record.messages.sent),
        "coupon_label": coupon_label(company.id, record.coupon) if record.coupon else None,
    }


def _parts(record: DeliveryPage) -> list[Part]:
    """The bar of messages: what is done comes first."""
    counts = {
        name: getattr(record.messages, name) for name in ("sent", "failed", "cancelled", "pending")
    }
    total, start, parts = sum(counts.values()), Fraction(0), []
    for status, count in counts.items():
        mark, length = delivery_words.message_mark(status), share(count, total)
        parts.append(Part(mark.text, mark.tone, count, start, length))
        start += length
    return parts if total else []


def _previewed(request: HttpRequest, company: Company, number: str) -> dict[str, Any]:
    """The message as the recipient asked for would get it, or why it cannot be shown."""
    recipient = asked(request, "recipient")
    context: dict[str, Any] = {"recipient": recipient, "preview": None, "preview_error": ""}
    if not recipient:
        return context
    shown = preview(company.id, number, recipient, timezone.now())
    if isinstance(shown, Refusals):
        return context | {"preview_error": delivery_words.refusal_words(shown)}
    return context | {"preview": shown, "recipient_name": customer_name(company.id, recipient)}
