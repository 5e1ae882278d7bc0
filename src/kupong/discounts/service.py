"""The use cases of discounts and of what they inherit. Editing a discount is a use case of `coupons.discounts`:
what a coupon dictates is read-only, and only that room knows of coupons.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from kupong.discounts.checks import enabling_problems, misplaced_fields, parameters_of
from kupong.discounts.lines import (
    checked_targets,
    placed_lines,
    read_lines,
    write_lines,
)
from kupong.discounts.models import Discount, DiscountPriceGroup
from kupong.discounts.revisions import next_version
from kupong.discounts.shapes import (
    DiscountDraft,
    DiscountRecord,
    PriceGroupDraft,
    PriceGroupRecord,
    Status,
    Valid,
    with_parameters,
)
from kupong.kernel.periods import Period
from kupong.kernel.reasons import Reason
from kupong.organisation.bounds import bound_text, read_period
from kupong.organisation.fields import decimal_from, decimal_text
from kupong.organisation.models import PriceGroup
from kupong.organisation.queries import parameters
from kupong.organisation.records import Records, link, linked_numbers
from kupong.organisation.refusals import Problems, Refusals
from kupong.organisation.validity import columns
from kupong.pricing.validity import opening_hours

_SAME = ("kind", "name", "mode", "priority", "sequence", "match_all_price_groups")
_CAPS = ("max_amount_per_order", "max_uses_per_order")


def write_discount(row: Discount, draft: DiscountDraft, dictated: bool) -> Refusals | None:
    """Check the draft and write it. One that is, or becomes, enabled has to pass its kind's checks.

    `dictated`: coupons decide over requires_code and the dates, so those stay when they are left out.
    """
    problems = Problems()
    draft = _completed(row, draft, dictated)
    period = _checked_period(draft, problems)
    lines = placed_lines(draft)
    targets = checked_targets(row.company_id, lines, problems)
    groups = problems.looked_up("price_groups", PriceGroup, row.company_id, draft.price_groups)
    _check_kind_fields(draft, problems)
    if not problems and draft.status == "enabled":
        problems.take(enabling_problems(draft, str(draft.currency), row.version))
    if problems:
        return problems.refusals()
    unchanged = not row._state.adding and _same_lines(row, draft)
    row.revision = next_version(row.company_id)
    _fill(row, draft, period)
    row.save()
    link(DiscountPriceGroup, ("discount", row), "price_group", groups)
    if not unchanged:
        write_lines(row, lines, targets)
    return None


def mirror(row: Discount, status: Status, period: Period) -> None:
    """Set what coupons dictate on a locked row; the price book learns of it when it differs."""
    dictated: dict[str, Any] = columns(period.start, period.end)
    dictated |= {"status": status, "requires_code": True}
    if all(getattr(row, name) == value for name, value in dictated.items()):
        return
    for name, value in dictated.items():
        setattr(row, name, value)
    row.revision = next_version(row.company_id)
    row.save(update_fields=[*dictated, "revision"])


def read_discounts(company_id: int, rows: Sequence[Discount]) -> list[DiscountRecord]:
    ids = [row.id for row in rows]
    groups = linked_numbers(DiscountPriceGroup, "discount", "price_group", company_id, ids)
    lines = read_lines(company_id, ids)
    return [_record(row, tuple(groups[row.id]), lines[row.id]) for row in rows]


def _completed(row: Discount, draft: DiscountDraft, dictated: bool) -> DiscountDraft:
    """The draft with what it leaves open; what coupons dictate stays as the row has it."""
    held = _valid(row) or Valid()
    left_out = held if dictated else Valid()
    given = draft.valid if isinstance(draft.valid, Valid) else Valid(from_=None, to=None)
    if draft.valid is msgspec.UNSET:
        given = Valid()
    requires_code = row.requires_code if dictated else False
    return msgspec.structs.replace(
        draft,
        number=row.number,
        currency=draft.currency or parameters(row.company_id).currency,
        status=row.status if draft.status is msgspec.UNSET else draft.status,
        requires_code=requires_code
        if draft.requires_code is msgspec.UNSET
        else draft.requires_code,
        valid=Valid(
            from_=left_out.from_ if given.from_ is msgspec.UNSET else given.from_,
            to=left_out.to if given.to is msgspec.UNSET else given.to,
            weekly=given.weekly,
        ),
    )


def _checked_period(draft: DiscountDraft, problems: Problems) -> Period:
    valid = draft.valid
    assert isinstance(valid, Valid)
    try:
        opening_hours(_hours(valid))
    except ValueError as error:
        problems.add("valid.weekly", Reason.INVALID, value=str(error))
    return read_period(problems, valid.from_ or None, valid.to or None, ("valid.from", "valid.to"))


def _hours(valid: Valid) -> dict[str, tuple[str, str]] | None:
    return {str(day): hours for day, hours in (valid.weekly or {}).items()} or None


def _check_kind_fields(draft: DiscountDraft, problems: Problems) -> None:
    for path in misplaced_fields(draft):
        problems.add(path, Reason.INVALID, kind=draft.kind)


def _fill(row: Discount, draft: DiscountDraft, period: Period) -> None:
    for name in _SAME + _CAPS:
        setattr(row, name, getattr(draft, name))
    assert isinstance(draft.valid, Valid)
    row.currency, row.status = str(draft.currency), str(draft.status)
    row.requires_code = bool(draft.requires_code)
    row.max_quantity_per_order = decimal_from(draft.max_quantity_per_order)
    row.params = parameters_of(draft)
    row.weekly = _hours(draft.valid)
    for name, value in columns(period.start, period.end).items():
        setattr(row, name, value)


def _same_lines(row: Discount, draft: DiscountDraft) -> bool:
    held = read_lines(row.company_id, [row.id])[row.id]
    return held == [(line, group) for line, group, _ in placed_lines(draft)]


def _record(
    row: Discount, groups: tuple[str, ...], lines: Sequence[tuple[Any, int | None]]
) -> DiscountRecord:
    same = {name: getattr(row, name) for name in _SAME + _CAPS}
    record = DiscountRecord(
        number=row.number,
        currency=row.currency,
        status=row.status,  # type: ignore[arg-type]  # the column holds no other
        requires_code=row.requires_code,
        price_groups=groups,
        max_quantity_per_order=decimal_text(row.max_quantity_per_order),
        valid=_valid(row),
        lines=tuple(line for line, group in lines if group is None),
        **same,
    )
    return with_parameters(record, row.params, lines) if row.params else record


def _valid(row: Discount) -> Valid | None:
    period = row.period
    if period == Period() and row.weekly is None:
        return None
    weekly = {day: (hours[0], hours[1]) for day, hours in (row.weekly or {}).items()}
    return Valid(
        from_=bound_text(period.start),
        to=bound_text(period.end),
        weekly=weekly or None,
    )


def _write_price_group(row: PriceGroup, draft: PriceGroupDraft) -> Refusals | None:
    inherited = not row._state.adding and row.priority != draft.priority
    row.priority = draft.priority
    row.save()
    if inherited:
        _renew_inheritors(row)
    return None


def _renew_inheritors(group: PriceGroup) -> None:
    """The price book learns of the discounts whose priority is the group's."""
    inheriting = Discount.objects.filter(
        company_id=group.company_id, priority=None, groups__price_group_id=group.id
    )
    ids = list(
        inheriting.order_by("id").select_for_update(of=("self",)).values_list("id", flat=True)
    )
    if ids:
        version = next_version(group.company_id)
        renewed = Discount.objects.filter(company_id=group.company_id, id__in=ids)
        renewed.update(revision=version)


def _read_price_groups(company_id: int, rows: Sequence[PriceGroup]) -> list[PriceGroupRecord]:
    return [PriceGroupRecord(number=row.number, priority=row.priority) for row in rows]


price_groups = Records(
    model=PriceGroup,
    reference="price_group",
    draft=PriceGroupDraft,
    record=PriceGroupRecord,
    write=_write_price_group,
    read=_read_price_groups,
)
