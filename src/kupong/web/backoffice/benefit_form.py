"""What a coupon gives: the choices of the page and their questions, drawn from the kinds of discounts."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from kupong.pricing.kinds import KINDS, form_of
from kupong.pricing.kinds.fields import Name
from kupong.pricing.kinds.kind import Ask, Form
from kupong.web.backoffice import words
from kupong.web.backoffice.form_reading import Reader, reads_as

MOST_UNITS = 1_000_000

FORMS: tuple[Form, ...] = tuple(form for kind in KINDS for form in kind.forms)
# Those that stand before the reader at once; the others wait behind a word.
PLAIN = frozenset(form.key for kind in KINDS if kind.key == "simple" for form in kind.forms)


def field_of(form: Form, ask: Ask) -> str:
    """The name of the field on the page; each form has fields of its own, so that none is sent twice."""
    return f"{form.key}-{ask.name}"


FIELDS = tuple(field_of(form, ask) for form in FORMS for ask in form.asks)
FIRST_TYPED = {field_of(form, ask): ask.typed for form in FORMS for ask in form.asks}


class Question(msgspec.Struct, frozen=True):
    id: str
    label: str
    type: str
    typed: str
    error: str


class Choice(msgspec.Struct, frozen=True):
    """One way to give something. `money`: some of its questions are about money."""

    key: str
    text: str
    questions: tuple[Question, ...]
    money: bool


def choices(typed: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, Any]:
    """What the page shows: the plain choices, the others, and whether one of those is chosen."""
    drawn = [_choice(form, typed, errors) for form in FORMS]
    more = [one for one in drawn if one.key not in PLAIN]
    return {
        "plain": [one for one in drawn if one.key in PLAIN],
        "more": more,
        "more_open": any(one.key == typed["gives"] for one in more),
    }


def _choice(form: Form, typed: Mapping[str, str], errors: Mapping[str, str]) -> Choice:
    language = words.language()
    questions = []
    for ask in form.asks:
        name = field_of(form, ask)
        error = errors.get(name, "")
        questions.append(Question(name, ask.text[language], ask.type, typed[name], error))
    is_money = any(ask.type == "amount" for ask in form.asks)
    return Choice(form.key, form.text[language], tuple(questions), is_money)


def read_benefit(reader: Reader) -> dict[str, Any]:
    """The fields of a coupon's draft that say what it gives."""
    form = _chosen(reader.typed["gives"])
    fields: dict[str, Any] = {"currency": reader.typed["currency"]}
    if form is None:
        reader.wrong("gives", _("Choose what it gives."))
        return fields
    answers = {ask.name: _answer(reader, form, ask) for ask in form.asks}
    given = {name: answer for name, answer in answers.items() if answer is not None}
    return fields | {"gives": form.key, "answers": given}


def _chosen(key: str) -> Form | None:
    try:
        return form_of(key)[1]
    except KeyError:
        return None


def _answer(reader: Reader, form: Form, ask: Ask) -> str | int | None:
    field = field_of(form, ask)
    if ask.type == "name":
        text = reader.needed(field, _("Say which."))
        if text is not None and not reads_as(text, Name):
            reader.wrong(field, _("Write at most 100 characters."))
        return text
    if reader.needed(field, _("Say how much.")) is None:
        return None
    if ask.type == "percent":
        return reader.percent(field)
    if ask.type == "amount":
        return reader.amount(field, reader.typed["currency"])
    return reader.whole(field, 1, MOST_UNITS)


def chosen_fields(gives: str) -> frozenset[str]:
    """The fields in which it is said what a coupon of this choice gives."""
    form = _chosen(gives)
    asked = {field_of(form, ask) for ask in form.asks} if form else set()
    return frozenset({"gives", *asked})
