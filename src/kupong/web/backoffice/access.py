"""Signing in by a one-time link, signing out, and what a page needs to know who is asking."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kupong.organisation import sign_in as links
from kupong.organisation.models import Company
from kupong.reporting.queries import local_zone

COMPANY = "company"
BACKEND = "django.contrib.auth.backends.ModelBackend"
GONE = 410
P = ParamSpec("P")


def signed_in(
    view: Callable[Concatenate[HttpRequest, Company, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page of one company, which the view gets after the request, on the wall clock of its channels.

    Others are sent to sign in.
    """

    @wraps(view)
    def page(request: HttpRequest, /, *args: P.args, **options: P.kwargs) -> HttpResponseBase:
        company = _company(request)
        if company is None:
            return redirect("sign-in")
        with timezone.override(local_zone(company.id)):
            return view(request, company, *args, **options)

    return page


@require_safe
@never_cache
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Where one lands without a session: says how to get a link."""
    if _company(request) is not None:
        return redirect("overview")
    return render(request, "backoffice/sign_in.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def redeem(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link itself. Looking at it uses nothing up, so that a preview in a chat does not burn it."""
    now = timezone.now()
    if request.method != "POST":
        is_open = links.is_open(token, now)
        context = {"is_open": is_open}
        return render(request, "backoffice/link.html", context, status=200 if is_open else GONE)
    company_id = links.redeem_link(token, now)
    if company_id is None:
        return render(request, "backoffice/link.html", {"is_open": False}, status=GONE)
    login(request, links.administrator(), backend=BACKEND)
    request.session[COMPANY] = company_id
    return redirect("overview")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def _company(request: HttpRequest) -> Company | None:
    company_id = request.session.get(COMPANY)
    if company_id is None or not request.user.is_authenticated:
        return None
    return Company.objects.filter(id=company_id).first()
