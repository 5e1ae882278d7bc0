"""Weekly hours, past midnight and over the edges of a period."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kupong.kernel.periods import ALWAYS, Period
from kupong.kernel.reasons import Reason
from kupong.pricing.validity import opening_hours, validity_refusal

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FRIDAY = date(2026, 3, 13)
NIGHT = {"fri": ("22:00", "02:00")}


def at(text: str, day: date = FRIDAY) -> datetime:
    hour, minute, second = (int(part) for part in text.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=STOCKHOLM)


def reason(
    when: datetime, weekly: dict[str, tuple[str, str]], valid: Period = ALWAYS
) -> Reason | None:
    refused = validity_refusal(valid, opening_hours(weekly), when)
    return refused.reason if refused else None


@pytest.mark.parametrize(
    ("when", "inside"),
    [
        (at("21:59:59"), False),
        (at("22:00:00"), True),
        (at("23:59:59"), True),
        (at("00:00:00", FRIDAY + timedelta(1)), True),
        (at("01:59:59", FRIDAY + timedelta(1)), True),
        (at("02:00:00", FRIDAY + timedelta(1)), False),
        (at("01:00:00"), False),
        (at("23:00:00", FRIDAY - timedelta(1)), False),
        (at("23:00:00", FRIDAY + timedelta(1)), False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_they_began_on(when: datetime, inside: bool) -> None:
    assert reason(when, NIGHT) is (None if inside else Reason.OUTSIDE_HOURS)


def test_hours_that_begin_inside_the_period_run_to_their_end() -> None:
    until_friday = Period(None, FRIDAY)
    saturday = FRIDAY + timedelta(1)
    assert reason(at("01:00:00", saturday), NIGHT, until_friday) is None
    assert reason(at("02:00:00", saturday), NIGHT, until_friday) is Reason.EXPIRED
    assert reason(at("23:00:00", FRIDAY + timedelta(7)), NIGHT, until_friday) is Reason.EXPIRED


def test_outside_the_period_its_own_reason_is_told() -> None:
    assert reason(at("23:00:00"), NIGHT, Period(FRIDAY + timedelta(1), None)) is Reason.NOT_STARTED


def test_today_and_yesterday_may_both_be_open() -> None:
    weekly = {"fri": ("20:00", "04:00"), "sat": ("03:00", "05:00")}
    saturday = FRIDAY + timedelta(1)
    assert reason(at("03:30:00", saturday), weekly) is None
    assert reason(at("04:30:00", saturday), weekly) is None
    assert reason(at("05:00:00", saturday), weekly) is Reason.OUTSIDE_HOURS


def test_a_whole_day_can_be_written_in_two_ways() -> None:
    for hours in (("00:00", "24:00"), ("00:00", "00:00")):
        assert reason(at("00:00:00"), {"fri": hours}) is None
        assert reason(at("23:59:59"), {"fri": hours}) is None
        assert reason(at("00:00:00", FRIDAY + timedelta(1)), {"fri": hours}) is Reason.OUTSIDE_HOURS


def test_on_the_day_the_clock_is_set_forward_the_wall_clock_rules() -> None:
    sunday = date(2026, 3, 29)
    assert reason(at("03:30:00", sunday), {"sun": ("03:00", "04:00")}) is None
    assert reason(at("04:00:00", sunday), {"sun": ("03:00", "04:00")}) is Reason.OUTSIDE_HOURS


@given(st.integers(0, 7 * 24 * 60 - 1), st.integers(0, 1439), st.integers(1, 1440))
def test_hours_are_open_for_exactly_as_long_as_they_say(
    minute_of_week: int, start: int, length: int
) -> None:
    def clock(minute: int) -> str:
        return f"{minute // 60 % 24:02}:{minute % 60:02}"

    monday = datetime(2026, 3, 9, tzinfo=ZoneInfo("UTC"))
    when = monday + timedelta(minutes=minute_of_week)
    inside = 0 <= (minute_of_week - (2 * 1440 + start)) % (7 * 1440) < length
    weekly = {"wed": (clock(start), clock(start + length))}
    assert reason(when, weekly) is (None if inside else Reason.OUTSIDE_HOURS)


@pytest.mark.parametrize(
    "hours", [("9", "10:00"), ("09:60", "10:00"), ("24:00", "02:00"), ("24:01", "02:00"), ("", "")]
)
def test_refuses_hours_that_are_no_times_of_day(hours: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r"24:00"):
        opening_hours({"mon": hours})


def test_refuses_a_day_that_is_none() -> None:
    with pytest.raises(ValueError, match="fredag"):
        opening_hours({"fredag": ("09:00", "10:00")})
