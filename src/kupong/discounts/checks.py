"""What keeps a discount from being enabled, as its kind says."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kupong.discounts.kind_fields import KIND_FIELDS, misplaced
from kupong.discounts.lines import Placed, placed_lines
from kupong.discounts.shapes import DiscountHeader, LineDraft, groups_of, kind_fields
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.fields import decimal_from
from kupong.organisation.refusals import InField
from kupong.pricing import kinds
from kupong.pricing.discounts import Discount, DiscountLine

_ABOUT = {
    Reason.PERCENT_OUT_OF_RANGE: "percent_off",
    Reason.AMOUNT_NOT_POSITIVE: "amount_off",
    Reason.NO_PRICE_GROUP: "price_groups",
    Reason.NO_LINES: "lines",
}


def enabling_problems(draft: DiscountHeader, currency: str, version: int = 1) -> list[InField]:
    """Every check that fails; empty when the discount may be enabled. Problems name the fields of the draft.

    `version` is that of the kind's shape in which the discount is kept.
    """
    lines = placed_lines(draft)
    discount = msgspec.structs.replace(as_priced(draft, currency), version=version)
    refusals = kinds.enabling_refusals(discount)
    return [InField(_field(refused, lines, draft), refused) for refused in refusals]


def misplaced_fields(draft: DiscountHeader) -> Iterator[str]:
    """The paths of what is sent and belongs to another kind, a mode among them where the kind knows none."""
    kind = kinds.BY_KEY.get(draft.kind)
    if kind is None:
        return
    yield from misplaced(kind, parameters_of(draft))
    if draft.mode != "best_price" and not kind.has_mode:
        yield "mode"


def as_priced(draft: DiscountHeader, currency: str) -> Discount:
    """The discount as its kind reads it; dates are left out, no check asks for them."""
    return Discount(
        number=draft.number or "",
        kind=draft.kind,
        params=parameters_of(draft),
        mode=draft.mode,
        currency=draft.currency or currency,
        price_groups=frozenset(draft.price_groups),
        max_amount_per_order=draft.max_amount_per_order,
        max_quantity_per_order=decimal_from(draft.max_quantity_per_order),
        max_uses_per_order=draft.max_uses_per_order,
        lines=tuple(_line(line, group) for line, group, _ in placed_lines(draft)),
    )


def parameters_of(draft: DiscountHeader) -> dict[str, Any]:
    """The kind's own parameters, as they are kept. Lines of groups are lines: they stay out."""
    given = kind_fields(draft)
    if "groups" in given:
        given["groups"] = [msgspec.structs.replace(group, lines=()) for group in groups_of(draft)]
    return {name: msgspec.to_builtins(value) for name, value in given.items()}


def _line(line: LineDraft, group: int | None) -> DiscountLine:
    return DiscountLine(
        product=line.product,
        master=line.master,
        category=line.category,
        all_products=line.all_products,
        exclude=line.exclude,
        unit=line.unit,
        group=group,
        percent_off=decimal_from(line.percent_off),
        amount_off=line.amount_off,
        price=line.price,
        quantity_limit=decimal_from(line.quantity_limit),
    )


def _field(refused: Refused, lines: Sequence[Placed], draft: DiscountHeader) -> str:
    """The path of what is refused; a line is counted from 1 in the figures of a check."""
    name = refused.detail.get("field", _ABOUT.get(refused.reason, ""))
    if refused.reason is Reason.NO_LINES and "groups" in KIND_FIELDS.get(draft.kind, ()):
        return "groups"
    place = refused.detail.get("line")
    if not isinstance(place, int):
        return str(name)
    return lines[place - 1].path + (f".{name}" if name else "")
