"""What a coupon that is being made would do: a basket of a real product, priced with the draft alone."""

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

import msgspec

from kupong.catalog.queries import Goods, goods, sample
from kupong.coupons.making import MakingDraft, discount_draft, discount_problems
from kupong.discounts.checks import as_priced
from kupong.kernel.money import Currency, minor_digits
from kupong.kernel.reasons import Reason
from kupong.organisation.queries import parameters
from kupong.organisation.shapes import ParametersRecord
from kupong.pricing.book import compile_book
from kupong.pricing.carts import Cart, CartLine, Delivery, PricedCart, Unlocked
from kupong.pricing.discounts import Discount
from kupong.pricing.engine import price
from kupong.pricing.kinds import sentence
from kupong.pricing.kinds.kind import Language

# Major units: the price of the example where the catalogue has none, and the charge of a delivery.
_ASSUMED_PRICE = 10
_ASSUMED_CHARGE = 5
# How many units are put into the basket at most to reach what a discount asks for.
_MOST_UNITS = 100_000


class ExampleBasket(msgspec.Struct, frozen=True, kw_only=True):
    """`unit_price` in minor units is from the catalogue, given, or `assumed`; `says` is the discount in words."""

    goods: Goods
    quantity: Decimal
    unit_price: int
    assumed: bool
    says: str
    priced: PricedCart


def example_basket(
    company_id: int,
    draft: MakingDraft,
    at: datetime,
    language: Language = "en",
    *,
    quantity: Decimal | None = None,
    unit_price: int | None = None,
) -> ExampleBasket | None:
    """Price the draft on a product it covers. None: it gives nothing yet, or covers no product.

    Without a quantity there are as many units as it takes to see what the discount gives. A discount of the
    delivery meets one that it is for, with a charge that is made up. `at` is aware. Who gets the coupon and
    when plays no part: it shows what those get who do.
    """
    rules = parameters(company_id)
    currency = draft.currency or rules.currency
    if discount_problems(draft, currency):
        return None
    product = _covered_product(company_id, draft)
    if product is None:
        return None
    listed = product.price if product.currency == currency else None
    known = unit_price if unit_price is not None else listed
    each = _ASSUMED_PRICE * 10 ** minor_digits(currency) if known is None else known
    discount = as_priced(discount_draft(draft), currency)

    def priced(units: Decimal) -> PricedCart:
        return _priced(discount, _line(product, units, each), rules, at)

    units = _enough(priced, each) if quantity is None else quantity
    return ExampleBasket(
        goods=product,
        quantity=units,
        unit_price=each,
        assumed=known is None,
        says=sentence(discount, language),
        priced=priced(units),
    )


def _enough(priced: Callable[[Decimal], PricedCart], each: int) -> Decimal:
    """One unit, or as many as the engine says that the discount is short of."""
    for lost in priced(Decimal(1)).not_applied:
        missing = Decimal(str(lost.detail.get("missing", 0)))
        if lost.reason is Reason.NOT_ENOUGH_UNITS:
            return min(1 + missing.to_integral_value(ROUND_CEILING), Decimal(_MOST_UNITS))
        if lost.reason is Reason.BELOW_THRESHOLD and each:
            more = (missing / each).to_integral_value(ROUND_CEILING)
            return min(1 + more, Decimal(_MOST_UNITS))
    return Decimal(1)


def _covered_product(company_id: int, draft: MakingDraft) -> Goods | None:
    """The first of the products chosen, else one of the category, else any."""
    if draft.products:
        found = goods(company_id, list(draft.products))
        return next((found[number] for number in draft.products if number in found), None)
    return sample(company_id, draft.category)


def _line(product: Goods, quantity: Decimal, unit_price: int) -> CartLine:
    return CartLine(
        id="1",
        product=product.number,
        quantity=quantity,
        price=unit_price,
        unit=product.unit,
        master=product.master,
        categories=product.categories,
        prevent_discounts=product.prevent_discounts,
        prevent_retail_discounts=product.prevent_retail_discounts,
    )


def _priced(
    discount: Discount, line: CartLine, rules: ParametersRecord, at: datetime
) -> PricedCart:
    cart = Cart(
        currency=Currency(discount.currency, rules.rounding_step),
        lines=(line,),
        unlocked=(Unlocked(discount=discount.number),),
        delivery=_delivery(discount),
    )
    return price(cart, compile_book([discount], rules.pricing), at)


def _delivery(discount: Discount) -> Delivery | None:
    """A delivery that the discount is for, if it is for any."""
    modes: list[str] = discount.params.get("delivery_modes", [])
    charge = _ASSUMED_CHARGE * 10 ** minor_digits(discount.currency)
    return Delivery(mode=modes[0], charge=charge) if modes else None
