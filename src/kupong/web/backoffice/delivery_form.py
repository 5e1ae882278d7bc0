"""The form of a delivery: what was typed, as it was typed; what it means; and what is wrong with it, in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from kupong.campaigns.shapes import MAX_CHOSEN, DeliveryRecord, Recipients
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.fields import MAX_INTEGER
from kupong.organisation.queries import Found
from kupong.organisation.refusals import InField
from kupong.personalization.templates import read
from kupong.web.backoffice import words
from kupong.web.look.amounts import read_decimal

LONGEST = 500
FIELDS = (
    "label", "sender", "subject", "html", "coupon", "whom", "customers", "limit", "contact_date",
)  # fmt: skip
LONG_FIELDS = frozenset({"html", "customers"})
MINUTE = "%Y-%m-%dT%H:%M"


class DeliveryForm(msgspec.Struct, kw_only=True):
    """`fields` are those of a draft, whole when there are no `errors` (by field).

    `choices` holds, by field, what may have been meant where what was typed is no number.
    """

    typed: dict[str, str]
    fields: dict[str, Any] = {}
    errors: dict[str, str] = {}
    choices: dict[str, list[Found]] = {}


def blank_form(coupon: str = "") -> DeliveryForm:
    """The form before anything was typed, with a mail to go on with."""
    hello = _("Hello")
    your_code = _("Your code:")
    html = (
        f"<p>{hello} {{{{ recipient.first_name }}}},</p>\n"
        f"<p>{your_code} <strong>{{{{ coupon.code }}}}</strong></p>\n"
    )
    typed = dict.fromkeys(FIELDS, "") | {"html": html, "coupon": coupon, "whom": "everybody"}
    return DeliveryForm(typed=typed)


def form_of(record: DeliveryRecord, customers: list[str]) -> DeliveryForm:
    """The form as it was saved."""
    date = record.contact_date
    typed = {
        "label": record.label,
        "sender": record.sender,
        "subject": record.subject,
        "html": record.html,
        "coupon": record.coupon or "",
        "whom": "everybody" if record.recipients.all else "customers",
        "customers": "\n".join(customers),
        "limit": str(record.limit) if record.limit else "",
        "contact_date": timezone.localtime(date).strftime(MINUTE) if date else "",
    }
    return DeliveryForm(typed=typed)


def read_form(sent: QueryDict) -> DeliveryForm:
    """What was sent; nothing of it is cut."""
    typed = {name: str(sent.get(name, "")).replace("\x00", "") for name in FIELDS}
    typed = {
        name: text.replace("\r\n", "\n") if name in LONG_FIELDS else text.strip()
        for name, text in typed.items()
    }
    form = DeliveryForm(typed=typed)
    form.fields = {
        "label": typed["label"],
        "sender": typed["sender"],
        "subject": typed["subject"],
        "html": typed["html"],
        "coupon": typed["coupon"] or None,
        "limit": _limit(form),
        "contact_date": _contact_date(form),
        "recipients": _recipients(form),
    }
    _check_texts(form)
    return form


def add_problems(form: DeliveryForm, problems: Iterable[InField]) -> None:
    """Put what the use case refused to the field it is about, in words."""
    unknown = []
    for problem in problems:
        if problem.field.startswith("recipients.customers"):
            unknown.append(str(problem.refused.detail.get("value")))
            continue
        field = problem.field if problem.field in form.typed else ""
        form.errors.setdefault(field, _said(field, problem.refused))
    if unknown:
        form.errors["customers"] = _("There are no customers with these numbers: %s.") % ", ".join(
            unknown
        )


def _said(field: str, refused: Refused) -> str:
    said = {
        ("coupon", Reason.UNKNOWN_REFERENCE): _("There is no coupon with this number."),
        ("sender", Reason.INVALID): _(
            "Write one address, alone or behind a name: Shop <shop@example.com>."
        ),
    }
    return said.get((field, refused.reason)) or message(refused, words.language())


def _limit(form: DeliveryForm) -> int:
    text = form.typed["limit"]
    number = read_decimal(text) if text else 0
    if number is None or number != int(number) or not 0 <= number <= MAX_INTEGER:
        form.errors["limit"] = _("Write a whole number; 0 is without limit.")
        return 0
    return int(number)


def _contact_date(form: DeliveryForm) -> datetime | None:
    """On the reader's wall clock."""
    text = form.typed["contact_date"]
    try:
        return timezone.make_aware(datetime.fromisoformat(text)) if text else None
    except (ValueError, OverflowError):
        form.errors["contact_date"] = _(
            "Write a day and a time as year-month-dayThour:minute, such as 2026-12-31T09:00."
        )
        return None


def _recipients(form: DeliveryForm) -> Recipients:
    if form.typed["whom"] == "everybody":
        return Recipients(all=True)
    if form.typed["whom"] != "customers":
        form.errors["whom"] = _("Choose whom it goes to.")
    lines = [line.strip() for line in form.typed["customers"].split("\n")]
    numbers = tuple(dict.fromkeys(filter(None, lines)))
    if len(numbers) > MAX_CHOSEN:
        form.errors["customers"] = _("At most %s customers can be named.") % f"{MAX_CHOSEN:,}"
    return Recipients(customers=numbers)


def _check_texts(form: DeliveryForm) -> None:
    if not form.typed["label"]:
        form.errors["label"] = _("Give the delivery a name.")
    for name in ("label", "sender", "subject"):
        if len(form.typed[name]) > LONGEST:
            form.errors[name] = _("At most %s characters.") % LONGEST
    for name in ("subject", "html"):
        refused = read(form.typed[name], markup=name == "html")
        if isinstance(refused, Refused) and name not in form.errors:
            form.errors[name] = message(refused, words.language())
