"""Random carts and discounts of every kind, small enough to try every combination.

Amounts are multiples of a million minor units, so that rounding to whole units is far below every
difference that matters, and totals can be compared as if nothing were rounded.
"""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from kupong.kernel.money import Currency
from kupong.pricing.carts import Cart, CartLine
from kupong.pricing.discounts import Discount, DiscountLine

MILLION = 1_000_000
NEAR = 100  # Minor units: what rounding may add up to, far below a real difference.

SHELF: dict[str, dict[str, Any]] = {
    "A": {"categories": ("shirts", "clothing"), "master": "M"},
    "B": {"categories": ("clothing",), "master": "M"},
    "C": {"categories": ("shirts",)},
    "D": {},
}
PICKS: list[dict[str, Any]] = [
    {"all_products": True},
    {"category": "clothing"},
    {"category": "shirts"},
    {"master": "M"},
    *({"product": name} for name in SHELF),
]
PERCENTS = [Decimal(text) for text in ("5", "10", "12.5", "20", "25", "40", "50", "75", "100")]

prices = st.sampled_from([1, 2, 4, 5, 10, 11, 15, 20, 20, 30, 35, 70]).map(MILLION.__mul__)
amounts = st.integers(1, 40).map(MILLION.__mul__)
percents = st.sampled_from(PERCENTS)
picks = st.sampled_from(PICKS)
benefits: st.SearchStrategy[dict[str, Any]] = st.one_of(
    percents.map(lambda p: {"percent_off": p}),
    percents.map(lambda p: {"percent_off": p}),
    st.integers(1, 12).map(lambda n: {"amount_off": n * MILLION}),
    st.integers(0, 20).map(lambda n: {"price": n * MILLION}),
)


@st.composite
def carts(draw: st.DrawFn, most: int = 8, sign: int = 1, blocked: bool = False) -> Cart:
    """Up to `most` whole units of up to four products, each at one or two prices."""
    left = draw(st.integers(min(2, most), most))
    lines: list[CartLine] = []
    while left:
        name = draw(st.sampled_from(sorted(SHELF)))
        quantity = draw(st.integers(1, min(3, left)))
        left -= quantity
        lines.append(
            CartLine(
                id=f"l{len(lines)}",
                product=name,
                quantity=Decimal(quantity * sign),
                price=draw(prices),
                prevent_discounts=blocked and name == "D",
                **SHELF[name],
            )
        )
    return Cart(currency=Currency("USD", 1), lines=tuple(lines))


@st.composite
def simple(draw: st.DrawFn, limits: bool = True, alike: bool = False) -> dict[str, Any]:
    """`alike`: one method for all lines."""
    lines = []
    given = draw(benefits)
    for _ in range(draw(st.integers(1, 2))):
        if not alike:
            given = draw(benefits)
        limit = draw(st.sampled_from([None, None, Decimal(1), Decimal(2)])) if limits else None
        lines.append(DiscountLine(**draw(picks), **given, quantity_limit=limit))
    if draw(st.integers(0, 5)) == 0:
        lines.append(DiscountLine(**draw(picks), exclude=True))
    return {"kind": "simple", "lines": tuple(lines)}


@st.composite
def quantity(draw: st.DrawFn, slabs: bool = False) -> dict[str, Any]:
    """Tiers that never get worse. `slabs`: each slab of units may have its own tier."""
    method = draw(st.sampled_from(["percent_off", "amount_off", "price"]))
    first = draw(st.integers(1, 3))
    value = draw(st.integers(2, 8))
    better = -1 if method == "price" else 1
    scale: Any = Decimal(5) if method == "percent_off" else MILLION
    tiers = [{"min": first, method: value * scale}]
    if draw(st.booleans()):
        more = value + better * draw(st.integers(1, value))
        tiers.append({"min": first + draw(st.integers(1, 3)), method: more * scale})
    return {
        "kind": "quantity",
        "lines": (DiscountLine(**draw(picks)),),
        "params": {"tiers": tiers, "interval": slabs and draw(st.booleans())},
    }


@st.composite
def bundle(draw: st.DrawFn, favor: str = "customer", least: bool = False) -> dict[str, Any]:
    """A mix and match with every benefit; its line groups often overlap."""
    count = draw(st.sampled_from([1, 1, 2]))
    groups: list[dict[str, Any]] = [{"need": draw(st.integers(1, 3))} for _ in range(count)]
    if count == 1 and groups[0]["need"] == 1:
        groups[0]["need"] = 2
    size = sum(group["need"] for group in groups)
    kinds = [
        "deal_price",
        "percent_off",
        "percent_off",
        "amount_off",
        "least",
        "least",
        "line_spec",
    ]
    benefit = "least" if least else draw(st.sampled_from(kinds))
    params: dict[str, Any] = {"groups": groups}
    if benefit == "percent_off":
        params["percent_off"] = draw(percents)
    elif benefit == "amount_off":
        params["amount_off"] = draw(amounts)
    elif benefit == "deal_price":
        params["deal_price"] = draw(st.integers(1, 60)) * MILLION
    elif benefit == "least":
        most = draw(st.integers(1, size - 1))
        params["least_expensive"] = {"count": most, "favor": favor, **draw(benefits)}
    else:
        params["line_spec"] = True
        for group in groups:
            group |= draw(
                st.one_of(
                    st.sampled_from([Decimal(0), *PERCENTS]).map(lambda p: {"percent_off": p}),
                    st.integers(1, 40).map(lambda n: {"price": n * MILLION}),
                )
            )
    lines = [DiscountLine(group=g, **draw(picks)) for g in range(count)]
    if benefit != "line_spec" and draw(st.integers(0, 3)) == 0:
        groups.append({"need": draw(st.integers(1, size)), "mandatory": True})
        lines.append(DiscountLine(group=len(groups) - 1, **draw(picks)))
    return {"kind": "mix_and_match", "lines": tuple(lines), "params": params}


@st.composite
def threshold(draw: st.DrawFn, all_goods: bool = False) -> dict[str, Any]:
    first = draw(st.integers(1, 60))
    tiers: list[dict[str, Any]] = [{"from": first * MILLION, **draw(tier_benefits)}]
    if draw(st.booleans()):
        tiers.append({"from": (first + draw(st.integers(1, 60))) * MILLION, **draw(tier_benefits)})
    pick = {"all_products": True} if all_goods else draw(picks)
    return {"kind": "threshold", "lines": (DiscountLine(**pick),), "params": {"tiers": tiers}}


tier_benefits: st.SearchStrategy[dict[str, Any]] = st.one_of(
    percents.map(lambda p: {"percent_off": p}), amounts.map(lambda a: {"amount_off": a})
)

any_kind = st.one_of(simple(), quantity(), bundle(), bundle())


@st.composite
def discounts(
    draw: st.DrawFn,
    most: int = 4,
    least: int = 1,
    kinds: st.SearchStrategy[dict[str, Any]] = any_kind,
    modes: tuple[str, ...] = ("best_price",),
    priorities: tuple[int, ...] = (0,),
    caps: bool = True,
) -> list[Discount]:
    found = []
    for place in range(draw(st.integers(least, most))):
        shape = draw(kinds)
        more: dict[str, Any] = {}
        if caps and draw(st.integers(0, 4)) == 0:
            more["max_amount_per_order"] = draw(amounts)
        if caps and shape["kind"] != "mix_and_match" and draw(st.integers(0, 5)) == 0:
            more["max_quantity_per_order"] = Decimal(draw(st.integers(1, 4)))
        if shape["kind"] == "mix_and_match" and draw(st.integers(0, 3)) == 0:
            more["max_uses_per_order"] = draw(st.integers(1, 2))
        found.append(
            Discount(
                number=f"D{place}",
                currency="USD",
                mode=draw(st.sampled_from(modes)),  # type: ignore[arg-type]
                priority=draw(st.sampled_from(priorities)),
                **shape,
                **more,
            )
        )
    return found
