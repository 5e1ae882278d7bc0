"""The use cases of deliveries: one use case is one transaction. Long work is asked for as a job."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import transaction
from msgspec import UNSET

from kupong.campaigns import journal
from kupong.campaigns.channels import CHANNELS
from kupong.campaigns.content import coupon_problems, is_sender
from kupong.campaigns.journal import note
from kupong.campaigns.life import ATTENDED, attend, step
from kupong.campaigns.log_texts import Note
from kupong.campaigns.models import Delivery, DeliveryTarget
from kupong.campaigns.rules import CAUSES
from kupong.campaigns.shapes import (
    MAX_CHOSEN_SHOWN,
    AnalysisAsked,
    DeliveryDraft,
    DeliveryRecord,
    Excluded,
    Recipients,
)
from kupong.campaigns.statements import execute, fetch
from kupong.campaigns.states import ATTENDED as ATTENDED_STATES
from kupong.campaigns.states import Event, State, sources, target
from kupong.coupons.models import Coupon
from kupong.kernel.reasons import Reason
from kupong.organisation.records import Records, Replaced
from kupong.organisation.refusals import InField, Problems, Refusals, refuse
from kupong.organisation.transactions import use_case
from kupong.work.jobs import SOON, ask, open_job

ANALYSE, SEND = "deliveries.analyse", "deliveries.send"

_SAME = ("label", "channel", "sender", "subject", "html", "limit", "contact_date")
_NO_FIGURES: dict[str, Any] = {"need": None, "have": None, "short": None, "to_send": None}
_MAX_NAMED = 20
# Years that every offset from UTC keeps within what the database can say.
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


@use_case
def analyse(company_id: int, number: str, now: datetime) -> AnalysisAsked | Refusals:
    """Ask for the analysis. Refused: `not_found`, `wrong_state`."""
    delivery = _held(company_id, number)
    if delivery is None:
        return refuse(Reason.NOT_FOUND)
    job = open_job(company_id, ANALYSE)
    changes = {"job_no": job, "attended_until": now + ATTENDED, "server_failures": 0}
    if not step(delivery, Event.ANALYSE, State.ANALYSING, **changes, **_NO_FIGURES):
        return _wrong_state(delivery)
    journal.write(company_id, delivery.id, [note(Note.ANALYSIS_ASKED)], now)
    ask(ANALYSE, priority=SOON, company=company_id, delivery=delivery.id, job=job)
    return AnalysisAsked(job=str(job))


@use_case
def confirm(company_id: int, number: str, now: datetime) -> DeliveryRecord | Refusals:
    """Let it go out, now or at its contact date.

    Refused: `not_found`; `wrong_state` unless it is ready; `parameters_missing` without a mail server;
    `coupon_voided`, `coupon_over`.
    """
    delivery = _held(company_id, number)
    if delivery is None:
        return refuse(Reason.NOT_FOUND)
    if delivery.state not in sources(Event.CONFIRM, State.SENDING):
        return _wrong_state(delivery)
    missing = CHANNELS[delivery.channel].missing()
    if missing:
        return refuse(Reason.PARAMETERS_MISSING, missing=missing)
    over = coupon_problems(_coupon(delivery), delivery.contact_date or now)
    if over:
        return Refusals(tuple(InField("coupon", no) for no in over))
    return _go_on(delivery, Event.CONFIRM, Note.CONFIRMED, now)


@use_case
def resume(company_id: int, number: str, now: datetime) -> DeliveryRecord | Refusals:
    """Go on after a pause, or after the mail server had refused. Refused: as `confirm`."""
    delivery = _held(company_id, number)
    if delivery is None:
        return refuse(Reason.NOT_FOUND)
    if target(State(delivery.state), Event.RESUME) is None:
        return _wrong_state(delivery)
    missing = CHANNELS[delivery.channel].missing()
    if missing:
        return refuse(Reason.PARAMETERS_MISSING, missing=missing)
    return _go_on(delivery, Event.RESUME, Note.RESUMED, now)


@use_case
def pause(company_id: int, number: str, now: datetime) -> DeliveryRecord | Refusals:
    """Send nothing more for now; codes stay reserved. What is being handed over still goes out."""
    delivery = _held(company_id, number)
    if delivery is None:
        return refuse(Reason.NOT_FOUND)
    if not step(delivery, Event.PAUSE, State.PAUSED):
        return _wrong_state(delivery)
    journal.write(company_id, delivery.id, [note(Note.PAUSED)], now)
    return _read_again(delivery)


@use_case
def stop(company_id: int, number: str, now: datetime) -> DeliveryRecord | Refusals:
    """Stop for good: a job cancels what has not left and gives its codes back. An analysis just ends."""
    delivery = _held(company_id, number)
    if delivery is None:
        return refuse(Reason.NOT_FOUND)
    to = target(State(delivery.state), Event.STOP)
    if to is None or not step(delivery, Event.STOP, to, attended_until=now + ATTENDED):
        return _wrong_state(delivery)
    journal.write(company_id, delivery.id, [note(Note.STOP_ASKED)], now)
    if to == State.STOPPING:
        ask(SEND, priority=SOON, company=company_id, delivery=delivery.id)
    return _read_again(delivery)


def attend_again(now: datetime) -> int:
    """Ask again for the job of every delivery that should have been attended to by now. How many."""
    rows = Delivery.objects.filter(state__in=sorted(ATTENDED_STATES), attended_until__lt=now)
    for delivery in rows:
        _attend_again(delivery, now)
    return len(rows)


@transaction.atomic
def _attend_again(delivery: Delivery, now: datetime) -> None:
    attend(delivery, now + ATTENDED)
    company, one = delivery.company_id, delivery.id
    if delivery.state == State.ANALYSING:
        ask(ANALYSE, priority=SOON, company=company, delivery=one, job=delivery.job_no)
    else:
        ask(SEND, company=company, delivery=one)


def _go_on(delivery: Delivery, event: Event, key: Note, now: datetime) -> DeliveryRecord | Refusals:
    """To sending, or to waiting while the contact date lies ahead; the job comes when it is due."""
    date = delivery.contact_date
    ahead = date if date is not None and date > now else None
    to = State.WAITING if ahead and State(delivery.state) != State.FAILED else State.SENDING
    due = ahead or now
    if not step(delivery, event, to, attended_until=due + ATTENDED, server_failures=0):
        return _wrong_state(delivery)
    further = (
        [note(Note.WAITING, until=ahead.astimezone(UTC).isoformat())]
        if to == State.WAITING and ahead
        else [note(Note.SENDING)]
    )
    journal.write(delivery.company_id, delivery.id, [note(key), *further], now)
    ask(SEND, schedule_at=ahead, company=delivery.company_id, delivery=delivery.id)
    return _read_again(delivery)


def _held(company_id: int, number: str) -> Delivery | None:
    rows = Delivery.objects.select_for_update(no_key=True)
    return rows.filter(company_id=company_id, number=number).first()


def _wrong_state(delivery: Delivery) -> Refusals:
    return refuse(Reason.WRONG_STATE, state=delivery.state)


def _coupon(delivery: Delivery) -> Coupon | None:
    rows = Coupon.objects.filter(company_id=delivery.company_id, id=delivery.coupon_id or 0)
    return rows.first()


def _read_again(delivery: Delivery) -> DeliveryRecord:
    delivery.refresh_from_db()
    return _read(delivery.company_id, [delivery])[0]


def _write(row: Delivery, draft: DeliveryDraft) -> Refusals | None:
    created = row._state.adding
    if not created and row.state not in sources(Event.EDIT, State.DRAFT):
        return _wrong_state(row)
    problems = Problems()
    coupon_id = problems.looked_up_one("coupon", Coupon, row.company_id, draft.coupon)
    if draft.sender and not is_sender(draft.sender):
        problems.add("sender", Reason.INVALID, value=draft.sender)
    date = draft.contact_date
    if date is not None and not _FIRST_YEAR <= date.year <= _LAST_YEAR:
        problems.add("contact_date", Reason.INVALID, value=date.isoformat())
    chosen = _chosen(problems, row.company_id, draft.recipients)
    if problems:
        return problems.refusals()
    was = row.state
    for name in _SAME:
        setattr(row, name, getattr(draft, name))
    for name, value in _NO_FIGURES.items():
        setattr(row, name, value)
    row.coupon_id, row.state, row.excluded = coupon_id, State.DRAFT, {}
    if created:
        row.seed = secrets.randbits(62)
    if isinstance(draft.recipients, Recipients):
        kinds = Delivery.Target
        row.target = kinds.ALL if draft.recipients.all else kinds.CUSTOMERS
    row.save()
    if chosen is not None:
        _write_targets(row, chosen)
    if not created and was != State.DRAFT:
        journal.write(row.company_id, row.id, [note(Note.EDITED)], datetime.now(UTC))
    return None


def _chosen(
    problems: Problems, company_id: int, recipients: Recipients | msgspec.UnsetType
) -> list[int] | None:
    """The customers that are named, [] where none are; None where those of before stay."""
    if not isinstance(recipients, Recipients):
        return None
    ways = [recipients.all, recipients.customers is not UNSET, recipients.audience is not UNSET]
    if sum(ways) > 1:
        problems.add("recipients", Reason.INVALID, need="one of all, customers, audience")
    if recipients.audience is not UNSET:
        problems.add("recipients.audience", Reason.UNKNOWN_REFERENCE, value=recipients.audience)
    if recipients.customers is UNSET:
        return []
    figures = {"company": company_id, "numbers": list(recipients.customers)}
    unknown = fetch(_UNKNOWN, figures | {"most": _MAX_NAMED})
    for place, number in unknown:
        problems.add(f"recipients.customers[{place - 1}]", Reason.UNKNOWN_REFERENCE, value=number)
    return [identity for (identity,) in fetch(_KNOWN, figures)]


def _write_targets(row: Delivery, customers: list[int]) -> None:
    DeliveryTarget.objects.filter(company_id=row.company_id, delivery_id=row.id).delete()
    figures = {"company": row.company_id, "delivery": row.id, "customers": customers}
    execute(_TARGETS, figures)


def _read(company_id: int, rows: Sequence[Delivery]) -> list[DeliveryRecord]:
    coupons = Coupon.objects.filter(
        company_id=company_id, id__in={row.coupon_id for row in rows if row.coupon_id}
    )
    numbers = dict(coupons.values_list("id", "number"))
    figures = {"company": company_id, "ids": [row.id for row in rows], "most": MAX_CHOSEN_SHOWN}
    chosen = {one: (count, first) for one, count, first in fetch(_CHOSEN, figures)}
    return [_record(row, numbers.get(row.coupon_id or 0), *chosen[row.id]) for row in rows]


def _record(row: Delivery, coupon: str | None, count: int, first: list[str]) -> DeliveryRecord:
    everybody = row.target == Delivery.Target.ALL
    return DeliveryRecord(
        number=row.number,
        coupon=coupon,
        recipients=Recipients(all=True) if everybody else Recipients(customers=tuple(first)),
        recipient_count=None if everybody else count,
        state=State(row.state),
        need=row.need,
        have=row.have,
        short=row.short,
        to_send=row.to_send,
        excluded=Excluded(**{cause: row.excluded.get(cause, 0) for cause in CAUSES}),
        created_at=row.created_at,
        contact_date=row.contact_date.astimezone(UTC) if row.contact_date else None,
        **{name: getattr(row, name) for name in _SAME if name != "contact_date"},
    )


class _Deliveries(Records[DeliveryDraft, DeliveryRecord]):
    def _merged(self, record: DeliveryRecord, changes: dict[str, Any]) -> DeliveryDraft:
        """A record shows the first of its recipients only: where none are sent, all of them stay."""
        return super()._merged(record, {"recipients": UNSET} | changes)

    def replace(
        self, company_id: int, number: str, draft: DeliveryDraft
    ) -> Replaced[DeliveryRecord] | Refusals:
        if draft.recipients is UNSET:
            draft = msgspec.structs.replace(draft, recipients=Recipients())
        return super().replace(company_id, number, draft)


deliveries = _Deliveries(
    model=Delivery,
    reference="delivery",
    draft=DeliveryDraft,
    record=DeliveryRecord,
    write=_write,
    read=_read,
)

_UNKNOWN = """
SELECT w.place, w.number
FROM unnest(%(numbers)s::text[]) WITH ORDINALITY AS w(number, place)
WHERE NOT EXISTS (
    SELECT FROM customers_customer c WHERE c.company_id = %(company)s AND c.number = w.number)
ORDER BY w.place LIMIT %(most)s
"""

_KNOWN = """
SELECT id FROM customers_customer WHERE company_id = %(company)s AND number = ANY(%(numbers)s::text[])
"""

_TARGETS = """
INSERT INTO campaigns_deliverytarget (company_id, delivery_id, customer_id)
SELECT %(company)s, %(delivery)s, customer FROM unnest(%(customers)s::bigint[]) AS customer
ORDER BY customer
"""

_CHOSEN = """
SELECT d.id, count(t.id), coalesce((
    SELECT array_agg(f.number) FROM (
        SELECT c.number FROM campaigns_deliverytarget t
        JOIN customers_customer c ON (c.company_id, c.id) = (t.company_id, t.customer_id)
        WHERE (t.company_id, t.delivery_id) = (%(company)s, d.id)
        ORDER BY t.customer_id LIMIT %(most)s) AS f), '{}'::text[])
FROM unnest(%(ids)s::bigint[]) AS d(id)
LEFT JOIN campaigns_deliverytarget t ON (t.company_id, t.delivery_id) = (%(company)s, d.id)
GROUP BY d.id
"""
