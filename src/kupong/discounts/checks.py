"""What keeps a discount from being enabled, as its kind says."""

import msgspec

from kupong.discounts.shapes import ALL_KIND_FIELDS, DiscountDraft, LineDraft
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.fields import decimal_from
from kupong.organisation.refusals import InField
from kupong.pricing import kinds
from kupong.pricing.discounts import Discount, DiscountLine

_VALUES = {
    Reason.PERCENT_OUT_OF_RANGE: "percent_off",
    Reason.AMOUNT_NOT_POSITIVE: "amount_off",
    Reason.NO_PRICE_GROUP: "price_groups",
    Reason.NO_LINES: "lines",
}


def enabling_problems(draft: DiscountDraft, currency: str) -> list[InField]:
    """Every check that fails; empty when the discount may be enabled. `not_supported` comes alone."""
    discount = as_priced(draft, currency)
    feature = kinds.unsupported(discount)
    if feature is not None:
        return [InField("", Refused(Reason.NOT_SUPPORTED, {"feature": feature}))]
    return [InField(_field(refused), refused) for refused in kinds.enabling_refusals(discount)]


def as_priced(draft: DiscountDraft, currency: str) -> Discount:
    """The discount as its kind reads it; dates are left out, no check asks for them."""
    groups = draft.groups or ()
    grouped = [(line, place) for place, group in enumerate(groups) for line in group.lines]
    lines = [(line, None) for line in draft.lines] + grouped
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
        lines=tuple(_line(line, group) for line, group in lines),
    )


def parameters_of(draft: DiscountDraft) -> dict[str, object]:
    """The kind's own parameters, as they are kept. Lines of groups are lines: they stay out."""
    given = {name: getattr(draft, name) for name in ALL_KIND_FIELDS}
    if draft.groups:
        given["groups"] = [msgspec.structs.replace(group, lines=()) for group in draft.groups]
    return {
        name: msgspec.to_builtins(value)
        for name, value in given.items()
        if value is not msgspec.UNSET
    }


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


def _field(refused: Refused) -> str:
    """The path of what a check is about; a line is counted from 1 in the figures of a check."""
    name = refused.detail.get("field") or _VALUES.get(refused.reason, "")
    place = refused.detail.get("line")
    if not isinstance(place, int):
        return str(name)
    return f"lines[{place - 1}]" + (f".{name}" if name else "")
