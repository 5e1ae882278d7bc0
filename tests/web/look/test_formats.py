from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from kupong.kernel.money import minor_digits
from kupong.web.look.templatetags.look import bar, day, minute, money, number, percent

MINOR = st.integers(-(10**18), 10**18)


@pytest.mark.parametrize(
    ("language", "minor", "currency", "text"),
    [
        ("en", 123456, "USD", "USD 1,234.56"),
        ("sv", 123456, "USD", "1 234,56 USD"),
        ("en", 5, "USD", "USD 0.05"),
        ("sv", -1234567, "SEK", "-12 345,67 SEK"),
        ("en", 1234567, "JPY", "JPY 1,234,567"),
        ("en", 1234567, "KWD", "KWD 1,234.567"),
    ],
)
def test_money_reads_as_the_language_writes_it(
    language: str, minor: int, currency: str, text: str
) -> None:
    with override(language):
        assert money(minor, currency).replace("\N{NO-BREAK SPACE}", " ") == text


@given(MINOR, st.sampled_from(["USD", "SEK", "JPY", "KWD"]))
def test_money_is_exact_to_the_smallest_unit(minor: int, currency: str) -> None:
    with override("en"):
        figure = money(minor, currency).split("\N{NO-BREAK SPACE}")[1].replace(",", "")
    assert Decimal(figure).scaleb(minor_digits(currency)) == minor


def test_numbers_are_grouped_in_both_languages() -> None:
    with override("en"):
        assert number(800199) == "800,199"
    with override("sv"):
        assert number(800199) == "800\N{NO-BREAK SPACE}199"


@pytest.mark.parametrize(
    ("part", "english", "swedish"),
    [
        (Fraction(1, 8), "12.5%", "12,5\N{NO-BREAK SPACE}%"),
        (Fraction(0), "0.0%", "0,0\N{NO-BREAK SPACE}%"),
        (Fraction(1), "100.0%", "100,0\N{NO-BREAK SPACE}%"),
        (Fraction(1, 800199), "0.1%", "0,1\N{NO-BREAK SPACE}%"),
        (Fraction(800198, 800199), "99.9%", "99,9\N{NO-BREAK SPACE}%"),
    ],
)
def test_a_share_never_reads_as_nothing_or_all_when_it_is_not(
    part: Fraction, english: str, swedish: str
) -> None:
    with override("en"):
        assert percent(part) == english
    with override("sv"):
        assert percent(part) == swedish


def test_a_bar_is_as_long_as_its_part_and_never_longer_than_its_track() -> None:
    with override("sv"):
        assert 'width="37.50%"' in bar(Fraction(3, 8))
        assert 'width="100.00%" height' in bar(Fraction(9, 8))
        assert "style=" not in bar(Fraction(3, 8))


@pytest.mark.parametrize(
    ("language", "english_or_swedish"), [("en", "3 May 2017 20:05"), ("sv", "3 maj 2017 20:05")]
)
def test_days_are_short_and_told_by_the_wall_clock(language: str, english_or_swedish: str) -> None:
    at = datetime(2017, 5, 4, 0, 5, tzinfo=UTC)
    with override(language), timezone.override(ZoneInfo("America/New_York")):
        assert minute(at) == english_or_swedish
        assert day(date(2017, 5, 3)) == english_or_swedish[:-6]
