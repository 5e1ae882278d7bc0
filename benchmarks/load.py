"""Measures the load of the real data set, each step beside a bare COPY of the very rows it wrote.

    .venv/bin/python benchmarks/load.py

The database is an embedded one in a new directory, with the settings of a real installation; it is removed
at the end. After the load, the rows of each table are read out, and copied, in the text form of COPY, into an
empty table with the same columns, constraints, indexes and foreign keys, which is then dropped.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any, NamedTuple

import psycopg

from kupong.boot import configuration
from kupong.boot.database import connect_django, database


class Measured(NamedTuple):
    name: str
    rows: int
    seconds: float
    copy_seconds: float


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kupong-benchmark-") as directory:
        # Where the server runs under an account other than ours, it has to reach its directory.
        Path(directory).chmod(0o711)
        with database(configuration.from_environment({"KUPONG_DATA": directory})) as dsn:
            connect_django(dsn)
            report(measure(dsn))


def measure(dsn: str) -> list[Measured]:
    from kupong.boot.migration import migrate
    from kupong.demo.load import STEPS, load
    from kupong.demo.progress import Display
    from kupong.demo.source import Source
    from kupong.organisation.service import ensure_installation
    from kupong.work.models import Job

    migrate()
    load(ensure_installation(), Source(), Display())
    steps: dict[str, Any] = Job.objects.get(name="demo.load").result or {}
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [
            Measured(
                step.name,
                steps[step.name]["rows"],
                steps[step.name]["seconds"],
                sum(bare_copy(connection, table) for table in step.tables),
            )
            for step in STEPS
        ]


def bare_copy(connection: psycopg.Connection[Any], table: str) -> float:
    """Seconds for a COPY of the table's rows into an empty table of its shape, with its commit."""
    with tempfile.TemporaryFile() as rows:
        with connection.cursor().copy(f"COPY {table} TO STDOUT") as out:
            for block in out:
                rows.write(block)
        make_twin(connection, table)
        try:
            rows.seek(0)
            started = time.monotonic()
            copy_in(connection, rows)
            return time.monotonic() - started
        finally:
            connection.execute("DROP TABLE benchmark_twin")


def make_twin(connection: psycopg.Connection[Any], table: str) -> None:
    """LIKE brings all but the foreign keys."""
    connection.execute(f"CREATE TABLE benchmark_twin (LIKE {table} INCLUDING ALL)")
    foreign = connection.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    ).fetchall()
    for (definition,) in foreign:
        connection.execute(f"ALTER TABLE benchmark_twin ADD {definition}")


def copy_in(connection: psycopg.Connection[Any], rows: IO[bytes]) -> None:
    with connection.cursor().copy("COPY benchmark_twin FROM STDIN") as into:
        while block := rows.read(1 << 20):
            into.write(block)


def report(measured: list[Measured]) -> None:
    whole = Measured(
        "all",
        sum(one.rows for one in measured),
        sum(one.seconds for one in measured),
        sum(one.copy_seconds for one in measured),
    )
    out = sys.stdout
    out.write(
        f"\n{'step':<11}{'rows':>10}{'seconds':>9}{'rows/s':>10}{'bare COPY':>11}{'ratio':>7}\n"
    )
    for one in (*measured, whole):
        out.write(
            f"{one.name:<11}{one.rows:>10,}{one.seconds:>9.2f}{one.rows / one.seconds:>10,.0f}"
            f"{one.copy_seconds:>9.2f} s{one.seconds / one.copy_seconds:>7.1f}\n"
        )


if __name__ == "__main__":
    main()
