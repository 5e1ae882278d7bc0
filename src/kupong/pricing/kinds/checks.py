"""The checks on enabling that the kinds share (specification 1.1): headers, lines, benefits and tiers.

The figure `line` counts lines from 1; `field` is a path in the kind's parameters, or a header's field.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Protocol

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.discounts import Discount, DiscountLine
from kupong.pricing.kinds.kind import Kind

BENEFITS = ("percent_off", "amount_off", "price")
_CAPS = ("max_amount_per_order", "max_quantity_per_order", "max_uses_per_order")


def common_refusals(discount: Discount, kind: Kind[Any]) -> Iterator[Refused]:
    """What is checked for every kind alike: lines, price groups, caps, and what each line says."""
    covers_all = kind.covers_all and not discount.lines
    if all(line.exclude for line in discount.lines) and not covers_all:
        yield Refused(Reason.NO_LINES)
    if not discount.price_groups:
        yield Refused(Reason.NO_PRICE_GROUP)
    for cap in _CAPS:
        value = getattr(discount, cap)
        if value is not None and not is_positive(value):
            yield Refused(Reason.NOT_POSITIVE, {"field": cap, "have": str(value)})
    for place, line in enumerate(discount.lines, start=1):
        yield from _line_refusals(line, place, kind.line_values)


def _line_refusals(line: DiscountLine, place: int, allowed: tuple[str, ...]) -> Iterator[Refused]:
    chosen = [line.product, line.master, line.category, line.all_products or None]
    if sum(choice is not None for choice in chosen) != 1:
        yield Refused(Reason.INVALID, {"line": place, "need": "product, master, category or all"})
    given = [name for name in (*BENEFITS, "quantity_limit") if getattr(line, name) is not None]
    unwanted = [name for name in given if line.exclude or name not in allowed]
    if unwanted:
        yield Refused(Reason.INVALID, {"line": place, "field": unwanted[0]})
        return
    if line.exclude:
        return
    benefits = [name for name in allowed if name in BENEFITS]
    if benefits:
        yield from _one_value(line, place, benefits)
    if line.quantity_limit is not None and not is_positive(line.quantity_limit):
        figures = {"line": place, "field": "quantity_limit", "have": str(line.quantity_limit)}
        yield Refused(Reason.NOT_POSITIVE, figures)


def _one_value(line: DiscountLine, place: int, benefits: Sequence[str]) -> Iterator[Refused]:
    given = [name for name in benefits if getattr(line, name) is not None]
    if not given:
        yield Refused(Reason.MISSING, {"line": place, "need": ", ".join(benefits)})
    if len(given) > 1:
        yield Refused(Reason.INVALID, {"line": place, "field": given[1]})
    for name in given:
        for refused in value_refusals(name, getattr(line, name)):
            yield Refused(refused.reason, {"line": place, **refused.detail})


def one_benefit(holder: object, path: str, benefits: Sequence[str] = BENEFITS) -> Iterator[Refused]:
    """Exactly one of these has to be given, and be in its range. `path` leads to the holder."""
    prefix = f"{path}." if path else ""
    given = [name for name in benefits if getattr(holder, name) is not None]
    if len(given) != 1:
        field = prefix + given[1] if given else path
        need = ", ".join(benefits)
        yield Refused(Reason.ONE_BENEFIT, {"field": field, "need": need, "have": ", ".join(given)})
    for name in given:
        yield from value_refusals(name, getattr(holder, name), prefix + name)


def value_refusals(
    name: str, value: Any, field: str | None = None, *, zero_allowed: bool = False
) -> Iterator[Refused]:
    """A percentage lies above 0 and at most at 100, an amount above 0; a price may be 0."""
    at = {} if field is None else {"field": field}
    if name == "percent_off":
        is_zero = zero_allowed and value == 0
        if not ((is_positive(value) and value <= 100) or is_zero):
            yield Refused(Reason.PERCENT_OUT_OF_RANGE, at | {"have": str(value)})
    elif value < 0 or (value == 0 and name == "amount_off"):
        yield Refused(Reason.AMOUNT_NOT_POSITIVE, at | {"have": value})


class PercentTier(Protocol):
    """A tier of a kind that gives percentages only."""

    @property
    def from_(self) -> int: ...

    @property
    def percent_off(self) -> Decimal: ...


def percent_tier_refusals(tiers: Sequence[PercentTier]) -> Iterator[Refused]:
    """Tiers of amounts and percentages: ascending, and never a lower percentage for more."""
    yield from bound_refusals([tier.from_ for tier in tiers], "from")
    for place, tier in enumerate(tiers):
        field = f"tiers[{place}].percent_off"
        yield from value_refusals("percent_off", tier.percent_off, field)
        if place and falls(tiers[place - 1].percent_off, tier.percent_off):
            yield not_better(field, tiers[place - 1].percent_off, tier.percent_off)


def bound_refusals(bounds: Sequence[Decimal | int], name: str) -> Iterator[Refused]:
    """There is a tier, and each starts above the one before."""
    if not bounds:
        yield Refused(Reason.MISSING, {"field": "tiers"})
    for place in range(1, len(bounds)):
        if not falls(bounds[place], bounds[place - 1]):
            figures = {"need": str(bounds[place - 1]), "have": str(bounds[place])}
            field = f"tiers[{place}].{name}"
            yield Refused(Reason.TIERS_NOT_ASCENDING, {"field": field, **figures})


def not_better(field: str, need: object, have: object) -> Refused:
    """A tier that gives less than the one before it could."""
    return Refused(Reason.TIER_NOT_BETTER, {"field": field, "need": str(need), "have": str(have)})


def falls(before: Decimal | int, after: Decimal | int) -> bool:
    """Whether the second number is below the first; what is no number is below nothing."""
    return not any(map(_is_no_number, (before, after))) and after < before


def is_positive(value: Decimal | int) -> bool:
    return not _is_no_number(value) and value > 0


def _is_no_number(value: Decimal | int) -> bool:
    return isinstance(value, Decimal) and not value.is_finite()
