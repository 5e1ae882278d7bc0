"""Real processes for tests: started, watched and ended by their number."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 60.0


def environment(data: Path, **more: str) -> dict[str, str]:
    """Ours, without what a test run itself has set."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KUPONG_", "DATABASE_", "DJANGO_", "PYTEST_", "XDG_"))
    }
    return kept | {"KUPONG_DATA": str(data)} | more


class Process:
    """A child whose two outputs go to files, so that it never waits for a reader."""

    def __init__(self, arguments: list[str], data: Path, place: Path, **more: str) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self.out = place / "out"
        self.err = place / "err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.child = subprocess.Popen(
                [sys.executable, *arguments],
                env=environment(data, **more),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=place,
            )

    @property
    def said(self) -> str:
        return self.out.read_text()

    @property
    def complained(self) -> str:
        return self.err.read_text()

    def wait_for(self, text: str) -> str:
        """The first whole line on standard output that holds the text."""

        def line() -> str | None:
            lines = [each for each in self.said.splitlines(keepends=True) if each.endswith("\n")]
            return next((each.strip() for each in lines if text in each), None)

        until(lambda: line() is not None or self.child.poll() is not None)
        found = line()
        assert found is not None, f"{text!r} was not said: {self.said} {self.complained}"
        return found

    def end(self, how: signal.Signals) -> int:
        self.child.send_signal(how)
        return self.child.wait(PATIENCE_SECONDS)


@contextmanager
def running(arguments: list[str], data: Path, place: Path, **more: str) -> Iterator[Process]:
    process = Process(arguments, data, place, **more)
    try:
        yield process
    finally:
        if process.child.poll() is None:
            process.child.kill()
            process.child.wait()
        until(lambda: not servers_on(data))


def run(arguments: list[str], data: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment(data, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def servers_on(data: Path) -> list[int]:
    """The processes that run `postgres` on this data directory: their command line names it."""
    return [
        pid
        for pid, words in _commands()
        if words[0].endswith("/postgres") and str(data / "postgres") in words
    ]


def children_of(parent: int, word: str) -> list[int]:
    found = []
    for pid, words in _commands():
        stat = _read(Path(f"/proc/{pid}/stat"))
        if word in words and stat and int(stat.rsplit(")", 1)[1].split()[1]) == parent:
            found.append(pid)
    return found


def is_alive(pid: int) -> bool:
    stat = _read(Path(f"/proc/{pid}/stat"))
    return bool(stat) and stat.rsplit(")", 1)[1].split()[0] not in ("Z", "X")


def until(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _commands() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            command = _read(entry / "cmdline")
            if command:
                yield int(entry.name), command.rstrip("\0").split("\0")


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
