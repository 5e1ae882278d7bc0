"""Calls at once, each in a thread with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import close_old_connections

Answer = TypeVar("Answer")


def at_once(calls: list[Callable[[], Answer]]) -> list[Answer]:
    """The answers in the order of the calls, which all start together."""
    barrier = Barrier(len(calls))

    def started(call: Callable[[], Answer]) -> Answer:
        barrier.wait()
        try:
            return call()
        finally:
            close_old_connections()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(started, calls))
