"""The amount of a coupon is the lower median of what its own lines show, and 1.00 when none does."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from kupong.demo.face_values import FaceValue, face_values
from kupong.demo.source import Redemption, Source

DAY, PAIR, HOUSEHOLD, COVERED = date(2017, 5, 1), (8, 50000000001), 7, 100


def source(*lines: tuple[int, date, int, int]) -> Source:
    """A source with one coupon, handed in once, and these (household, day, product, coupon discount)."""
    made = Source()
    names = ("household_id", "day", "product_id", "coupon_cents")
    columns: dict[str, Any] = {
        name: [line[place] for line in lines] for place, name in enumerate(names)
    }
    made.__dict__ |= {
        "covers": {PAIR: frozenset({COVERED})},
        "redemptions": [Redemption(HOUSEHOLD, PAIR[1], PAIR[0], DAY)],
        "transactions": pa.table(columns),
    }
    return made


def given(*cents: int) -> list[tuple[int, date, int, int]]:
    return [(HOUSEHOLD, DAY, COVERED, amount) for amount in cents]


@pytest.mark.parametrize(
    ("cents", "median"), [((75,), 75), ((50, 100, 300), 100), ((300, 50, 60, 100), 60)]
)
def test_it_is_the_median_and_of_an_even_number_the_lower_one(
    cents: tuple[int, ...], median: int
) -> None:
    assert face_values(source(*given(*cents))) == {PAIR: FaceValue(median, len(cents))}


@pytest.mark.parametrize(
    "line",
    [
        (HOUSEHOLD, DAY, COVERED, 0),
        (HOUSEHOLD, DAY, 101, 75),
        (HOUSEHOLD, date(2017, 5, 2), COVERED, 75),
        (8, DAY, COVERED, 75),
    ],
    ids=["no discount", "another product", "another day", "another household"],
)
def test_a_line_that_does_not_match_leaves_it_assumed(line: tuple[int, date, int, int]) -> None:
    assert face_values(source(line)) == {PAIR: FaceValue(100, 0)}
