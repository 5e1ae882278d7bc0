"""Load steps for what the coupons stand on: stores, categories, products, households."""

from collections.abc import Iterator

from kupong.demo import bulk
from kupong.demo.names import (
    category_number,
    category_path,
    email,
    first_name,
    product_name,
    readable,
)
from kupong.demo.progress import Advance
from kupong.demo.source import CURRENCY, TIME_ZONE, Source
from kupong.organisation.models import Channel, Company

CHAIN = "The Complete Journey"
UNIT = "ea"


def stores(company_id: int, source: Source, advance: Advance) -> None:
    """The chain is the company that is there; each of its stores is a till. They share an assumed time zone."""
    Company.objects.filter(pk=company_id).update(name=CHAIN)
    columns = "company_id number name kind currency time_zone order_completion".split()
    rows = (
        (
            company_id,
            str(store),
            f"Store {store}",
            Channel.Kind.POS.value,
            CURRENCY,
            TIME_ZONE,
            True,
        )
        for store in source.stores
    )
    bulk.copy("organisation_channel", columns, rows, advance)


def categories(company_id: int, source: Source, advance: Advance) -> None:
    """The tree department > category > type; a parent stands above its children."""
    paths = {category_path(product) for product in source.products} - {()}
    nodes = sorted({path[:depth] for path in paths for depth in range(1, len(path) + 1)})
    bulk.stage(
        "demo_category",
        ["number text", "name text", "parent text", "depth integer", "lineage text[]"],
        map(_category, nodes),
    )
    advance(bulk.execute(_CATEGORIES, [company_id]))
    bulk.execute(_PARENTS, [company_id])


_CATEGORIES = """
INSERT INTO catalog_category (company_id, number, name, lineage)
SELECT %s, number, name, lineage FROM demo_category ORDER BY depth, number
"""

_PARENTS = """
UPDATE catalog_category c SET parent_id = p.id
FROM demo_category d, catalog_category p
WHERE c.company_id = %s AND c.number = d.number
  AND p.company_id = c.company_id AND p.number = d.parent
"""


def _category(path: tuple[str, ...]) -> tuple[str, str, str | None, int, list[str]]:
    lineage = [category_number(path[:depth]) for depth in range(1, len(path) + 1)]
    parent = lineage[-2] if len(lineage) > 1 else None
    return lineage[-1], readable(path[-1]), parent, len(path), lineage


def products(company_id: int, source: Source, advance: Advance) -> None:
    """Without a price: the data has what each line cost, and no price list. Each is in its deepest category."""
    bulk.stage("demo_product", ["number text", "name text", "category text"], _product_rows(source))
    advance(bulk.execute(_PRODUCTS, [company_id, UNIT]))
    advance(bulk.execute(_PRODUCT_CATEGORIES, [company_id]))


_PRODUCTS = """
INSERT INTO catalog_product (company_id, number, name, unit, prevent_discounts)
SELECT %s, number, name, %s, false FROM demo_product
"""

_PRODUCT_CATEGORIES = """
INSERT INTO catalog_productcategory (company_id, product_id, category_id)
SELECT p.company_id, p.id, c.id
FROM demo_product d
JOIN catalog_product p ON p.company_id = %s AND p.number = d.number
JOIN catalog_category c ON c.company_id = p.company_id AND c.number = d.category
"""


def _product_rows(source: Source) -> Iterator[tuple[str, str, str | None]]:
    for product in source.products:
        path = category_path(product)
        yield str(product.number), product_name(product), category_number(path) if path else None


def households(company_id: int, source: Source, advance: Advance) -> None:
    """Names and addresses are made up, the addresses under a domain that no mail reaches."""
    columns = "company_id number first_name name email email_opt_out language".split()
    rows = (
        (
            company_id,
            str(number),
            first_name(number),
            f"Household {number}",
            email(number),
            False,
            "en",
        )
        for number in source.households
    )
    bulk.copy("customers_customer", columns, rows, advance)
