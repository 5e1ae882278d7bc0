"""What a coupon that is being made would do: a basket of a real product, priced with the draft alone."""

from datetime import datetime
from decimal import Decimal

import msgspec

from kupong.catalog.queries import Goods, goods, sample
from kupong.coupons.making import MakingDraft, discount_draft
from kupong.discounts.checks import as_priced, enabling_problems
from kupong.kernel.money import Currency, minor_digits
from kupong.organisation.queries import parameters
from kupong.organisation.shapes import ParametersRecord
from kupong.pricing.book import compile_book
from kupong.pricing.carts import Cart, CartLine, PricedCart, Unlocked
from kupong.pricing.discounts import Discount
from kupong.pricing.engine import price
from kupong.pricing.kinds import sentence
from kupong.pricing.kinds.kind import Language

# Major units: the price of the example where the catalogue has none.
_ASSUMED_PRICE = 10


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
    quantity: Decimal = Decimal(1),
    unit_price: int | None = None,
) -> ExampleBasket | None:
    """Price the draft on a product it covers. None: it gives nothing yet, or covers no product.

    `at` is aware. Who gets the coupon and when plays no part: it shows what those get who do.
    """
    rules = parameters(company_id)
    currency = draft.currency or rules.currency
    wanted = discount_draft(draft)
    if enabling_problems(wanted, currency):
        return None
    product = _covered_product(company_id, draft)
    if product is None:
        return None
    listed = product.price if product.currency == currency else None
    known = unit_price if unit_price is not None else listed
    each = _ASSUMED_PRICE * 10 ** minor_digits(currency) if known is None else known
    discount = as_priced(wanted, currency)
    return ExampleBasket(
        goods=product,
        quantity=quantity,
        unit_price=each,
        assumed=known is None,
        says=sentence(discount, language),
        priced=_priced(discount, _line(product, quantity, each), rules, at),
    )


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
    )
    return price(cart, compile_book([discount], rules.pricing), at)
