"""What the demonstration has done so far, kept in a job row, so that a second start goes on from there."""

from typing import Any

from django.db import transaction

from kupong.work.models import Job

LOAD, REPLAY = "demo.load", "demo.replay"


def open_journal(company_id: int, name: str) -> Job:
    """The one job of this name: found, or made when this is the first start."""
    with transaction.atomic():
        job = Job.objects.filter(company_id=company_id, name=name).order_by("id").first()
        return job or Job.objects.create(
            company_id=company_id, name=name, state=Job.State.RUNNING, result={}
        )


def locked(job: Job) -> Job:
    """The row as it is now, held until the transaction ends: of two loaders one waits for the other."""
    return Job.objects.select_for_update().get(pk=job.pk)


def noted(job: Job) -> dict[str, Any]:
    return job.result or {}


def note(
    job: Job, *, done: int, total: int, result: dict[str, Any], finished: bool = False
) -> None:
    job.done, job.total, job.result = done, total, result
    job.state = Job.State.DONE if finished else Job.State.RUNNING
    job.save(update_fields=["done", "total", "result", "state", "updated_at"])


def finished(job: Job) -> bool:
    return job.state == Job.State.DONE
