"""Work that uses the ORM runs in threads, and each piece gives its connection back when it is done."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from django.db import close_old_connections

Answer = TypeVar("Answer")


class Threads:
    """At most `count` pieces of work at once: as many as there are connections for them."""

    def __init__(self, count: int) -> None:
        self._limiter = CapacityLimiter(count)

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """What `work` returns, from a thread. It is not stopped when the caller goes away."""
        return await anyio.to_thread.run_sync(_give_back_after, work, limiter=self._limiter)


def _give_back_after(work: Callable[[], Answer]) -> Answer:
    # Nothing else closes a connection that a thread has opened: without this the pool runs dry.
    try:
        return work()
    finally:
        close_old_connections()
