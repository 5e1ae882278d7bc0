"""One use case is one transaction: what is refused leaves nothing behind."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import psycopg
from django.db import IntegrityError, transaction

from kupong.kernel.reasons import Reason
from kupong.organisation.refusals import Refusals, refuse

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

# How the unique constraints of all rooms are named, and the field that each is about.
_FIELDS = {"_number_key": "number", "_code_key": "code", "_barcode_key": "barcode"}


def use_case(function: Callable[Given, Answer | Refusals]) -> Callable[Given, Answer | Refusals]:
    """Run it in a transaction, roll back what it refuses, and answer `duplicate` to whoever came second."""

    @wraps(function)
    def in_transaction(*args: Given.args, **named: Given.kwargs) -> Answer | Refusals:
        try:
            with transaction.atomic():
                answer = function(*args, **named)
                if isinstance(answer, Refusals):
                    transaction.set_rollback(True)
                return answer
        except IntegrityError as error:
            return _duplicate(error)

    return in_transaction


def _duplicate(error: IntegrityError) -> Refusals:
    """Two created the same at once. Any other violation is a fault of ours and is raised again."""
    cause = error.__cause__
    if isinstance(cause, psycopg.errors.UniqueViolation):
        name = cause.diag.constraint_name or ""
        for ending, field in _FIELDS.items():
            if name.endswith(ending):
                return refuse(Reason.DUPLICATE, field)
    raise error
