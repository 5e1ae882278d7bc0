"""The form of a coupon: what was typed, as it was typed; what it means; and what is wrong with it, in words."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _

from kupong.coupons.issuing import random_codes
from kupong.coupons.making import CODE_LENGTH, MAX_CODES, MakingDraft
from kupong.coupons.shapes import CodeText
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.fields import MAX_INTEGER
from kupong.organisation.queries import Found
from kupong.organisation.refusals import InField
from kupong.web.backoffice import benefit_form, words
from kupong.web.backoffice.form_reading import Reader, reads_as
from kupong.web.look.templatetags.look import number

LONGEST = 500
FIELDS = (
    *benefit_form.FIELDS, "gives", "currency", "on", "category", "add_product", "valid_from", "valid_to",
    "uses_per_code", "uses_per_customer", "codes", "code", "code_count", "code_length", "whom", "channel",
    "affiliation", "label", "active", "example_quantity", "example_price",
)  # fmt: skip


class CouponForm(msgspec.Struct, kw_only=True):
    """`draft` holds what could be read; it is whole when there are no `errors` (by field).

    `choices` holds, by field, what may have been meant where what was typed is no number.
    """

    typed: dict[str, str]
    products: list[str]
    draft: MakingDraft
    errors: dict[str, str]
    choices: dict[str, list[Found]] = {}


def blank_form(today: date, currency: str) -> CouponForm:
    """The form before anything was typed, with a code to go on with."""
    typed = (
        dict.fromkeys(FIELDS, "")
        | benefit_form.FIRST_TYPED
        | {
            "gives": "percent_off",
            "currency": currency,
            "on": "everything",
            "valid_from": today.isoformat(),
            "codes": "shared",
            "code": random_codes(1, CODE_LENGTH)[0],
            "code_count": "100",
            "code_length": str(CODE_LENGTH),
            "whom": "everybody",
            "active": "on",
        }
    )
    return CouponForm(typed=typed, products=[], draft=MakingDraft(label=""), errors={})


def read_form(sent: QueryDict, currencies: list[str]) -> CouponForm:
    """What was sent. Amounts are in one of the `currencies`, the first where none is chosen."""
    typed = {name: _clean(str(sent.get(name, ""))) for name in FIELDS}
    if typed["currency"] not in currencies:
        typed["currency"] = currencies[0]
    products = [text for one in sent.getlist("product") if (text := _clean(str(one)))]
    form = CouponForm(
        typed=typed, products=list(dict.fromkeys(products)), draft=MakingDraft(label=""), errors={}
    )
    return read_again(form)


def read_again(form: CouponForm) -> CouponForm:
    """The form after `typed` or `products` changed."""
    reader = Reader(form.typed)
    fields = (
        benefit_form.read_benefit(reader)
        | _targets(reader, form.products)
        | _dates(reader)
        | _uses(reader)
        | _codes(reader)
        | _whom(reader)
    )
    form.draft = MakingDraft(
        label=form.typed["label"], active=form.typed["active"] == "on", **fields
    )
    form.errors, form.choices = reader.errors, {}
    return form


def add_problems(form: CouponForm, problems: Iterable[InField]) -> None:
    """Put what the use case refused to the field it is about, in words."""
    cannot_be_read = bool(form.errors)
    for problem in problems:
        field = _field(problem.field, form)
        # What is missing as a whole is missing because a field cannot be read.
        if field or not cannot_be_read:
            form.errors.setdefault(field, _said(field, problem.refused))


def _field(path: str, form: CouponForm) -> str:
    """The field of the form for a field of the draft."""
    if path.startswith("answers."):
        path = f"{form.typed['gives']}-{path.removeprefix('answers.')}"
    if path.startswith("products"):
        return "add_product"
    return path if path in form.typed else ""


def refusal_words(refused: Refused) -> str:
    """The refusal in words, its large numbers as the reader's language writes them."""
    if refused.reason is Reason.GUESSABLE:
        detail = refused.detail | {"have": number(refused.detail["have"])}
        refused = Refused(refused.reason, detail)
    return message(refused, words.language())


def _said(field: str, refused: Refused) -> str:
    said = {
        ("valid_to", Reason.INVALID): _("The last day lies before the first."),
        ("code", Reason.DUPLICATE): _("There is such a code already. Take another one."),
        ("category", Reason.UNKNOWN_REFERENCE): _("There is no category with this number."),
        ("add_product", Reason.UNKNOWN_REFERENCE): _("There is no product with this number."),
        ("channel", Reason.UNKNOWN_REFERENCE): _("There is no channel with this number."),
        ("affiliation", Reason.UNKNOWN_REFERENCE): _("There is no affiliation with this number."),
    }
    return said.get((field, refused.reason)) or refusal_words(refused)


def _targets(reader: Reader, products: list[str]) -> dict[str, Any]:
    """What is typed and not added yet counts as added."""
    on = reader.typed["on"]
    if on == "category":
        return {"category": reader.needed("category", _("Choose a category."))}
    if on == "products":
        waiting = reader.typed["add_product"]
        if not products and not waiting:
            reader.wrong("add_product", _("Choose at least one product."))
        return {"products": tuple(dict.fromkeys([*products, *([waiting] if waiting else [])]))}
    if on != "everything":
        reader.wrong("on", _("Choose what it is for."))
    return {}


def _dates(reader: Reader) -> dict[str, Any]:
    return {name: _day(reader, name) for name in ("valid_from", "valid_to")}


def _day(reader: Reader, field: str) -> str | None:
    text = reader.typed[field]
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        reader.wrong(field, _("Write a day as year-month-day, such as 2026-12-31."))
        return None


def _uses(reader: Reader) -> dict[str, Any]:
    return {
        "uses_per_code": reader.whole("uses_per_code", 0, MAX_INTEGER),
        "uses_per_customer": reader.whole("uses_per_customer", 0, MAX_INTEGER) or 0,
    }


def _codes(reader: Reader) -> dict[str, Any]:
    codes = reader.typed["codes"]
    if codes == "individual":
        reader.needed("code_count", _("Say how many codes."))
        count = reader.whole("code_count", 1, MAX_CODES) or 1
        length = reader.whole("code_length", 1, 30) or CODE_LENGTH
        return {"code_count": count, "code_length": length}
    if codes != "shared":
        reader.wrong("codes", _("Choose which codes."))
    code = reader.typed["code"] or None
    if code is not None and not reads_as(code, CodeText):
        reader.wrong("code", _("A code has at most 100 characters, and no slash among them."))
        return {}
    return {"code": code}


def _whom(reader: Reader) -> dict[str, Any]:
    whom = reader.typed["whom"]
    if whom == "channel":
        return {"channel": reader.needed("channel", _("Choose a channel."))}
    if whom == "affiliation":
        return {"affiliation": reader.needed("affiliation", _("Choose an affiliation."))}
    if whom != "everybody":
        reader.wrong("whom", _("Choose whom it is for."))
    return {}


def _clean(text: str) -> str:
    """Trimmed, of bearable length, without signs no database takes."""
    return text.replace("\x00", "").strip()[:LONGEST]
