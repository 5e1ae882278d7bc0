"""A discount's lines: written at once, read at once, and left alone when they have not changed."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import models

from kupong.catalog.models import Category, Product
from kupong.discounts.models import Discount, DiscountLine
from kupong.discounts.shapes import DiscountHeader, LineDraft, groups_of
from kupong.kernel.reasons import Reason
from kupong.organisation.fields import decimal_from, decimal_text
from kupong.organisation.refusals import Problems
from kupong.pricing import kinds

_CHUNK = 5_000
_VALUES = ("percent_off", "amount_off", "price")


class Placed(NamedTuple):
    """A line, its group if it is in one, and its path in the input."""

    line: LineDraft
    group: int | None
    path: str


class Targets(NamedTuple):
    """The ids of what the lines name, by number."""

    products: dict[str, int]
    categories: dict[str, int]


def placed_lines(draft: DiscountHeader) -> list[Placed]:
    """The lines of the discount, then those of its groups; all goods where the kind covers them without lines."""
    kind, lines = kinds.BY_KEY.get(draft.kind), draft.lines
    if kind is not None and kind.covers_all and not lines:
        lines = (LineDraft(all_products=True),)
    plain = [Placed(line, None, f"lines[{at}]") for at, line in enumerate(lines)]
    return plain + [
        Placed(line, place, f"groups[{place}].lines[{at}]")
        for place, group in enumerate(groups_of(draft))
        for at, line in enumerate(group.lines)
    ]


def checked_targets(company_id: int, lines: Sequence[Placed], problems: Problems) -> Targets:
    """Look up what the lines name, in two queries, and say what is wrong with them."""
    named = {
        name: {getattr(one.line, name) for one in lines} - {None}
        for name in ("product", "master", "category")
    }
    targets = Targets(
        _ids(Product, company_id, named["product"] | named["master"]),
        _ids(Category, company_id, named["category"]),
    )
    for one in lines:
        _check_line(one, targets, problems)
    return targets


def _ids(model: type[models.Model], company_id: int, numbers: set[str | None]) -> dict[str, int]:
    if not numbers:
        return {}
    rows = model._default_manager.filter(company_id=company_id, number__in=numbers)
    return dict(rows.values_list("number", "id"))


def _check_line(one: Placed, targets: Targets, problems: Problems) -> None:
    line = one.line
    chosen = [line.product, line.master, line.category, line.all_products or None]
    if sum(choice is not None for choice in chosen) != 1:
        problems.add(one.path, Reason.INVALID, need="product, master, category or all")
    given = [name for name in _VALUES if getattr(line, name) is not None]
    if len(given) > 1:
        problems.add(f"{one.path}.{given[1]}", Reason.INVALID)
    known = (
        ("product", targets.products),
        ("master", targets.products),
        ("category", targets.categories),
    )
    for name, ids in known:
        number = getattr(line, name)
        if number is not None and number not in ids:
            problems.add(f"{one.path}.{name}", Reason.UNKNOWN_REFERENCE, value=number)


def write_lines(row: Discount, lines: Sequence[Placed], targets: Targets) -> None:
    """Put these lines in place of those the discount has."""
    DiscountLine.objects.filter(company_id=row.company_id, discount_id=row.id).delete()
    DiscountLine.objects.bulk_create(
        (
            DiscountLine(
                company_id=row.company_id,
                discount_id=row.id,
                position=position,
                product_id=targets.products.get(line.product or ""),
                master_id=targets.products.get(line.master or ""),
                category_id=targets.categories.get(line.category or ""),
                all_products=line.all_products,
                exclude=line.exclude,
                unit=line.unit,
                group=group,
                percent_off=decimal_from(line.percent_off),
                amount_off=line.amount_off,
                price=line.price,
                quantity_limit=decimal_from(line.quantity_limit),
            )
            for position, (line, group, _) in enumerate(lines)
        ),
        batch_size=_CHUNK,
    )


def read_lines(
    company_id: int, ids: Iterable[int]
) -> dict[int, list[tuple[LineDraft, int | None]]]:
    """Each discount's lines with their groups, in their order, by the discount's id."""
    found: dict[int, list[tuple[LineDraft, int | None]]] = {one: [] for one in ids}
    rows = DiscountLine.objects.filter(company_id=company_id, discount_id__in=list(found))
    ordered = rows.order_by("discount_id", "position").values_list(*_COLUMNS)
    for row in ordered.iterator(_CHUNK):
        discount_id, group, *rest = row
        found[discount_id].append((_line(*rest), group))
    return found


_COLUMNS = (
    "discount_id",
    "group",
    "product__number",
    "master__number",
    "category__number",
    "all_products",
    "exclude",
    "unit",
    "percent_off",
    "amount_off",
    "price",
    "quantity_limit",
)


def _line(*columns: Any) -> LineDraft:
    (product, master, category, everything, exclude, unit, percent, amount, price, limit) = columns
    return LineDraft(
        product=product,
        master=master,
        category=category,
        all_products=everything,
        exclude=exclude,
        unit=unit,
        percent_off=decimal_text(percent),
        amount_off=amount,
        price=price,
        quantity_limit=decimal_text(limit),
    )
