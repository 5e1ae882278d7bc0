"""The compounded stack, where its discounts may give an amount or a percentage on the same item."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from kupong.pricing.discounts import Discount, DiscountLine
from tests.pricing.goods import cart, given_by, line, off, percent, priced

both = st.tuples(st.integers(1, 400), st.integers(1, 100))


def either(number: str, cents: int, rate: int) -> Discount:
    """A discount with two lines on everything: an amount and a percentage."""
    lines = [
        DiscountLine(all_products=True, amount_off=cents),
        DiscountLine(all_products=True, percent_off=Decimal(rate)),
    ]
    return off(number, mode="compounded", lines=lines)


@given(st.lists(both, min_size=2, max_size=7), st.integers(100, 2000))
def test_the_best_line_of_each_discount_is_found(
    choices: list[tuple[int, int]], cents: int
) -> None:
    left = min(
        max(
            0, cents - sum(amount for (amount, _), first in zip(choices, way, strict=True) if first)
        )
        * kept(rate for (_, rate), first in zip(choices, way, strict=True) if not first)
        for way in product([True, False], repeat=len(choices))
    )
    # A thousand million units, so that rounding cannot hide the difference between two ways.
    units = 10**9
    discounts = [either(f"D{place}", *choice) for place, choice in enumerate(choices)]
    answer = priced(cart(line("A", units, cents)), *discounts)
    assert abs(answer.net - left * units) <= len(choices)


def kept(rates: Iterable[int]) -> Fraction:
    factor = Fraction(1)
    for rate in rates:
        factor *= 1 - Fraction(rate, 100)
    return factor


def test_a_new_price_comes_first_then_amounts_then_percentages() -> None:
    answer = priced(
        cart(line("A", 1, 10000)),
        off("A-TENTH", mode="compounded", **percent(10)),
        off("B-TEN", mode="compounded", amount_off=1000),
        off("C-EIGHTY", mode="compounded", price=8000),
    )
    assert [applied.discount for applied in answer.lines[0].discounts] == [
        "C-EIGHTY",
        "B-TEN",
        "A-TENTH",
    ]
    assert given_by(answer) == {"C-EIGHTY": 2000, "B-TEN": 1000, "A-TENTH": 700}


def test_of_one_method_the_lower_number_comes_first() -> None:
    answer = priced(
        cart(line("A", 1, 1000)),
        off("TWO", mode="compounded", amount_off=900),
        off("ONE", mode="compounded", amount_off=900),
    )
    assert given_by(answer) == {"ONE": 900, "TWO": 100}


def test_a_discount_that_cannot_set_the_price_uses_its_other_line() -> None:
    lines = [
        DiscountLine(all_products=True, price=9000),
        DiscountLine(all_products=True, percent_off=Decimal(10)),
    ]
    answer = priced(
        cart(line("A", 1, 10000)),
        off("BOTH", mode="compounded", lines=lines),
        off("PRICE", mode="compounded", price=5000),
    )
    assert given_by(answer) == {"PRICE": 5000, "BOTH": 500}
