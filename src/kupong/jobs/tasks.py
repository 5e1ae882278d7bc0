"""The background jobs by name. Every job is safe to repeat: a worker that was killed runs it again.

A job that goes over many rows keeps its progress in its own row and asks `context.should_abort()` on every
chunk: a worker that stops cannot end a job that never asks.
"""

from procrastinate import JobContext
from procrastinate.contrib.django import app

# A worker tells that it lives every ten seconds.
STALLED_AFTER_SECONDS = 30.0


@app.periodic(cron="* * * * * */15")
@app.task(
    name="jobs.revive_stalled", queueing_lock="jobs.revive_stalled", pass_context=True, priority=10
)
async def revive_stalled(context: JobContext, timestamp: int) -> int:
    """Put jobs back whose worker was killed. Returns how many."""
    manager = context.app.job_manager
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS))
    for job in stalled:
        await manager.retry_job(job)
    return len(stalled)


@app.periodic(cron="7 * * * *")
@app.task(name="jobs.housekeeping", queueing_lock="jobs.housekeeping", retry=2)
def housekeeping(timestamp: int) -> None:
    """Remove what is kept for a time only: idempotency keys, events that were told, jobs that are done."""
    from kupong.work import service

    service.purge()
