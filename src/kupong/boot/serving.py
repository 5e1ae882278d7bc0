"""`kupong serve` and `kupong demo`: one process that starts everything, keeps it up and stops it in order."""

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import msgspec
import uvicorn
import uvloop

from kupong.boot import postgres
from kupong.boot.configuration import Configuration, ensure_data_directory, ensure_secret
from kupong.boot.database import connect_django, database
from kupong.boot.failures import OutsideError, UsageError
from kupong.boot.supervision import KeptDatabase, KeptWorker

WEB_GRACEFUL_SECONDS = 20
QUIET_SECONDS = 1.0


class Stopped(BaseException):
    """A signal asked us to stop before we served."""


class Announcement(msgspec.Struct, frozen=True):
    """What `serve` says once it takes requests. `sign_in` is the one-time link, None once it was used."""

    address: str
    sign_in: str | None
    reconciliation: str | None = None


def serve(
    configuration: Configuration,
    say: Callable[[str], None],
    announce: Callable[[Announcement], None],
    load: Callable[[Path], str] | None = None,
) -> None:
    """Run until SIGTERM or SIGINT, then stop the web, the worker and the database, in this order.

    `load` fills the installation before it is served and returns the line that sums it up.
    Errors: UsageError for a second one on the same data; OutsideError for a port or a database.
    """
    with _signals() as signals, contextlib.suppress(Stopped), ExitStack() as stack:
        stack.enter_context(_only_one(configuration))
        listener = stack.enter_context(_bound_socket(configuration))
        ensure_secret(configuration)
        kept_database = stack.enter_context(_kept_database(configuration, signals, say))
        dsn = kept_database.server.dsn if kept_database else str(configuration.database_url)
        signals.check()
        token = _prepare(dsn)
        line = None
        if load is not None:
            with signals.interrupting():
                line = load(configuration.data)
            say(line)
        link = f"{configuration.address}/sign-in/{token}" if token else None
        announcement = Announcement(configuration.address, link, line)
        signals.check()
        worker = stack.enter_context(_kept_worker(configuration, dsn))
        uvloop.run(
            _serve_web(kept_database, worker, listener, signals, lambda: announce(announcement))
        )


class _Signals:
    """A signal is noted and looked at between the steps; only the load, which may be long, is interrupted.

    An exception out of nowhere can be swallowed, or leave an import half done: so never without need.
    """

    def __init__(self) -> None:
        self.asked = False
        self.interrupts = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        if self.interrupts:
            raise Stopped

    def check(self) -> None:
        if self.asked:
            raise Stopped

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        self.interrupts = True
        try:
            self.check()
            yield
        finally:
            self.interrupts = False
        self.check()


@contextmanager
def _signals() -> Iterator[_Signals]:
    signals = _Signals()
    former = {number: signal.signal(number, signals) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield signals
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _only_one(configuration: Configuration) -> Iterator[None]:
    """The kernel releases the lock with the process, however it ends."""
    ensure_data_directory(configuration)
    path = configuration.data / "serve.lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OutsideError(f"KUPONG_DATA: cannot use {path}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise UsageError(f"another kupong already serves {configuration.data}") from None
    try:
        yield
    finally:
        os.close(lock)


def _bound_socket(configuration: Configuration) -> socket.socket:
    """Take the port before the long work starts; nothing is answered on it until all is ready."""
    where = f"{configuration.host}:{configuration.port}"
    try:
        found = socket.getaddrinfo(
            configuration.host, configuration.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _name, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise OutsideError(
            f"KUPONG_HOST, KUPONG_PORT: cannot listen on {where}: {error.strerror}"
        ) from error
    return listener


@contextmanager
def _kept_database(
    configuration: Configuration, signals: _Signals, say: Callable[[str], None]
) -> Iterator[KeptDatabase | None]:
    """The embedded server, which must be our own: another command's ends with that command."""
    if configuration.database_url is not None:
        with database(configuration):
            yield None
        return
    try:
        server = postgres.start(
            configuration.data, busy_seconds=QUIET_SECONDS, meanwhile=signals.check
        )
    except postgres.ServerBusyError:
        say("Waiting for the database of another kupong command to stop.")
        server = postgres.start(configuration.data, meanwhile=signals.check)
    kept = KeptDatabase(configuration.data, server)
    try:
        yield kept
    finally:
        kept.stop()


def _prepare(dsn: str) -> str | None:
    """Bring the tables up to date; return the token of a one-time link until one has been used."""
    connect_django(dsn)
    from django.db import connection

    from kupong.boot.migration import migrate
    from kupong.organisation import service, sign_in
    from kupong.organisation.models import SignInLink

    try:
        migrate()
        service.ensure_installation()
        somebody_came = SignInLink.objects.exclude(used_at=None).exists()
        return None if somebody_came else sign_in.create_link()
    finally:
        connection.close()


@contextmanager
def _kept_worker(configuration: Configuration, dsn: str) -> Iterator[KeptWorker]:
    kept = KeptWorker(configuration, dsn)
    try:
        yield kept
    finally:
        kept.stop()


async def _serve_web(
    kept_database: KeptDatabase | None,
    worker: KeptWorker,
    listener: socket.socket,
    signals: _Signals,
    started: Callable[[], None],
) -> None:
    from kupong.boot.asgi import build

    class Web(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            # A signal that came before the web server took over the handling.
            self.should_exit = self.should_exit or signals.asked
            if self.started and not self.should_exit:
                started()

    entry = build(migrated=True)

    def tell(up: bool) -> None:
        entry.database_is_up = up

    web = Web(
        uvicorn.Config(
            entry,
            http="httptools",
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=WEB_GRACEFUL_SECONDS,
        )
    )
    keepers = [asyncio.create_task(worker.keep())]
    if kept_database is not None:
        keepers.append(asyncio.create_task(kept_database.keep(tell)))
    try:
        await web.serve([listener])
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
