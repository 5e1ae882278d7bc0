"""Reads of coupons and codes, for the rooms above."""

from kupong.coupons.codes import read_codes
from kupong.coupons.models import Coupon, CouponCode
from kupong.coupons.shapes import CodeRecord
from kupong.kernel.identifiers import normalise_code
from kupong.organisation.records import Page


def codes_page(
    company_id: int,
    number: str,
    after: str | None = None,
    limit: int = 100,
    search: str = "",
) -> Page[CodeRecord] | None:
    """The codes of a coupon in the order in which they were made; `after` is the `next` of the page before.

    `search` keeps those that begin so, in the order of their texts. None: there is no such coupon.
    """
    coupon = Coupon.objects.filter(company_id=company_id, number=number).first()
    if coupon is None:
        return None
    rows = CouponCode.objects.filter(company_id=company_id, coupon_id=coupon.id)
    if search:
        # The text's own order, so that the unique index serves both the beginning and the page.
        rows = rows.filter(code__startswith=normalise_code(search)).order_by("code")
        rows = rows.filter(code__gt=after) if after is not None else rows
    else:
        rows = rows.order_by("id").filter(id__gt=int(after or 0))
    found = list(rows[: limit + 1])
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = last.code if search else str(last.id)
    return Page(items=read_codes(company_id, found[:limit]), next=following)


def code_count(company_id: int, number: str) -> int:
    """How many codes the coupon has; 0 when there is no such coupon."""
    rows = Coupon.objects.filter(company_id=company_id, number=number)
    return rows.values_list("code_count", flat=True).first() or 0
