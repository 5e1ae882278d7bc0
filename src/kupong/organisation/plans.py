"""A use case as a plan: it yields SQL statements and receives their rows, and does no I/O itself.

So a use case is written once, and two thin executors run it: `run` on a psycopg connection (pages, jobs,
programs), `run_async` on an asynchronous one (checkout calls). Statements yielded together travel together,
in one round trip, and are executed in their order.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import psycopg

Row = tuple[Any, ...]
Answer = TypeVar("Answer")


class Statement(NamedTuple):
    """SQL with %s or %(name)s placeholders (array parameters cast) and its parameters."""

    sql: str
    parameters: Sequence[Any] | Mapping[str, Any] = ()


Plan = Generator[Sequence[Statement], list[list[Row]], Answer]


def run(connection: psycopg.Connection[Any], plan: Plan[Answer]) -> Answer:
    """Run the plan on this connection, in the transaction the caller has opened, if any."""
    try:
        statements = next(plan)
        while True:
            with connection.pipeline():
                cursors = [connection.execute(*one, prepare=True) for one in statements]
            statements = plan.send([_rows(cursor.description, cursor) for cursor in cursors])
    except StopIteration as finished:
        answer: Answer = finished.value
        return answer


async def run_async(connection: psycopg.AsyncConnection[Any], plan: Plan[Answer]) -> Answer:
    """The same on an asynchronous connection."""
    try:
        statements = next(plan)
        while True:
            async with connection.pipeline():
                cursors = [await connection.execute(*one, prepare=True) for one in statements]
            statements = plan.send(
                [await cursor.fetchall() if cursor.description else [] for cursor in cursors]
            )
    except StopIteration as finished:
        answer: Answer = finished.value
        return answer


def _rows(description: object, cursor: psycopg.Cursor[Any]) -> list[Row]:
    return cursor.fetchall() if description else []
