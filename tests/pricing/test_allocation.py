"""Amounts handed back to lines and units."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from kupong.pricing.allocation import share_out, unit_discounts
from tests.pricing.goods import cart, line, off, percent, priced


@given(st.data())
def test_shares_add_up_and_stay_within_their_room(data: st.DataObject) -> None:
    room = data.draw(st.lists(st.integers(0, 50), min_size=1, max_size=6))
    weights = data.draw(st.lists(st.integers(1, 9), min_size=len(room), max_size=len(room)))
    total = data.draw(st.integers(0, sum(room)))
    shares = share_out(total, weights, room, data.draw(st.sampled_from([1, 5])))
    assert sum(shares) == total
    assert all(0 <= share <= limit for share, limit in zip(shares, room, strict=True))


def test_what_does_not_fit_goes_to_the_line_that_has_room() -> None:
    assert share_out(10, [1, 1], [3, 9], 1) == [3, 7]
    assert share_out(10, [1, 1], [9, 3], 1) == [7, 3]


def test_two_halves_of_one_item_share_every_step_and_none_goes_below_zero() -> None:
    half = [off(f"D{n}", mode="compounded", **percent(50)) for n in range(3)]
    answer = priced(cart(*(line("A", 1, 1, id=f"l{n}") for n in range(3))), *half)
    assert [entry.net for entry in answer.lines] == [0, 0, 0]


def test_an_amount_that_does_not_divide_splits_the_line() -> None:
    three = Decimal(3)
    assert sorted(unit_discounts(1000, three, 1, split_lines=True)) == [333, 333, 334]
    assert sorted(unit_discounts(500, three, 5, split_lines=True)) == [165, 165, 170]
    assert unit_discounts(1000, three, 1, split_lines=False) == [Fraction(1000, 3)] * 3


def test_units_that_come_back_carry_negative_shares() -> None:
    assert sorted(unit_discounts(-1000, Decimal(-3), 1, split_lines=True)) == [-334, -333, -333]


@given(st.integers(1, 3999))
def test_weighed_goods_are_one_unit(grams: int) -> None:
    assume(grams % 1000)
    assert unit_discounts(1000, Decimal(grams) / 1000, 1, split_lines=True) == [1000]
