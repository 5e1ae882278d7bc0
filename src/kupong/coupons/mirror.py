"""What coupons dictate to the discount they are linked to (specification 2.2).

The discount is enabled while at least one of its coupons is active; its dates span those of the active
coupons (of the inactive ones while none is active); it requires a code. Each code is still judged by its
own coupon, so the span only has to be wide enough.
"""

from collections.abc import Iterable, Sequence

from kupong.coupons.models import Coupon
from kupong.discounts.models import Discount
from kupong.discounts.service import mirror
from kupong.kernel.periods import Bound, Period
from kupong.organisation.bounds import earliest_instant, latest_instant


def renew_mirrors(company_id: int, discount_ids: Iterable[int | None]) -> None:
    """Bring these discounts in line with their coupons. One that has no coupon any more is disabled."""
    for discount_id in sorted({one for one in discount_ids if one is not None}):
        row = lock_discount(company_id, discount_id)
        linked = list(Coupon.objects.filter(company_id=company_id, discount_id=discount_id))
        active = [one for one in linked if one.status == Coupon.Status.ACTIVE]
        inactive = [one for one in linked if one.status == Coupon.Status.INACTIVE]
        span = _span([one.period for one in active or inactive]) or row.period
        mirror(row, "enabled" if active else "disabled", span)


def lock_discount(company_id: int, discount_id: int) -> Discount:
    """Hold the discount until the transaction ends: its coupons are counted by one at a time."""
    rows = Discount.objects.select_for_update(no_key=True)
    return rows.get(company_id=company_id, id=discount_id)


def _span(periods: Sequence[Period]) -> Period | None:
    """The narrowest period that holds all of these; None when there are none."""
    if not periods:
        return None
    return Period(
        _earliest([period.start for period in periods]), _latest([period.end for period in periods])
    )


def _earliest(bounds: Sequence[Bound]) -> Bound:
    if any(bound is None for bound in bounds):
        return None
    given = [bound for bound in bounds if bound is not None]
    same = len({type(bound) for bound in given}) == 1
    return min(given) if same else min(earliest_instant(bound) for bound in given)


def _latest(bounds: Sequence[Bound]) -> Bound:
    if any(bound is None for bound in bounds):
        return None
    given = [bound for bound in bounds if bound is not None]
    same = len({type(bound) for bound in given}) == 1
    return max(given) if same else max(latest_instant(bound) for bound in given)
