"""The ledger's self-check: uses = redemptions, for every code and scope; and what is read from the ledger."""

from django.db import connection

# Every scope's counter beside the entries of the ledger in that scope: they must be equal.
_DIFFERENCES = """
WITH counted AS (
    SELECT company_id, code_id, scope, scope_id, uses FROM redemption_usagecounter
), entered AS (
    SELECT company_id, code_id, scope, scope_id, count(*) AS uses
    FROM redemption_ledgerentry
    CROSS JOIN LATERAL (
        VALUES ('global', 0::bigint), ('channel', channel_id), ('customer', customer_id)
    ) AS scopes(scope, scope_id)
    WHERE scope_id IS NOT NULL
    GROUP BY company_id, code_id, scope, scope_id
)
, compared AS (
    SELECT company_id, code_id, scope, scope_id,
           coalesce(counted.uses, 0) AS counted, coalesce(entered.uses, 0) AS entered
    FROM counted FULL JOIN entered USING (company_id, code_id, scope, scope_id)
)
SELECT code.code, scope, scope_id, counted, entered
FROM compared JOIN coupons_couponcode code
  ON (code.company_id, code.id) = (compared.company_id, compared.code_id)
WHERE counted <> entered
ORDER BY 1, 2, 3 LIMIT 100
"""

# A sale's discount by coupons, as its entries add up, can never exceed what its goods and its delivery were
# discounted; only where it exceeds that of the goods the quote has to be opened.
_TOO_MUCH = """
WITH by_codes AS (
    SELECT e.company_id, e.redemption_id, sum(e.amount) AS amount
    FROM redemption_ledgerentry e GROUP BY e.company_id, e.redemption_id
), above AS (
    SELECT r.id, by_codes.amount, r.discount
           + coalesce((r.quote -> 'delivery' ->> 'discount')::bigint, 0) AS discount
    FROM redemption_redemption r
    JOIN by_codes ON (by_codes.company_id, by_codes.redemption_id) = (r.company_id, r.id)
    WHERE by_codes.amount > r.discount
)
SELECT id, discount, amount FROM above WHERE amount > discount ORDER BY id LIMIT 100
"""


def check() -> list[str]:
    """What does not add up, a sentence each (codes shown by their last characters); empty when all does."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        counters = [
            f"code …{code[-4:]}, {scope} {scope_id}: the counter says {counted}, the ledger {entered}"
            for code, scope, scope_id, counted, entered in cursor.fetchall()
        ]
        cursor.execute(_TOO_MUCH)
        sales = [
            f"redemption {sale}: its codes took off {amount}, the sale was discounted {discount}"
            for sale, discount, amount in cursor.fetchall()
        ]
    return counters + sales
