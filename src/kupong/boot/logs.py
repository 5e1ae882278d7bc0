"""Log lines go to standard error: standard output belongs to the answers of commands."""

import logging
import sys

import structlog

from kupong.boot.failures import is_unreachable_database


def configure(level: int = logging.WARNING) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_shorten)
    logging.basicConfig(
        handlers=[handler], level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # The pool tells of every attempt; what came of them is told by whoever needed a connection.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Plain: the renderer's own tracebacks show local variables, which hold keys and whole codes.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _shorten(record: logging.LogRecord) -> bool:
    """A database that is away is no mistake of ours: where in the libraries it was noticed tells nothing."""
    if record.exc_info and is_unreachable_database(record.exc_info[1]):
        record.msg, record.args = " ".join(record.getMessage().split()), ()
        record.exc_info = None
    return True
