"""Bulk writing on Django's connection: COPY in, and set-based statements."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import sql

from kupong.demo.progress import Advance

_TELL_EVERY = 5_000


def copy(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], advance: Advance
) -> None:
    """COPY the rows into the table, telling how many as they go."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row(row)
            count += 1
            if count % _TELL_EVERY == 0:
                advance(_TELL_EVERY)
    advance(count % _TELL_EVERY)


def stage(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The same into a temporary table, made here ("name type" each) and gone when the transaction ends."""
    execute(f"CREATE TEMPORARY TABLE {table} ({', '.join(columns)}) ON COMMIT DROP")
    copy(table, [column.split()[0] for column in columns], rows, _tell_nobody)
    execute(f"ANALYZE {table}")


def execute(statement: str, parameters: Sequence[Any] = ()) -> int:
    """How many rows the statement touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        touched: int = cursor.rowcount
    return touched


def fetch(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _tell_nobody(count: int) -> None:
    """A staged row is not loaded yet."""
