"""The embedded server as a real process: started, stopped, killed, and started again."""

import fcntl
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kupong.boot import account as accounts
from kupong.boot import postgres
from kupong.boot.account import Account
from kupong.boot.failures import OutsideError
from tests.boot.processes import running, servers_on, until

FAST = ("fsync=off", "shared_buffers=16MB")
START_AND_WAIT = """
import sys, time
from pathlib import Path
from kupong.boot import postgres
server = postgres.start(Path(sys.argv[1]), ("shared_buffers=16MB",))
print("ready", server.process.pid, flush=True)
time.sleep(600)
"""


def possible_accounts() -> list[Account]:
    """Every way to run the server that this machine allows: as ourselves, and as another account."""
    own = [accounts.choose()]
    return own if os.geteuid() != 0 else [*own, accounts.choose(lambda: False)]


@pytest.fixture
def root() -> Iterator[Path]:
    """A data directory that another account can reach, which pytest's own directories are not."""
    place = Path(tempfile.mkdtemp(prefix="kupong-test-"))
    place.chmod(0o711)
    yield place / "data"
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="kupong-test-"))
    start(place).stop()
    yield place / "postgres"
    shutil.rmtree(place)


@pytest.fixture
def made(root: Path, template: Path) -> Path:
    """A data directory after its first start."""
    shutil.copytree(template, root / "postgres")
    return root


@pytest.fixture(params=possible_accounts(), ids=lambda account: account.name)
def account(request: pytest.FixtureRequest) -> Account:
    found: Account = request.param
    return found


def start(root: Path, account: Account | None = None, busy_seconds: float = 30) -> postgres.Server:
    return postgres.start(root, FAST, busy_seconds=busy_seconds, account=account)


def ask(dsn: str, statement: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def test_what_was_written_is_there_after_a_stop_and_a_start(root: Path, account: Account) -> None:
    first = start(root, account)
    with psycopg.connect(first.dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first.stop()
    assert servers_on(root) == []
    second = start(root, account)
    try:
        assert ask(second.dsn, "SELECT answer FROM kept") == 42
    finally:
        second.stop()
    assert second.process.returncode == 0


def test_the_applications_role_is_no_superuser_and_may_not_make_databases(made: Path) -> None:
    server = start(made)
    try:
        with psycopg.connect(server.dsn) as connection:
            row = connection.execute(
                "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    finally:
        server.stop()
    assert row == (False, False, False)


def test_swedish_letters_have_upper_case_and_nothing_listens_on_the_network(made: Path) -> None:
    server = start(made)
    try:
        assert ask(server.dsn, "SELECT upper('åäö')") == "ÅÄÖ"
        assert ask(server.dsn, "SHOW listen_addresses") == ""
        assert server.socket.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()


def test_the_server_ends_soon_after_its_parent_was_killed_and_starts_again(
    made: Path, tmp_path: Path
) -> None:
    with running(["-c", START_AND_WAIT, str(made)], made, tmp_path / "first") as parent:
        pid = int(parent.wait_for("ready").split()[1])
        assert servers_on(made) != []
        parent.end(signal.SIGKILL)
        # No pause: the next start waits for the old server to finish.
        server = start(made)
        try:
            assert server.process.pid != pid
            assert ask(server.dsn, "SELECT 1") == 1
        finally:
            server.stop()
    assert servers_on(made) == []


def test_a_killed_server_recovers_what_was_committed(made: Path, account: Account) -> None:
    server = start(made, account)
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.process.kill()
    server.process.wait()
    again = start(made, account)
    try:
        assert ask(again.dsn, "SELECT answer FROM kept") == 42
    finally:
        again.stop()


def test_a_second_server_on_the_same_data_is_refused_and_the_first_is_found(made: Path) -> None:
    server = start(made)
    try:
        with pytest.raises(postgres.ServerBusyError):
            start(made, busy_seconds=0)
        found = postgres.running(made)
        assert found is not None
        assert ask(found, "SELECT 1") == 1
    finally:
        server.stop()
    assert postgres.running(made) is None


def test_files_that_name_a_process_which_is_something_else_by_now_do_no_harm(made: Path) -> None:
    server = start(made)
    server.process.kill()
    server.process.wait()
    stale = made / "postgres" / "postmaster.pid"
    lines = stale.read_text().splitlines()
    # A live process of the same account, as it happens when a container starts again.
    stale.write_text("\n".join([str(os.getpid()), *lines[1:7], "ready", ""]))
    (server.socket / f"{postgres.SOCKET_NAME}.lock").write_text(f"{os.getpid()}\n")
    # The killed server's own children take a moment to notice.
    until(lambda: postgres.running(made) is None)
    again = start(made)
    try:
        assert ask(again.dsn, "SELECT 1") == 1
    finally:
        again.stop()


def test_long_paths_and_paths_with_spaces_are_fine(root: Path, account: Account) -> None:
    server = start(root / ("långt namn med mellanslag " * 4) / ("x" * 120), account)
    try:
        assert len(os.fsencode(server.socket / postgres.SOCKET_NAME)) <= 107
        assert ask(server.dsn, "SELECT 1") == 1
    finally:
        server.stop()


def test_a_directory_that_only_we_can_enter_is_enough_and_stays_closed(
    root: Path, account: Account
) -> None:
    closed = root / "closed"
    closed.mkdir(parents=True, mode=0o700)
    server = start(closed / "data", account)
    try:
        assert ask(server.dsn, "SELECT 1") == 1
        assert server.account.enters_everywhere == account.is_other
    finally:
        server.stop()
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == os.geteuid()


def test_a_server_of_another_account_ends_with_its_parent_too(
    root: Path, account: Account, tmp_path: Path
) -> None:
    closed = root / "closed"
    closed.mkdir(parents=True, mode=0o700)
    script = START_AND_WAIT.replace(
        "server = ",
        "from kupong.boot import account\n"
        f"who = account.choose(lambda: {not account.is_other})\n"
        "server = ",
    ).replace('",))', '",), account=who)')
    with running(["-c", script, str(closed)], closed, tmp_path / "run") as parent:
        parent.wait_for("ready")
        assert servers_on(closed) != []
        parent.end(signal.SIGKILL)
        until(lambda: not servers_on(closed), seconds=15)


def test_an_account_that_cannot_reach_the_data_is_told_in_one_line(root: Path) -> None:
    other = Account(os.geteuid() + 4711, os.getegid() + 4711, "somebody")
    with pytest.raises(OutsideError, match=r"^[^\n]*'somebody' cannot reach [^\n]*missing[^\n]*$"):
        accounts.able_to_reach(other, [root / "missing"])


def test_a_first_start_that_was_cut_off_is_begun_again(root: Path) -> None:
    (root / "postgres.new" / "base").mkdir(parents=True)
    server = start(root)
    try:
        assert ask(server.dsn, "SELECT 1") == 1
    finally:
        server.stop()
    assert not (root / "postgres.new").exists()


def test_a_directory_with_something_else_in_it_is_left_alone(root: Path) -> None:
    (root / "postgres").mkdir(parents=True)
    (root / "postgres" / "letter.txt").write_text("dear …")
    with pytest.raises(OutsideError, match="not a PostgreSQL data directory"):
        start(root)
    assert (root / "postgres" / "letter.txt").read_text() == "dear …"


def test_data_of_another_version_is_refused_with_the_servers_own_words(made: Path) -> None:
    (made / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(OutsideError, match=r"did not start: .*version"):
        start(made)


def test_a_socket_directory_that_others_can_enter_is_not_used(made: Path) -> None:
    directory = postgres.socket_directory(made)
    directory.mkdir()
    directory.chmod(0o777)
    server = start(made)
    try:
        assert server.socket.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()


def test_a_start_waits_until_a_former_server_has_let_go(made: Path) -> None:
    lock = os.open(made / "postgres.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    threading.Timer(0.5, os.close, [lock]).start()
    server = start(made, busy_seconds=30)
    try:
        assert ask(server.dsn, "SELECT 1") == 1
    finally:
        server.stop()


def test_the_tools_beside_the_server_are_of_its_version() -> None:
    for program in ("initdb", "postgres", "psql", "pg_dump", "pg_restore"):
        assert (postgres.programs() / program).exists()


def test_nothing_is_left_running_or_lying_about(made: Path) -> None:
    server = start(made)
    backends = servers_on(made)
    server.stop()
    until(lambda: not servers_on(made))
    assert server.process.pid in backends
    assert not server.socket.exists()
