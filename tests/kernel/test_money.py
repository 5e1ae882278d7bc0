"""Money: rounding and sharing out, to the last cent."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kupong.kernel.money import allocate, minor_digits, round_to_step

STEPS = st.sampled_from([1, 5, 10, 100])
EXACT = st.fractions(min_value=-10_000, max_value=10_000, max_denominator=500)


@pytest.mark.parametrize(
    ("value", "step", "rounded"),
    [
        (Fraction(5, 2), 1, 3),
        (Fraction(-5, 2), 1, -3),
        (Fraction(49, 20), 1, 2),
        (Fraction(735, 10), 5, 75),
        (Fraction(725, 10), 5, 75),
        (Fraction(-725, 10), 5, -75),
        (Fraction(724, 10), 5, 70),
        (7, 5, 5),
        (8, 5, 10),
        (7, 1, 7),
    ],
)
def test_rounds_to_the_step_with_halves_away_from_zero(
    value: Fraction, step: int, rounded: int
) -> None:
    assert round_to_step(value, step) == rounded


@given(EXACT, STEPS)
def test_the_rounded_value_is_a_multiple_of_the_step_and_nearest(
    value: Fraction, step: int
) -> None:
    rounded = round_to_step(value, step)
    assert rounded % step == 0
    assert abs(rounded - value) * 2 <= step
    assert round_to_step(-value, step) == -rounded


@given(st.integers(-100_000, 100_000), st.lists(st.integers(0, 1000), min_size=1), STEPS)
def test_shares_add_up_to_the_total(total: int, weights: list[int], step: int) -> None:
    if not any(weights):
        weights[0] = 1
    assert sum(allocate(total, weights, step)) == total


@given(st.integers(0, 100_000), st.lists(st.integers(1, 1000), min_size=1), STEPS)
def test_a_share_is_less_than_one_step_from_its_proportion(
    total: int, weights: list[int], step: int
) -> None:
    total -= total % step
    for share, weight in zip(allocate(total, weights, step), weights, strict=True):
        assert share % step == 0
        assert abs(share - Fraction(total) * weight / sum(weights)) < step


@given(st.integers(0, 10_000), st.lists(st.fractions(0, 9, max_denominator=8), min_size=1))
def test_a_negative_total_is_shared_as_its_mirror_image(
    total: int, weights: list[Fraction]
) -> None:
    weights.append(Fraction(1))
    assert allocate(-total, weights) == [-share for share in allocate(total, weights)]


def test_the_steps_that_remain_go_to_the_largest_remainders_and_then_to_the_earlier_share() -> None:
    assert allocate(1000, [1, 1, 1]) == [334, 333, 333]
    assert allocate(1000, [1, 1, 1], 5) == [335, 335, 330]
    assert allocate(100, [1, 2, 4]) == [14, 29, 57]


def test_an_amount_with_nothing_to_share_it_by_is_an_error() -> None:
    assert allocate(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="weights"):
        allocate(1, [0, 0])
    with pytest.raises(ValueError, match="weights"):
        allocate(1, [2, -1])


@pytest.mark.parametrize(("currency", "digits"), [("USD", 2), ("SEK", 2), ("JPY", 0), ("KWD", 3)])
def test_knows_how_many_decimals_a_currency_has(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits
