"""The use cases of work: what is kept for a time only is removed when the time is over."""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from kupong.work.idempotency import KEPT

EVENTS_KEPT = timedelta(days=30)
JOBS_KEPT = timedelta(days=30)
_CHUNK = 10_000


def purge(now: datetime | None = None) -> int:
    """Remove old idempotency keys, events and finished jobs; return how many rows went.

    In chunks of their own transactions: it may be stopped at any time and started again.
    """
    now = now or datetime.now(UTC)
    return (
        _remove("work_idempotencykey", "created_at < %s", now - KEPT)
        + _remove("work_outboxevent", "created_at < %s", now - EVENTS_KEPT)
        + _remove(
            "work_job",
            "updated_at < %s AND state IN ('done', 'failed', 'cancelled')",
            now - JOBS_KEPT,
        )
    )


def _remove(table: str, condition: str, before: datetime) -> int:
    removed = 0
    # Only names and conditions written above come into the text.
    statement = (
        f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608
        f"SELECT ctid FROM {table} WHERE {condition} LIMIT {_CHUNK}))"
    )
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, (before,))
            gone: int = cursor.rowcount
            removed += gone
            if gone < _CHUNK:
                return removed
