"""The issue of individual codes: live rows that change, and a history that only grows.

Every function is a handful of statements over whole sets, for the transaction of its caller.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kupong.campaigns.models import Delivery
from kupong.campaigns.statements import execute


def recycle(delivery: Delivery, now: datetime) -> int:
    """Clean up the previous analysis: give its codes back, then remove its messages. How many codes.

    Whose code it was is kept in the temporary table analysis_former until the transaction ends.
    """
    figures = _of(delivery, now)
    execute("DROP TABLE IF EXISTS analysis_former", {})
    execute(_FORMER, figures)
    execute(_RECYCLED, figures)
    recycled = execute(_GIVE_BACK_FORMER, figures)
    execute(_REMOVE_MESSAGES, figures)
    return recycled


def assign(delivery: Delivery, now: datetime) -> None:
    """Make the code of every message of the delivery a live issue of it."""
    execute(_ASSIGN, _of(delivery, now))
    execute(_ASSIGNED, _of(delivery, now))


def release(delivery: Delivery, now: datetime) -> int:
    """Give back the codes of the messages that were cancelled before they left. How many codes."""
    execute(_RELEASED, _of(delivery, now))
    return execute(_GIVE_BACK_CANCELLED, _of(delivery, now))


def settle(
    delivery: Delivery, message_ids: Sequence[int], states: Sequence[str], now: datetime
) -> None:
    """What became of the codes of these messages: `sent`, or `undelivered` and held."""
    figures = _of(delivery, now) | {"messages": list(message_ids), "states": list(states)}
    execute(_SETTLE, figures)
    execute(_SETTLED, figures)


def _of(delivery: Delivery, now: datetime) -> dict[str, Any]:
    return {"company": delivery.company_id, "delivery": delivery.id, "now": now}


_FORMER = """
CREATE TEMPORARY TABLE analysis_former ON COMMIT DROP AS
SELECT m.customer_id, i.code_id, m.id AS message_no, i.address
FROM campaigns_message m
JOIN campaigns_codeissue i ON (i.company_id, i.message_id) = (m.company_id, m.id)
WHERE m.company_id = %(company)s AND m.delivery_id = %(delivery)s AND i.state = 'reserved'
"""

_RECYCLED = """
INSERT INTO campaigns_issueevent (company_id, kind, code_id, delivery_id, message_no, address, at)
SELECT %(company)s, 'recycled', code_id, %(delivery)s, message_no, address, %(now)s
FROM analysis_former
"""

_GIVE_BACK_FORMER = """
DELETE FROM campaigns_codeissue i USING analysis_former f
WHERE i.company_id = %(company)s AND i.code_id = f.code_id
"""

_REMOVE_MESSAGES = """
DELETE FROM campaigns_message WHERE company_id = %(company)s AND delivery_id = %(delivery)s
"""

_ASSIGN = """
INSERT INTO campaigns_codeissue (company_id, code_id, message_id, state, address, assigned_at)
SELECT company_id, code_id, id, 'reserved', address, %(now)s FROM campaigns_message
WHERE company_id = %(company)s AND delivery_id = %(delivery)s AND code_id IS NOT NULL
"""

_ASSIGNED = """
INSERT INTO campaigns_issueevent (company_id, kind, code_id, delivery_id, message_no, address, at)
SELECT company_id, 'assigned', code_id, delivery_id, id, address, %(now)s FROM campaigns_message
WHERE company_id = %(company)s AND delivery_id = %(delivery)s AND code_id IS NOT NULL
"""

_RELEASED = """
INSERT INTO campaigns_issueevent (company_id, kind, code_id, delivery_id, message_no, address, at)
SELECT i.company_id, 'released', i.code_id, m.delivery_id, m.id, i.address, %(now)s
FROM campaigns_message m
JOIN campaigns_codeissue i ON (i.company_id, i.message_id) = (m.company_id, m.id)
WHERE m.company_id = %(company)s AND m.delivery_id = %(delivery)s AND m.status = 'cancelled'
  AND i.state = 'reserved'
"""

_GIVE_BACK_CANCELLED = """
DELETE FROM campaigns_codeissue i USING campaigns_message m
WHERE m.company_id = %(company)s AND m.delivery_id = %(delivery)s AND m.status = 'cancelled'
  AND (i.company_id, i.message_id) = (m.company_id, m.id) AND i.state = 'reserved'
"""

_SETTLE = """
UPDATE campaigns_codeissue i SET state = s.state
FROM unnest(%(messages)s::bigint[], %(states)s::text[]) AS s(message_id, state)
WHERE i.company_id = %(company)s AND i.message_id = s.message_id
"""

_SETTLED = """
INSERT INTO campaigns_issueevent (company_id, kind, code_id, delivery_id, message_no, address, at)
SELECT i.company_id, i.state, i.code_id, %(delivery)s, i.message_id, i.address, %(now)s
FROM unnest(%(messages)s::bigint[]) AS s(message_id)
JOIN campaigns_codeissue i ON i.company_id = %(company)s AND i.message_id = s.message_id
"""
