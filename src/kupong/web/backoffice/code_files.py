"""The codes of a coupon as a file: one a line, or a table for spreadsheets. Streamed, so that any number fits."""

import csv
import io
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kupong.coupons.models import Coupon, CouponCode
from kupong.organisation.models import Company
from kupong.web.backoffice.access import signed_in

_CHUNK = 10_000
_TYPES = {"csv": "text/csv", "txt": "text/plain"}
# A spreadsheet would take a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company, number: str, kind: str) -> HttpResponseBase:
    """`kind` is csv (number, code, status) or txt (codes only)."""
    coupon = Coupon.objects.filter(company_id=company.id, number=number).first()
    if coupon is None or kind not in _TYPES:
        raise Http404
    lines = _csv(coupon) if kind == "csv" else _text(coupon)
    return StreamingHttpResponse(
        lines,
        content_type=f"{_TYPES[kind]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="codes-{coupon.id}.{kind}"'},
    )


def _text(coupon: Coupon) -> Iterator[str]:
    for chunk in _chunks(coupon):
        yield "".join(f"{code}\n" for _, code, _ in chunk)


def _csv(coupon: Coupon) -> Iterator[str]:
    # The mark at the beginning tells spreadsheets that the text is UTF-8.
    yield "\N{ZERO WIDTH NO-BREAK SPACE}number,code,status\r\n"
    for chunk in _chunks(coupon):
        page = io.StringIO()
        writer = csv.writer(page)
        writer.writerows([_harmless(cell) for cell in row] for row in chunk)
        yield page.getvalue()


def _chunks(coupon: Coupon) -> Iterator[list[tuple[str, str, str]]]:
    """(number, code, status) of every code in the order of making, read by key."""
    rows = CouponCode.objects.filter(company_id=coupon.company_id, coupon_id=coupon.id)
    after = 0
    while True:
        chunk = list(
            rows.filter(id__gt=after)
            .order_by("id")
            .values_list("id", "number", "typed", "code", "status")[:_CHUNK]
        )
        if not chunk:
            return
        yield [(number, typed or code, status) for _, number, typed, code, status in chunk]
        after = chunk[-1][0]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
