"""Asking for background work by name, and the row in which a piece of it can be watched."""

from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app

from kupong.work.models import Job

SOON, USUAL = 10, 0


def ask(
    name: str, *, schedule_at: datetime | None = None, priority: int = USUAL, **arguments: Any
) -> None:
    """Have the job of this name run, now or at `schedule_at`; asked for only if the transaction commits."""
    app.configure_task(name, schedule_at=schedule_at, priority=priority).defer(**arguments)


def open_job(company_id: int, name: str) -> int:
    """A row for a piece of work that was asked for; `close_job` ends it."""
    return Job.objects.create(company_id=company_id, name=name).id


def start_job(company_id: int, job_id: int | None) -> None:
    _change(company_id, job_id, state=Job.State.RUNNING)


def close_job(
    company_id: int,
    job_id: int | None,
    state: str = Job.State.DONE,
    done: int = 0,
    result: Any = None,
) -> None:
    """The last word of a job that has not ended otherwise. `state` is done, failed or cancelled."""
    _change(company_id, job_id, state=state, done=done, total=done, result=result)


def _change(company_id: int, job_id: int | None, **fields: Any) -> None:
    from django.utils import timezone

    open_ones = Job.objects.filter(
        company_id=company_id, id=job_id or 0, state__in=[Job.State.QUEUED, Job.State.RUNNING]
    )
    open_ones.update(updated_at=timezone.now(), **fields)
