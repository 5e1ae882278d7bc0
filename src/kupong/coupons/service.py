"""The use cases of coupons: one use case is one transaction.

Changing a status writes one row, however many codes the coupon has: a code is usable while it, its coupon
and its discount allow it. Locks are taken in one order: coupon, discount, price book.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from kupong.coupons.codes import insert_codes
from kupong.coupons.mirror import lock_discount, renew_mirrors
from kupong.coupons.models import Coupon, CouponCode, UsageLimit
from kupong.coupons.shapes import CodeDraft, CouponDraft, CouponRecord
from kupong.coupons.shapes import UsageLimit as LimitDraft
from kupong.discounts.checks import enabling_problems
from kupong.discounts.models import Discount
from kupong.discounts.service import read_discounts
from kupong.kernel.identifiers import normalise_code
from kupong.kernel.reasons import Reason
from kupong.organisation.bounds import bound_text, read_period
from kupong.organisation.records import Records
from kupong.organisation.refusals import Problems, Refusals, refuse
from kupong.organisation.transactions import use_case
from kupong.organisation.validity import columns

_SAME = (
    "label",
    "description",
    "folder",
    "kind",
    "customer_required",
    "apply_without_code",
    "exclusive",
    "give_back",
)


@use_case
def activate(company_id: int, number: str) -> CouponRecord | Refusals:
    """Let the coupon be used: its discount is enabled with it, or neither (specification C28, 2.2).

    Refused with every check of the discount that fails; `wrong_state` once the coupon is voided.
    """
    return _set_status(company_id, number, Coupon.Status.ACTIVE)


@use_case
def deactivate(company_id: int, number: str) -> CouponRecord | Refusals:
    """Stop every code of the coupon. Codes keep their own status (specification C29)."""
    return _set_status(company_id, number, Coupon.Status.INACTIVE)


@use_case
def void(company_id: int, number: str) -> CouponRecord | Refusals:
    """Withdraw the coupon for good."""
    return _set_status(company_id, number, Coupon.Status.VOIDED)


def _set_status(company_id: int, number: str, status: str) -> CouponRecord | Refusals:
    rows = Coupon.objects.select_for_update(no_key=True)
    row = rows.filter(company_id=company_id, number=number).first()
    if row is None:
        return refuse(Reason.NOT_FOUND)
    if row.status == Coupon.Status.VOIDED != status:
        return refuse(Reason.WRONG_STATE, state=row.status)
    if status == Coupon.Status.ACTIVE != row.status:
        refusals = _discount_refusals(row)
        if refusals:
            return refusals
    if row.status != status:
        row.status = str(status)
        row.save(update_fields=["status"])
        renew_mirrors(company_id, [row.discount_id])
    return read_coupons(company_id, [row])[0]


def _discount_refusals(row: Coupon) -> Refusals | None:
    """Why the coupon's discount cannot be enabled; a coupon may be active without one."""
    if row.discount_id is None:
        return None
    discount = lock_discount(row.company_id, row.discount_id)
    (held,) = read_discounts(row.company_id, [discount])
    problems = Problems()
    problems.take(enabling_problems(held, str(held.currency), discount.version))
    return problems.refusals()


def _write(row: Coupon, draft: CouponDraft) -> Refusals | None:
    problems = Problems()
    period = read_period(problems, draft.valid_from, draft.valid_to, ("valid_from", "valid_to"))
    limits = _limits(draft, problems)
    linked_before = row.discount_id
    discount_id = problems.looked_up_one("discount", Discount, row.company_id, draft.discount)
    _check_code(row, draft, problems)
    if problems:
        return problems.refusals()
    row.discount_id = discount_id
    if row.status == Coupon.Status.ACTIVE and discount_id != linked_before:
        refusals = _discount_refusals(row)
        if refusals:
            return refusals
    for name in _SAME:
        setattr(row, name, getattr(draft, name))
    for name, value in columns(period.start, period.end).items():
        setattr(row, name, value)
    created = row._state.adding
    row.save()
    _write_limits(row, limits)
    renew_mirrors(row.company_id, [linked_before, row.discount_id])
    return _issue_own_code(row, draft) if created else None


def _limits(draft: CouponDraft, problems: Problems) -> dict[str, int]:
    """Uses by scope, from either form; a limit of 0 is none."""
    short = (draft.usage_limit, draft.usage_limit_scope)
    if isinstance(draft.usage_limits, tuple):
        given = draft.usage_limits
        if short != (msgspec.UNSET, msgspec.UNSET):
            problems.add("usage_limit", Reason.INVALID, need="usage_limits or usage_limit")
    else:
        scope, uses = draft.usage_limit_scope or "global", draft.usage_limit or 0
        given = (LimitDraft(scope=scope, uses=uses),)
    scopes = [limit.scope for limit in given]
    for at, scope in enumerate(scopes):
        if scope in scopes[:at]:
            problems.add(f"usage_limits[{at}].scope", Reason.DUPLICATE, value=scope)
    return {limit.scope: limit.uses for limit in given if limit.uses}


def _write_limits(row: Coupon, limits: dict[str, int]) -> None:
    UsageLimit.objects.filter(company_id=row.company_id, coupon_id=row.id).exclude(
        scope__in=limits
    ).delete()
    UsageLimit.objects.bulk_create(
        (
            UsageLimit(company_id=row.company_id, coupon_id=row.id, scope=scope, uses=uses)
            for scope, uses in sorted(limits.items())
        ),
        update_conflicts=True,
        unique_fields=["company", "coupon", "scope"],
        update_fields=["uses"],
    )


def _check_code(row: Coupon, draft: CouponDraft, problems: Problems) -> None:
    """An anonymous coupon has one code, chosen when it is made; what was issued stays."""
    if row._state.adding:
        if draft.kind == "individual" and draft.code:
            problems.add("code", Reason.INVALID, kind=draft.kind)
        return
    if draft.kind != row.kind:
        problems.add("kind", Reason.READ_ONLY)
    held = _own_codes(row.company_id, [row]).get(row.id)
    wanted = held if draft.code is msgspec.UNSET else draft.code
    if (wanted and normalise_code(wanted)) != held:
        problems.add("code", Reason.READ_ONLY)


def _issue_own_code(row: Coupon, draft: CouponDraft) -> Refusals | None:
    if row.kind != Coupon.Kind.ANONYMOUS:
        return None
    made = insert_codes(row, [CodeDraft(code=draft.code or row.number)], "")
    return made if isinstance(made, Refusals) else None


def _own_codes(company_id: int, rows: Sequence[Coupon]) -> dict[int, str]:
    """The one code of each anonymous coupon, by the coupon's id."""
    ids = [row.id for row in rows if row.kind == Coupon.Kind.ANONYMOUS]
    codes = CouponCode.objects.filter(company_id=company_id, coupon_id__in=ids)
    return dict(codes.values_list("coupon_id", "code"))


def read_coupons(company_id: int, rows: Sequence[Coupon]) -> list[CouponRecord]:
    """The records of these coupons, in their order, in three queries."""
    ids = [row.id for row in rows]
    codes = _own_codes(company_id, rows)
    discounts = Discount.objects.filter(
        company_id=company_id, id__in={row.discount_id for row in rows if row.discount_id}
    )
    numbers = dict(discounts.values_list("id", "number"))
    limits: dict[int, list[LimitDraft]] = {one: [] for one in ids}
    for limit in UsageLimit.objects.filter(company_id=company_id, coupon_id__in=ids).order_by("id"):
        limits[limit.coupon_id].append(LimitDraft(scope=limit.scope, uses=limit.uses))  # type: ignore[arg-type]
    return [
        CouponRecord(
            number=row.number,
            code=codes.get(row.id),
            discount=numbers.get(row.discount_id or 0),
            valid_from=bound_text(row.period.start),
            valid_to=bound_text(row.period.end),
            usage_limits=tuple(limits[row.id]),
            status=row.status,  # type: ignore[arg-type]  # the column holds no other
            code_count=row.code_count,
            created_at=row.created_at,
            **{name: getattr(row, name) for name in _SAME},
        )
        for row in rows
    ]


class _Coupons(Records[CouponDraft, CouponRecord]):
    def _merged(self, record: CouponRecord, changes: dict[str, Any]) -> CouponDraft:
        """A limit given in its short form takes the place of those that are there."""
        if {"usage_limit", "usage_limit_scope"} & set(changes) and "usage_limits" not in changes:
            changes = {"usage_limits": msgspec.UNSET} | changes
        return super()._merged(record, changes)


coupons = _Coupons(
    model=Coupon,
    reference="coupon",
    draft=CouponDraft,
    record=CouponRecord,
    write=_write,
    read=read_coupons,
)
