"""Which code goes to whom: all or nothing, and no code to two (specification 2.2, 2.3, T13).

The caller holds the coupon's row, so that of two analyses of one coupon the second sees what the first
has taken. A recipient keeps the code of the previous analysis; else gets a code they hold; else one that
nobody holds. A code that somebody else holds is never given.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec

from kupong.campaigns.statements import execute, fetch
from kupong.coupons.models import Coupon

# A date ends last where the clocks are behind all others.
_LAST_PLACE = timezone(-timedelta(hours=12))


class Balance(msgspec.Struct, frozen=True):
    """Messages that carry a code of their own, and the codes that can be given to them."""

    need: int
    have: int

    @property
    def short(self) -> int:
        return max(0, self.need - self.have)


def assign_individual(coupon: Coupon, at: datetime) -> Balance:
    """Write a code to every row of analysis_target that is still in, if there are enough; count them anyhow.

    Reads analysis_former (see `issues.recycle`). A code that ends before `at` is not given.
    """
    figures = code_figures(coupon, at)
    execute("DROP TABLE IF EXISTS analysis_code", {})
    execute(_CODES, figures)
    execute("ANALYZE analysis_code", {})
    execute(_KEEP_FORMER, {})
    execute(_GIVE_HELD, {})
    ((need, given, free),) = fetch(_COUNT, {})
    balance = Balance(need=need, have=given + free)
    if not balance.short:
        execute(_GIVE_FREE, {})
    return balance


def assign_shared(coupon: Coupon) -> bool:
    """Write the one code of an anonymous coupon to every row; there is no stock to count. False: it has none."""
    rows = fetch(_SHARED_CODE, {"company": coupon.company_id, "coupon": coupon.id})
    for (code_id,) in rows:
        execute(_GIVE_SHARED, {"code": code_id})
    return bool(rows)


def shared_code(coupon: Coupon) -> str | None:
    """The one code of an anonymous coupon."""
    rows = fetch(_SHARED_TEXT, {"company": coupon.company_id, "coupon": coupon.id})
    return rows[0][0] if rows else None


def next_code(coupon: Coupon, customer_id: int, at: datetime) -> str | None:
    """The code that this recipient would get next, for a look at it only; None when there is none."""
    rows = fetch(_NEXT_CODE, code_figures(coupon, at) | {"customer": customer_id})
    return rows[0][0] if rows else None


def code_figures(coupon: Coupon, at: datetime) -> dict[str, Any]:
    return {
        "company": coupon.company_id,
        "coupon": coupon.id,
        "at": at.astimezone(UTC),
        "day": at.astimezone(_LAST_PLACE).date(),
    }


# Only conditions written here come into the texts below.
# A code that can be given: active, not over, in nobody's message, and never used.
_ASSIGNABLE = """
c.company_id = %(company)s AND c.coupon_id = %(coupon)s AND c.status = 'active'
  AND (c.valid_to_at IS NULL OR c.valid_to_at >= %(at)s)
  AND (c.valid_to_date IS NULL OR c.valid_to_date >= %(day)s)
  AND NOT EXISTS (
    SELECT FROM campaigns_codeissue i WHERE (i.company_id, i.code_id) = (c.company_id, c.id))
  AND NOT EXISTS (
    SELECT FROM redemption_usagecounter u
    WHERE (u.company_id, u.code_id, u.scope, u.scope_id) = (c.company_id, c.id, 'global', 0)
      AND u.uses > 0)
"""

_CODES = f"""
CREATE TEMPORARY TABLE analysis_code ON COMMIT DROP AS
SELECT c.id AS code_id, c.holder_id, f.customer_id AS former_id
FROM coupons_couponcode c LEFT JOIN analysis_former f ON f.code_id = c.id
WHERE {_ASSIGNABLE}
"""  # noqa: S608

_KEEP_FORMER = """
UPDATE analysis_target t SET code_id = c.code_id FROM analysis_code c
WHERE t.cause IS NULL AND c.former_id = t.customer_id
  AND (c.holder_id IS NULL OR c.holder_id = t.customer_id)
"""

_GIVE_HELD = """
UPDATE analysis_target t SET code_id = h.code_id
FROM (SELECT DISTINCT ON (holder_id) holder_id, code_id FROM analysis_code
      WHERE holder_id IS NOT NULL ORDER BY holder_id, code_id) AS h
WHERE t.cause IS NULL AND t.code_id IS NULL AND h.holder_id = t.customer_id
"""

_FREE = """
SELECT code_id FROM analysis_code c
WHERE holder_id IS NULL AND NOT EXISTS (SELECT FROM analysis_target t WHERE t.code_id = c.code_id)
"""

_COUNT = f"""
SELECT count(*), count(code_id), (SELECT count(*) FROM ({_FREE}) AS free)
FROM analysis_target WHERE cause IS NULL
"""  # noqa: S608

_GIVE_FREE = f"""
UPDATE analysis_target t SET code_id = pair.code_id
FROM (SELECT customer_id, code_id
      FROM (SELECT customer_id, row_number() OVER (ORDER BY customer_id) AS place
            FROM analysis_target WHERE cause IS NULL AND code_id IS NULL) AS person
      JOIN (SELECT code_id, row_number() OVER (ORDER BY code_id) AS place
            FROM ({_FREE}) AS free) AS code USING (place)) AS pair
WHERE t.customer_id = pair.customer_id
"""  # noqa: S608

_SHARED = """
FROM coupons_couponcode c
WHERE c.company_id = %(company)s AND c.coupon_id = %(coupon)s AND c.status <> 'voided'
ORDER BY c.id LIMIT 1
"""
_SHARED_CODE = f"SELECT c.id {_SHARED}"
_SHARED_TEXT = f"SELECT coalesce(c.typed, c.code) {_SHARED}"

_GIVE_SHARED = "UPDATE analysis_target SET code_id = %(code)s WHERE cause IS NULL"

_NEXT_CODE = f"""
SELECT coalesce(c.typed, c.code) FROM coupons_couponcode c
WHERE {_ASSIGNABLE} AND (c.holder_id IS NULL OR c.holder_id = %(customer)s)
ORDER BY c.holder_id NULLS LAST, c.id LIMIT 1
"""  # noqa: S608
