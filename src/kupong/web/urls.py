"""The addresses of all pages. The JSON API stands beside them, under /api."""

from django.urls import path
from django.views.i18n import set_language

from kupong.web.backoffice import (
    access,
    code,
    code_files,
    coupon,
    coupon_lists,
    coupons,
    make_coupon,
    overview,
    redemption,
    suggestions,
    try_cart,
    weeks,
)

urlpatterns = [
    path("", overview.page, name="overview"),
    path(
        "charts/redemptions-per-week-<slug:theme>-<slug:size>.svg",
        weeks.picture,
        name="redemptions-per-week",
    ),
    path("coupons", coupons.page, name="coupons"),
    path("coupons/new", make_coupon.page, name="make-coupon"),
    path("coupons/new/example", make_coupon.example, name="coupon-example"),
    path("coupons/<str:number>", coupon.page, name="coupon"),
    path("coupons/<str:number>/codes", coupon_lists.codes, name="coupon-codes"),
    path("coupons/<str:number>/codes.<slug:kind>", code_files.page, name="coupon-code-file"),
    path("coupons/<str:number>/redemptions", coupon_lists.uses, name="coupon-redemptions"),
    path(
        "coupons/<str:number>/activate",
        coupon.step,
        {"name": "activate"},
        name="coupon-activate",
    ),
    path(
        "coupons/<str:number>/deactivate",
        coupon.step,
        {"name": "deactivate"},
        name="coupon-deactivate",
    ),
    path("coupons/<str:number>/void", coupon.void, name="coupon-void"),
    path(
        "coupons/<str:number>/redemptions-per-week-<slug:theme>-<slug:size>.svg",
        weeks.picture,
        name="coupon-weeks",
    ),
    path("codes/<str:code>", code.page, name="code"),
    path("codes/<str:code>/status", code.change, name="code-status"),
    path("codes/<str:code>/void", code.void, name="code-void"),
    path("redemptions/<int:identity>", redemption.page, name="redemption"),
    path("try", try_cart.page, name="try-cart"),
    path("suggestions/<slug:kind>", suggestions.page, name="suggestions"),
    path("sign-in", access.sign_in, name="sign-in"),
    path("sign-in/<str:token>", access.redeem, name="sign-in-link"),
    path("sign-out", access.sign_out, name="sign-out"),
    path("language", set_language, name="language"),
]
