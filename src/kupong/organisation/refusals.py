"""How a use case says no: every problem of its input at once, as values, each with the field at fault."""

from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import models

from kupong.kernel.reasons import Reason, Refused


class InField(msgspec.Struct, frozen=True):
    """One problem: the path of the field ("lines[0].product"; "" is the whole input) and why."""

    field: str
    refused: Refused


class Refusals(msgspec.Struct, frozen=True):
    """The call was refused as a whole; nothing has changed. There is at least one problem."""

    problems: tuple[InField, ...]

    @property
    def first(self) -> Refused:
        return self.problems[0].refused


def refuse(reason: Reason, field: str = "", **figures: Any) -> Refusals:
    """The refusal with this one problem."""
    return Refusals((InField(field, Refused(reason, figures)),))


class Problems:
    """Collects what is wrong with an input while it is read."""

    def __init__(self) -> None:
        self._found: list[InField] = []

    def add(self, field: str, reason: Reason, **figures: Any) -> None:
        self._found.append(InField(field, Refused(reason, figures)))

    def take(self, problems: Iterable[InField]) -> None:
        self._found.extend(problems)

    def __bool__(self) -> bool:
        return bool(self._found)

    def refusals(self) -> Refusals | None:
        """None when everything was in order."""
        return Refusals(tuple(self._found)) if self._found else None

    def looked_up(
        self, field: str, model: type[models.Model], company_id: int, numbers: Iterable[str]
    ) -> list[int]:
        """The ids of the records with these numbers; each that there is not becomes a problem."""
        wanted = list(numbers)
        rows = model._default_manager.filter(company_id=company_id, number__in=wanted)
        found = dict(rows.values_list("number", "id"))
        for place, number in enumerate(wanted):
            if number not in found:
                self.add(f"{field}[{place}]", Reason.UNKNOWN_REFERENCE, value=number)
        return list(dict.fromkeys(found[number] for number in wanted if number in found))

    def looked_up_one(
        self, field: str, model: type[models.Model], company_id: int, number: str | None
    ) -> int | None:
        """The id of the record with this number; None stays None."""
        if number is None:
            return None
        rows = model._default_manager.filter(company_id=company_id, number=number)
        found: int | None = rows.values_list("id", flat=True).first()
        if found is None:
            self.add(field, Reason.UNKNOWN_REFERENCE, value=number)
        return found
