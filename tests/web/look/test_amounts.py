"""Numbers and money as people type them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kupong.web.look.amounts import major_text, read_decimal, read_minor


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12.5", "12.5"),
        ("12,5", "12.5"),
        (" 7 ", "7"),
        ("1 234,50", "1234.50"),
        ("1\N{NO-BREAK SPACE}234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234,567.8", "1234567.8"),
        ("-3", "-3"),
        ("\N{MINUS SIGN}3", "-3"),
    ],
)
def test_a_number_is_read_in_either_language(typed: str, number: str) -> None:
    assert read_decimal(typed) == Decimal(number)


@pytest.mark.parametrize(
    "typed",
    ["", "x", "1.2.3", "1,2,3", "12x", "1e5", "NaN", "Infinity", "٣", "--1", ".5", "5.", "1" * 16],
)
def test_what_is_no_number_is_not_made_one(typed: str) -> None:
    assert read_decimal(typed) is None


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("4,50", "USD", 450),
        ("5", "USD", 500),
        ("5", "JPY", 5),
        ("1.234", "KWD", 1234),
        ("1.234", "USD", None),
        ("0.5", "JPY", None),
        ("five", "USD", None),
    ],
)
def test_an_amount_is_no_finer_than_its_currency(
    typed: str, currency: str, minor: int | None
) -> None:
    assert read_minor(typed, currency) == minor


@given(st.integers(-(10**14), 10**14), st.sampled_from(["USD", "JPY", "KWD"]))
def test_what_is_written_reads_as_the_same_amount(minor: int, currency: str) -> None:
    assert read_minor(major_text(minor, currency), currency) == minor
