"""The analysis of a delivery: whom it reaches, whether the codes suffice, its messages with their codes.

One transaction of set-based SQL. What comes of it is either a delivery that is ready, every message with
its code, or one that holds nothing: an analysis that fails, is stopped or is killed reserves no code.
"""

from datetime import datetime
from typing import Any

import msgspec
from django.db import OperationalError, connection, transaction

from kupong.campaigns import issues, journal
from kupong.campaigns.assignment import Balance, assign_individual, assign_shared
from kupong.campaigns.content import Content, content_problems, coupon_problems, read_content
from kupong.campaigns.journal import Entry, note
from kupong.campaigns.life import step
from kupong.campaigns.log_texts import Note
from kupong.campaigns.models import Delivery
from kupong.campaigns.rules import CAUSES, RULES
from kupong.campaigns.statements import execute
from kupong.campaigns.states import Event, State
from kupong.coupons.models import Coupon
from kupong.kernel.reasons import Reason, Refused
from kupong.work.jobs import close_job, start_job

_LOCKS = 0x4B44  # the first half of the key space of our advisory locks on analyses


class Stopped(Exception):
    """Somebody stopped this analysis while it ran."""


class Found(msgspec.Struct):
    """What an analysis finds, as far as it came. Any problem means that nothing is kept of it."""

    problems: list[Refused] = []
    entries: list[Entry] = []
    excluded: dict[str, int] = {}
    balance: Balance = Balance(need=0, have=0)
    to_send: int = 0

    @property
    def figures(self) -> dict[str, Any]:
        balance = self.balance
        return {
            "need": balance.need,
            "have": balance.have,
            "short": balance.short,
            "to_send": self.to_send,
            "excluded": self.excluded,
        }


def analyse(company_id: int, delivery_id: int, job_id: int, now: datetime) -> None:
    """Carry out the analysis that this job was opened for, unless it is over. Safe to repeat.

    An error that is not the database's being away ends the analysis as failed, and is raised again.
    """
    try:
        _analyse(company_id, delivery_id, job_id, now)
    except OperationalError:
        raise
    except Exception:
        _break_off(company_id, delivery_id, job_id, now)
        raise


def _analyse(company_id: int, delivery_id: int, job_id: int, now: datetime) -> None:
    with transaction.atomic():
        delivery = _held(company_id, delivery_id)
        if delivery is None or delivery.job_no != job_id:
            return
        if delivery.state not in (State.ANALYSING, State.DRAFT):
            return
        start_job(company_id, delivery.job_no)
        entries = _recycled(delivery, now)
        try:
            with transaction.atomic():
                _watch(delivery)
                found = _find(delivery, now)
                _keep(delivery, found, entries, now)
        except _NothingKept as over:
            _fail(delivery, over.found, entries, now)
        except Stopped:
            _stop(delivery, entries, now)


class _NothingKept(Exception):
    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found


def _held(company_id: int, delivery_id: int) -> Delivery | None:
    """The delivery as it is; no other analysis of it runs until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCKS, delivery_id % 2**31))
    return Delivery.objects.filter(company_id=company_id, id=delivery_id).first()


def _recycled(delivery: Delivery, now: datetime) -> list[Entry]:
    count = issues.recycle(delivery, now)
    return [note(Note.RECYCLED, count=count)] if count else []


def _watch(delivery: Delivery) -> None:
    """Errors: Stopped."""
    rows = Delivery.objects.filter(company_id=delivery.company_id, id=delivery.id)
    if not rows.filter(state=State.ANALYSING, job_no=delivery.job_no).exists():
        raise Stopped


def _find(delivery: Delivery, now: datetime) -> Found:
    """Who gets a message and with which code, written to the temporary table analysis_target."""
    found = Found(excluded=dict.fromkeys(CAUSES, 0))
    coupon = _held_coupon(delivery)
    content = read_content(delivery, coupon)
    at = delivery.contact_date or now
    found.problems = content_problems(delivery, content) + coupon_problems(coupon, at)
    if found.problems or isinstance(content, list):
        return found
    _target(delivery, found)
    _watch(delivery)
    if not found.to_send:
        found.problems.append(Refused(Reason.NO_RECIPIENTS))
    elif coupon is not None:
        _assign(coupon, content, at, found)
    _watch(delivery)
    return found


def _held_coupon(delivery: Delivery) -> Coupon | None:
    """Hold the coupon, so that no other analysis counts the codes that this one is about to take."""
    rows = Coupon.objects.select_for_update(no_key=True)
    return rows.filter(company_id=delivery.company_id, id=delivery.coupon_id or 0).first()


def _target(delivery: Delivery, found: Found) -> None:
    figures = {
        "company": delivery.company_id,
        "delivery": delivery.id,
        "everybody": delivery.target == Delivery.Target.ALL,
        "seed": delivery.seed,
        "limit": delivery.limit,
    }
    execute("DROP TABLE IF EXISTS analysis_target", {})
    execute(_TARGET, figures)
    targeted = execute(_FILL_TARGET, figures)
    execute("ANALYZE analysis_target", {})
    found.entries.append(note(Note.TARGETED, count=targeted))
    for rule in RULES:
        out = execute(_EXCLUDE.format(where=rule.where), figures | {"cause": rule.key})
        found.excluded[rule.key] = out
        if out:
            found.entries.append(note(Note(rule.key), count=out))
    found.to_send = targeted - sum(found.excluded.values())


def _assign(coupon: Coupon, content: Content, at: datetime, found: Found) -> None:
    if not content.uses_code:
        unused = Refused(Reason.COUPON_UNUSED, {"by": coupon.number})
        found.entries.append(journal.warning(unused))
        return
    if coupon.status != Coupon.Status.ACTIVE:
        inactive = Refused(Reason.COUPON_NOT_ACTIVE, {"by": coupon.number})
        found.entries.append(journal.warning(inactive))
    if coupon.kind == Coupon.Kind.ANONYMOUS:
        found.entries.append(note(Note.SHARED_CODE))
        if assign_shared(coupon):
            return
        found.balance = Balance(need=1, have=0)
    else:
        found.balance = assign_individual(coupon, at)
        need, have = found.balance.need, found.balance.have
        if not found.balance.short:
            found.entries.append(note(Note.ENOUGH_CODES, need=need, have=have))
    if found.balance.short:
        short = msgspec.to_builtins(found.balance) | {"short": found.balance.short}
        found.problems.append(Refused(Reason.NOT_ENOUGH_CODES, short))


def _keep(delivery: Delivery, found: Found, entries: list[Entry], now: datetime) -> None:
    """Write the messages and their issues; ready, unless it was stopped just now.

    Errors: _NothingKept when there are problems, Stopped.
    """
    if found.problems:
        raise _NothingKept(found)
    # The references of a million messages are checked statement by statement, not kept for the end.
    execute("SET CONSTRAINTS ALL IMMEDIATE", {})
    execute(_MESSAGES, {"company": delivery.company_id, "delivery": delivery.id})
    if found.balance.need:
        issues.assign(delivery, now)
    if not step(delivery, Event.ANALYSED, State.READY, job_no=None, **found.figures):
        raise Stopped
    done = note(Note.ANALYSED, count=found.to_send)
    journal.write(delivery.company_id, delivery.id, [*entries, *found.entries, done], now)
    close_job(
        delivery.company_id, delivery.job_no, done=found.to_send, result=_result(delivery, found)
    )


def _fail(delivery: Delivery, found: Found, entries: list[Entry], now: datetime) -> None:
    fell = step(delivery, Event.FELL_THROUGH, State.ANALYSIS_FAILED, job_no=None, **found.figures)
    if not fell:
        _stop(delivery, entries, now)
        return
    errors = [journal.error(problem) for problem in found.problems]
    journal.write(delivery.company_id, delivery.id, [*entries, *found.entries, *errors], now)
    close_job(delivery.company_id, delivery.job_no, "failed", result=_result(delivery, found))


def _stop(delivery: Delivery, entries: list[Entry], now: datetime) -> None:
    """It is a draft already; that the job is over is still to be said."""
    rows = Delivery.objects.filter(company_id=delivery.company_id, id=delivery.id)
    rows.filter(job_no=delivery.job_no).update(job_no=None)
    stopped = note(Note.ANALYSIS_STOPPED)
    journal.write(delivery.company_id, delivery.id, [*entries, stopped], now)
    close_job(delivery.company_id, delivery.job_no, "cancelled")


def _break_off(company_id: int, delivery_id: int, job_id: int, now: datetime) -> None:
    with transaction.atomic():
        delivery = _held(company_id, delivery_id)
        if delivery is None or delivery.job_no != job_id:
            return
        entries = _recycled(delivery, now)
        if step(delivery, Event.FELL_THROUGH, State.ANALYSIS_FAILED, job_no=None):
            broken = note(Note.ANALYSIS_BROKE_OFF, "error")
            journal.write(company_id, delivery_id, [*entries, broken], now)
        close_job(company_id, delivery.job_no, "failed")


def _result(delivery: Delivery, found: Found) -> dict[str, Any]:
    return {"delivery": delivery.number} | found.figures


_TARGET = """
CREATE TEMPORARY TABLE analysis_target (
    customer_id bigint, number text, address text, opted_out boolean, cause text, code_id bigint
) ON COMMIT DROP
"""

_FILL_TARGET = """
INSERT INTO analysis_target (customer_id, number, address, opted_out)
SELECT c.id, c.number, lower(btrim(c.email)), c.email_opt_out
FROM customers_customer c
WHERE c.company_id = %(company)s AND (%(everybody)s OR EXISTS (
    SELECT FROM campaigns_deliverytarget t
    WHERE (t.company_id, t.delivery_id, t.customer_id) = (c.company_id, %(delivery)s, c.id)))
"""

_EXCLUDE = "UPDATE analysis_target t SET cause = %(cause)s WHERE t.cause IS NULL AND {where}"

_MESSAGES = """
INSERT INTO campaigns_message (company_id, delivery_id, customer_id, address, status, code_id)
SELECT %(company)s, %(delivery)s, customer_id, address, 'pending', code_id
FROM analysis_target WHERE cause IS NULL ORDER BY customer_id
"""
