"""What each coupon takes off. The data has no face values: they are derived from the discounts it shows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow.compute as pc

from kupong.demo.source import Pair, Source

ASSUMED_CENTS = 100


class FaceValue(NamedTuple):
    """`lines` is how many lines the amount is the median of; 0 means it was assumed."""

    cents: int
    lines: int


def face_values(source: Source) -> dict[Pair, FaceValue]:
    """The median of `coupon_disc` on a coupon's matching lines; 1.00 where there are none.

    A line matches when it carries a coupon discount, its product is covered, and its household handed the
    coupon in on that day. Of an even number of lines the lower of the two in the middle counts, so that
    the amount is always one that was given.
    """
    seen = _discounts_seen(source)
    return {pair: _face_value(seen.get(pair, ())) for pair in source.covers}


def _face_value(amounts: Sequence[int]) -> FaceValue:
    if not amounts:
        return FaceValue(ASSUMED_CENTS, 0)
    return FaceValue(sorted(amounts)[(len(amounts) - 1) // 2], len(amounts))


def _discounts_seen(source: Source) -> dict[Pair, list[int]]:
    table = source.transactions
    discounted = table.filter(pc.greater(table["coupon_cents"], 0))
    given = defaultdict(list)
    columns = (
        discounted[name].to_pylist()
        for name in ("household_id", "day", "product_id", "coupon_cents")
    )
    for household, day, product, cents in zip(*columns, strict=True):
        given[household, day].append((product, cents))
    seen: defaultdict[Pair, list[int]] = defaultdict(list)
    for household, upc, campaign, day in source.redemptions:
        covered = source.covers[campaign, upc]
        seen[campaign, upc] += [
            cents for product, cents in given.get((household, day), ()) if product in covered
        ]
    return dict(seen)
