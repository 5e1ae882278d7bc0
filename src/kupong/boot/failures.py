"""Failures that a command answers with one line on standard error and an exit code, never with a traceback."""

import sys


class ExpectedError(Exception):
    """An expected failure. The text is one whole line for people."""

    exit_code = 1


class UsageError(ExpectedError):
    """The caller asked for something that cannot be: a bad variable, a second server on the same data."""

    exit_code = 2


class OutsideError(ExpectedError):
    """The outside world failed: no database, no disk, no permission."""

    exit_code = 3


def is_unreachable_database(error: BaseException | None) -> bool:
    """Whether the driver's complaint is behind it. A process without a driver never meets one."""
    kind = getattr(sys.modules.get("psycopg"), "OperationalError", ())
    while error is not None and not isinstance(error, kind):
        error = error.__cause__
    return error is not None
