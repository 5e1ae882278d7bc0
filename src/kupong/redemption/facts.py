"""What a quote needs to know, read in a fixed number of statements however large the cart."""

from zoneinfo import ZoneInfo

import msgspec

from kupong.discounts.book import current_book
from kupong.kernel.identifiers import normalise_code
from kupong.kernel.periods import Period
from kupong.organisation.plans import Plan, Row, Statement
from kupong.organisation.validity import period
from kupong.pricing.book import PriceBook
from kupong.pricing.discounts import Settings
from kupong.redemption.shapes import CodesCheckRequest, QuoteRequest


class ChannelFacts(msgspec.Struct, frozen=True):
    id: int
    currency: str
    zone: ZoneInfo
    order_completion: bool
    price_groups: frozenset[str]


class CustomerFacts(msgspec.Struct, frozen=True):
    id: int
    price_groups: frozenset[str]


class Setting(msgspec.Struct, frozen=True):
    """Where a sale takes place, and under which rules. None: the company has no such thing."""

    company_id: int
    rounding_step: int
    pricing: Settings
    book_version: int
    channel: ChannelFacts | None
    customer: CustomerFacts | None
    affiliations: dict[str, frozenset[str]]

    @property
    def price_groups(self) -> frozenset[str]:
        """ALL, and the groups of the channel, the customer's affiliations and those named on the cart."""
        assert self.channel is not None
        groups = frozenset({"ALL"}).union(self.channel.price_groups, *self.affiliations.values())
        return groups | self.customer.price_groups if self.customer else groups


class ProductFacts(msgspec.Struct, frozen=True):
    number: str
    unit: str
    price: int | None
    currency: str | None
    master: str | None
    prevent_discounts: bool
    prevent_retail_discounts: bool
    prevent_tender_discounts: bool
    prevent_manual_discounts: bool
    categories: tuple[str, ...]


class Scope(msgspec.Struct, frozen=True):
    """The counter of a code in one scope: uses so far, and the limit in force (None: none)."""

    name: str
    id: int
    limit: int | None
    uses: int


class CodeFacts(msgspec.Struct, frozen=True):
    """A code with its coupon, as they stand now. `scopes` holds a counter for every scope the sale has."""

    id: int
    code: str
    status: str
    valid: Period
    holder_id: int | None
    coupon_id: int
    coupon: str
    coupon_status: str
    coupon_valid: Period
    customer_required: bool
    exclusive: bool
    discount: str | None
    limited_per_customer: bool
    scopes: tuple[Scope, ...]
    last_use_no: int


_PARAMETERS = """
SELECT p.rounding_step, p.pricing::text, coalesce(v.version, 0)
FROM organisation_parameters p LEFT JOIN discounts_bookversion v ON v.company_id = p.company_id
WHERE p.company_id = %s
"""

_CHANNEL = """
SELECT c.id, c.currency, c.time_zone, c.order_completion, ARRAY(
    SELECT g.number FROM organisation_channelpricegroup cg
    JOIN organisation_pricegroup g ON (g.company_id, g.id) = (cg.company_id, cg.price_group_id)
    WHERE (cg.company_id, cg.channel_id) = (c.company_id, c.id))
FROM organisation_channel c WHERE c.company_id = %s AND c.number = %s
"""

_CUSTOMER = """
SELECT c.id, ARRAY(
    SELECT g.number FROM customers_customeraffiliation ca
    JOIN organisation_affiliationpricegroup ag
      ON (ag.company_id, ag.affiliation_id) = (ca.company_id, ca.affiliation_id)
    JOIN organisation_pricegroup g ON (g.company_id, g.id) = (ag.company_id, ag.price_group_id)
    WHERE (ca.company_id, ca.customer_id) = (c.company_id, c.id))
FROM customers_customer c WHERE c.company_id = %s AND c.number = %s
"""

_AFFILIATIONS = """
SELECT a.number, ARRAY(
    SELECT g.number FROM organisation_affiliationpricegroup ag
    JOIN organisation_pricegroup g ON (g.company_id, g.id) = (ag.company_id, ag.price_group_id)
    WHERE (ag.company_id, ag.affiliation_id) = (a.company_id, a.id))
FROM organisation_affiliation a WHERE a.company_id = %s AND a.number = ANY(%s::text[])
"""

_PRODUCTS = """
SELECT p.number, p.unit, p.price, p.currency, m.number, p.prevent_discounts,
       p.prevent_retail_discounts, p.prevent_tender_discounts, p.prevent_manual_discounts, ARRAY(
    SELECT DISTINCT unnest(c.lineage) FROM catalog_productcategory pc
    JOIN catalog_category c ON (c.company_id, c.id) = (pc.company_id, pc.category_id)
    WHERE (pc.company_id, pc.product_id) = (p.company_id, p.id))
FROM catalog_product p
LEFT JOIN catalog_product m ON (m.company_id, m.id) = (p.company_id, p.master_id)
WHERE p.company_id = %s AND p.number = ANY(%s::text[])
"""

# One row per wanted code that exists; the counters of the scopes that the sale has come along.
_CODES = """
SELECT wanted.place, c.id, c.code, c.status,
       c.valid_from_date, c.valid_from_at, c.valid_to_date, c.valid_to_at, c.holder_id,
       k.id, k.number, k.status,
       k.valid_from_date, k.valid_from_at, k.valid_to_date, k.valid_to_at,
       k.customer_required, k.exclusive, d.number,
       limits.everywhere, limits.channel, limits.customer,
       coalesce(everywhere.uses, 0), coalesce(channel.uses, 0), coalesce(customer.uses, 0),
       coalesce(everywhere.last_use_no, 0), wanted.channel_id, wanted.customer_id
FROM unnest(%s::int[], %s::text[], %s::bigint[], %s::bigint[])
     AS wanted(place, code, channel_id, customer_id)
JOIN coupons_couponcode c ON c.company_id = %s AND c.code = wanted.code
JOIN coupons_coupon k ON (k.company_id, k.id) = (c.company_id, c.coupon_id)
LEFT JOIN discounts_discount d ON (d.company_id, d.id) = (k.company_id, k.discount_id)
LEFT JOIN LATERAL (
    SELECT max(l.uses) FILTER (WHERE l.scope = 'global') AS everywhere,
           max(l.uses) FILTER (WHERE l.scope = 'channel') AS channel,
           max(l.uses) FILTER (WHERE l.scope = 'customer') AS customer
    FROM coupons_usagelimit l WHERE (l.company_id, l.coupon_id) = (k.company_id, k.id)
) limits ON true
LEFT JOIN redemption_usagecounter everywhere
  ON (everywhere.company_id, everywhere.code_id, everywhere.scope, everywhere.scope_id)
   = (c.company_id, c.id, 'global', 0)
LEFT JOIN redemption_usagecounter channel
  ON (channel.company_id, channel.code_id, channel.scope, channel.scope_id)
   = (c.company_id, c.id, 'channel', wanted.channel_id)
LEFT JOIN redemption_usagecounter customer
  ON (customer.company_id, customer.code_id, customer.scope, customer.scope_id)
   = (c.company_id, c.id, 'customer', wanted.customer_id)
ORDER BY wanted.place
"""


def read_setting(company_id: int, request: QuoteRequest | CodesCheckRequest) -> Plan[Setting]:
    """The rules, channel, customer and affiliations that the request names, in one round trip."""
    affiliations = list(request.affiliations) if isinstance(request, QuoteRequest) else []
    parameters, channels, customers, affiliated = yield (
        Statement(_PARAMETERS, (company_id,)),
        Statement(_CHANNEL, (company_id, request.channel)),
        Statement(_CUSTOMER, (company_id, request.customer)),
        Statement(_AFFILIATIONS, (company_id, affiliations)),
    )
    step, pricing, version = parameters[0]
    return Setting(
        company_id=company_id,
        rounding_step=step,
        pricing=msgspec.json.decode(pricing, type=Settings),
        book_version=version,
        channel=_channel(channels[0]) if channels else None,
        customer=CustomerFacts(customers[0][0], frozenset(customers[0][1])) if customers else None,
        affiliations={number: frozenset(groups) for number, groups in affiliated},
    )


def _channel(row: Row) -> ChannelFacts:
    identity, currency, time_zone, order_completion, groups = row
    return ChannelFacts(
        identity, currency, ZoneInfo(time_zone), order_completion, frozenset(groups)
    )


def products_statement(company_id: int, numbers: list[str]) -> Statement:
    return Statement(_PRODUCTS, (company_id, numbers))


def products_from(rows: list[Row]) -> dict[str, ProductFacts]:
    return {row[0]: ProductFacts(*(*row[:-1], tuple(row[-1]))) for row in rows}


def codes_statement(company_id: int, wanted: list[tuple[str, int, int | None]]) -> Statement:
    """The facts of each wanted (normalised code, channel, customer), by its place in the list."""
    codes, channels, customers = zip(*wanted, strict=True) if wanted else ((), (), ())
    places = list(range(len(wanted)))
    return Statement(_CODES, (places, list(codes), list(channels), list(customers), company_id))


def codes_from(rows: list[Row]) -> dict[int, CodeFacts]:
    """The facts of the codes that exist, by their place."""
    return {row[0]: _code(row) for row in rows}


def _code(row: Row) -> CodeFacts:
    (_, identity, code, status, f1, f2, t1, t2, holder, coupon_id, coupon, coupon_status,
     cf1, cf2, ct1, ct2, customer_required, exclusive, discount,
     limit_all, limit_channel, limit_customer, uses_all, uses_channel, uses_customer,
     last_use_no, channel_id, customer_id) = row  # fmt: skip
    scopes = [
        Scope("global", 0, limit_all, uses_all),
        Scope("channel", channel_id, limit_channel, uses_channel),
    ]
    if customer_id is not None:
        scopes.append(Scope("customer", customer_id, limit_customer, uses_customer))
    return CodeFacts(
        id=identity, code=code, status=status, valid=period(f1, f2, t1, t2), holder_id=holder,
        coupon_id=coupon_id, coupon=coupon, coupon_status=coupon_status,
        coupon_valid=period(cf1, cf2, ct1, ct2), customer_required=customer_required,
        exclusive=exclusive, discount=discount, limited_per_customer=limit_customer is not None,
        scopes=tuple(scopes), last_use_no=last_use_no,
    )  # fmt: skip


class CartFacts(msgspec.Struct, frozen=True):
    """Products by number, facts of the codes by their place on the cart, and the price book."""

    products: dict[str, ProductFacts]
    codes: dict[int, CodeFacts]
    book: PriceBook


def read_cart(setting: Setting, request: QuoteRequest | CodesCheckRequest) -> Plan[CartFacts]:
    """Everything the cart itself refers to, in one round trip; a second when the price book has changed."""
    assert setting.channel is not None
    customer_id = setting.customer.id if setting.customer else None
    wanted = [(normalise_code(code), setting.channel.id, customer_id) for code in request.codes]
    lines = request.lines if isinstance(request, QuoteRequest) else ()
    asked = [products_statement(setting.company_id, [line.product for line in lines])]
    if wanted:  # most carts have no code, and need not pay for asking
        asked.append(codes_statement(setting.company_id, wanted))
    products, *codes = yield asked
    book = yield from current_book(setting.company_id, setting.book_version, setting.pricing)
    return CartFacts(products_from(products), codes_from(codes[0]) if codes else {}, book)
