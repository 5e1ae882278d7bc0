"""Making a delivery, and changing one that does not go out yet."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kupong.campaigns import service
from kupong.campaigns.lists import chosen_customers
from kupong.campaigns.shapes import DeliveryDraft, DeliveryPage, DeliveryRecord
from kupong.campaigns.states import Event, State, target
from kupong.coupons.queries import coupon_label
from kupong.kernel.reasons import Reason
from kupong.organisation.models import Company
from kupong.organisation.refusals import Refusals, refuse
from kupong.personalization.fields import NAMES
from kupong.web.backoffice import delivery_words, suggestions
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.delivery import found, taken
from kupong.web.backoffice.delivery_form import (
    DeliveryForm,
    add_problems,
    blank_form,
    form_of,
    read_form,
)
from kupong.web.backoffice.lists import asked

UNPROCESSABLE = 422

MEANINGS: dict[str, Promise] = {
    "recipient.number": gettext_lazy("Customer number"),
    "recipient.first_name": gettext_lazy("First name"),
    "recipient.name": gettext_lazy("Name"),
    "recipient.email": gettext_lazy("E-mail address"),
    "coupon.code": gettext_lazy("The recipient's code"),
    "coupon.label": gettext_lazy("What the coupon is called"),
    "coupon.valid_from": gettext_lazy("First day of the coupon"),
    "coupon.valid_to": gettext_lazy("Last day of the coupon"),
    "delivery.label": gettext_lazy("What the delivery is called"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def make(request: HttpRequest, company: Company) -> HttpResponseBase:
    if request.method != "POST":
        return _shown(request, company, blank_form(asked(request, "coupon")), None)
    form = read_form(request.POST)
    if _picked(request, form):
        return _shown(request, company, form, None)
    saved: Any = None
    if not form.errors:
        saved = service.deliveries.create(company.id, DeliveryDraft(**form.fields))
    return _answered(request, company, form, saved, None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def edit(request: HttpRequest, company: Company, number: str) -> HttpResponseBase:
    record = found(company, number)
    if request.method != "POST":
        if target(record.state, Event.EDIT) is None:
            wrong = refuse(Reason.WRONG_STATE, state=record.state)
            messages.error(request, delivery_words.refusal_words(wrong))
            return redirect("delivery", number)
        form = form_of(record, chosen_customers(company.id, number))
        return _shown(request, company, form, record)
    form = read_form(request.POST)
    if _picked(request, form):
        return _shown(request, company, form, record)
    saved: Any = None
    if not form.errors:
        patch = service.deliveries.patch(**form.fields)
        saved = service.deliveries.change(company.id, number, patch)
    return _answered(request, company, form, saved, record)


def _picked(request: HttpRequest, form: DeliveryForm) -> bool:
    """Whether the button took what may have been meant by the coupon that was typed."""
    field, _separator, picked = str(request.POST.get("pick", "")).partition(" ")
    if field != "coupon":
        return False
    form.typed["coupon"], form.errors = picked, {}
    return True


def _answered(
    request: HttpRequest,
    company: Company,
    form: DeliveryForm,
    saved: DeliveryRecord | Refusals | None,
    record: DeliveryPage | None,
) -> HttpResponseBase:
    """On to the delivery that was saved; or the form again, with what is wrong in place."""
    if isinstance(saved, DeliveryRecord) and saved.number:
        if request.POST.get("do") == "analyse":
            return taken(request, company, saved.number, "analyse")
        messages.success(request, _("The delivery is saved."))
        return redirect("delivery", saved.number)
    if isinstance(saved, Refusals):
        add_problems(form, delivery_words.with_states(saved).problems)
    if "coupon" in form.errors:
        form.choices["coupon"] = suggestions.found(company, "coupons", form.typed["coupon"])
    return _shown(request, company, form, record, UNPROCESSABLE)


def _shown(
    request: HttpRequest,
    company: Company,
    form: DeliveryForm,
    record: DeliveryPage | None,
    status: int = 200,
) -> HttpResponseBase:
    context = {
        "company": company,
        "form": form,
        "typed": form.typed,
        "delivery": record,
        "was_analysed": record is not None and record.state != State.DRAFT,
        "coupon_name": coupon_label(company.id, form.typed["coupon"]),
        "zone": timezone.get_current_timezone_name(),
        "fields": [
            (f"{{{{ {root}.{name} }}}}", MEANINGS[f"{root}.{name}"])
            for root, names in NAMES.items()
            for name in names
        ],
    }
    return render(request, "backoffice/delivery_form.html", context, status=status)
