"""The sending of a delivery, chunk by chunk, each in a transaction of its own; safe to repeat at any point.

A chunk of pending messages is locked, handed over and written. A worker that is killed in between leaves
its chunk pending: the next worker hands the same messages over again, with the same codes.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from kupong.campaigns import issues, journal
from kupong.campaigns.channels import CHANNELS
from kupong.campaigns.channels.channel import Connection, Handover, Parcel, Result, Trouble
from kupong.campaigns.content import Content, Recipient, read_content
from kupong.campaigns.journal import Entry, note
from kupong.campaigns.life import ATTENDED, attend, step
from kupong.campaigns.log_texts import Note
from kupong.campaigns.models import Delivery, Message
from kupong.campaigns.statements import execute, fetch
from kupong.campaigns.states import Event, State
from kupong.coupons.models import Coupon
from kupong.kernel.reasons import Reason, Refused

CHUNK = 50
# After each of these a message is tried again; after the last it has failed.
RETRY_AFTER = [timedelta(minutes=minutes) for minutes in (1, 10, 60, 240)]
# How long to wait for a server that cannot be reached, from failure to failure; then the delivery fails.
SERVER_AFTER = [timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300, 900, 1800, 3600)]

Clock = Callable[[], datetime]


class Turn(msgspec.Struct, frozen=True):
    """How a turn at sending ended: `again` says when to go on, None that there is nothing left to do."""

    again: datetime | None = None


def send(
    company_id: int, delivery_id: int, clock: Clock, go_on: Callable[[], bool] = lambda: True
) -> Turn:
    """Do what the delivery's state asks for, until nothing is left or `go_on` says no.

    Sends what is pending, or cancels it when the delivery is being stopped; in any other state nothing.
    """
    while True:
        delivery = Delivery.objects.filter(company_id=company_id, id=delivery_id).first()
        turn = _next(delivery, clock, go_on) if delivery else Turn()
        if turn is not None:
            return turn
        if not go_on():
            return Turn(clock())


def _next(delivery: Delivery, clock: Clock, go_on: Callable[[], bool]) -> Turn | None:
    """One step; None when another should follow."""
    now = clock()
    state = State(delivery.state)
    if state == State.STOPPING:
        _wind_up(delivery, now)
        return Turn()
    if state == State.WAITING:
        if delivery.contact_date is not None and delivery.contact_date > now:
            return Turn(delivery.contact_date)
        _begin(delivery, now)
        return None
    if state != State.SENDING:
        return Turn()
    return _send_chunk(delivery, clock, go_on)


def _begin(delivery: Delivery, now: datetime) -> None:
    with transaction.atomic():
        if step(delivery, Event.DUE, State.SENDING, attended_until=now + ATTENDED):
            journal.write(delivery.company_id, delivery.id, [note(Note.SENDING)], now)


class _Due(msgspec.Struct, frozen=True):
    """A message that is about to be handed over."""

    id: int
    recipient: Recipient
    attempts: int
    code: str | None
    voided: bool


class _Outcome(msgspec.Struct, frozen=True):
    message: _Due
    status: Message.Status
    cause: str = ""
    answer: str = ""
    retry_at: datetime | None = None


def _send_chunk(delivery: Delivery, clock: Clock, go_on: Callable[[], bool]) -> Turn | None:
    try:
        content = _content(delivery)
        with transaction.atomic():
            due = _claim(delivery, clock())
            if not due:
                return _nothing_due(delivery, clock())
            trouble = _hand_over_all(delivery, content, due, clock, go_on)
    except Trouble as error:
        trouble = error
    return _troubled(delivery, trouble, clock()) if trouble else None


def _content(delivery: Delivery) -> Content:
    coupons = Coupon.objects.filter(company_id=delivery.company_id, id=delivery.coupon_id or 0)
    content = read_content(delivery, coupons.first())
    if isinstance(content, list):
        raise Trouble(", ".join(problem.reason for problem in content), lasting=True)
    return content


def _claim(delivery: Delivery, now: datetime) -> list[_Due]:
    figures = _of(delivery) | {"now": now, "most": CHUNK}
    return [
        _Due(
            id=identity,
            recipient=Recipient(number, first_name, name, address),
            attempts=attempts,
            code=code,
            voided=voided,
        )
        for identity, number, first_name, name, address, attempts, code, voided in fetch(
            _CLAIM, figures
        )
    ]


def _hand_over_all(
    delivery: Delivery,
    content: Content,
    due: Sequence[_Due],
    clock: Clock,
    go_on: Callable[[], bool],
) -> Trouble | None:
    """Hand over what can be, and write what became of it. Errors: Trouble when there is no connection."""
    outcomes: list[_Outcome] = []
    trouble = None
    with CHANNELS[delivery.channel].connection() as connection:
        for message in due:
            if not go_on():
                break
            try:
                outcomes.append(_hand_over(delivery, content, message, connection, clock()))
            except Trouble as error:
                trouble = error
                break
    _write(delivery, outcomes, clock())
    return trouble


def _hand_over(
    delivery: Delivery, content: Content, message: _Due, connection: Connection, now: datetime
) -> _Outcome:
    if message.voided:
        return _Outcome(message, Message.Status.FAILED, "voided")
    composed = content.compose(message.recipient, message.code)
    if isinstance(composed, Refused):
        return _Outcome(message, Message.Status.FAILED, "template", str(composed.detail))
    parcel = Parcel(
        sender=delivery.sender,
        address=message.recipient.email,
        subject=composed.subject,
        html=composed.html,
        text=composed.text,
        reference=f"kupong.{delivery.company_id}.{delivery.id}.{message.id}",
    )
    return _judged(message, connection.hand_over(parcel), now)


def _judged(message: _Due, handover: Handover, now: datetime) -> _Outcome:
    answer = handover.answer
    if handover.result == Result.SENT:
        return _Outcome(message, Message.Status.SENT)
    if handover.result in (Result.REFUSED, Result.BAD_ADDRESS):
        return _Outcome(message, Message.Status.FAILED, handover.result, answer)
    if message.attempts >= len(RETRY_AFTER):
        return _Outcome(message, Message.Status.FAILED, "gave_up", answer)
    retry_at = now + RETRY_AFTER[message.attempts]
    return _Outcome(message, Message.Status.PENDING, answer=answer, retry_at=retry_at)


def _write(delivery: Delivery, outcomes: Sequence[_Outcome], now: datetime) -> None:
    """Set-based: one statement for the messages, one for the live issues, one for their history."""
    if not outcomes:
        return
    figures = _of(delivery) | {
        "now": now,
        "ids": [one.message.id for one in outcomes],
        "statuses": [str(one.status) for one in outcomes],
        "causes": [str(one.cause) for one in outcomes],
        "answers": [one.answer for one in outcomes],
        "retries": [one.retry_at for one in outcomes],
    }
    execute(_WRITE, figures)
    became = {Message.Status.SENT: "sent", Message.Status.FAILED: "undelivered"}
    gone = [one for one in outcomes if one.status in became]
    ids = [one.message.id for one in gone]
    issues.settle(delivery, ids, [became[one.status] for one in gone], now)
    rows = Delivery.objects.filter(company_id=delivery.company_id, id=delivery.id)
    rows.update(attended_until=now + ATTENDED, server_failures=0)


def _nothing_due(delivery: Delivery, now: datetime) -> Turn:
    """Finished, or waiting for messages that are to be tried again."""
    ((pending, retry_at, sent, failed),) = fetch(_STANDING, _of(delivery))
    if pending:
        # Without a time they are in the hands of another worker.
        again = max(retry_at or now + ATTENDED, now)
        attend(delivery, again + ATTENDED)
        return Turn(again)
    if step(delivery, Event.DONE, State.FINISHED, attended_until=None):
        done = note(Note.FINISHED, sent=sent, failed=failed)
        journal.write(delivery.company_id, delivery.id, [done], now)
    return Turn()


def _troubled(delivery: Delivery, trouble: Trouble, now: datetime) -> Turn:
    """The server is away: try again, ever later. It refuses us: say so, and wait for somebody to mend it."""
    failures = delivery.server_failures
    if trouble.lasting or failures >= len(SERVER_AFTER):
        refused = Refused(Reason.MAIL_SERVER, {"answer": trouble.answer})
        with transaction.atomic():
            if step(delivery, Event.GIVE_UP, State.FAILED, attended_until=None):
                _log(delivery, journal.error(refused), now)
        return Turn()
    again = now + SERVER_AFTER[failures]
    with transaction.atomic():
        if failures == 0:
            _log(delivery, note(Note.SERVER_AWAY, "warning", answer=trouble.answer), now)
        rows = Delivery.objects.filter(company_id=delivery.company_id, id=delivery.id)
        rows.update(server_failures=failures + 1, attended_until=again + ATTENDED)
    return Turn(again)


def _wind_up(delivery: Delivery, now: datetime) -> None:
    """Cancel what has not left and give its codes back. A chunk that is being handed over is waited for."""
    with transaction.atomic():
        cancelled = execute(_CANCEL, _of(delivery))
        released = issues.release(delivery, now)
        ((_, _, sent, failed),) = fetch(_STANDING, _of(delivery))
        if not step(delivery, Event.WOUND_UP, State.STOPPED, attended_until=None):
            return
        figures = {"cancelled": cancelled, "released": released, "gone": sent + failed}
        _log(delivery, note(Note.STOPPED, **figures), now)


def _log(delivery: Delivery, entry: Entry, now: datetime) -> None:
    journal.write(delivery.company_id, delivery.id, [entry], now)


def _of(delivery: Delivery) -> dict[str, Any]:
    return {"company": delivery.company_id, "delivery": delivery.id}


def utc_now() -> datetime:
    return datetime.now(UTC)


_CLAIM = """
SELECT m.id, p.number, p.first_name, p.name, m.address, m.attempts, coalesce(c.typed, c.code),
       coalesce(c.status = 'voided', false)
FROM campaigns_message m
JOIN campaigns_delivery d ON (d.company_id, d.id) = (m.company_id, m.delivery_id)
JOIN customers_customer p ON (p.company_id, p.id) = (m.company_id, m.customer_id)
LEFT JOIN coupons_couponcode c ON (c.company_id, c.id) = (m.company_id, m.code_id)
WHERE m.company_id = %(company)s AND m.delivery_id = %(delivery)s AND m.status = 'pending'
  AND (m.retry_at IS NULL OR m.retry_at <= %(now)s) AND d.state = 'sending'
ORDER BY m.id LIMIT %(most)s FOR UPDATE OF m SKIP LOCKED
"""

_WRITE = """
UPDATE campaigns_message m
SET status = o.status, cause = o.cause, answer = o.answer, retry_at = o.retry_at,
    attempts = m.attempts + 1, sent_at = CASE WHEN o.status = 'sent' THEN %(now)s END
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(causes)s::text[], %(answers)s::text[],
            %(retries)s::timestamptz[]) AS o(id, status, cause, answer, retry_at)
WHERE m.company_id = %(company)s AND m.id = o.id
"""

_STANDING = """
SELECT count(*) FILTER (WHERE status = 'pending'), min(retry_at) FILTER (WHERE status = 'pending'),
       count(*) FILTER (WHERE status = 'sent'), count(*) FILTER (WHERE status = 'failed')
FROM campaigns_message WHERE company_id = %(company)s AND delivery_id = %(delivery)s
"""

_CANCEL = """
UPDATE campaigns_message SET status = 'cancelled', cause = 'stopped', code_id = NULL
WHERE company_id = %(company)s AND delivery_id = %(delivery)s AND status = 'pending'
"""
