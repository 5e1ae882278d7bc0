"""The asynchronous connections of the checkout calls, on the same database as Django's."""

from typing import Any

from django.db import connection
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

WAIT_SECONDS = 5.0
_NAMES = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}

Pool = AsyncConnectionPool[AsyncConnection[Any]]


def closed_pool(dsn: str, size: int) -> Pool:
    """A pool that opens with the application. Outside a transaction each statement is its own."""
    return AsyncConnectionPool(
        dsn,
        min_size=1,
        max_size=size,
        open=False,
        timeout=WAIT_SECONDS,
        kwargs={"autocommit": True},
        name="api",
    )


def django_dsn() -> str:
    """The address that Django's settings hold at this moment."""
    settings = connection.settings_dict
    named = {part: settings[key] for key, part in _NAMES.items() if settings.get(key)}
    options = {
        key: value
        for key, value in settings.get("OPTIONS", {}).items()
        if isinstance(value, str | int) and key not in ("pool", "isolation_level")
    }
    return make_conninfo("", **named, **options)


def django_pool_size() -> int:
    """How many connections Django's threads may hold."""
    pool = connection.settings_dict.get("OPTIONS", {}).get("pool") or {}
    return int(pool.get("max_size", 4)) if isinstance(pool, dict) else 4
