"""The use cases of the catalogue: one use case is one transaction."""

from collections.abc import Sequence

from django.db import connection

from kupong.catalog.models import Category, Product, ProductCategory
from kupong.catalog.shapes import CategoryDraft, CategoryRecord, ProductDraft, ProductRecord
from kupong.kernel.reasons import Reason
from kupong.organisation.queries import parameters
from kupong.organisation.records import Records, link, linked_numbers
from kupong.organisation.refusals import Problems, Refusals


def _write_category(row: Category, draft: CategoryDraft) -> Refusals | None:
    problems = Problems()
    parent_id = problems.looked_up_one("parent", Category, row.company_id, draft.parent)
    lineage = list(Category.objects.get(id=parent_id).lineage) if parent_id else []
    if row.number in [draft.parent, *lineage]:
        problems = Problems()
        problems.add("parent", Reason.INVALID, value=draft.parent)
    if problems:
        return problems.refusals()
    row.name, row.parent_id, row.lineage = draft.name, parent_id, [*lineage, row.number]
    row.save()
    _move_descendants(row)
    return None


def _hold_the_tree(company_id: int) -> None:
    """Two moves at once could make a cycle of which neither sees more than its half."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"categories/{company_id}",)
        )


_MOVE = """
WITH RECURSIVE tree AS (
    SELECT id, lineage FROM catalog_category WHERE company_id = %(company)s AND id = %(id)s
    UNION ALL
    SELECT c.id, tree.lineage || c.number
    FROM catalog_category c JOIN tree ON c.parent_id = tree.id WHERE c.company_id = %(company)s
)
UPDATE catalog_category c SET lineage = tree.lineage FROM tree
WHERE c.company_id = %(company)s AND c.id = tree.id AND c.lineage <> tree.lineage
"""


def _move_descendants(row: Category) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"company": row.company_id, "id": row.id})


_FLAGS = (
    "prevent_discounts",
    "prevent_retail_discounts",
    "prevent_tender_discounts",
    "prevent_manual_discounts",
)


def _write_product(row: Product, draft: ProductDraft) -> Refusals | None:
    problems = Problems()
    categories = problems.looked_up("categories", Category, row.company_id, draft.categories)
    master_id = problems.looked_up_one("master", Product, row.company_id, draft.master)
    if master_id is not None and master_id == row.pk:
        problems.add("master", Reason.INVALID, value=draft.master)
    same = Product.objects.filter(company_id=row.company_id, barcode=draft.barcode)
    if draft.barcode is not None and same.exclude(id=row.pk).exists():
        problems.add("barcode", Reason.DUPLICATE, value=draft.barcode)
    if problems:
        return problems.refusals()
    row.name, row.unit, row.price, row.currency = (
        draft.name,
        draft.unit,
        draft.price,
        draft.currency,
    )
    if row.price is not None and row.currency is None:
        row.currency = parameters(row.company_id).currency
    row.master_id, row.barcode = master_id, draft.barcode
    for flag in _FLAGS:
        setattr(row, flag, getattr(draft, flag))
    row.save()
    link(ProductCategory, ("product", row), "category", categories)
    return None


def _read_categories(company_id: int, rows: Sequence[Category]) -> list[CategoryRecord]:
    # The lineage ends with the parent and the node itself.
    return [
        CategoryRecord(
            number=row.number, name=row.name, parent=row.lineage[-2] if row.parent_id else None
        )
        for row in rows
    ]


def _read_products(company_id: int, rows: Sequence[Product]) -> list[ProductRecord]:
    categories = linked_numbers(
        ProductCategory, "product", "category", company_id, [row.id for row in rows]
    )
    masters = Product.objects.filter(
        company_id=company_id, id__in={row.master_id for row in rows if row.master_id}
    )
    master_of = dict(masters.values_list("id", "number"))
    return [
        ProductRecord(
            number=row.number,
            name=row.name,
            unit=row.unit,
            price=row.price,
            currency=row.currency,
            categories=tuple(categories[row.id]),
            master=master_of.get(row.master_id or 0),
            barcode=row.barcode,
            **{flag: getattr(row, flag) for flag in _FLAGS},
        )
        for row in rows
    ]


categories = Records(
    model=Category,
    reference="category",
    draft=CategoryDraft,
    record=CategoryRecord,
    write=_write_category,
    read=_read_categories,
    hold=_hold_the_tree,
)

products = Records(
    model=Product,
    reference="product",
    draft=ProductDraft,
    record=ProductRecord,
    write=_write_product,
    read=_read_products,
)
