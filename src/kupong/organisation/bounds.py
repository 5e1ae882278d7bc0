"""Bounds of validity as people write them: a date, or a time with its offset."""

from datetime import UTC, date, datetime, time, timedelta, timezone

from kupong.kernel.periods import Bound, Period
from kupong.kernel.reasons import Reason
from kupong.organisation.refusals import Problems

# Years that every time zone of a channel can turn into a wall clock.
FIRST_YEAR, LAST_YEAR = 1900, 2999
# A date is a whole day on the wall clock of a channel anywhere on earth.
_EAST, _WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


def read_period(
    problems: Problems, start: str | None, end: str | None, fields: tuple[str, str]
) -> Period:
    """The period between two bounds (see `fields.BoundText`); what is wrong with them goes to `problems`."""
    bounds = [
        _read(problems, text, field) for text, field in zip((start, end), fields, strict=True)
    ]
    period = Period(*bounds)
    if _is_empty(period):
        problems.add(fields[1], Reason.INVALID, value=end)
    return period


def bound_text(bound: Bound) -> str | None:
    """The way it is written in answers: a date as such, an instant in UTC."""
    if isinstance(bound, datetime):
        bound = bound.astimezone(UTC)
    return bound.isoformat() if bound is not None else None


def earliest_instant(bound: date | datetime) -> datetime:
    """When a period with this start begins at the earliest place on earth."""
    if isinstance(bound, datetime):
        return bound
    return datetime.combine(bound, time.min, tzinfo=_EAST)


def latest_instant(bound: date | datetime) -> datetime:
    """When a period with this end is over at the latest place on earth."""
    if isinstance(bound, datetime):
        return bound
    return datetime.combine(bound, time.max, tzinfo=_WEST)


def _read(problems: Problems, text: str | None, field: str) -> Bound:
    if text is None:
        return None
    try:
        bound = date.fromisoformat(text) if len(text) == len("2026-03-01") else _instant(text)
    except ValueError:
        bound = None
    if bound is None or not FIRST_YEAR <= bound.year <= LAST_YEAR:
        problems.add(field, Reason.INVALID, value=text)
        return None
    return bound


def _instant(text: str) -> datetime | None:
    instant = datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
    return instant if instant.tzinfo else None


def _is_empty(period: Period) -> bool:
    if period.start is None or period.end is None:
        return False
    return earliest_instant(period.start) > latest_instant(period.end) or (
        type(period.start) is type(period.end) and period.start > period.end
    )
