"""`kupong serve` and `kupong demo`."""

import contextlib
import os
import sys
import threading
from pathlib import Path

from kupong.boot import configuration, logs
from kupong.boot.commands.output import print_json, say, say_aside
from kupong.boot.failures import OutsideError
from kupong.boot.serving import Announcement, serve

LAST_PATIENCE_SECONDS = 3.0


def run(as_json: bool) -> None:
    logs.configure()
    serve(
        configuration.from_environment(),
        say_aside if as_json else say,
        print_json if as_json else announce,
    )
    _leave_no_thread_waiting()


def run_demo(as_json: bool) -> None:
    logs.configure()

    def load(data: Path) -> str:
        with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
            return load_demo(data)

    serve(
        configuration.from_environment(),
        say_aside if as_json else say,
        print_json if as_json else announce,
        load,
    )
    _leave_no_thread_waiting()


def announce(announcement: Announcement) -> None:
    say(f"Kupong is at {announcement.address}")
    if announcement.sign_in is not None:
        say(f"Sign in, once, as administrator: {announcement.sign_in}")


def load_demo(data: Path) -> str:
    try:
        from kupong.demo.run import load_and_replay
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("kupong"):
            raise
        raise OutsideError(
            f"the real data set needs the extra packages of kupong[demo]: {error.name} is missing"
        ) from error
    return load_and_replay(data)


def _leave_no_thread_waiting() -> None:
    """A page that was cut off may leave its thread waiting for a loop that is gone: do not wait with it."""
    sys.stdout.flush()
    sys.stderr.flush()
    watch = threading.Timer(LAST_PATIENCE_SECONDS, os._exit, [0])
    watch.daemon = True
    watch.start()
