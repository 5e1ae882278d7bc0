"""The baskets of 2017 that are replayed, in the order in which they were paid."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from kupong.demo.source import ZONE, Source

# Beside the baskets of days with a redemption, every seventh of all others: about 22,000 over the year.
EVERY = 7


class Line(NamedTuple):
    """`cents` is the amount of the whole line; `quantity` is what the data says, also when that is 0."""

    product: int
    quantity: int
    cents: int


class Basket(NamedTuple):
    """`redemptions` are the places, in the data, of what its household redeemed on that day, on any basket."""

    number: int
    store: int
    household: int
    at: datetime
    lines: tuple[Line, ...]
    redemptions: tuple[int, ...]


def baskets(source: Source, every: int = EVERY) -> list[Basket]:
    """Every basket of a day on which its household redeemed something, and one in `every` of the others."""
    days = _redemption_days(source)
    chosen = _chosen(_headers(source.transactions), days, every)
    rows = _rows(source.transactions, chosen)
    return sorted(_grouped(rows, days), key=lambda basket: (basket.at, basket.number))


def _redemption_days(source: Source) -> dict[tuple[int, date], tuple[int, ...]]:
    days = defaultdict(list)
    for place, redemption in enumerate(source.redemptions):
        days[redemption.household, redemption.day].append(place)
    return {day: tuple(places) for day, places in days.items()}


def _headers(transactions: Any) -> Any:
    """One row per basket, in the order of time; a basket has one household, one store and one time."""
    headers = transactions.group_by("basket_id").aggregate(
        [("household_id", "min"), ("day", "min"), ("at", "min")]
    )
    return headers.sort_by([("at_min", "ascending"), ("basket_id", "ascending")])


def _chosen(headers: Any, days: dict[tuple[int, date], tuple[int, ...]], every: int) -> list[int]:
    names = ("basket_id", "household_id_min", "day_min")
    with_redemptions: list[int] = []
    others: list[int] = []
    for basket, household, day in zip(*(headers[name].to_pylist() for name in names), strict=True):
        (with_redemptions if (household, day) in days else others).append(basket)
    return with_redemptions + others[::every]


def _rows(transactions: Any, chosen: list[int]) -> Iterator[tuple[Any, ...]]:
    wanted = transactions.filter(pc.is_in(transactions["basket_id"], pa.array(chosen)))
    names = "basket_id store_id household_id day at product_id quantity sales_cents".split()
    return zip(*(wanted[name].to_pylist() for name in names), strict=True)


def _grouped(
    rows: Iterator[tuple[Any, ...]], days: dict[tuple[int, date], tuple[int, ...]]
) -> Iterator[Basket]:
    headers: dict[int, tuple[int, int, date, datetime]] = {}
    lines: defaultdict[int, list[Line]] = defaultdict(list)
    for basket, store, household, day, at, *line in rows:
        headers[basket] = (store, household, day, at)
        lines[basket].append(Line(*line))
    for basket, (store, household, day, at) in headers.items():
        redemptions = days.get((household, day), ())
        at_till = at.replace(tzinfo=ZONE)
        yield Basket(basket, store, household, at_till, tuple(lines[basket]), redemptions)
