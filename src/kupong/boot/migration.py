"""Brings the tables of an installation to the shape this version needs."""

from collections.abc import Iterator
from contextlib import contextmanager

# Any number will do, as long as it stays: two processes that migrate at once go one after the other.
MIGRATION_LOCK = 5_768_430_121


def migrate() -> list[str]:
    """Apply what is missing and name it, such as `coupons.0001_initial`."""
    from django.core.management import call_command

    with _one_at_a_time():
        applied = pending()
        if applied:
            call_command("migrate", interactive=False, verbosity=0)
    return applied


def pending() -> list[str]:
    """The migrations that this version has and the database has not, in their order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        # A crash may undo the last steps, never one without those after it: the next start takes them again.
        cursor.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
