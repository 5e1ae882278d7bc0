"""Prices that bound every packing in whole numbers, and are met by one in parts."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from kupong.pricing.search.packing import Column, Packing


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[int], list[Column]]:
    room = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    columns = []
    for _ in range(draw(st.integers(1, 6))):
        rows = draw(st.sets(st.integers(0, len(room) - 1), min_size=1))
        needs = tuple((row, draw(st.integers(1, 3))) for row in sorted(rows))
        columns.append(Column(draw(st.integers(0, 50)), needs))
    return room, columns


def packed(room: list[int], columns: list[Column]) -> int:
    """The most value that fits, by trying every number of each."""
    best = 0
    ranges = [range(min(room[row] // need for row, need in column.needs) + 1) for column in columns]
    for times in product(*ranges):
        used = [0] * len(room)
        for count, column in zip(times, columns, strict=True):
            for row, need in column.needs:
                used[row] += count * need
        if all(have <= limit for have, limit in zip(used, room, strict=True)):
            best = max(best, sum(n * c.value for n, c in zip(times, columns, strict=True)))
    return best


@given(problems())
def test_the_prices_bound_whatever_can_be_packed(problem: tuple[list[int], list[Column]]) -> None:
    room, columns = problem
    packing = Packing(room)
    assert packing.improve(columns)
    prices = packing.scaled_prices()
    for column in columns:
        assert sum(prices[row] * need for row, need in column.needs) >= column.value
    assert sum(price * limit for price, limit in zip(prices, room, strict=True)) >= packed(
        room, columns
    )


@given(problems())
def test_the_prices_are_no_higher_than_what_is_packed_in_parts(
    problem: tuple[list[int], list[Column]],
) -> None:
    room, columns = problem
    packing = Packing(room)
    assert packing.improve(columns)
    value = sum(
        worth * amount for worth, amount in zip(packing.values, packing.filled, strict=True)
    )
    assert value == sum(price * limit for price, limit in zip(packing.prices, room, strict=True))
