"""Errors as the API says them: problem details (RFC 9457) with a reason key, in the caller's language."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.refusals import InField, Refusals
from kupong.redemption.shapes import CodeAnswer, FieldError, Rejected

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1


class Problem(msgspec.Struct, kw_only=True):
    """`code` is the reason; `figures` explain it; `errors` name the fields at fault, `codes` every code's answer."""

    type: str = "about:blank"
    title: str
    status: int
    code: Reason
    detail: str
    figures: dict[str, Any] | UnsetType = UNSET
    errors: list[FieldError] | UnsetType = UNSET
    codes: list[CodeAnswer] | UnsetType = UNSET


# 422 where nothing else is said.
_STATUSES: Mapping[Reason, int] = {
    Reason.MALFORMED: 400,
    Reason.UNAUTHENTICATED: 401,
    Reason.FORBIDDEN: 403,
    Reason.NOT_FOUND: 404,
    Reason.METHOD_NOT_ALLOWED: 405,
    Reason.WRONG_STATE: 409,
    Reason.DUPLICATE: 409,
    Reason.EXHAUSTED: 409,
    Reason.IN_FLIGHT: 409,
    Reason.UNAVAILABLE: 503,
}


def problem_of(refused: Refused | Refusals | Rejected, language: str) -> Problem:
    """The answer to a refusal, whichever way a room says it."""
    if isinstance(refused, Refused):
        return problem(refused, language)
    if isinstance(refused, Refusals):
        return _of_fields(refused, language)
    return _of_sale(refused, language)


# What is said of an address; of a code on a cart the reason has its own words.
_NO_SUCH_RECORD = {"en": "There is no such record.", "sv": "Det finns ingen sådan post."}


def problem(refused: Refused, language: str, status: int | None = None) -> Problem:
    status = status or _STATUSES.get(refused.reason, 422)
    return Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        code=refused.reason,
        detail=_NO_SUCH_RECORD[language] if status == 404 else message(refused, language),
        figures=refused.detail or UNSET,
    )


def _of_fields(refusals: Refusals, language: str) -> Problem:
    statuses = {_STATUSES.get(one.refused.reason, 422) for one in refusals.problems}
    found = problem(refusals.first, language, statuses.pop() if len(statuses) == 1 else 422)
    if len(refusals.problems) > 1 or refusals.problems[0].field:
        found.errors = [_field_error(one, language) for one in refusals.problems]
        found.figures = UNSET
    return found


def _field_error(one: InField, language: str) -> FieldError:
    return FieldError(
        field=one.field, code=one.refused.reason, detail=message(one.refused, language)
    )


def _of_sale(rejected: Rejected, language: str) -> Problem:
    refused = Refused(rejected.reason, rejected.detail)
    refusals = [code.reason for code in rejected.codes if code.status == "refused"]
    status = _STATUSES.get(rejected.reason, 422)
    if rejected.errors:
        status = 422
    elif refusals:
        status = 409 if set(refusals) == {Reason.EXHAUSTED} else 422
    found = problem(refused, language, status)
    found.errors = rejected.errors or UNSET
    found.codes = rejected.codes or UNSET
    return found


_AT = re.compile(r" - at `(.*)`$", re.DOTALL)
_ABOUT_FIELD = re.compile(r"^Object (missing required|contains unknown) field `(.*)`", re.DOTALL)
_WRONG_TYPE = re.compile(r", got `")


def input_problem(error: Exception, language: str) -> Problem:
    """What is wrong with a body or a query that could not be decoded.

    400 where it cannot be read as what it should be (no JSON, another type, an unknown field), 422 where
    it can and the value is not allowed or missing.
    """
    if not isinstance(error, msgspec.ValidationError):
        return problem(Refused(Reason.MALFORMED), language)
    text = str(error)
    at = _AT.search(text)
    path = at[1].removeprefix("$").removeprefix(".") if at else ""
    said = text[: at.start()] if at else text
    about = _ABOUT_FIELD.match(said)
    if about is None:
        reason = Reason.INVALID
        status = 400 if _WRONG_TYPE.search(said) else 422
    else:
        path = f"{path}.{about[2]}" if path else about[2]
        missing = about[1] == "missing required"
        reason, status = (Reason.MISSING, 422) if missing else (Reason.INVALID, 400)
    found = problem(Refused(Reason.MALFORMED if status == 400 else reason), language, status)
    sentence = message(Refused(reason), language)
    found.errors = [FieldError(field=path, code=reason, detail=f"{sentence} ({said})")]
    return found


def too_large(language: str) -> Problem:
    return problem(Refused(Reason.MALFORMED), language, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def broken(language: str) -> Problem:
    """A fault of ours."""
    return problem(Refused(Reason.UNAVAILABLE), language, HTTPStatus.INTERNAL_SERVER_ERROR)


def encode(body: Any) -> bytes:
    return msgspec.json.encode(body)
