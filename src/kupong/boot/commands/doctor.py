"""`kupong doctor`: what is configured and what is wrong, in words."""

import platform
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

import kupong
from kupong.boot import configuration as configurations
from kupong.boot.commands.output import print_json, say
from kupong.boot.configuration import Configuration
from kupong.boot.database import OLDEST_SERVER, connect_django, database, one_line
from kupong.boot.failures import ExpectedError

LEAST_FREE_BYTES = 1024**3
STALLED_AFTER_SECONDS = 60.0


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. `ok` false means somebody has to do something; `text` says what."""

    subject: str
    ok: bool
    text: str


def run(ledger: bool, as_json: bool) -> int:
    """Return 0 when all is well and 1 when something is wrong. Errors: UsageError for a bad variable."""
    configuration = configurations.from_environment()
    findings = list(_examine(configuration, ledger))
    well = all(finding.ok for finding in findings)
    if as_json:
        print_json({"ok": well, "findings": findings})
    else:
        for finding in findings:
            say(f"{'ok   ' if finding.ok else 'WRONG'} {finding.subject}: {finding.text}")
    return 0 if well else 1


def _examine(configuration: Configuration, ledger: bool) -> Iterator[Finding]:
    yield Finding(
        "version", True, f"kupong {kupong.__version__}, Python {platform.python_version()}"
    )
    yield from _configuration(configuration)
    yield _disk(configuration.data)
    if configuration.database_url is None and not (configuration.data / "postgres").exists():
        yield Finding("database", True, "not made yet: kupong serve makes it")
        return
    try:
        with database(configuration) as dsn:
            connect_django(dsn)
            yield from _database(ledger)
    except ExpectedError as error:
        yield Finding("database", False, str(error))


def _configuration(configuration: Configuration) -> Iterator[Finding]:
    yield Finding("KUPONG_DATA", True, str(configuration.data))
    url = configuration.database_url
    yield Finding(
        "DATABASE_URL", True, without_secrets(url) if url else "not set: embedded database"
    )
    yield Finding("address", True, configuration.address)
    kept = "set" if configuration.secret else "not set: kept in the data directory"
    yield Finding("KUPONG_SECRET", True, kept)
    server = configuration.mail_server
    text = server.address if server else "not set: deliveries cannot be confirmed"
    yield Finding("KUPONG_SMTP_URL", True, text)


def without_secrets(url: str) -> str:
    """The address as it may be shown: host, port, database and user only."""
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url)
    host = quote(str(parts.get("host") or "localhost"), safe="[]:,")
    port = f":{parts['port']}" if "port" in parts else ""
    return f"postgresql://{parts.get('user', '')}@{host}{port}/{parts.get('dbname', '')}"


def _disk(data: Path) -> Finding:
    place = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1024**3:.1f} GiB free at {place}"
    return Finding("disk", free >= LEAST_FREE_BYTES, text)


def _database(ledger: bool) -> Iterator[Finding]:
    from django.db import DatabaseError

    from kupong.boot.migration import pending

    try:
        yield from _server()
        missing = pending()
        if missing:
            text = f"{len(missing)} to apply: run kupong migrate, or kupong serve"
            yield Finding("migrations", False, text)
            return
        yield Finding("migrations", True, "all applied")
        yield from _jobs()
        yield from _master_data()
        if ledger:
            yield _ledger()
    except DatabaseError as error:
        yield Finding("database", False, one_line(error))


def _server() -> Iterator[Finding]:
    version, user, is_superuser = _row(
        "SELECT current_setting('server_version'), current_user,"
        " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
    )
    new_enough = int(str(version).split(".")[0]) >= OLDEST_SERVER
    yield Finding("database", new_enough, f"answers; PostgreSQL {version}")
    text = "is a superuser: give kupong a role of its own" if is_superuser else "is no superuser"
    yield Finding("role", not is_superuser, f"{user} {text}")


def _jobs() -> Iterator[Finding]:
    workers, waiting, failed = _row(
        "SELECT (SELECT count(*) FROM procrastinate_workers"
        "         WHERE last_heartbeat > now() - make_interval(secs => %s)),"
        "       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
        "          AND (scheduled_at IS NULL OR scheduled_at <= now())),"
        "       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed')",
        [STALLED_AFTER_SECONDS],
    )
    yield Finding("worker", True, f"{workers} running; {waiting} jobs waiting, {failed} failed")
    stalled = _stalled_jobs()
    names = ", ".join(sorted(set(stalled)))
    text = f"{len(stalled)} lost their worker ({names}): a running worker takes them up again"
    yield Finding("stalled jobs", not stalled, text if stalled else "none")


def _stalled_jobs() -> list[str]:
    from asgiref.sync import async_to_sync
    from procrastinate.contrib.django import app

    find = async_to_sync(app.job_manager.get_stalled_jobs)
    return [job.task_name for job in find(seconds_since_heartbeat=STALLED_AFTER_SECONDS)]


def _master_data() -> Iterator[Finding]:
    from kupong.catalog.models import Product
    from kupong.organisation.models import Channel, Parameters

    made = Parameters.objects.exists()
    text = "are set" if made else "are missing: kupong serve makes them"
    yield Finding("parameters", made, text)
    for subject, model in (("channels", Channel), ("products", Product)):
        there = model._default_manager.exists()
        yield Finding(subject, True, "there are some" if there else "none yet: add them by the API")


def _ledger() -> Finding:
    from kupong.redemption import ledger

    differences = ledger.check()
    if not differences:
        return Finding("ledger", True, "the counters of all codes equal their redemptions")
    shown = "; ".join(str(difference) for difference in differences[:5])
    return Finding("ledger", False, f"{len(differences)} differences: {shown}")


def _row(statement: str, parameters: list[Any] | None = None) -> tuple[Any, ...]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or [])
        found: tuple[Any, ...] = cursor.fetchone()
    return found
