"""What a delivery says: its templates with its coupon, read once, composed for each recipient."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from email_validator import EmailNotValidError, validate_email
from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from kupong.campaigns.models import Delivery
from kupong.coupons.models import Coupon
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.bounds import bound_text, latest_instant
from kupong.personalization.fields import CODE, NAMES, values
from kupong.personalization.templates import Template, read

# Something of every field, to try the templates before anybody is written to.
_TRIAL = {root: dict.fromkeys(names, "X") for root, names in NAMES.items()}
_SENDER = re.compile(r'(?:[^<>@",;:]*|"[^"\\]*")\s*<([^<>]+)>|([^<>\s]+)')
_WITH_LINKS = ParserConfig(display_links=True)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


class Recipient(msgspec.Struct, frozen=True):
    """Whom a message addresses; `email` is the address that it goes to."""

    number: str
    first_name: str
    name: str
    email: str


class Composed(msgspec.Struct, frozen=True):
    """A message ready to be sent; `text` says what `html` says."""

    subject: str
    html: str
    text: str


class Content(msgspec.Struct, frozen=True):
    """The templates of a delivery and the facts that are the same in all of its messages."""

    label: str
    subject: Template
    html: Template
    coupon: Mapping[str, str | None]

    @property
    def uses_code(self) -> bool:
        return CODE in self.subject.uses | self.html.uses

    def compose(self, recipient: Recipient, code: str | None) -> Composed | Refused:
        """Refused as `Template.render`, with the field."""
        of = values(
            msgspec.structs.asdict(recipient),
            {**self.coupon, "code": code},
            {"label": self.label},
        )
        subject, html = self.subject.render(of), self.html.render(of)
        if isinstance(subject, Refused):
            return _in("subject", subject)
        if isinstance(html, Refused):
            return _in("html", html)
        html = _UNPRINTABLE.sub("", html)
        # A subject is one line, whatever names hold.
        return Composed(" ".join(_UNPRINTABLE.sub("", subject).split()), html, text_of(html))


def read_content(delivery: Delivery, coupon: Coupon | None) -> Content | list[Refused]:
    """The content, or everything that keeps its templates from being used."""
    subject, html = read(delivery.subject, markup=False), read(delivery.html, markup=True)
    problems = [
        _in(field, found)
        for field, found in (("subject", subject), ("html", html))
        if isinstance(found, Refused)
    ]
    if isinstance(subject, Refused) or isinstance(html, Refused):
        return problems
    named = sorted(field for field in subject.uses | html.uses if field.startswith("coupon."))
    if named and coupon is None:
        return [Refused(Reason.COUPON_MISSING, {"value": named})]
    return Content(delivery.label, subject, html, _facts(coupon))


def content_problems(delivery: Delivery, content: Content | list[Refused]) -> list[Refused]:
    """Why the delivery, as it is written, cannot go out."""
    missing = [
        Refused(Reason.MISSING, {"field": field})
        for field in ("sender", "subject", "html")
        if not getattr(delivery, field).strip()
    ]
    return missing + (content if isinstance(content, list) else _trial_problems(content))


def coupon_problems(coupon: Coupon | None, at: datetime) -> list[Refused]:
    """Why this coupon cannot be sent out at this time (specification T15)."""
    if coupon is None:
        return []
    if coupon.status == Coupon.Status.VOIDED:
        return [Refused(Reason.COUPON_VOIDED, {"by": coupon.number})]
    end = coupon.period.end
    if end is not None and latest_instant(end) < at:
        return [Refused(Reason.COUPON_OVER, {"by": coupon.number, "until": bound_text(end)})]
    return []


def is_sender(text: str) -> bool:
    """One address, alone or behind a name: "Shop <shop@example.com>". Nobody is asked whether it exists."""
    parts = _SENDER.fullmatch(text)
    try:
        validate_email(
            parts[1] or parts[2] if parts else "",
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=True,
        )
    except EmailNotValidError:
        return False
    return text.isprintable()


def text_of(html: str) -> str:
    """The same for those who read no HTML; an address behind a link is written out."""
    return get_text(html, _WITH_LINKS).strip() + "\n" if html.strip() else ""


def _facts(coupon: Coupon | None) -> dict[str, str | None]:
    if coupon is None:
        return {}
    period = coupon.period
    return {
        "label": coupon.label,
        "valid_from": bound_text(period.start),
        "valid_to": bound_text(period.end),
    }


def _trial_problems(content: Content) -> list[Refused]:
    tried: list[tuple[str, Any]] = [
        ("subject", content.subject.render(_TRIAL)),
        ("html", content.html.render(_TRIAL)),
    ]
    return [_in(field, said) for field, said in tried if isinstance(said, Refused)]


def _in(field: str, refused: Refused) -> Refused:
    return Refused(refused.reason, {"field": field} | refused.detail)
