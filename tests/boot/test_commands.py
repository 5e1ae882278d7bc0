"""The commands as people type them: what they print, and the exit code."""

import json
from pathlib import Path

import pytest

import kupong
from kupong.boot import postgres
from kupong.boot.commands.doctor import without_secrets
from tests.boot.processes import run, servers_on

KUPONG = ["-m", "kupong"]
UNREACHABLE = "postgresql://me:hush@127.0.0.1:1/kupong"


def test_help_names_every_command_and_loads_no_framework(tmp_path: Path) -> None:
    told = run([*KUPONG, "--help"], tmp_path)
    assert told.returncode == 0
    for command in ("serve", "demo", "worker", "migrate", "check", "quote", "doctor", "api-key"):
        assert f" {command} " in told.stdout
    script = (
        "import sys, kupong.boot.main\n"
        "print([name for name in ('django', 'litestar', 'psycopg') if name in sys.modules])"
    )
    assert run(["-c", script], tmp_path).stdout == "[]\n"


@pytest.mark.parametrize(
    "arguments",
    [["fly"], ["check"], ["serve", "--fast"], ["api-key", "create"], ["doctor", "now"]],
)
def test_what_cannot_be_meant_is_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    told = run([*KUPONG, *arguments], tmp_path)
    assert told.returncode == 2
    assert told.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "doctor", "sign-in-link"])
def test_a_wrong_variable_is_named_in_one_line(command: str, tmp_path: Path) -> None:
    told = run([*KUPONG, command], tmp_path, KUPONG_PORT="none")
    assert told.returncode == 2
    assert told.stderr == "kupong: KUPONG_PORT: 'none' is not a port between 1 and 65535\n"


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_a_database_that_does_not_answer_is_told_in_one_line(command: str, tmp_path: Path) -> None:
    told = run([*KUPONG, command], tmp_path, DATABASE_URL=UNREACHABLE, KUPONG_PORT="18999")
    assert told.returncode == 3
    assert told.stderr.startswith("kupong: DATABASE_URL: ")
    assert told.stderr.count("\n") == 1
    assert "hush" not in told.stderr


def test_the_doctor_tells_what_is_wrong_and_shows_no_password(tmp_path: Path) -> None:
    told = run([*KUPONG, "doctor"], tmp_path, DATABASE_URL=UNREACHABLE, KUPONG_SECRET="s" * 40)
    assert told.returncode == 1
    assert "WRONG database: " in told.stdout
    assert f"kupong {kupong.__version__}, Python 3." in told.stdout
    assert "postgresql://me@127.0.0.1:1/kupong" in told.stdout
    assert "hush" not in told.stdout
    assert "ssss" not in told.stdout


def test_the_doctor_makes_nothing_where_nothing_is(tmp_path: Path) -> None:
    told = run([*KUPONG, "doctor", "--json"], tmp_path / "empty")
    assert told.returncode == 0
    assert json.loads(told.stdout)["ok"] is True
    assert not (tmp_path / "empty").exists()


def test_migrate_says_what_it_did_and_is_done_the_second_time(tmp_path: Path) -> None:
    first = json.loads(run([*KUPONG, "migrate", "--json"], tmp_path).stdout)["applied"]
    assert "organisation.0001_initial" in first
    assert json.loads(run([*KUPONG, "migrate", "--json"], tmp_path).stdout)["applied"] == []
    # The server was started for the command and ended with it.
    assert servers_on(tmp_path) == []


def test_commands_share_a_server_of_another_process_and_leave_it_running(tmp_path: Path) -> None:
    server = postgres.start(tmp_path, ("fsync=off",))
    try:
        before = run([*KUPONG, "doctor"], tmp_path)
        assert before.returncode == 1
        assert "WRONG migrations: " in before.stdout
        assert run([*KUPONG, "migrate"], tmp_path).returncode == 0
        refused = run([*KUPONG, "api-key", "create", "--role", "channel"], tmp_path)
        assert refused.returncode == 1
        assert refused.stderr == "kupong: --role, --channel: missing (field channel)\n"
        wrong = run([*KUPONG, "api-key", "create", "--role", "king"], tmp_path)
        assert wrong.returncode == 2
        assert wrong.stderr.startswith("kupong: --role: one of administrator, channel, public")
        assert server.alive()
    finally:
        server.stop()


def test_a_superuser_is_found_to_be_too_much(tmp_path: Path) -> None:
    server = postgres.start(tmp_path, ("fsync=off",))
    try:
        url = postgres.address(tmp_path, role=postgres.SUPERUSER, socket=server.socket)
        told = run([*KUPONG, "doctor"], tmp_path, DATABASE_URL=url)
        assert "WRONG role: postgres is a superuser" in told.stdout
    finally:
        server.stop()


def test_a_data_directory_that_cannot_be_used_is_named_in_one_line() -> None:
    told = run([*KUPONG, "migrate"], Path("/proc/kupong"))
    assert told.returncode == 3
    assert told.stderr.startswith("kupong: KUPONG_DATA: ")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgresql://me:hush@db.example.com:6543/shop",
            "postgresql://me@db.example.com:6543/shop",
        ),
        ("postgresql://me@/shop?host=/run/pg&password=hush", "postgresql://me@%2Frun%2Fpg/shop"),
        ("postgresql:///shop", "postgresql://@localhost/shop"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
