"""Discounts as people edit them: what a coupon dictates is read-only (specification C26, C27)."""

from typing import Any

import msgspec

from kupong.coupons.models import Coupon
from kupong.discounts.models import Discount
from kupong.discounts.service import read_discounts, write_discount
from kupong.discounts.shapes import DiscountDraft, DiscountRecord, Status, Valid
from kupong.kernel.reasons import Reason
from kupong.organisation.records import Records
from kupong.organisation.refusals import Problems, Refusals


def set_status(company_id: int, number: str, status: Status) -> DiscountRecord | Refusals:
    """Enable or disable a discount. Refused with every check that fails, or `read_only` below a coupon."""
    return discounts.change(company_id, number, discounts.patch(status=status))


def dictating_coupon(company_id: int, discount_id: int | None) -> str | None:
    """The number of a coupon that is linked to the discount; None when there is none."""
    linked = Coupon.objects.filter(company_id=company_id, discount_id=discount_id or 0)
    return linked.order_by("id").values_list("number", flat=True).first()


def _write(row: Discount, draft: DiscountDraft) -> Refusals | None:
    coupon = dictating_coupon(row.company_id, row.pk)
    if coupon is not None:
        problems = _read_only_problems(row, draft, coupon)
        if problems:
            return problems.refusals()
    return write_discount(row, draft, dictated=coupon is not None)


def _read_only_problems(row: Discount, draft: DiscountDraft, coupon: str) -> Problems:
    """A value that is sent has to be the one that is there."""
    (held,) = read_discounts(row.company_id, [row])
    problems = Problems()
    for field, now, wanted in (
        ("status", held.status, draft.status),
        ("requires_code", held.requires_code, draft.requires_code),
        *_dates(held, draft),
    ):
        if wanted is not msgspec.UNSET and wanted != now:
            problems.add(field, Reason.READ_ONLY, by=coupon)
    return problems


def _dates(held: DiscountRecord, draft: DiscountDraft) -> list[tuple[str, Any, Any]]:
    now = held.valid if isinstance(held.valid, Valid) else Valid(from_=None, to=None)
    wanted = draft.valid if draft.valid is not None else Valid(from_=None, to=None)
    if not isinstance(wanted, Valid):
        return []
    return [("valid.from", now.from_, wanted.from_), ("valid.to", now.to, wanted.to)]


discounts = Records(
    model=Discount,
    reference="discount",
    draft=DiscountDraft,
    record=DiscountRecord,
    write=_write,
    read=read_discounts,
)
