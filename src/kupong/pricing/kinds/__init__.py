"""Owns the kinds of discounts: what each one is, checks on enabling, says in words and asks of a form.

Every room above may import it; the engine reads it through the functions below.
Add a kind as `<kind>.py` with one `Kind` in it, and that kind in `KINDS`.
"""

import re
from typing import Any

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.discounts import Discount
from kupong.pricing.kinds import words
from kupong.pricing.kinds.checks import common_refusals
from kupong.pricing.kinds.kind import Form, Kind, Language
from kupong.pricing.kinds.mix_and_match import MIX_AND_MATCH
from kupong.pricing.kinds.quantity import QUANTITY
from kupong.pricing.kinds.shipping_threshold import SHIPPING_THRESHOLD
from kupong.pricing.kinds.simple import SIMPLE
from kupong.pricing.kinds.tender import TENDER
from kupong.pricing.kinds.threshold import THRESHOLD

KINDS: tuple[Kind[Any], ...] = (
    SIMPLE, QUANTITY, MIX_AND_MATCH, THRESHOLD, SHIPPING_THRESHOLD, TENDER,
)  # fmt: skip

BY_KEY: dict[str, Kind[Any]] = {kind.key: kind for kind in KINDS}
# How msgspec says what is wrong, and where.
_AT = re.compile(r" - at `\$\.?(.*)`$")
_ABOUT_FIELD = re.compile(r"^Object (missing required|contains unknown) field `(.*?)`")


def kind_of(discount: Discount) -> Kind[Any]:
    """The kind a discount is of; KeyError when there is none (ask `unsupported` first)."""
    return BY_KEY[discount.kind]


def parameters(discount: Discount) -> Any:
    """The kind's own parameters, as its `Params`. KeyError or msgspec.ValidationError where `unsupported` says so."""
    return msgspec.convert(discount.params, kind_of(discount).params)


def unsupported(discount: Discount) -> str | None:
    """What the engine cannot price in this discount, in a few words; None when it can price all of it."""
    unknown = _unknown(discount)
    if unknown is not None:
        return unknown
    problem = _converted(discount)
    if isinstance(problem, Refused):
        return f"{problem.detail.get('field') or 'parameters'} of kind {discount.kind}"
    return None


def _unknown(discount: Discount) -> str | None:
    kind = BY_KEY.get(discount.kind)
    if kind is None:
        return f"kind {discount.kind}"
    if discount.version != kind.version:
        return f"kind {discount.kind} version {discount.version}"
    return None


def enabling_refusals(discount: Discount) -> tuple[Refused, ...]:
    """Everything that keeps a discount from being enabled; empty when nothing does.

    The figure `line` counts the discount's lines from 1, `field` is a path in its header or its
    parameters. A kind that is not known is `not_supported`, and nothing else is said of it.
    """
    unknown = _unknown(discount)
    if unknown is not None:
        return (Refused(Reason.NOT_SUPPORTED, {"feature": unknown}),)
    kind = kind_of(discount)
    common = tuple(common_refusals(discount, kind))
    params = _converted(discount)
    if isinstance(params, Refused):
        return (*common, params)
    return (*common, *kind.enabling_refusals(discount, params))


def _converted(discount: Discount) -> Any:
    """The parameters, or why they are none: `missing` or `invalid` with the field at fault."""
    try:
        return parameters(discount)
    except msgspec.ValidationError as error:
        text = str(error)
        at = _AT.search(text)
        path = at[1] if at else ""
        about = _ABOUT_FIELD.match(text)
        if about is None:
            return Refused(Reason.INVALID, {"field": path})
        reason = Reason.MISSING if about[1] == "missing required" else Reason.INVALID
        return Refused(reason, {"field": ".".join(filter(None, (path, about[2])))})


def sentence(discount: Discount, language: Language = "en") -> str:
    """What the discount does, in one sentence. KeyError for a kind that is not known."""
    kind = kind_of(discount)
    params = _converted(discount)
    is_empty = not discount.lines and not kind.covers_all
    if is_empty or isinstance(params, Refused):
        return words.NOTHING[language]
    said = kind.sentence(discount, params, language) or words.NOTHING[language]
    return said + words.caps(discount, language)


def form_of(key: str) -> tuple[Kind[Any], Form]:
    """The form with this key, and its kind. KeyError when there is none."""
    for kind in KINDS:
        for form in kind.forms:
            if form.key == key:
                return kind, form
    raise KeyError(key)
