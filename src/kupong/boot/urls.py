"""The pages' addresses, and what is shown when one of them fails."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from kupong.web.urls import urlpatterns

__all__ = ["handler500", "urlpatterns"]

RETRY_AFTER_SECONDS = "2"


def unavailable_or_broken(request: HttpRequest) -> HttpResponse:
    """A database that is away is not a mistake of ours: say when to come back."""
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return server_error(request)
    text = _("The database does not answer just now. Please try again in a moment.")
    return HttpResponse(
        text, status=503, content_type="text/plain", headers={"Retry-After": RETRY_AFTER_SECONDS}
    )


handler500 = unavailable_or_broken
