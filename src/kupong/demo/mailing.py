"""Sends one campaign of the data as a delivery, by the code that every delivery goes through.

It goes out on the first day of the campaign, before the replay, which then redeems some of its codes. The
delivery itself tells how far it came: a second start goes on from there.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any

from kupong.campaigns import analysis, sending, service
from kupong.campaigns.models import Delivery, Message
from kupong.campaigns.shapes import DeliveryDraft, Recipients
from kupong.campaigns.states import State
from kupong.demo.journal import REPLAY, open_journal
from kupong.demo.mail_room import open_mail_room
from kupong.demo.names import coupon_number
from kupong.demo.progress import Display, Work
from kupong.demo.source import ZONE, Pair, Source
from kupong.organisation.refusals import Refusals

TYPE = "Type A"
LEAST_HOUSEHOLDS = 300
SENDER = "The Complete Journey <coupons@example.com>"
SUBJECT = "{{ recipient.first_name }}, a coupon for you: {{ coupon.label }}"
HTML = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ coupon.label }}</title>
<style>
body { margin: 0; background: #f4f5f7; color: #1f2933; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 32rem; margin: 0 auto; padding: 2rem 1.5rem; background: #fff }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25 }
.code { margin: 1.5rem 0; padding: 1rem; border: 2px dashed #9aa5b1; border-radius: .5rem;
  text-align: center; font-size: 1.375rem; font-weight: 600; letter-spacing: .08em }
.quiet { color: #52606d }
</style>
</head>
<body>
<main>
<p class="quiet">The Complete Journey</p>
<h1>{{ coupon.label }}</h1>
<p>Hello {{ recipient.first_name }},</p>
<p>this coupon is yours alone. Show its code at any of our tills.</p>
<p class="code">{{ coupon.code }}</p>
<p class="quiet">
Valid from {{ coupon.valid_from | date: "%d.%m.%Y" }} to {{ coupon.valid_to | date: "%d.%m.%Y" }}.
</p>
</main>
</body>
</html>
"""


class MailingError(Exception):
    """The product refused what it should not have refused."""


def send_campaign(company_id: int, source: Source, data_directory: Path, display: Display) -> None:
    """Open the mail room, and send what an earlier start has not sent.

    Where a replay began without the delivery there is none: its codes are used already. Errors: MailingError.
    """
    open_mail_room(data_directory / "mail")
    pair = chosen(source)
    number = f"CAMPAIGN-{pair[0]:02d}"
    if not Delivery.objects.filter(company_id=company_id, number=number).exists():
        if open_journal(company_id, REPLAY).done:
            return
        _draft(company_id, number, pair, source)
    start = source.campaigns[pair[0]].start
    _Mailing(company_id, number, datetime.combine(start, time(9), ZONE), display).go_on()


def chosen(source: Source) -> Pair:
    """Of the coupons of large campaigns of type A, the one that most households redeemed."""
    redeemed = defaultdict(set)
    for one in source.redemptions:
        redeemed[one.campaign, one.upc].add(one.household)
    large = {
        number
        for number, campaign in source.campaigns.items()
        if campaign.type == TYPE and len(source.targeted[number]) >= LEAST_HOUSEHOLDS
    }
    candidates = [pair for pair in source.covers if pair[0] in large]
    return min(candidates, key=lambda pair: (-len(redeemed[pair]), pair))


def _draft(company_id: int, number: str, pair: Pair, source: Source) -> None:
    campaign = source.campaigns[pair[0]]
    draft = DeliveryDraft(
        number=number,
        label=f"Campaign {pair[0]} ({campaign.type})",
        sender=SENDER,
        subject=SUBJECT,
        html=HTML,
        coupon=coupon_number(*pair),
        contact_date=datetime.combine(campaign.start, time(9), ZONE),
        recipients=Recipients(customers=tuple(map(str, source.targeted[pair[0]]))),
    )
    _good(service.deliveries.create(company_id, draft))


class _Mailing:
    """One start, which goes on from the state in which the last one left the delivery."""

    def __init__(self, company_id: int, number: str, now: datetime, display: Display) -> None:
        self.company_id, self.number, self.now, self.display = company_id, number, now, display

    def go_on(self) -> None:
        self._analyse()
        if self._row().state == State.READY:
            _good(service.confirm(self.company_id, self.number, self.now))
        if self._row().state in (State.WAITING, State.SENDING):
            self._send()

    def _row(self) -> Delivery:
        return Delivery.objects.get(company_id=self.company_id, number=self.number)

    def _analyse(self) -> None:
        if self._row().state in (State.DRAFT, State.ANALYSIS_FAILED):
            _good(service.analyse(self.company_id, self.number, self.now))
        row = self._row()
        if row.state == State.ANALYSING:
            analysis.analyse(self.company_id, row.id, row.job_no or 0, self.now)
        if self._row().state in (State.ANALYSING, State.ANALYSIS_FAILED):
            raise MailingError(f"delivery {self.number} cannot be sent: see its log")

    def _send(self) -> None:
        messages = Message.objects.filter(delivery=self._row())
        with self.display.work("delivery", messages.count(), "mails") as work:
            while self._row().state in (State.WAITING, State.SENDING):
                self._send_some(work, messages)

    def _send_some(self, work: Work, messages: Any) -> None:
        turn = sending.send(
            self.company_id, self._row().id, lambda: self.now, _times(sending.CHUNK)
        )
        work.advance(messages.filter(status=Message.Status.SENT).count() - work.count)
        if turn.again is not None and turn.again > self.now:
            raise MailingError(f"delivery {self.number}: the mail room does not take its mails")


def _times(count: int) -> Callable[[], bool]:
    """Says yes so many times, then no."""
    answers = iter([True] * count)
    return lambda: next(answers, False)


def _good(answer: Any) -> None:
    if isinstance(answer, Refusals):
        raise MailingError(f"{answer.first.reason}: {answer.first.detail}")
