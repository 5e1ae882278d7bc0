"""Reads the figures of one company in a few set-based statements; none of them counts codes."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection
from django.db.models import Count, F, Q, Sum

from kupong.catalog.models import Product
from kupong.coupons.models import Coupon
from kupong.discounts.models import Discount
from kupong.organisation.models import Channel
from kupong.reporting.figures import (
    Amount,
    FirstSteps,
    Issued,
    Overview,
    Reconciliation,
    Redeemed,
    TopCoupon,
    weeks_to_show,
)
from kupong.work.models import Job

REPLAY_JOB = "demo.replay"
TOP_COUPONS = 7

# Each use falls in the week it has on the wall of its channel.
_LEDGER_BY_WEEK = """
SELECT date_trunc('week', entry.at AT TIME ZONE channel.time_zone)::date, entry.currency,
    count(*), sum(entry.amount)::bigint
FROM redemption_ledgerentry entry
JOIN organisation_channel channel
    ON channel.company_id = entry.company_id AND channel.id = entry.channel_id
WHERE entry.company_id = %s AND entry.kind = 'redeemed'
GROUP BY 1, 2
"""

_TOP_COUPONS = """
SELECT coupon.number, coupon.label, coupon.code_count, used.uses
FROM (
    SELECT company_id, coupon_id, count(*) AS uses FROM redemption_ledgerentry
    WHERE company_id = %s AND kind = 'redeemed'
    GROUP BY company_id, coupon_id
    ORDER BY uses DESC, coupon_id LIMIT %s
) used
JOIN coupons_coupon coupon
    ON coupon.company_id = used.company_id AND coupon.id = used.coupon_id
ORDER BY used.uses DESC, coupon.id
"""


def overview(company_id: int, now: datetime) -> Overview:
    today = local_day(company_id, now)
    return Overview(
        issued=issued(company_id, now, today),
        redeemed=redeemed(company_id, today),
        top=top_coupons(company_id),
        reconciliation=reconciliation(company_id),
    )


def local_day(company_id: int, now: datetime) -> date:
    """Today by the wall clock of most of the company's channels; in UTC before the first."""
    zones = Channel.objects.filter(company_id=company_id).values(zone=F("time_zone"))
    counted = zones.annotate(channels=Count("id")).order_by("-channels", "zone").first()
    return now.astimezone(ZoneInfo(counted["zone"] if counted else "UTC")).date()


def issued(company_id: int, now: datetime, today: date) -> Issued:
    """Coupons and their codes; each coupon keeps the number of its codes, so that nobody counts them."""
    active = Q(status=Coupon.Status.ACTIVE)
    begun = Q(valid_from_date=None) | Q(valid_from_date__lte=today)
    begun &= Q(valid_from_at=None) | Q(valid_from_at__lte=now)
    not_over = Q(valid_to_date=None) | Q(valid_to_date__gte=today)
    not_over &= Q(valid_to_at=None) | Q(valid_to_at__gte=now)
    found = Coupon.objects.filter(company_id=company_id).aggregate(
        coupons=Count("id"),
        active=Count("id", filter=active),
        valid=Count("id", filter=active & begun & not_over),
        codes=Sum("code_count", default=0),
    )
    return Issued(found["coupons"], found["active"], found["valid"], int(found["codes"]))


def redeemed(company_id: int, today: date) -> Redeemed:
    """One reading of the company's ledger, added up by week and by currency."""
    by_week: Counter[Any] = Counter()
    by_currency: Counter[str] = Counter()
    discount: Counter[str] = Counter()
    for monday, currency, uses, minor in _rows(_LEDGER_BY_WEEK, [company_id]):
        by_week[monday] += uses
        by_currency[currency] += uses
        discount[currency] += minor
    return Redeemed(
        redemptions=by_week.total(),
        # The currency of most redemptions first: amounts in different ones have no order.
        discount=tuple(
            Amount(currency, discount[currency]) for currency, _ in by_currency.most_common()
        ),
        weeks=weeks_to_show(by_week, today),
    )


def top_coupons(company_id: int) -> tuple[TopCoupon, ...]:
    """The coupons whose codes were used most."""
    return tuple(TopCoupon(*row) for row in _rows(_TOP_COUPONS, [company_id, TOP_COUPONS]))


def reconciliation(company_id: int) -> Reconciliation | None:
    """The outcome of the last replay that ended; None where nothing was replayed."""
    jobs = Job.objects.filter(company_id=company_id, name=REPLAY_JOB, state=Job.State.DONE)
    result = (
        jobs.filter(result__isnull=False).order_by("-id").values_list("result", flat=True).first()
    )
    return None if result is None else msgspec.convert(result, Reconciliation)


def first_steps(company_id: int) -> FirstSteps:
    def has(model: Any) -> bool:
        return bool(model.objects.filter(company_id=company_id).exists())

    return FirstSteps(has(Channel), has(Product), has(Discount), has(Coupon))


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
