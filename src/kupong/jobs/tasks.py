"""The background jobs by name. Every job is safe to repeat: a worker that was killed runs it again.

A job that goes over many rows keeps its progress in its own row and asks `context.should_abort()` on every
chunk: a worker that stops cannot end a job that never asks.
"""

import time

from procrastinate import JobContext, RetryStrategy
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


# A delivery sends for so long before other jobs have their turn.
TURN_SECONDS = 15.0


@app.task(name="deliveries.analyse", retry=RetryStrategy(max_attempts=5, wait=5))
def analyse_delivery(company: int, delivery: int, job: int) -> None:
    """Find out whom a delivery reaches, and reserve the codes."""
    from kupong.campaigns import analysis, sending

    analysis.analyse(company, delivery, job, sending.utc_now())


@app.task(name="deliveries.send", pass_context=True, retry=RetryStrategy(max_attempts=5, wait=5))
def send_delivery(context: JobContext, company: int, delivery: int) -> None:
    """Send what is pending, for one turn; ask for the next one when something is left."""
    from kupong.campaigns import sending
    from kupong.work.jobs import ask

    over = time.monotonic() + TURN_SECONDS
    turn = sending.send(
        company,
        delivery,
        sending.utc_now,
        lambda: time.monotonic() < over and not context.should_abort(),
    )
    if turn.again is not None:
        ask("deliveries.send", schedule_at=turn.again, company=company, delivery=delivery)


@app.periodic(cron="* * * * *")
@app.task(name="deliveries.attend", queueing_lock="deliveries.attend")
def attend_deliveries(timestamp: int) -> int:
    """Ask again for jobs of deliveries that got lost. Returns for how many."""
    from kupong.campaigns import sending, service

    return service.attend_again(sending.utc_now())
