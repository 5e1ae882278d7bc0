"""Reads of coupons and codes, for the rooms above. Every list goes on by key, however long it is."""

from datetime import date, datetime
from typing import Literal

import msgspec
from django.db.models import Q, QuerySet

from kupong.coupons.codes import read_codes
from kupong.coupons.models import Coupon, CouponCode
from kupong.coupons.service import read_coupons
from kupong.coupons.shapes import CodeRecord, CouponRecord
from kupong.customers.models import Customer
from kupong.kernel.identifiers import normalise_code
from kupong.organisation.queries import Found
from kupong.organisation.records import Page
from kupong.organisation.validity import begun, not_over

Order = Literal["newest", "number"]
MAX_FOLDERS = 1000


class CouponFilter(msgspec.Struct, kw_only=True, frozen=True):
    """What is left empty narrows nothing; `folder` "" is a folder of its own, None any.

    `search` looks into number, label and description, and finds the coupon of a code given whole.
    """

    search: str = ""
    status: str = ""
    validity: Literal["", "now", "upcoming", "over"] = ""
    kind: str = ""
    folder: str | None = None


def coupons_page(
    company_id: int,
    chosen: CouponFilter,
    at: tuple[datetime, date],
    order: Order = "newest",
    after: str | None = None,
    limit: int = 100,
) -> Page[CouponRecord]:
    """The coupons that fit, the newest first or by number; `after` is the `next` of the page before.

    `at` is the time and the day on the reader's wall clock by which periods are judged.
    """
    rows = Coupon.objects.filter(_fits(company_id, chosen, at), company_id=company_id)
    if order == "number":
        rows = rows.order_by("number")
        rows = rows.filter(number__gt=after) if after else rows
    else:
        rows = rows.order_by("-id")
        rows = rows.filter(id__lt=int(after)) if after else rows
    found = list(rows[: limit + 1])
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = last.number if order == "number" else str(last.id)
    return Page(items=read_coupons(company_id, found[:limit]), next=following)


def _fits(company_id: int, chosen: CouponFilter, at: tuple[datetime, date]) -> Q:
    fits = _valid(chosen.validity, at)
    for name in ("status", "kind"):
        if getattr(chosen, name):
            fits &= Q(**{name: getattr(chosen, name)})
    if chosen.folder is not None:
        fits &= Q(folder=chosen.folder)
    search = chosen.search.strip()
    if search:
        said = Q()
        for name in ("number", "label", "description"):
            said |= Q(**{f"{name}__icontains": search})
        fits &= said | Q(id__in=_codes(company_id, search).values("coupon_id"))
    return fits


def _valid(validity: str, at: tuple[datetime, date]) -> Q:
    if validity == "upcoming":
        return ~begun(*at)
    if validity == "over":
        return ~not_over(*at)
    return begun(*at) & not_over(*at) if validity == "now" else Q()


def folders(company_id: int) -> list[str]:
    """The folders that coupons are in, in the order of their texts (the first thousand)."""
    rows = Coupon.objects.filter(company_id=company_id)
    return list(rows.values_list("folder", flat=True).distinct().order_by("folder")[:MAX_FOLDERS])


def find_coupons(company_id: int, typed: str, limit: int = 8) -> list[Found]:
    """The coupons with this text in their number or label; the one with just this number first."""
    typed = typed.strip()
    rows = Coupon.objects.filter(company_id=company_id)
    rows = rows.filter(Q(number__icontains=typed) | Q(label__icontains=typed))
    found = rows.annotate(is_other=~Q(number=typed)).order_by("is_other", "-id")[:limit]
    return [Found(number=row.number, name=row.label) for row in found]


def coupon_label(company_id: int, number: str) -> str | None:
    """What the coupon is called; None when there is no such coupon."""
    rows = Coupon.objects.filter(company_id=company_id, number=number)
    return rows.values_list("label", flat=True).first()


def find_code(company_id: int, typed: str) -> CodeRecord | None:
    """The code with this text, whatever its case."""
    return next(iter(read_codes(company_id, list(_codes(company_id, typed)))), None)


def _codes(company_id: int, typed: str) -> QuerySet[CouponCode]:
    return CouponCode.objects.filter(company_id=company_id, code=normalise_code(typed))


def codes_page(
    company_id: int,
    number: str,
    after: str | None = None,
    limit: int = 100,
    search: str = "",
    *,
    status: str = "",
    holder: str = "",
    first: str = "",
) -> Page[CodeRecord] | None:
    """The codes of a coupon in the order in which they were made; `after` is the `next` of the page before.

    `search` keeps those that begin so, in the order of their texts; `holder` those of the customer with this
    number; `first` begins at the code with this number, or the next one. None: there is no such coupon.
    """
    coupon = Coupon.objects.filter(company_id=company_id, number=number).first()
    if coupon is None:
        return None
    rows = CouponCode.objects.filter(company_id=company_id, coupon_id=coupon.id)
    rows = _narrowed(rows, company_id, status, holder)
    if search:
        # The text's own order, so that the unique index serves both the beginning and the page.
        rows = rows.filter(code__startswith=normalise_code(search)).order_by("code")
        rows = rows.filter(code__gt=after) if after is not None else rows
    else:
        start = int(after) + 1 if after else _place(company_id, first)
        rows = rows.order_by("id").filter(id__gte=start)
    found = list(rows[: limit + 1])
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = last.code if search else str(last.id)
    return Page(items=read_codes(company_id, found[:limit]), next=following)


def _narrowed(
    rows: QuerySet[CouponCode], company_id: int, status: str, holder: str
) -> QuerySet[CouponCode]:
    if status:
        rows = rows.filter(status=status)
    if holder:
        people = Customer.objects.filter(company_id=company_id, number=holder)
        rows = rows.filter(holder_id__in=list(people.values_list("id", flat=True)))
    return rows


def _place(company_id: int, first: str) -> int:
    """Where the code with this number stands among all of the company: numbers are drawn in that order."""
    if not first:
        return 0
    rows = CouponCode.objects.filter(company_id=company_id, number__gte=first).order_by("number")
    found = rows.values_list("id", flat=True).first()
    return 2**63 - 1 if found is None else found


def code_count(company_id: int, number: str) -> int:
    """How many codes the coupon has; 0 when there is no such coupon."""
    rows = Coupon.objects.filter(company_id=company_id, number=number)
    return rows.values_list("code_count", flat=True).first() or 0
