"""Adding codes by hand and changing them. Whether a code can be used is derived, never written."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F

from kupong.coupons.models import Coupon, CouponCode
from kupong.coupons.shapes import CodeDraft, CodePatch, CodeRecord
from kupong.customers.models import Customer
from kupong.kernel.identifiers import normalise_code
from kupong.kernel.periods import Period
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.bounds import bound_text, read_period
from kupong.organisation.numbers import free_numbers
from kupong.organisation.records import changes_in
from kupong.organisation.refusals import InField, Problems, Refusals, refuse
from kupong.organisation.transactions import use_case
from kupong.organisation.validity import columns


@use_case
def add_codes(
    company_id: int, number: str, drafts: Sequence[CodeDraft]
) -> list[CodeRecord] | Refusals:
    """Give the coupon these codes (all or none of them).

    Refused: `not_found`, `wrong_state` (voided, or anonymous: it has its one code), `duplicate` for
    each code that the company has already, in any coupon.
    """
    rows = Coupon.objects.select_for_update(no_key=True)
    coupon = rows.filter(company_id=company_id, number=number).first()
    if coupon is None:
        return refuse(Reason.NOT_FOUND)
    if coupon.status == Coupon.Status.VOIDED:
        return refuse(Reason.WRONG_STATE, state=coupon.status)
    if coupon.kind == Coupon.Kind.ANONYMOUS:
        return refuse(Reason.WRONG_STATE, state=coupon.kind)
    return insert_codes(coupon, drafts, "codes[{}].")


def insert_codes(
    coupon: Coupon, drafts: Sequence[CodeDraft], path: str
) -> list[CodeRecord] | Refusals:
    """Write the codes of a locked coupon; `path` is the place of the draft {} in the input."""
    problems = Problems()
    company_id = coupon.company_id
    _check_unique(company_id, [draft.code for draft in drafts], problems, path)
    holders = _holders(company_id, drafts, problems, path)
    periods = [_period(draft, problems, path.format(at)) for at, draft in enumerate(drafts)]
    if problems:
        return problems.refusals() or []
    numbers = free_numbers(company_id, "coupon_code", len(drafts), _taken_in(company_id))
    if isinstance(numbers, Refused):
        return Refusals((InField("", numbers),))
    rows = [
        _row(coupon, number, draft, period, holders.get(draft.holder or ""))
        for number, draft, period in zip(numbers, drafts, periods, strict=True)
    ]
    CouponCode.objects.bulk_create(rows)
    Coupon.objects.filter(company_id=company_id, id=coupon.id).update(
        code_count=F("code_count") + len(rows)
    )
    coupon.code_count += len(rows)
    return read_codes(company_id, rows)


@use_case
def change_code(company_id: int, code: str, patch: CodePatch) -> CodeRecord | Refusals:
    """Change status or dates of one code. Refused: `not_found`; `wrong_state` once it is voided."""
    rows = CouponCode.objects.select_for_update(no_key=True)
    row = rows.filter(company_id=company_id, code=normalise_code(code)).first()
    if row is None:
        return refuse(Reason.NOT_FOUND)
    changes = changes_in(patch)
    if row.status == CouponCode.Status.VOIDED and changes.get("status", "voided") != "voided":
        return refuse(Reason.WRONG_STATE, "status", state=row.status)
    problems = Problems()
    held = {"valid_from": bound_text(row.period.start), "valid_to": bound_text(row.period.end)}
    bounds = held | {name: changes[name] for name in held if name in changes}
    period = read_period(
        problems, bounds["valid_from"], bounds["valid_to"], ("valid_from", "valid_to")
    )
    if problems:
        return problems.refusals() or []  # type: ignore[return-value]
    row.status = changes.get("status", row.status)
    for name, value in columns(period.start, period.end).items():
        setattr(row, name, value)
    row.save()
    return read_codes(company_id, [row])[0]


def read_codes(company_id: int, rows: Sequence[CouponCode]) -> list[CodeRecord]:
    """The records of these codes, in their order."""
    coupons = _numbers_of(Coupon, company_id, (row.coupon_id for row in rows))
    holders = _numbers_of(Customer, company_id, (row.holder_id for row in rows))
    return [
        CodeRecord(
            id=row.number,
            coupon=coupons[row.coupon_id],
            code=row.typed or row.code,
            barcode=row.barcode,
            status=row.status,  # type: ignore[arg-type]  # the column holds no other
            valid_from=bound_text(row.period.start),
            valid_to=bound_text(row.period.end),
            holder=holders.get(row.holder_id or 0),
            segment=row.segment,
            created_at=row.created_at,
        )
        for row in rows
    ]


def _check_unique(company_id: int, typed: Sequence[str], problems: Problems, path: str) -> None:
    codes = [normalise_code(text) for text in typed]
    rows = CouponCode.objects.filter(company_id=company_id, code__in=codes)
    taken = set(rows.values_list("code", flat=True))
    for at, code in enumerate(codes):
        if code in taken:
            problems.add(f"{path.format(at)}code", Reason.DUPLICATE, value=code)
        taken.add(code)


def _holders(
    company_id: int, drafts: Sequence[CodeDraft], problems: Problems, path: str
) -> dict[str, int]:
    wanted = {draft.holder for draft in drafts if draft.holder is not None}
    rows = Customer.objects.filter(company_id=company_id, number__in=wanted)
    found = dict(rows.values_list("number", "id"))
    for at, draft in enumerate(drafts):
        if draft.holder is not None and draft.holder not in found:
            problems.add(f"{path.format(at)}holder", Reason.UNKNOWN_REFERENCE, value=draft.holder)
    return found


def _period(draft: CodeDraft, problems: Problems, path: str) -> Period:
    return read_period(
        problems, draft.valid_from, draft.valid_to, (f"{path}valid_from", f"{path}valid_to")
    )


def _row(
    coupon: Coupon, number: str, draft: CodeDraft, period: Period, holder_id: int | None
) -> CouponCode:
    code = normalise_code(draft.code)
    typed = draft.code.strip()
    return CouponCode(
        company_id=coupon.company_id,
        number=number,
        coupon_id=coupon.id,
        code=code,
        typed=typed if typed != code else None,
        barcode=draft.barcode,
        status=draft.status,
        holder_id=holder_id,
        segment=draft.segment,
        **columns(period.start, period.end),
    )


def _taken_in(company_id: int) -> Any:
    def taken(numbers: list[str]) -> set[str]:
        rows = CouponCode.objects.filter(company_id=company_id, number__in=numbers)
        return set(rows.values_list("number", flat=True))

    return taken


def _numbers_of(model: Any, company_id: int, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    rows = model.objects.filter(company_id=company_id, id__in=wanted)
    return dict(rows.values_list("id", "number"))
