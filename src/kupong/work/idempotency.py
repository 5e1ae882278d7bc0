"""Idempotency keys: the first answer to a call is kept, and given again when the call is repeated.

`begin` and the work and `keep` belong into one transaction, so that work is done and its answer kept, or
neither. The lock ends with the transaction, whatever happens to the process.
"""

from datetime import timedelta

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.plans import Plan, Statement

KEPT = timedelta(hours=24)


class Call(msgspec.Struct, frozen=True):
    """Who calls with which key, and the fingerprint of what is asked."""

    company_id: int
    caller: str
    key: str
    fingerprint: bytes


class FirstAnswer(msgspec.Struct, frozen=True):
    """What was answered the first time."""

    status: int
    body: bytes


def begin(call: Call) -> Plan[FirstAnswer | Refused | None]:
    """None: do the work. Otherwise the answer that was given before, or why there is none.

    Refused with `in_flight` while the same call is being handled elsewhere, with `idempotency_conflict`
    when the key came with another request.
    """
    (locked,), known = yield (
        Statement(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            (f"{call.company_id}/{call.caller}/{call.key}",),
        ),
        Statement(
            "SELECT fingerprint, status, body FROM work_idempotencykey"
            " WHERE company_id = %s AND caller = %s AND key = %s AND created_at > now() - %s",
            (call.company_id, call.caller, call.key, KEPT),
        ),
    )
    if not locked[0]:
        return Refused(Reason.IN_FLIGHT)
    for fingerprint, status, body in known:
        if bytes(fingerprint) != call.fingerprint:
            return Refused(Reason.IDEMPOTENCY_CONFLICT)
        return FirstAnswer(status, bytes(body))
    return None


def keep(call: Call, answer: FirstAnswer) -> Plan[None]:
    """Keep the answer for a day. An older one under the same key has had its time."""
    yield (
        Statement(
            "INSERT INTO work_idempotencykey"
            " (company_id, caller, key, fingerprint, status, body)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (company_id, caller, key) DO UPDATE SET created_at = now(),"
            " fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body",
            (call.company_id, call.caller, call.key, call.fingerprint, answer.status, answer.body),
        ),
    )
