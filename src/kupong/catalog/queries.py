"""Reads of the catalogue, for the rooms above."""

import re
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Q

from kupong.catalog.models import Category
from kupong.organisation.queries import Found

# Beginnings of words shorter than this are in most names of a large catalogue.
_SHORTEST_WORD = 2
# Of so many hits the shortest names are taken: whoever wants another types another word.
_HITS_LOOKED_AT = 200
_SAMPLES_LOOKED_AT = 100


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """A product as pricing needs it. `categories` holds its categories and all their ancestors.

    `price` is per unit in minor units of `currency`; None where the channel sets it.
    """

    number: str
    name: str
    unit: str
    price: int | None
    currency: str | None
    prevent_discounts: bool
    prevent_retail_discounts: bool
    master: str | None
    categories: tuple[str, ...]


_GOODS = """
SELECT p.number, p.name, p.unit, p.price, p.currency,
       p.prevent_discounts, p.prevent_retail_discounts, m.number, ARRAY(
    SELECT DISTINCT unnest(c.lineage) FROM catalog_productcategory pc
    JOIN catalog_category c ON (c.company_id, c.id) = (pc.company_id, pc.category_id)
    WHERE (pc.company_id, pc.product_id) = (p.company_id, p.id))
FROM catalog_product p
LEFT JOIN catalog_product m ON (m.company_id, m.id) = (p.company_id, p.master_id)
WHERE p.company_id = %s AND p.number = ANY(%s::text[])
"""

# A few are looked at, so that the answer takes no longer where the catalogue is large.
_SAMPLE = """
SELECT number FROM (
    SELECT p.number, p.price, p.prevent_discounts OR p.prevent_retail_discounts AS takes_none
    FROM catalog_product p
    WHERE p.company_id = %(company)s AND (%(category)s::text IS NULL OR p.id IN (
        SELECT pc.product_id FROM catalog_productcategory pc
        JOIN catalog_category c ON (c.company_id, c.id) = (pc.company_id, pc.category_id)
        WHERE pc.company_id = %(company)s AND c.lineage @> ARRAY[%(category)s::text]))
    ORDER BY p.number LIMIT %(looked_at)s
) few
ORDER BY takes_none, price IS NULL, price = 0, number LIMIT 1
"""

_BY_NUMBER = """
SELECT number, name FROM catalog_product
WHERE company_id = %(company)s AND starts_with(number, %(typed)s)
ORDER BY number LIMIT %(limit)s
"""

# The words have to be made as `models.WORDS_OF_NAME` makes them, or the index cannot serve.
_BY_WORDS = """
SELECT number, name FROM (
    SELECT number, name FROM catalog_product
    WHERE company_id = %(company)s
      AND to_tsvector('simple', translate(name, '/-.,&''', '      ')) @@ to_tsquery('simple', %(words)s)
    LIMIT %(looked_at)s
) hits ORDER BY length(name), number LIMIT %(limit)s
"""


def goods(company_id: int, numbers: list[str]) -> dict[str, Goods]:
    """The products with these numbers that there are, by number."""
    return {row[0]: _goods(row) for row in _rows(_GOODS, [company_id, numbers])}


def sample(company_id: int, category: str | None = None) -> Goods | None:
    """Some product, of this category or of all: rather one that has a price and takes discounts."""
    figures = {"company": company_id, "category": category, "looked_at": _SAMPLES_LOOKED_AT}
    numbers = [row[0] for row in _rows(_SAMPLE, figures)]
    return next(iter(goods(company_id, numbers).values()), None) if numbers else None


def find_products(company_id: int, typed: str, limit: int = 8) -> list[Found]:
    """The products whose number begins so, then those whose name has words that do."""
    typed = typed.strip()
    if not typed:
        return []
    figures = {"company": company_id, "typed": typed, "limit": limit}
    found = [Found(number=row[0], name=row[1]) for row in _rows(_BY_NUMBER, figures)]
    words = re.findall(r"\w+", typed.lower())
    if len(found) < limit and max(map(len, words), default=0) >= _SHORTEST_WORD:
        figures |= {
            "words": " & ".join(f"'{word}':*" for word in words),
            "looked_at": _HITS_LOOKED_AT,
        }
        numbers = {one.number for one in found}
        named = (Found(number=row[0], name=row[1]) for row in _rows(_BY_WORDS, figures))
        found += [one for one in named if one.number not in numbers]
    return found[:limit]


def find_categories(company_id: int, typed: str, limit: int = 8) -> list[Found]:
    """The categories with this text in their number or name, those near the root first."""
    typed = typed.strip()
    rows = Category.objects.filter(company_id=company_id)
    if typed:
        rows = rows.filter(Q(number__icontains=typed) | Q(name__icontains=typed))
    ordered = rows.order_by("lineage__len", "number").values_list("number", "name")
    return [Found(number=number, name=name) for number, name in ordered[:limit]]


def category_name(company_id: int, number: str) -> str | None:
    """What the category is called; None when there is no such category."""
    rows = Category.objects.filter(company_id=company_id, number=number)
    return rows.values_list("name", flat=True).first()


def _goods(row: tuple[Any, ...]) -> Goods:
    number, name, unit, price, currency, prevent_all, prevent_retail, master, categories = row
    return Goods(
        number=number,
        name=name,
        unit=unit,
        price=price,
        currency=currency,
        prevent_discounts=prevent_all,
        prevent_retail_discounts=prevent_retail,
        master=master,
        categories=tuple(categories),
    )


def _rows(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
