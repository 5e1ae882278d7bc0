"""When a discount is in force: its period, and hours per weekday that may run past midnight."""

from datetime import date, datetime, time, timedelta

from kupong.kernel.periods import Period
from kupong.kernel.reasons import Reason, Refused

Hours = dict[
    int, tuple[int, int]
]  # weekday (Monday is 0) -> (from, to) in minutes after its midnight

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60


def validity_refusal(valid: Period, hours: Hours | None, at: datetime) -> Refused | None:
    """Why a discount is not in force at the wall clock of `at` (aware); None when it is.

    Hours that begin inside the period run to their end, also past its last day.
    """
    zone = at.tzinfo
    assert zone is not None
    outside = valid.refusal(at, zone)
    if hours is None:
        return outside
    opened = _opened(hours, at)
    if opened is None:
        return outside or Refused(Reason.OUTSIDE_HOURS)
    if outside is None or valid.refusal(opened, zone) is None:
        return None
    return outside


def opening_hours(weekly: dict[str, tuple[str, str]] | None) -> Hours | None:
    """Minutes for texts: "22:00" to "02:00" is (1320, 1560). ValueError names what cannot be read."""
    if weekly is None:
        return None
    return {_weekday(day): _span(*texts) for day, texts in weekly.items()}


def _weekday(day: str) -> int:
    if day not in _WEEKDAYS:
        raise ValueError(f"{day!r} is not a weekday: write mon, tue, wed, thu, fri, sat or sun")
    return _WEEKDAYS.index(day)


def _span(start_text: str, end_text: str) -> tuple[int, int]:
    start, end = _minutes(start_text), _minutes(end_text)
    if start == _DAY:
        raise ValueError("hours cannot begin at 24:00: write 00:00 of the next day")
    return start, end if end > start else end + _DAY


def _minutes(text: str) -> int:
    hour, colon, minute = text.partition(":")
    if colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2:
        minutes = int(hour) * 60 + int(minute)
        if int(minute) < 60 and minutes <= _DAY:
            return minutes
    raise ValueError(f"{text!r} is not a time of day: write hours and minutes, 00:00 to 24:00")


def _opened(hours: Hours, at: datetime) -> datetime | None:
    """When the hours that hold `at` began: today's, or yesterday's that run over; None when closed."""
    minute = at.hour * 60 + at.minute
    for days_ago in (0, 1):
        day = at.date() - timedelta(days=days_ago)
        span = hours.get(day.weekday())
        if span and span[0] <= minute + days_ago * _DAY < span[1]:
            return _instant(day, span[0], at)
    return None


def _instant(day: date, minute: int, at: datetime) -> datetime:
    return datetime.combine(day, time(*divmod(minute, 60)), tzinfo=at.tzinfo)
