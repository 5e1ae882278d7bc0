"""Compiles a company's discounts into the price book, once per version, and keeps it compiled.

A change to one discount recompiles that discount only: its `revision` tells which ones are new.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from kupong.kernel.periods import Period
from kupong.organisation.plans import Plan, Row, Statement
from kupong.organisation.validity import period
from kupong.pricing.book import PriceBook, compile_book
from kupong.pricing.discounts import Discount, DiscountLine, Settings


class _Compiled(msgspec.Struct, frozen=True):
    version: int
    settings: Settings
    book: PriceBook


_books: dict[int, _Compiled] = {}


def current_book(company_id: int, version: int, settings: Settings) -> Plan[PriceBook]:
    """The book of this version (BookVersion.version as just read), compiled or brought up to date."""
    known = _books.get(company_id)
    if known is None or known.settings != settings or known.version > version:
        known = _Compiled(-1, settings, compile_book((), settings))
    if known.version < version:
        changed = yield from _changed_since(company_id, known.version)
        known = _Compiled(version, settings, known.book.with_changes(changed))
        _books[company_id] = known
    return known.book


def forget_books() -> None:
    """Compile anew at the next call: for a process whose database has been replaced under it."""
    _books.clear()


_HEADERS = """
SELECT d.id, d.number, d.kind, d.version, d.params::text, d.name, d.mode,
       coalesce(d.priority, groups.priority, 0), d.sequence, d.status = 'enabled', d.currency,
       d.match_all_price_groups, d.requires_code, d.weekly::text,
       d.max_amount_per_order, d.max_quantity_per_order, d.max_uses_per_order,
       d.valid_from_date, d.valid_from_at, d.valid_to_date, d.valid_to_at,
       coalesce(groups.numbers, '{}')
FROM discounts_discount d
LEFT JOIN LATERAL (
    SELECT max(g.priority) AS priority, array_agg(g.number) AS numbers
    FROM discounts_discountpricegroup dg
    JOIN organisation_pricegroup g ON (g.company_id, g.id) = (dg.company_id, dg.price_group_id)
    WHERE (dg.company_id, dg.discount_id) = (d.company_id, d.id)
) groups ON true
WHERE d.company_id = %s AND d.revision > %s
"""

_LINES = """
SELECT l.discount_id, p.number, m.number, c.number, l.all_products, l.exclude, l.unit, l."group",
       l.percent_off, l.amount_off, l.price, l.quantity_limit
FROM discounts_discount d
JOIN discounts_discountline l ON (l.company_id, l.discount_id) = (d.company_id, d.id)
LEFT JOIN catalog_product p ON (p.company_id, p.id) = (l.company_id, l.product_id)
LEFT JOIN catalog_product m ON (m.company_id, m.id) = (l.company_id, l.master_id)
LEFT JOIN catalog_category c ON (c.company_id, c.id) = (l.company_id, l.category_id)
WHERE d.company_id = %s AND d.revision > %s AND d.status = 'enabled'
ORDER BY l.discount_id, l.position
"""


def _changed_since(company_id: int, version: int) -> Plan[list[Discount]]:
    headers, lines = yield (
        Statement(_HEADERS, (company_id, version)),
        Statement(_LINES, (company_id, version)),
    )
    lines_of = defaultdict(list)
    for row in lines:
        lines_of[row[0]].append(_line(row))
    return [_discount(row, tuple(lines_of[row[0]])) for row in headers]


def _line(row: Row) -> DiscountLine:
    (
        _,
        product,
        master,
        category,
        everything,
        exclude,
        unit,
        group,
        percent,
        amount,
        price,
        limit,
    ) = row
    return DiscountLine(
        product=product, master=master, category=category, all_products=everything, exclude=exclude,
        unit=unit, group=group, percent_off=percent, amount_off=amount, price=price, quantity_limit=limit,
    )  # fmt: skip


def _discount(row: Row, lines: tuple[DiscountLine, ...]) -> Discount:
    (_, number, kind, version, params, name, mode, priority, sequence, enabled, currency, match_all,
     requires_code, weekly, max_amount, max_quantity, max_uses, *validity, groups) = row  # fmt: skip
    return Discount(
        number=number, kind=kind, version=version, params=_json(params), name=name, mode=mode,
        priority=priority, sequence=sequence, enabled=enabled, currency=currency,
        match_all_price_groups=match_all, requires_code=requires_code, weekly=_hours(weekly),
        max_amount_per_order=max_amount, max_quantity_per_order=max_quantity,
        max_uses_per_order=max_uses, valid=_period(validity), price_groups=frozenset(groups), lines=lines,
    )  # fmt: skip


def _period(columns: Sequence[Any]) -> Period:
    return period(*columns)


def _json(text: str | None) -> dict[str, Any]:
    return msgspec.json.decode(text, type=dict[str, Any]) if text else {}


def _hours(text: str | None) -> dict[str, tuple[str, str]] | None:
    return msgspec.json.decode(text, type=dict[str, tuple[str, str]]) if text else None
