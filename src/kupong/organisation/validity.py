"""The columns of a period of validity, and the way between them and `kernel.periods.Period`."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q

from kupong.kernel.periods import Bound, Period


class Validity(models.Model):
    """From and to, each a whole local day (date) or an instant, never both; open where both are empty."""

    valid_from_date = models.DateField(null=True)
    valid_from_at = models.DateTimeField(null=True)
    valid_to_date = models.DateField(null=True)
    valid_to_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(**{f"valid_{end}_date": None})
                | models.Q(**{f"valid_{end}_at": None}),
                name=f"%(class)s_one_{end}",
            )
            for end in ("from", "to")
        ]

    @property
    def period(self) -> Period:
        return period(
            self.valid_from_date, self.valid_from_at, self.valid_to_date, self.valid_to_at
        )


def period(
    from_date: date | None, from_at: datetime | None, to_date: date | None, to_at: datetime | None
) -> Period:
    """The period that four columns hold, in their order in the table."""
    return Period(from_at or from_date, to_at or to_date)


def begun(now: datetime, today: date) -> Q:
    """Rows whose period has begun; `today` is the day on the wall clock that the reader goes by."""
    by_date = Q(valid_from_date=None) | Q(valid_from_date__lte=today)
    return by_date & (Q(valid_from_at=None) | Q(valid_from_at__lte=now))


def not_over(now: datetime, today: date) -> Q:
    """Rows whose period has not ended."""
    by_date = Q(valid_to_date=None) | Q(valid_to_date__gte=today)
    return by_date & (Q(valid_to_at=None) | Q(valid_to_at__gte=now))


def columns(start: Bound, end: Bound) -> dict[str, Any]:
    """The four columns for a period with these bounds."""
    return {
        "valid_from_date": None if isinstance(start, datetime) else start,
        "valid_from_at": start if isinstance(start, datetime) else None,
        "valid_to_date": None if isinstance(end, datetime) else end,
        "valid_to_at": end if isinstance(end, datetime) else None,
    }
