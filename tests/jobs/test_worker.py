"""The worker as a real process: it takes jobs, is stopped, is killed, and the next one takes up what it left."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app

from kupong.jobs import tasks
from tests.boot.processes import Process, running, until

WORKER = """
import os, sys, time
from pathlib import Path
from procrastinate import JobContext, RetryStrategy
from procrastinate.exceptions import JobAborted
from kupong.boot.database import connect_django
connect_django(os.environ["DATABASE_URL"])
from procrastinate.contrib.django import app
from kupong.jobs import tasks, worker
place = Path(sys.argv[1])
tasks.STALLED_AFTER_SECONDS = 2.0

@app.task(name="tests.steps", pass_context=True, retry=RetryStrategy(max_attempts=9))
def steps(context: JobContext) -> None:
    with (place / "runs").open("a") as runs:
        runs.write("run\\n")
    while not (place / "finish").exists():
        if context.should_abort():
            raise JobAborted
        time.sleep(0.05)
    (place / "done").touch()

print("working", flush=True)
worker.run(graceful_seconds=0.5, heartbeat_seconds=0.3)
print("stopped", flush=True)
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_other_job() -> None:
    """Django empties only the tables it manages itself between tests, and these are not among them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@contextmanager
def running_worker(tmp_path: Path, name: str) -> Iterator[Process]:
    found = connection.settings_dict
    query = urlencode({"host": found["HOST"], "port": found["PORT"] or "5432"})
    url = f"postgresql://{found['USER']}:{found['PASSWORD']}@/{found['NAME']}?{query}"
    script = ["-c", WORKER, str(tmp_path)]
    with running(script, tmp_path, tmp_path / name, DATABASE_URL=url) as process:
        process.wait_for("working")
        yield process


def status_of(job: int) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        row = cursor.fetchone()
    return row[0] if row else None


def test_a_job_asked_for_by_name_is_done_and_forgotten(tmp_path: Path) -> None:
    (tmp_path / "finish").touch()
    job = app.configure_task("tests.steps").defer()
    with running_worker(tmp_path, "one") as process:
        until(lambda: status_of(job) is None)
        assert (tmp_path / "done").exists()
        assert process.end(signal.SIGTERM) == 0


def test_a_job_whose_worker_was_killed_is_taken_up_again(tmp_path: Path) -> None:
    job = app.configure_task("tests.steps").defer()
    with running_worker(tmp_path, "killed") as killed:
        until((tmp_path / "runs").exists)
        killed.end(signal.SIGKILL)
    assert status_of(job) == "doing"
    (tmp_path / "finish").touch()
    with running_worker(tmp_path, "next"):
        # The next worker asks for it by itself; nobody defers the revival here.
        until((tmp_path / "done").exists)
        until(lambda: status_of(job) is None)
    assert (tmp_path / "runs").read_text().count("run") == 2


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_stopped_gives_its_job_back_in_time(
    tmp_path: Path, how: signal.Signals
) -> None:
    job = app.configure_task("tests.steps").defer()
    with running_worker(tmp_path, "stopped") as process:
        until((tmp_path / "runs").exists)
        assert process.end(how) == 0
        assert "stopped" in process.said
    assert status_of(job) == "todo"
    assert not (tmp_path / "done").exists()


def test_revival_and_housekeeping_are_asked_for_by_the_clock() -> None:
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic == {
        "jobs.revive_stalled": "* * * * * */15",
        "jobs.housekeeping": "7 * * * *",
        "deliveries.attend": "* * * * *",
    }
    by_the_clock = (tasks.revive_stalled, tasks.housekeeping, tasks.attend_deliveries)
    assert {task.queueing_lock for task in by_the_clock} == {*periodic}


def test_the_jobs_are_found_where_the_settings_say() -> None:
    assert [tasks.__name__] == settings.PROCRASTINATE_IMPORT_PATHS
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "kupong.boot.settings"
