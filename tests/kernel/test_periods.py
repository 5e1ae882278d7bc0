"""Periods: whole local days and instants, on days of 23, 24 and 25 hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kupong.kernel.periods import ALWAYS, Period
from kupong.kernel.reasons import Reason

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SPRING_FORWARD, FALL_BACK = date(2026, 3, 29), date(2026, 10, 25)
MOMENTS = st.integers(0, 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def reason(period: Period, at: datetime, zone: ZoneInfo = STOCKHOLM) -> Reason | None:
    refused = period.refusal(at, zone)
    return refused.reason if refused else None


@given(MOMENTS)
def test_a_period_without_bounds_is_always_valid(at: datetime) -> None:
    assert ALWAYS.refusal(at, STOCKHOLM) is None


@given(MOMENTS, st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_a_period_of_one_day_is_that_day_on_the_wall_clock(at: datetime, day: date) -> None:
    local = at.astimezone(STOCKHOLM).date()
    wanted = None if local == day else Reason.NOT_STARTED if local < day else Reason.EXPIRED
    assert reason(Period(day, day), at) is wanted


@pytest.mark.parametrize(
    ("day", "hours"), [(SPRING_FORWARD, 23), (date(2026, 6, 1), 24), (FALL_BACK, 25)]
)
def test_a_day_is_as_long_as_the_clock_makes_it(day: date, hours: int) -> None:
    first = datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM).astimezone(UTC)
    last = first + timedelta(hours=hours, microseconds=-1)
    period = Period(day, day)
    assert reason(period, first) is None
    assert reason(period, last) is None
    assert reason(period, first - timedelta(microseconds=1)) is Reason.NOT_STARTED
    assert reason(period, last + timedelta(microseconds=1)) is Reason.EXPIRED


def test_both_bounds_count_when_they_are_instants() -> None:
    start, end = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 17, tzinfo=UTC)
    period = Period(start, end)
    assert reason(period, start) is None
    assert reason(period, end) is None
    assert reason(period, start - timedelta(seconds=1)) is Reason.NOT_STARTED
    assert reason(period, end + timedelta(seconds=1)) is Reason.EXPIRED


def test_the_refusal_tells_since_and_until() -> None:
    period = Period(date(2026, 3, 1), date(2026, 3, 31))
    early = period.refusal(datetime(2026, 2, 1, tzinfo=UTC), STOCKHOLM)
    late = period.refusal(datetime(2026, 5, 1, tzinfo=UTC), STOCKHOLM)
    assert early is not None
    assert early.detail == {"since": "2026-03-01"}
    assert late is not None
    assert late.detail == {"until": "2026-03-31"}


def test_the_day_is_the_one_of_the_zone_that_is_given() -> None:
    period = Period(None, date(2026, 3, 31))
    at = datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
    assert reason(period, at, ZoneInfo("America/New_York")) is None
    assert reason(period, at, ZoneInfo("UTC")) is Reason.EXPIRED
