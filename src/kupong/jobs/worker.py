"""The worker process: takes jobs one at a time until it is told to stop."""

import asyncio

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

GRACEFUL_SECONDS = 10.0
HEARTBEAT_SECONDS = 10.0


def run(
    *,
    graceful_seconds: float = GRACEFUL_SECONDS,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    wait: bool = True,
) -> None:
    """Run until SIGTERM or SIGINT; with `wait` false until no job is left.

    A job that still runs `graceful_seconds` after the signal hears `should_abort()`.
    """
    asyncio.run(_work(graceful_seconds, heartbeat_seconds, wait))


async def _work(graceful_seconds: float, heartbeat_seconds: float, wait: bool) -> None:
    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError(f"jobs are kept in Django's database, not behind {connector!r}")
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                concurrency=1,
                wait=wait,
                shutdown_graceful_timeout=graceful_seconds,
                update_heartbeat_interval=heartbeat_seconds,
                delete_jobs="successful",
            )
