"""Keeps the children of the web process alive: the embedded server and the worker."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from kupong.boot import account as accounts
from kupong.boot import postgres
from kupong.boot.configuration import Configuration
from kupong.boot.failures import ExpectedError

LOOK_SECONDS = 0.2
SHORTEST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A child that lived this long has not failed at once: the next pause is the shortest again.
STEADY_SECONDS = 60.0
WORKER_GRACEFUL_SECONDS = 10
WORKER_STOP_SECONDS = WORKER_GRACEFUL_SECONDS + 5
STANDARD_ERROR = 2
log = structlog.get_logger()


class Pause:
    """How long to wait before a child is started again: doubles while it keeps failing at once."""

    def __init__(self) -> None:
        self.seconds = SHORTEST_PAUSE_SECONDS

    def after_a_life_of(self, seconds: float) -> float:
        if seconds > STEADY_SECONDS:
            self.seconds = SHORTEST_PAUSE_SECONDS
        chosen = self.seconds
        self.seconds = min(self.seconds * 2, LONGEST_PAUSE_SECONDS)
        return chosen


class KeptWorker:
    """The worker process, started again when it ends. Use it in the main thread's event loop."""

    def __init__(self, configuration: Configuration, dsn: str) -> None:
        self.environment = os.environ | {
            "KUPONG_DATA": str(configuration.data),
            "DATABASE_URL": dsn,
        }
        self.process: subprocess.Popen[bytes] | None = None

    async def keep(self) -> None:
        pause = Pause()
        while True:
            started = time.monotonic()
            self.process = self._start()
            await _until(lambda: not self.alive())
            seconds = pause.after_a_life_of(time.monotonic() - started)
            log.warning("the worker ended", code=self.process.returncode, restart_in=seconds)
            await asyncio.sleep(seconds)

    def stop(self) -> None:
        """Let it finish or give back what it does; when that takes too long, end it."""
        if self.process is None or not self.alive():
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(WORKER_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _start(self) -> "subprocess.Popen[bytes]":
        return accounts.spawn(
            [sys.executable, "-m", "kupong", "worker"],
            accounts.Account(os.geteuid(), os.getegid(), "own"),
            signal.SIGTERM,
            env=self.environment,
            stdout=STANDARD_ERROR,
        )


class KeptDatabase:
    """The embedded server, started again when it ends. Use it in the main thread."""

    def __init__(self, root: Path, server: postgres.Server) -> None:
        self.root = root
        self.server = server

    async def keep(self, tell: Callable[[bool], None]) -> None:
        """`tell` hears false when the database is gone and true when it is back."""
        pause = Pause()
        while True:
            started = time.monotonic()
            await _until(lambda: not self.server.alive())
            tell(False)
            log.warning("the database ended and is started again")
            while not await self._started_again():
                seconds = pause.after_a_life_of(time.monotonic() - started)
                await asyncio.sleep(seconds)
            log.warning("the database is back")
            tell(True)

    async def _started_again(self) -> bool:
        """Starting is quick and has to happen in this thread; recovery may be long and is waited for."""
        try:
            self.server = postgres.launch(self.root, busy_seconds=0, account=self.server.account)
            await _until(self.server.ready)
        except postgres.ServerBusyError:
            return False
        except ExpectedError as error:
            log.error("the database does not start", error=str(error))
            return False
        return True

    def stop(self) -> None:
        self.server.stop()


async def _until(holds: Callable[[], bool]) -> None:
    """A process has no event to wait for, so it is looked at from time to time."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(LOOK_SECONDS)
