"""What came of deliveries, for many at once: their messages by status, and the codes that were used."""

from collections import defaultdict
from collections.abc import Collection

from kupong.campaigns.shapes import MessageCounts
from kupong.campaigns.statements import fetch


def messages_of(company_id: int, delivery_ids: Collection[int]) -> dict[int, MessageCounts]:
    """The messages of each of these deliveries, by its id."""
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    for delivery, status, count in fetch(_COUNTS, _of(company_id, delivery_ids)):
        counted[delivery][status] = count
    return {one: MessageCounts(**counted[one]) for one in delivery_ids}


def redeemed_of(company_id: int, delivery_ids: Collection[int]) -> dict[int, int]:
    """How many messages that left had their code used, by the delivery's id.

    A code of one's own counts whoever used it; a shared one when the recipient used it after it was sent.
    """
    found: dict[int, int] = dict(fetch(_REDEEMED, _of(company_id, delivery_ids)))
    return {one: found.get(one, 0) for one in delivery_ids}


def _of(company_id: int, delivery_ids: Collection[int]) -> dict[str, object]:
    return {"company": company_id, "deliveries": list(delivery_ids)}


_COUNTS = """
SELECT delivery_id, status, count(*) FROM campaigns_message
WHERE company_id = %(company)s AND delivery_id = ANY(%(deliveries)s::bigint[])
GROUP BY delivery_id, status
"""

_REDEEMED = """
SELECT m.delivery_id, count(*)
FROM campaigns_message m
JOIN campaigns_delivery d ON (d.company_id, d.id) = (m.company_id, m.delivery_id)
JOIN coupons_coupon p ON (p.company_id, p.id) = (d.company_id, d.coupon_id)
WHERE m.company_id = %(company)s AND m.delivery_id = ANY(%(deliveries)s::bigint[])
  AND m.status IN ('sent', 'failed')
  AND EXISTS (
    SELECT FROM redemption_ledgerentry e
    WHERE (e.company_id, e.code_id) = (m.company_id, m.code_id) AND e.kind = 'redeemed'
      AND (p.kind <> 'anonymous' OR (e.customer_id = m.customer_id AND e.at >= m.sent_at)))
GROUP BY m.delivery_id
"""
