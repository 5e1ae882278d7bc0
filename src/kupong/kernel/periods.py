"""Periods of validity. A bound is a date (the channel's whole local day) or an instant; both ends count."""

from datetime import date, datetime, tzinfo

import msgspec

from kupong.kernel.reasons import Reason, Refused

Bound = date | datetime | None


class Period(msgspec.Struct, frozen=True):
    """From and to, either open. `None` on both sides is always valid."""

    start: Bound = None
    end: Bound = None

    def refusal(self, at: datetime, zone: tzinfo) -> Refused | None:
        """Why `at` (aware) lies outside, judged by the wall clock of `zone`; None when it lies inside."""
        if self.start is not None and _before(at, self.start, zone):
            return Refused(Reason.NOT_STARTED, {"since": self.start.isoformat()})
        if self.end is not None and _after(at, self.end, zone):
            return Refused(Reason.EXPIRED, {"until": self.end.isoformat()})
        return None


ALWAYS = Period()


def _before(at: datetime, bound: date | datetime, zone: tzinfo) -> bool:
    if isinstance(bound, datetime):
        return at < bound
    return at.astimezone(zone).date() < bound


def _after(at: datetime, bound: date | datetime, zone: tzinfo) -> bool:
    if isinstance(bound, datetime):
        return at > bound
    return at.astimezone(zone).date() > bound
