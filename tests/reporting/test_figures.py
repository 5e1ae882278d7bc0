import itertools
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kupong.reporting.figures import (
    FEWEST_WEEKS,
    WEEKS_SHOWN,
    Reconciliation,
    monday_of,
    share,
    weeks_to_show,
)

MONDAY = date(2026, 3, 2)
DAYS = st.dates(date(2015, 1, 1), date(2030, 1, 1))
MONDAYS = DAYS.map(monday_of)


@given(st.dictionaries(MONDAYS, st.integers(1, 9), min_size=1, max_size=20), DAYS)
def test_the_weeks_have_no_gaps_and_hold_the_latest_redemption(
    counted: dict[date, int], today: date
) -> None:
    weeks = weeks_to_show(counted, today)
    mondays = [week.monday for week in weeks]
    assert FEWEST_WEEKS <= len(weeks) <= WEEKS_SHOWN
    assert {after - before for before, after in itertools.pairwise(mondays)} == {timedelta(weeks=1)}
    assert all(week.redemptions == counted.get(week.monday, 0) for week in weeks)
    assert max(counted) in mondays


@given(st.dictionaries(MONDAYS, st.integers(1, 9), min_size=1, max_size=20), DAYS)
def test_no_redemption_of_the_year_shown_is_left_out(counted: dict[date, int], today: date) -> None:
    weeks = weeks_to_show(counted, today)
    since = weeks[-1].monday - timedelta(weeks=WEEKS_SHOWN - 1)
    expected = sum(n for monday, n in counted.items() if monday >= since)
    assert sum(week.redemptions for week in weeks) == expected


def test_the_weeks_end_with_this_one_while_the_last_redemption_is_within_a_year() -> None:
    weeks = weeks_to_show({MONDAY: 1}, MONDAY + timedelta(weeks=WEEKS_SHOWN - 1))
    assert weeks[-1].monday == MONDAY + timedelta(weeks=WEEKS_SHOWN - 1)
    assert weeks[0].monday == MONDAY


def test_the_weeks_end_with_the_last_redemption_when_all_are_older() -> None:
    weeks = weeks_to_show({MONDAY: 1}, MONDAY + timedelta(weeks=WEEKS_SHOWN))
    assert weeks[-1].monday == MONDAY
    assert len(weeks) == FEWEST_WEEKS


def test_what_a_fast_clock_wrote_is_shown() -> None:
    assert weeks_to_show({MONDAY: 1}, MONDAY - timedelta(days=1))[-1].monday == MONDAY


def test_without_redemptions_there_are_no_weeks() -> None:
    assert weeks_to_show({}, MONDAY) == ()


def test_a_reconciliation_adds_up_over_all_outcomes_and_reasons() -> None:
    refused = {"exhausted": 3, "expired": 4}
    found = Reconciliation(total=20, redeemed=10, no_effect=2, no_basket=1, refused=refused)
    assert (found.accounted_for, found.missing) == (20, 0)


def test_a_reconciliation_tells_what_is_missing_and_what_is_too_much() -> None:
    assert Reconciliation(total=5, redeemed=3).missing == 2
    assert Reconciliation(total=5, redeemed=6).missing == -1


def test_nothing_of_nothing_is_a_share_of_zero() -> None:
    assert share(0, 0) == 0
    assert share(1, 3) == Fraction(1, 3)
