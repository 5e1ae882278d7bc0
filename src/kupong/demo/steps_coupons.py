"""Load steps for the coupons: their discounts, the coupons themselves, and a code for everybody they were sent to."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from kupong.demo import bulk
from kupong.demo.face_values import FaceValue, face_values
from kupong.demo.names import coupon_number, dollars, readable, upc_a
from kupong.demo.progress import Advance
from kupong.demo.source import CURRENCY, ZONE, Pair, Source
from kupong.discounts.revisions import next_version
from kupong.kernel.reasons import Refused
from kupong.numbering.codes import code_from
from kupong.numbering.formats import render
from kupong.organisation.numbers import draw_numbers, sequence_format

USES_PER_CODE = 2

_CODE_CHARACTERS = 12
_CODES_AT_A_TIME = 10_000


def discounts(company_id: int, source: Source, advance: Advance) -> None:
    """A simple amount-off discount per coupon, of its number, with a line for every product it covers."""
    values = face_values(source)
    things = _what_they_cover(source)
    bulk.stage(
        "demo_discount",
        ["number text", "name text", "amount bigint"],
        (
            (coupon_number(*pair), label(values[pair].cents, things[pair]), values[pair].cents)
            for pair in source.covers
        ),
    )
    bulk.stage("demo_cover", ["number text", "position integer", "product text"], _covered(source))
    advance(bulk.execute(_DISCOUNTS, [company_id, CURRENCY, next_version(company_id)]))
    advance(bulk.execute(_PRICE_GROUPS, [company_id]))
    advance(bulk.execute(_LINES, [company_id]))


_DISCOUNTS = """
INSERT INTO discounts_discount (company_id, number, name, currency, revision, kind, version, params, mode,
    sequence, status, match_all_price_groups, requires_code)
SELECT %s, number, name, %s, %s, 'simple', 1, '{}', 'compounded', 0, 'enabled', false, true
FROM demo_discount ORDER BY number
"""

_PRICE_GROUPS = """
INSERT INTO discounts_discountpricegroup (company_id, discount_id, price_group_id)
SELECT d.company_id, d.id, g.id
FROM demo_discount n
JOIN discounts_discount d ON d.company_id = %s AND d.number = n.number
JOIN organisation_pricegroup g ON g.company_id = d.company_id AND g.number = 'ALL'
"""

_LINES = """
INSERT INTO discounts_discountline (company_id, discount_id, position, product_id, amount_off, all_products,
    exclude)
SELECT d.company_id, d.id, n.position, p.id, f.amount, false, false
FROM demo_cover n
JOIN demo_discount f ON f.number = n.number
JOIN discounts_discount d ON d.company_id = %s AND d.number = n.number
JOIN catalog_product p ON p.company_id = d.company_id AND p.number = n.product
"""


def _covered(source: Source) -> Iterator[tuple[str, int, str]]:
    for pair, covered in source.covers.items():
        number = coupon_number(*pair)
        for position, product in enumerate(sorted(covered)):
            yield number, position, str(product)


def _what_they_cover(source: Source) -> dict[Pair, str]:
    """The category that most products of a coupon belong to, the first by name among equals."""
    categories = {
        product.number: product.category or product.department for product in source.products
    }
    return {
        pair: _most_frequent(categories[product] for product in covered)
        for pair, covered in source.covers.items()
    }


def _most_frequent(names: Iterable[str | None]) -> str:
    counted = Counter(name for name in names if name)
    return min(counted, key=lambda name: (-counted[name], name), default="products")


def coupons(company_id: int, source: Source, advance: Advance) -> None:
    """Active, valid on the days of their campaign, with a folder per campaign and two uses for each code."""
    columns = "number text, label text, description text, folder text, start date, finish date"
    bulk.stage("demo_coupon", columns.split(", "), _coupon_rows(source))
    advance(bulk.execute(_COUPONS, [company_id]))
    advance(bulk.execute(_LIMITS, [USES_PER_CODE, company_id]))


_COUPONS = """
INSERT INTO coupons_coupon (company_id, number, label, description, folder, kind, status, discount_id,
    valid_from_date, valid_to_date, customer_required, apply_without_code, exclusive, give_back, code_count)
SELECT d.company_id, n.number, n.label, n.description, n.folder, 'individual', 'active', d.id,
    n.start, n.finish, false, false, false, 'always', 0
FROM demo_coupon n
JOIN discounts_discount d ON d.company_id = %s AND d.number = n.number
ORDER BY n.number
"""

_LIMITS = """
INSERT INTO coupons_usagelimit (company_id, coupon_id, scope, uses)
SELECT c.company_id, c.id, 'global', %s
FROM demo_coupon n
JOIN coupons_coupon c ON c.company_id = %s AND c.number = n.number
"""


def _coupon_rows(source: Source) -> Iterator[tuple[str, str, str, str, date, date]]:
    values, things = face_values(source), _what_they_cover(source)
    for (number, upc), covered in source.covers.items():
        value, campaign = values[number, upc], source.campaigns[number]
        yield (
            coupon_number(number, upc),
            label(value.cents, things[number, upc]),
            description(upc, len(covered), value),
            f"Campaign {number} ({campaign.type})",
            campaign.start,
            campaign.end,
        )


def label(cents: int, thing: str) -> str:
    """Such as "1.00 USD off frozen pizza"."""
    return f"{dollars(cents)} {CURRENCY} off {readable(thing).lower()}"


def description(upc: int, products: int, value: FaceValue) -> str:
    if value.lines:
        origin = f"derived: the median of the coupon discount on {value.lines} matching lines"
    else:
        origin = "assumed: no line of the data shows this coupon's discount"
    return f"UPC {upc_a(upc)}. Covers {products} products. The amount is {origin}."


def codes(company_id: int, source: Source, advance: Advance) -> None:
    """One for each household of the campaign and each of its coupons; the household is its holder.

    They are made on the first day of their campaign, so that the story of a code reads in order.
    """
    count = code_count(source)
    numbers = _numbers(company_id, count)
    issues = _issues(company_id, source)
    rows = (
        (company_id, number, coupon, code, "active", holder, made)
        for number, (coupon, holder, made), code in zip(
            numbers, issues, unguessable_codes(count), strict=True
        )
    )
    columns = "company_id number coupon_id code status holder_id created_at".split()
    bulk.copy("coupons_couponcode", columns, rows, advance)
    bulk.execute(_COUNTS, [company_id])


def code_count(source: Source) -> int:
    return sum(len(source.targeted[campaign]) for campaign, _ in source.covers)


_COUNTS = """
UPDATE coupons_coupon c SET code_count = n.codes
FROM (SELECT company_id, coupon_id, count(*) AS codes FROM coupons_couponcode GROUP BY 1, 2) n
WHERE c.company_id = %s AND (n.company_id, n.coupon_id) = (c.company_id, c.id)
"""


def _issues(company_id: int, source: Source) -> Iterator[tuple[int, int, datetime]]:
    """(Coupon, holder, when) as the database knows them, coupon by coupon. Reads before it is iterated."""
    coupon_ids = dict(bulk.fetch(_COUPON_IDS, [company_id]))
    holder_ids = dict(bulk.fetch(_HOLDER_IDS, [company_id]))
    starts = {
        number: datetime.combine(campaign.start, time(), ZONE)
        for number, campaign in source.campaigns.items()
    }
    return (
        (coupon_ids[coupon_number(campaign, upc)], holder_ids[str(household)], starts[campaign])
        for campaign, upc in source.covers
        for household in source.targeted[campaign]
    )


_COUPON_IDS = "SELECT number, id FROM coupons_coupon WHERE company_id = %s"
_HOLDER_IDS = "SELECT number, id FROM customers_customer WHERE company_id = %s"


def _numbers(company_id: int, count: int) -> Iterator[str]:
    """The numbers of the codes, drawn from their sequence as one block."""
    drawn = draw_numbers(company_id, "coupon_code", count)
    form = sequence_format(company_id, "coupon_code")
    if isinstance(drawn, Refused) or form is None:
        raise RuntimeError(f"no numbers for {count} coupon codes: {drawn}")
    return (render(form, number) for number in drawn)


def unguessable_codes(count: int) -> Iterator[str]:
    """Such as 7KQ2-M9XD-4HBT, from the random source of the operating system."""
    for start in range(0, count, _CODES_AT_A_TIME):
        characters = min(_CODES_AT_A_TIME, count - start) * _CODE_CHARACTERS
        text = code_from(os.urandom(2 * characters), characters)
        for at in range(0, characters, _CODE_CHARACTERS):
            yield f"{text[at : at + 4]}-{text[at + 4 : at + 8]}-{text[at + 8 : at + 12]}"
