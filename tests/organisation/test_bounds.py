from datetime import UTC, date, datetime

import pytest

from kupong.kernel.periods import Period
from kupong.kernel.reasons import Reason
from kupong.organisation.bounds import bound_text, earliest_instant, latest_instant, read_period
from kupong.organisation.refusals import Problems
from tests.managing import problems

FIELDS = ("valid_from", "valid_to")


def test_a_bound_is_a_date_or_an_instant() -> None:
    found = Problems()
    period = read_period(found, "2026-03-01", "2026-03-31T12:00:00+02:00", FIELDS)
    assert not found
    assert period.start == date(2026, 3, 1)
    assert bound_text(period.end) == "2026-03-31T10:00:00+00:00"
    assert (bound_text(period.start), bound_text(None)) == ("2026-03-01", None)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-03-01T12:00:00", "0001-01-01", "9999-12-31", "20260301", "now"]
)
def test_what_is_no_bound_is_named_by_its_field(text: str) -> None:
    found = Problems()
    assert read_period(found, text, None, FIELDS) == Period()
    assert problems(found.refusals()) == {"valid_from": Reason.INVALID}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02", "2026-03-01"),
        ("2026-03-01T12:00:01Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01", "2026-02-20T00:00:00Z"),
    ],
)
def test_a_period_must_not_end_before_it_begins(start: str, end: str) -> None:
    found = Problems()
    read_period(found, start, end, FIELDS)
    assert problems(found.refusals()) == {"valid_to": Reason.INVALID}


def test_a_day_lasts_from_its_first_place_on_earth_to_its_last() -> None:
    day = date(2026, 3, 1)
    assert earliest_instant(day) == datetime(2026, 2, 28, 10, tzinfo=UTC)
    assert latest_instant(day) == datetime(2026, 3, 2, 11, 59, 59, 999999, tzinfo=UTC)
