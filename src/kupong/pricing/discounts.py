"""A discount as pricing reads it: a header that every kind shares, its lines, and the kind's own parameters."""

from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

import msgspec

from kupong.kernel.periods import ALWAYS, Period

Mode = Literal["exclusive", "best_price", "compounded", "always"]


class Concurrency(StrEnum):
    """How discounts of different priorities meet (specification 1.7: models Z and C)."""

    WITHIN_PRIORITY = "within_priority"
    ACROSS_PRIORITIES = "across_priorities"


class CompoundOn(StrEnum):
    RUNNING_PRICE = "running_price"
    ORIGINAL_PRICE = "original_price"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A company's pricing rules; the defaults are those of a new company.

    `manual_replaces`: a manual line discount takes the place of what the line got by itself, instead of
    coming on top of it. The last two say whether such lines take discounts at all.
    """

    concurrency: Concurrency = Concurrency.WITHIN_PRIORITY
    compound_on: CompoundOn = CompoundOn.RUNNING_PRICE
    threshold_stacks_in_across_model: bool = False
    count_non_discountable: bool = False
    exclusive_thresholds_compete: bool = False
    distribute_least_expensive: bool = False
    split_lines_for_cents: bool = True
    manual_replaces: bool = False
    discount_overridden_prices: bool = False
    discount_keyed_in_prices: bool = False


class DiscountLine(msgspec.Struct, frozen=True, kw_only=True):
    """Picks products by exactly one of product, master, category or `all_products`; `exclude` takes them out.

    `percent_off` is a percentage (12.5 means 12.5 %), `amount_off` and `price` are minor units per unit.
    `unit` restricts the unit of measure; `group` is the line group of a mix and match.
    """

    product: str | None = None
    master: str | None = None
    category: str | None = None
    all_products: bool = False
    exclude: bool = False
    unit: str | None = None
    group: int | None = None
    percent_off: Decimal | None = None
    amount_off: int | None = None
    price: int | None = None
    quantity_limit: Decimal | None = None


class Discount(msgspec.Struct, frozen=True, kw_only=True):
    """One discount in force or gated by a coupon. `params` belongs to the kind, in version `version` of its shape.

    `weekly` maps a weekday (mon … sun) to (from, to) as "HH:MM"; None means always open.
    """

    number: str
    kind: str = "simple"
    version: int = 1
    name: str = ""
    mode: Mode = "best_price"
    priority: int = 0
    sequence: int = 0
    currency: str
    price_groups: frozenset[str] = frozenset({"ALL"})
    match_all_price_groups: bool = False
    requires_code: bool = False
    enabled: bool = True
    max_amount_per_order: int | None = None
    max_quantity_per_order: Decimal | None = None
    max_uses_per_order: int | None = None
    valid: Period = ALWAYS
    weekly: dict[str, tuple[str, str]] | None = None
    lines: tuple[DiscountLine, ...] = ()
    params: dict[str, Any] = {}
