"""The addresses of all pages. The JSON API stands beside them, under /api."""

from django.urls import path
from django.views.i18n import set_language

from kupong.web.backoffice import access, overview

urlpatterns = [
    path("", overview.page, name="overview"),
    path(
        "charts/redemptions-per-week-<slug:theme>-<slug:size>.svg",
        overview.chart,
        name="redemptions-per-week",
    ),
    path("sign-in", access.sign_in, name="sign-in"),
    path("sign-in/<str:token>", access.redeem, name="sign-in-link"),
    path("sign-out", access.sign_out, name="sign-out"),
    path("language", set_language, name="language"),
]
