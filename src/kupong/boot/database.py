"""Which database an installation uses, and for how long: the one given, one that already runs, or our own."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kupong.boot import postgres
from kupong.boot.configuration import Configuration, ensure_data_directory
from kupong.boot.failures import OutsideError

OLDEST_SERVER = 15
SETTINGS_MODULE = "kupong.boot.settings"


@contextmanager
def database(configuration: Configuration) -> Iterator[str]:
    """Give the address of a database that answers. A server started for it is stopped at the end.

    Call it from the main thread. Errors: OutsideError when there is none.
    """
    if configuration.database_url is not None:
        _check_answers(configuration.database_url)
        yield configuration.database_url
        return
    ensure_data_directory(configuration)
    server = _own_server_unless_one_runs(configuration)
    if isinstance(server, str):
        yield server
        return
    try:
        yield server.dsn
    finally:
        server.stop()


def connect_django(dsn: str) -> None:
    """Make the tables and use cases of all rooms usable in this process."""
    os.environ["KUPONG_DSN"] = dsn
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    import django

    django.setup()


def _own_server_unless_one_runs(configuration: Configuration) -> postgres.Server | str:
    """Of two commands that start at once, one starts the server and the other finds it."""
    deadline = time.monotonic() + postgres.BUSY_SECONDS
    while True:
        found = postgres.running(configuration.data)
        if found is not None and _answers(found):
            return found
        try:
            return postgres.start(configuration.data, busy_seconds=0.1)
        except postgres.ServerBusyError:
            if time.monotonic() > deadline:
                raise


def _answers(dsn: str) -> bool:
    """A server that was killed seems to run until the last of its processes has ended."""
    import psycopg

    try:
        psycopg.connect(dsn, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _check_answers(url: str) -> None:
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.OperationalError as error:
        raise OutsideError(f"DATABASE_URL: {one_line(error)}") from error
    if version < OLDEST_SERVER:
        raise OutsideError(
            f"DATABASE_URL: PostgreSQL {OLDEST_SERVER} or newer is needed, this is {version}"
        )


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
