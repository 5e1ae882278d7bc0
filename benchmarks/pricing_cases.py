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


def shelf_bundles(seed: int, units: int = 30, count: int = 10) -> tuple[Cart, list[Discount]]:
    """As shops have them: bundles of two to four units from categories, brands and single products.

    Each of the eight to fifteen products has one of four categories and one of four brands, and is in
    several bundles.
    """
    chance = random.Random(seed)  # noqa: S311
    products = {
        f"P{place}": (f"C{chance.randrange(4)}", f"B{chance.randrange(4)}")
        for place in range(chance.randint(8, 15))
    }

    def picked() -> list[dict[str, str]]:
        kind = chance.randrange(5)
        if kind < 2:
            return [{"category": f"C{chance.randrange(4)}"}]
        if kind < 4:
            return [{"category": f"B{chance.randrange(4)}"}]
        return [{"product": chance.choice(list(products))}]

    bundles = []
    for place in range(count):
        needs = chance.choice([[2], [3], [4], [1, 1], [2, 1], [2, 2], [1, 1, 1]])
        bundles.append(_bundle(f"B{place}", chance, needs, [picked() for _ in needs]))
    return _cart_of_units(chance, products, units), bundles


def any_bundles(seed: int, units: int = 30, count: int = 10) -> tuple[Cart, list[Discount]]:
    """Harder than that: every group of one to three units holds a random half of the products.

    So almost every product is in almost every bundle, and no two are alike.
    """
    chance = random.Random(seed)  # noqa: S311
    products: dict[str, tuple[str, ...]] = {
        f"P{place}": () for place in range(chance.randint(8, 15))
    }
    bundles = []
    for place in range(count):
        needs = [chance.randint(1, 3) for _ in range(chance.randint(1, 3))]
        needs = [2] if sum(needs) == 1 else needs
        halves = [sorted(chance.sample(sorted(products), len(products) // 2)) for _ in needs]
        picks = [[{"product": product} for product in half] for half in halves]
        bundles.append(_bundle(f"B{place}", chance, needs, picks))
    return _cart_of_units(chance, products, units), bundles


def _cart_of_units(chance: random.Random, products: dict[str, tuple[str, ...]], units: int) -> Cart:
    quantities = dict.fromkeys(products, 1)
    for _ in range(units - len(products)):
        quantities[chance.choice(list(products))] += 1
    lines = tuple(
        CartLine(
            id=product,
            product=product,
            quantity=Decimal(quantity),
            price=chance.randrange(200, 6000, 5),
            categories=products[product],
        )
        for product, quantity in quantities.items()
    )
    return Cart(currency=USD, lines=lines)


def _bundle(
    number: str, chance: random.Random, needs: list[int], picks: list[list[dict[str, str]]]
) -> Discount:
    """Of one of the four benefits that a whole bundle may have."""
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
        lines=tuple(
            DiscountLine(group=group, **pick) for group, found in enumerate(picks) for pick in found
        ),
        params={"groups": [{"need": need} for need in needs], **benefit},
    )
