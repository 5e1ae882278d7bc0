"""A shop that mails its customers: the common data of the campaign specification's scenarios (section 4)."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import override_settings

from kupong.campaigns import analysis, queries, sending, service
from kupong.campaigns.models import CodeIssue, Delivery, Message
from kupong.campaigns.queries import Pool
from kupong.campaigns.shapes import DeliveryDraft, DeliveryPage, DeliveryRecord, MessageCounts
from kupong.coupons.models import Coupon, CouponCode
from kupong.customers.models import Customer
from kupong.organisation.models import NumberSequence
from kupong.organisation.refusals import Refusals
from tests.redemption.world import World

NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)
HTML = "<p>Hello {{ recipient.first_name }}, your code: <b>{{ coupon.code }}</b></p>"


@dataclass
class Mailing:
    """A company with customers 1 … n, and a way to take a delivery through its life in one process."""

    world: World
    now: datetime = NOW

    @property
    def company(self) -> int:
        return self.world.company.id

    def customers(self, count: int, start: int = 1, **fields: Any) -> list[Customer]:
        return Customer.objects.bulk_create(
            Customer(
                **(
                    {
                        "company_id": self.company,
                        "number": str(number),
                        "first_name": f"Name{number}",
                        "email": f"c{number}@example.com",
                    }
                    | fields
                )
            )
            for number in range(start, start + count)
        )

    def coupon(self, number: str, codes: int, **fields: Any) -> Coupon:
        """An individual coupon with so many free codes, `number`-1 …"""
        coupon = self.world.coupon(number, None, **fields)
        self.codes(coupon, codes)
        return coupon

    def codes(self, coupon: Coupon, count: int, start: int = 1, **fields: Any) -> list[CouponCode]:
        return CouponCode.objects.bulk_create(
            CouponCode(
                company_id=self.company,
                coupon=coupon,
                number=f"N-{coupon.number}-{number}",
                code=f"{coupon.number}-{number}",
                **fields,
            )
            for number in range(start, start + count)
        )

    def delivery(self, number: str = "D", **fields: Any) -> DeliveryRecord:
        return made(self.try_delivery(number, **fields))

    def try_delivery(self, number: str = "D", **fields: Any) -> DeliveryRecord | Refusals:
        usual: dict[str, Any] = {
            "number": number,
            "label": "Spring mail",
            "sender": "shop@example.com",
            "subject": "Hello {{ recipient.first_name }}",
            "html": HTML,
            "coupon": "SPRING",
            "recipients": {"all": True},
        }
        draft = msgspec.convert(usual | fields, DeliveryDraft)
        return service.deliveries.create(self.company, draft)

    def edit(self, number: str = "D", **fields: Any) -> DeliveryRecord | Refusals:
        patch = msgspec.convert(fields, service.deliveries.patch)
        return service.deliveries.change(self.company, number, patch)

    def analyse(self, number: str = "D") -> DeliveryPage:
        """Ask for the analysis and do it, as the worker would."""
        asked = made(service.analyse(self.company, number, self.now))
        analysis.analyse(self.company, self.row(number).id, int(asked.job), self.now)
        return self.page(number)

    def send(self, number: str = "D") -> sending.Turn:
        """One turn of sending, as the worker would take it."""
        return sending.send(self.company, self.row(number).id, lambda: self.now)

    def page(self, number: str = "D", language: str = "en") -> DeliveryPage:
        page = queries.delivery_page(self.company, number, language)
        assert page is not None
        return page

    def row(self, number: str = "D") -> Delivery:
        return Delivery.objects.get(company_id=self.company, number=number)

    def log(self, number: str = "D") -> list[str]:
        return [line.text for line in self.page(number).log]

    def pool(self, coupon: str = "SPRING") -> Pool:
        found = queries.pool(self.company, coupon)
        assert found is not None
        states = (found.available, found.reserved, found.sent, found.undelivered)
        assert sum(states) + found.redeemed + found.void == found.total
        return found

    def codes_by_customer(self, number: str = "D") -> dict[str, str | None]:
        rows = Message.objects.filter(delivery=self.row(number)).select_related("customer", "code")
        return {row.customer.number: row.code.code if row.code else None for row in rows}


def made(answer: Any) -> Any:
    """A good answer; a refusal fails the test."""
    assert not isinstance(answer, Refusals), answer
    return answer


def reason(answer: Any) -> str:
    assert isinstance(answer, Refusals), answer
    return answer.first.reason


def counts(**fields: int) -> MessageCounts:
    return MessageCounts(**fields)


def build(world: World) -> Mailing:
    NumberSequence.objects.create(
        company=world.company, reference="delivery", format="DLV######", largest=999_999
    )
    Customer.objects.filter(company=world.company).delete()
    return Mailing(world)


def t1(mailing: Mailing) -> None:
    """1,000 recipients: 2 without an address, 20 opted out, 3 surplus duplicates. No quarantine yet: 975 stay."""
    mailing.customers(970)
    mailing.customers(2, 2001, email="")
    mailing.customers(20, 3001, email_opt_out=True)
    for number in (1, 2, 3):
        mailing.customers(1, 4000 + number, email=f" C{number}@Example.com ")
    mailing.customers(5, 5001)


@dataclass
class PostOffice:
    """A mail server that keeps what it takes; `answers` decide, by address, what it says to a message.

    It takes `seconds` over each.
    """

    mails: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    port: int = 0
    seconds: float = 0
    tried: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried.append(address)
        waiting = self.answers.get(address)
        said = waiting.pop(0) if waiting else "250 OK"
        if said == "hang up":
            assert server.transport
            server.transport.abort()
        if said.startswith("data "):
            session.data_answer = said.removeprefix("data ")  # type: ignore[attr-defined]
            said = "250 OK"
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(  # noqa: N802  # as aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        said = session.__dict__.pop("data_answer", "250 OK")
        await asyncio.sleep(self.seconds)
        if said.startswith("250"):
            assert isinstance(envelope.content, bytes)
            parsed = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.mails.append(parsed)
        return str(said)

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


class _AnyPort(Controller):
    """A server on a port that the system chooses, and that nobody else can take in between."""

    def __init__(self, handler: object) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        super().__init__(handler, hostname="127.0.0.1", port=self.socket.getsockname()[1])

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.socket)


@contextmanager
def post_office(**settings: Any) -> Iterator[PostOffice]:
    """A real server on loopback, named in the settings."""
    office = PostOffice()
    controller = _AnyPort(office)
    controller.start()
    office.port = controller.port
    try:
        found = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": controller.port} | settings
        with override_settings(**found):
            yield office
    finally:
        controller.stop()


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def live_codes() -> list[str]:
    return sorted(CodeIssue.objects.values_list("code__code", flat=True))
