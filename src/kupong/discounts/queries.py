"""Reads of discounts, for the rooms above: what they say in words and what they cover, without reading every line."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import connection

from kupong.organisation.plans import Row
from kupong.pricing.discounts import Discount, DiscountLine
from kupong.pricing.kinds import sentence
from kupong.pricing.kinds.kind import Language

_HEADERS = """
SELECT id, number, kind, version, params::text, name, currency,
       max_amount_per_order, max_quantity_per_order, max_uses_per_order
FROM discounts_discount WHERE company_id = %s AND number = ANY(%s::text[])
"""

# A coupon may cover thousands of products by as many lines: those that say the same come as one row.
_LINES = """
SELECT l.discount_id, count(*), l.product_id IS NOT NULL, l.master_id IS NOT NULL,
       l.category_id IS NOT NULL, l.all_products, l.exclude, l.unit, l."group",
       l.percent_off, l.amount_off, l.price, l.quantity_limit
FROM discounts_discountline l WHERE l.company_id = %s AND l.discount_id = ANY(%s::bigint[])
GROUP BY l.discount_id, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
ORDER BY l.discount_id, min(l.position)
"""

# Most discounts name products only and exclude none: then nothing but their lines has to be read.
_PLAIN_COUNT = """
SELECT count(DISTINCT l.product_id), bool_and(l.product_id IS NOT NULL AND NOT l.exclude)
FROM discounts_discount d
JOIN discounts_discountline l ON (l.company_id, l.discount_id) = (d.company_id, d.id)
WHERE d.company_id = %s AND d.number = %s
"""

_COUNT = """
WITH lines AS MATERIALIZED (
    SELECT l.company_id, l.product_id, l.master_id, l.category_id, l.all_products, l.exclude
    FROM discounts_discount d
    JOIN discounts_discountline l ON (l.company_id, l.discount_id) = (d.company_id, d.id)
    WHERE d.company_id = %s AND d.number = %s
), reached AS (
    SELECT product_id AS id, exclude FROM lines WHERE product_id IS NOT NULL
    UNION ALL
    SELECT p.id, l.exclude FROM lines l
    JOIN catalog_product p ON (p.company_id, p.master_id) = (l.company_id, l.master_id)
    WHERE l.master_id IS NOT NULL
    UNION ALL
    SELECT pc.product_id, l.exclude FROM lines l
    JOIN catalog_category top ON (top.company_id, top.id) = (l.company_id, l.category_id)
    JOIN catalog_category below
      ON below.company_id = l.company_id AND top.number = ANY(below.lineage)
    JOIN catalog_productcategory pc
      ON (pc.company_id, pc.category_id) = (below.company_id, below.id)
    WHERE l.category_id IS NOT NULL
    UNION ALL
    SELECT p.id, l.exclude FROM lines l JOIN catalog_product p ON p.company_id = l.company_id
    WHERE l.all_products
)
SELECT count(*) FROM (SELECT id FROM reached GROUP BY id HAVING NOT bool_or(exclude)) covered
"""

_FIRST = """
SELECT coalesce(p.number, m.number, c.number), coalesce(p.name, m.name, c.name), l.exclude,
       CASE WHEN p.id IS NOT NULL THEN 'product' WHEN m.id IS NOT NULL THEN 'master' ELSE 'category' END
FROM (
    SELECT line.* FROM discounts_discountline line
    WHERE line.company_id = %(company)s AND NOT line.all_products AND line.discount_id = (
        SELECT id FROM discounts_discount WHERE company_id = %(company)s AND number = %(number)s)
    ORDER BY line.position LIMIT %(limit)s
) l
LEFT JOIN catalog_product p ON (p.company_id, p.id) = (l.company_id, l.product_id)
LEFT JOIN catalog_product m ON (m.company_id, m.id) = (l.company_id, l.master_id)
LEFT JOIN catalog_category c ON (c.company_id, c.id) = (l.company_id, l.category_id)
ORDER BY l.position
"""


class Target(msgspec.Struct, frozen=True):
    """What one line names. `level` is product, master (a product family) or category."""

    number: str
    name: str
    exclude: bool
    level: str


class Covered(msgspec.Struct, frozen=True):
    """How many products a discount reaches, and what its first lines name."""

    products: int
    first: tuple[Target, ...]


def sentences(company_id: int, numbers: Iterable[str], language: Language) -> dict[str, str]:
    """What these discounts give, a sentence each, by number; a kind without words says its name."""
    headers = _rows(_HEADERS, [company_id, list(numbers)])
    lines: defaultdict[int, list[DiscountLine]] = defaultdict(list)
    for discount_id, count, *line in _rows(_LINES, [company_id, [row[0] for row in headers]]):
        lines[discount_id] += [_line(*line)] * count
    return {row[1]: _said(row, lines[row[0]], language) for row in headers}


def covered(company_id: int, number: str, limit: int) -> Covered:
    """The products that the discount's lines reach, less those that they exclude; its first `limit` lines."""
    ((products, is_plain),) = _rows(_PLAIN_COUNT, [company_id, number])
    if is_plain is False:
        ((products,),) = _rows(_COUNT, [company_id, number])
    first = _rows(_FIRST, {"company": company_id, "number": number, "limit": limit})
    return Covered(products, tuple(Target(*row) for row in first))


def _said(header: Row, lines: list[DiscountLine], language: Language) -> str:
    _, number, kind, version, params, name, currency, *caps = header
    discount = Discount(
        number=number, kind=kind, version=version, params=msgspec.json.decode(params), name=name,
        currency=currency, lines=tuple(lines), max_amount_per_order=caps[0],
        max_quantity_per_order=caps[1], max_uses_per_order=caps[2],
    )  # fmt: skip
    try:
        return sentence(discount, language)
    except KeyError:
        return str(name or number)


def _line(*columns: Any) -> DiscountLine:
    """A line for counting: which products it names does not matter, only that it does."""
    (product, master, category, everything, exclude, unit, group, percent, amount, price, limit) = (
        columns
    )
    return DiscountLine(
        product="" if product else None, master="" if master else None,
        category="" if category else None, all_products=everything, exclude=exclude, unit=unit,
        group=group, percent_off=percent, amount_off=amount, price=price, quantity_limit=limit,
    )  # fmt: skip


def _rows(sql: str, parameters: list[Any] | dict[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[Row] = cursor.fetchall()
    return rows
