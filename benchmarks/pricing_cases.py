"""The carts and discounts that benchmarks/pricing.py prices. Money is in cents; the same seed gives the same case."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from kupong.kernel.money import Currency
from kupong.pricing.carts import Cart, CartLine
from kupong.pricing.discounts import Discount, DiscountLine

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
USD = Currency("USD")


def cart_of(lines: int) -> Cart:
    """Different products, in ten categories that are all in one, one to three units of each."""
    return Cart(
        currency=USD,
        lines=tuple(
            CartLine(
                id=f"l{place}",
                product=f"P{place}",
                quantity=Decimal(1 + place % 3),
                price=995 + 137 * (place % 40),
                categories=(f"C{place % 10}", "EVERYTHING"),
            )
            for place in range(lines)
        ),
    )


def ten_reach(count: int) -> list[Discount]:
    """Ten that reach the cart, among as many as asked for: the others are about other goods."""
    return all_reach(min(count, 10)) + elsewhere(count - 10)


def all_reach(count: int, compounded_of_two: int = 0) -> list[Discount]:
    """Percentages on a category that holds the whole cart, from 1 to 30 per cent."""
    return [
        simple(
            f"D{place:05}",
            DiscountLine(category="EVERYTHING", percent_off=Decimal(1 + place % 30)),
            mode="compounded" if place % 2 < compounded_of_two else "best_price",
        )
        for place in range(count)
    ]


def all_reach_half_compounded(count: int) -> list[Discount]:
    return all_reach(count, compounded_of_two=1)


def elsewhere(count: int) -> list[Discount]:
    return [
        simple(f"E{place:05}", DiscountLine(product=f"ELSEWHERE-{place}", percent_off=Decimal(10)))
        for place in range(max(0, count))
    ]


def simple(number: str, *lines: DiscountLine, **more: Any) -> Discount:
    return Discount(number=number, currency="USD", lines=lines, **more)


def edited(discount: Discount) -> Discount:
    """The same with another percentage."""
    line = msgspec.structs.replace(discount.lines[0], percent_off=Decimal("31.5"))
    return msgspec.structs.replace(discount, lines=(line,))


def overlapping_bundles(seed: int, units: int = 30, count: int = 10) -> tuple[Cart, list[Discount]]:
    """Units of eight to fifteen products, and bundles whose groups each hold about half of these products."""
    chance = random.Random(seed)  # noqa: S311
    products = [f"P{place}" for place in range(chance.randint(8, 15))]
    quantities = dict.fromkeys(products, 1)
    for _ in range(units - len(products)):
        quantities[chance.choice(products)] += 1
    lines = tuple(
        CartLine(
            id=product,
            product=product,
            quantity=Decimal(quantity),
            price=chance.randrange(200, 6000, 5),
        )
        for product, quantity in quantities.items()
    )
    bundles = [_bundle(f"B{place}", chance, products) for place in range(count)]
    return Cart(currency=USD, lines=lines), bundles


def _bundle(number: str, chance: random.Random, products: list[str]) -> Discount:
    """One to three groups of one to three units each, with one of the four benefits of a whole bundle."""
    needs = [chance.randint(1, 3) for _ in range(chance.randint(1, 3))]
    if sum(needs) == 1:
        needs = [2]
    lines = [
        DiscountLine(product=product, group=group)
        for group in range(len(needs))
        for product in sorted(chance.sample(products, len(products) // 2))
    ]
    benefit: dict[str, Any] = chance.choice(
        [
            {"percent_off": Decimal(chance.randint(10, 40))},
            {"amount_off": chance.randrange(100, 2000, 50)},
            {"deal_price": chance.randrange(1000, 6000, 50)},
            {"least_expensive": {"percent_off": Decimal(chance.choice((50, 100)))}},
        ]
    )
    return Discount(
        number=number,
        kind="mix_and_match",
        currency="USD",
        lines=tuple(lines),
        params={"groups": [{"need": need} for need in needs], **benefit},
    )
