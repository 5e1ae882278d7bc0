"""Random carts and discounts, small enough that ties, exhausted prices and awkward cents are common."""

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from kupong.kernel.money import Currency
from kupong.pricing.carts import Cart, CartLine, Unlocked
from kupong.pricing.discounts import CompoundOn, Concurrency, Discount, DiscountLine, Settings

PRODUCTS = {"A": ("shirts", "clothing"), "B": ("clothing",), "C": (), "D": ("shirts",)}

settings_of_companies = st.builds(
    Settings,
    concurrency=st.sampled_from(Concurrency),
    compound_on=st.sampled_from(CompoundOn),
)
currencies = st.sampled_from([Currency("USD", 1), Currency("USD", 5), Currency("USD", 100)])

picks: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"all_products": True},
        {"category": "clothing"},
        {"category": "shirts"},
        *({"product": name} for name in PRODUCTS),
    ]
)
benefits: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.sampled_from(["5", "10", "12.5", "33.3", "50", "100"]).map(
        lambda text: {"percent_off": Decimal(text)}
    ),
    st.integers(1, 300).map(lambda cents: {"amount_off": cents}),
    st.integers(0, 300).map(lambda cents: {"price": cents}),
)
includes = st.tuples(picks, benefits).map(lambda pair: DiscountLine(**pair[0], **pair[1]))
excludes = picks.map(lambda pick: DiscountLine(**pick, exclude=True))
discount_lines = st.tuples(
    st.lists(includes, min_size=1, max_size=3), st.lists(excludes, max_size=1)
).map(lambda pair: tuple(pair[0] + pair[1]))


@st.composite
def discounts(draw: st.DrawFn, most: int = 5, modes: tuple[str, ...] = ()) -> list[Discount]:
    """Simple discounts without codes, numbered D0, D1 …"""
    choice = st.sampled_from(modes or ("best_price", "compounded"))
    return [
        Discount(
            number=f"D{place}",
            currency="USD",
            mode=draw(choice),  # type: ignore[arg-type]
            priority=draw(st.integers(0, 1)),
            lines=draw(discount_lines),
        )
        for place in range(draw(st.integers(0, most)))
    ]


whole_quantities = st.integers(1, 5).map(Decimal)
weighed_quantities = st.integers(1, 4000).map(lambda grams: Decimal(grams).scaleb(-3))


@st.composite
def carts(
    draw: st.DrawFn,
    quantities: st.SearchStrategy[Decimal] = whole_quantities,
    returns: bool = False,
    prices: st.SearchStrategy[int] | None = None,
) -> Cart:
    currency = draw(currencies)
    in_steps = st.integers(0, 400).map(lambda n: n - n % currency.step)
    cents = in_steps if prices is None else prices
    lines = []
    for place in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(PRODUCTS)))
        sign = draw(st.sampled_from([1, -1])) if returns else 1
        lines.append(
            CartLine(
                id=f"l{place}",
                product=name,
                quantity=draw(quantities) * sign,
                price=draw(cents),
                categories=PRODUCTS[name],
            )
        )
    return Cart(currency=currency, lines=tuple(lines))


@st.composite
def gated(draw: st.DrawFn, most: int = 4) -> tuple[list[Discount], tuple[Unlocked, ...]]:
    """Discounts of which some need a code, all of them unlocked."""
    found = draw(discounts(most=most))
    needs = [draw(st.booleans()) for _ in found]
    found = [
        msgspec.structs.replace(entry, requires_code=need)
        for entry, need in zip(found, needs, strict=True)
    ]
    opened = tuple(Unlocked(discount=entry.number) for entry in found if entry.requires_code)
    return found, opened
