"""Short ways to write carts and discounts in tests. Money is in cents."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kupong.kernel.money import Currency
from kupong.kernel.reasons import Reason
from kupong.pricing.book import compile_book
from kupong.pricing.carts import Cart, CartLine, PricedCart, Unlocked
from kupong.pricing.discounts import Discount, DiscountLine, Settings
from kupong.pricing.engine import price

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
USD = Currency("USD", 1)


def line(product: str, quantity: Any, cents: int, **more: Any) -> CartLine:
    name = more.pop("id", f"{product}-{quantity}-{cents}")
    return CartLine(id=name, product=product, quantity=Decimal(quantity), price=cents, **more)


def cart(*lines: CartLine, currency: Currency = USD, **more: Any) -> Cart:
    return Cart(currency=currency, lines=lines, **more)


def off(number: str, *, lines: Iterable[DiscountLine] = (), **more: Any) -> Discount:
    """A simple discount. Benefits given here make one line on all products."""
    benefits = {key: more.pop(key) for key in ("percent_off", "amount_off", "price") if key in more}
    if benefits:
        lines = [DiscountLine(all_products=True, **benefits)]
    return Discount(**{"number": number, "currency": "USD", "lines": tuple(lines), **more})


def percent(value: str | int) -> dict[str, Any]:
    return {"percent_off": Decimal(value)}


def coupon(number: str, *, limited: bool = True) -> Unlocked:
    return Unlocked(discount=number, coupon=f"CPN-{number}", code=f"CODE-{number}", limited=limited)


def priced(
    basket: Cart, *discounts: Discount, settings: Settings | None = None, **more: Any
) -> PricedCart:
    return price(basket, compile_book(discounts, settings or Settings()), NOON, **more)


def given_by(answer: PricedCart) -> dict[str, int]:
    """What each discount gave, in cents."""
    totals: dict[str, int] = {}
    for entry in answer.lines:
        for applied in entry.discounts:
            totals[applied.discount] = totals.get(applied.discount, 0) + applied.amount
    return totals


def reasons(answer: PricedCart) -> dict[str, Reason]:
    return {entry.discount: entry.reason for entry in answer.not_applied}


def details(answer: PricedCart) -> dict[str, dict[str, Any]]:
    return {entry.discount: entry.detail for entry in answer.not_applied}
