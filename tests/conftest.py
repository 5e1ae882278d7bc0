"""One embedded PostgreSQL for a whole test run, shared by every worker process; each has a database of its own."""

import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest

from kupong.boot import postgres

# How long an example takes says something of the machine, not of the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

# What a crash would lose is thrown away anyhow.
UNSAFE_AND_FAST = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=128MB",
)
SERVER = pytest.StashKey[postgres.Server]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start it in the controlling process; the workers find its address in their environment."""
    if hasattr(config, "workerinput") or config.option.help or config.option.version:
        return
    if "DATABASE_URL" in os.environ:
        return
    root = Path(tempfile.mkdtemp(prefix="kupong-tests-"))
    # Where the server runs under an account other than ours, it has to reach its directory.
    root.chmod(0o711)
    server = postgres.start(root, UNSAFE_AND_FAST)
    config.stash[SERVER] = server
    allow_test_databases(server)
    os.environ["KUPONG_DSN"] = server.dsn
    use_database(server.dsn)


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if server is None:
        return
    server.stop()
    shutil.rmtree(server.root, ignore_errors=True)


def allow_test_databases(server: postgres.Server) -> None:
    """Outside tests the application's role may not create databases."""
    import psycopg

    superuser = postgres.address(server.root, role=postgres.SUPERUSER, database="postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {postgres.ROLE} CREATEDB")


def use_database(dsn: str) -> None:
    """The settings were read before the server ran: change them in place, before the first connection."""
    from django.conf import settings

    from kupong.boot.settings import database_settings

    settings.DATABASES["default"].update(database_settings(dsn))
