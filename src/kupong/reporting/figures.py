"""The shapes of the figures, and what is computed from them without a database. Money is in minor units."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

import msgspec

WEEKS_SHOWN = 53
FEWEST_WEEKS = 12
WEEK = timedelta(weeks=1)


class Week(msgspec.Struct, frozen=True):
    """An ISO week, by its Monday, and how many uses of codes were taken in it."""

    monday: date
    redemptions: int


class Amount(msgspec.Struct, frozen=True):
    currency: str
    minor: int


class TopCoupon(msgspec.Struct, frozen=True):
    """A coupon by its number, with the codes issued and the uses taken of them."""

    number: str
    label: str
    codes: int
    redemptions: int

    @property
    def rate(self) -> Fraction:
        return share(self.redemptions, self.codes)


class Campaign(msgspec.Struct, frozen=True):
    """The coupons of one folder taken together."""

    folder: str
    coupons: int
    codes: int
    redemptions: int

    @property
    def rate(self) -> Fraction:
        return share(self.redemptions, self.codes)


class Issued(msgspec.Struct, frozen=True):
    """`active` coupons are switched on; of these, `valid` are within their dates today."""

    coupons: int
    active: int
    valid: int
    codes: int


class Redeemed(msgspec.Struct, frozen=True):
    """What the whole ledger adds up to. `weeks` are those to show, without gaps."""

    redemptions: int
    discount: tuple[Amount, ...]
    weeks: tuple[Week, ...]


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each redemption in the data when its baskets were replayed.

    `refused` counts by reason key. `quoted` is how many baskets were priced in all.
    """

    total: int
    redeemed: int = 0
    no_effect: int = 0
    no_basket: int = 0
    refused: dict[str, int] = {}
    quoted: int | None = None

    @property
    def accounted_for(self) -> int:
        return self.redeemed + self.no_effect + self.no_basket + sum(self.refused.values())

    @property
    def missing(self) -> int:
        """Zero when it adds up; below zero when more came out than went in."""
        return self.total - self.accounted_for


class FirstSteps(msgspec.Struct, frozen=True):
    """What a new installation has already, in the order in which it is needed."""

    channel: bool
    product: bool
    discount: bool
    coupon: bool


class Overview(msgspec.Struct, frozen=True):
    issued: Issued
    redeemed: Redeemed
    top: tuple[TopCoupon, ...]
    campaigns: tuple[Campaign, ...]
    reconciliation: Reconciliation | None


def share(part: int, whole: int) -> Fraction:
    """The part of the whole; nothing of nothing is 0."""
    return Fraction(part, whole) if whole else Fraction(0)


def weeks_to_show(counted: Mapping[date, int], today: date) -> tuple[Week, ...]:
    """A year of weeks up to this one, or up to the last that has any when all of them are older.

    `counted` has a count for each Monday with redemptions. Empty when there are none at all.
    """
    if not counted:
        return ()
    end, last = monday_of(today), max(counted)
    # Also where a clock ran ahead: what was written is not hidden.
    if not end - WEEKS_SHOWN * WEEK < last <= end:
        end = last
    earliest = end - (WEEKS_SHOWN - 1) * WEEK
    start = max(earliest, min(*counted, end - (FEWEST_WEEKS - 1) * WEEK))
    mondays = (start + n * WEEK for n in range((end - start) // WEEK + 1))
    return tuple(Week(monday, counted.get(monday, 0)) for monday in mondays)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
