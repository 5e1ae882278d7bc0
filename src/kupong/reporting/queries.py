"""Reads the figures of one company in a few set-based statements; none of them counts codes."""

from collections import Counter
from collections.abc import Sequence
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
from kupong.organisation.validity import begun, not_over
from kupong.reporting.figures import (
    Amount,
    Campaign,
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
CAMPAIGNS = 100

# Each use falls in the week it has on the wall of its channel.
_LEDGER_BY_WEEK = """
SELECT date_trunc('week', entry.at AT TIME ZONE channel.time_zone)::date, entry.currency,
    count(*), sum(entry.amount)::bigint
FROM redemption_ledgerentry entry
JOIN organisation_channel channel
    ON channel.company_id = entry.company_id AND channel.id = entry.channel_id
WHERE entry.company_id = %(company)s AND entry.kind = 'redeemed'{condition}
GROUP BY 1, 2
"""

_OF_COUPON = """ AND entry.coupon_id = (
    SELECT id FROM coupons_coupon WHERE company_id = %(company)s AND number = %(coupon)s)"""

_USES = """
SELECT coupon.number, count(*)
FROM coupons_coupon coupon
JOIN redemption_ledgerentry entry
    ON entry.company_id = coupon.company_id AND entry.coupon_id = coupon.id
WHERE coupon.company_id = %s AND coupon.number = ANY(%s::text[]) AND entry.kind = 'redeemed'
GROUP BY coupon.number
"""

# The coupons of a folder are added up before the ledger is: each is counted once, used or not.
_CAMPAIGNS = """
SELECT coupon.folder, count(*), sum(coupon.code_count)::bigint,
    coalesce(sum(used.uses), 0)::bigint AS uses
FROM coupons_coupon coupon
LEFT JOIN (
    SELECT coupon_id, count(*) AS uses FROM redemption_ledgerentry
    WHERE company_id = %(company)s AND kind = 'redeemed' GROUP BY coupon_id
) used ON used.coupon_id = coupon.id
WHERE coupon.company_id = %(company)s AND coupon.folder <> ''
GROUP BY coupon.folder HAVING sum(coupon.code_count) > 0
ORDER BY coalesce(sum(used.uses), 0) / sum(coupon.code_count) DESC, coupon.folder
LIMIT %(limit)s
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
        campaigns=campaigns(company_id),
        reconciliation=reconciliation(company_id),
    )


def local_day(company_id: int, now: datetime) -> date:
    """Today by the wall clock of most of the company's channels."""
    return now.astimezone(local_zone(company_id)).date()


def local_zone(company_id: int) -> ZoneInfo:
    """The time zone of most of the company's channels; UTC before the first."""
    zones = Channel.objects.filter(company_id=company_id).values(zone=F("time_zone"))
    counted = zones.annotate(channels=Count("id")).order_by("-channels", "zone").first()
    return ZoneInfo(counted["zone"] if counted else "UTC")


def issued(company_id: int, now: datetime, today: date) -> Issued:
    """Coupons and their codes; each coupon keeps the number of its codes, so that nobody counts them."""
    active = Q(status=Coupon.Status.ACTIVE)
    valid = active & begun(now, today) & not_over(now, today)
    found = Coupon.objects.filter(company_id=company_id).aggregate(
        coupons=Count("id"),
        active=Count("id", filter=active),
        valid=Count("id", filter=valid),
        codes=Sum("code_count", default=0),
    )
    return Issued(found["coupons"], found["active"], found["valid"], int(found["codes"]))


def redeemed(company_id: int, today: date, coupon: str | None = None) -> Redeemed:
    """One reading of the company's ledger, or of one coupon's part of it, added up by week and by currency."""
    sql = _LEDGER_BY_WEEK.format(condition="" if coupon is None else _OF_COUPON)
    by_week: Counter[Any] = Counter()
    by_currency: Counter[str] = Counter()
    discount: Counter[str] = Counter()
    for monday, currency, uses, minor in _rows(sql, {"company": company_id, "coupon": coupon}):
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


def campaigns(company_id: int) -> tuple[Campaign, ...]:
    """The folders of coupons, from the highest redemption rate down (the first `CAMPAIGNS`)."""
    rows = _rows(_CAMPAIGNS, {"company": company_id, "limit": CAMPAIGNS})
    return tuple(Campaign(*row) for row in rows)


def uses_by_coupon(company_id: int, numbers: Sequence[str]) -> dict[str, int]:
    """How many uses of their codes these coupons have; one that has none is left out."""
    return dict(_rows(_USES, [company_id, list(numbers)]))


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


def _rows(sql: str, parameters: list[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
