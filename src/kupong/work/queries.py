"""Reads of work, for the rooms above."""

from typing import Any, Literal

import msgspec

from kupong.work.models import Job

State = Literal["queued", "running", "done", "failed", "cancelled"]


class JobRecord(msgspec.Struct, kw_only=True):
    """A piece of long work. `total` is not known at first; `errors_url` leads to what was rejected."""

    id: str
    name: str
    state: State
    done: int
    total: int | None
    failed: int
    result: Any
    errors_url: str | None


def job(company_id: int, identity: int) -> JobRecord | None:
    row = Job.objects.filter(company_id=company_id, id=identity).first()
    if row is None:
        return None
    return JobRecord(
        id=str(row.id),
        name=row.name,
        state=row.state,  # type: ignore[arg-type]  # the column holds no other
        done=row.done,
        total=row.total,
        failed=row.failed,
        result=row.result,
        errors_url=None,
    )
