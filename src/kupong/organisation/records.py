"""Records that people know by their number: one way to create, replace, change, find and list them.

A room says what is its own (the shapes, how a draft is written, how rows are read); the rest is here.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from django.db import models

from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.fields import Number
from kupong.organisation.numbers import free_numbers
from kupong.organisation.refusals import InField, Refusals, refuse
from kupong.organisation.transactions import use_case


class Draft(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is sent to create or replace a record. Without a number it gets the next of its sequence."""

    number: Number | None = None


DraftT = TypeVar("DraftT", bound=Draft)
RecordT = TypeVar("RecordT")


class Page(msgspec.Struct, Generic[RecordT], kw_only=True):
    """A part of a list; `next` asks for the part after it, None at the end. `count` is an estimate."""

    items: list[RecordT]
    next: str | None
    count: int | msgspec.UnsetType = msgspec.UNSET


class Replaced(msgspec.Struct, Generic[RecordT], frozen=True):
    record: RecordT
    created: bool


def is_number(text: str) -> bool:
    """Whether a record may have this number."""
    try:
        msgspec.convert(text, Number)
    except msgspec.ValidationError:
        return False
    return True


def patch_of(draft: type[Draft], name: str) -> type[msgspec.Struct]:
    """The shape of a change to such a record: every field of the draft but the number, all optional."""
    fields = [
        (field.name, field.type | msgspec.UnsetType, msgspec.UNSET)
        for field in msgspec.structs.fields(draft)
        if field.name != "number"
    ]
    return msgspec.defstruct(
        name,
        fields,
        kw_only=True,
        forbid_unknown_fields=True,
        module=draft.__module__,
        namespace={"__doc__": "What is left out stays as it is."},
    )


def changes_in(patch: msgspec.Struct) -> dict[str, Any]:
    """The fields that were sent."""
    given = {name: getattr(patch, name) for name in patch.__struct_fields__}
    return {name: value for name, value in given.items() if value is not msgspec.UNSET}


class Records(Generic[DraftT, RecordT]):
    """One kind of record of a company.

    `write(row, draft)` checks a draft and writes it to a new or locked row, or says what is wrong with it
    before anything is written; `read(company_id, rows)` makes records of rows in a fixed number of
    queries; `hold(company_id)` takes the locks that must come before the row's. The fields of a
    draft are fields of its record.
    """

    def __init__(
        self,
        *,
        model: type[models.Model],
        reference: str,
        draft: type[DraftT],
        record: type[RecordT],
        write: Callable[[Any, DraftT], Refusals | None],
        read: Callable[[int, Sequence[Any]], list[RecordT]],
        hold: Callable[[int], None] = lambda company_id: None,
    ) -> None:
        self.model, self.reference = model, reference
        self.draft, self.record = draft, record
        self.patch = patch_of(draft, draft.__name__.replace("Draft", "Patch"))
        self._write, self._read, self._hold = write, read, hold

    @use_case
    def create(self, company_id: int, draft: DraftT) -> RecordT | Refusals:
        """Refused with `duplicate` when the number is taken."""
        self._hold(company_id)
        if draft.number is None:
            drawn = self.next_number(company_id)
            if isinstance(drawn, Refusals):
                return drawn
            draft = msgspec.structs.replace(draft, number=drawn)
        elif self._rows(company_id, [draft.number]):
            return refuse(Reason.DUPLICATE, "number", value=draft.number)
        return self._written(self.model(company_id=company_id, number=draft.number), draft)

    @use_case
    def replace(self, company_id: int, number: str, draft: DraftT) -> Replaced[RecordT] | Refusals:
        """Create the record with this number, or put the draft in place of all that it held."""
        if draft.number not in (None, number) or not is_number(number):
            return refuse(Reason.INVALID, "number", value=draft.number or number)
        self._hold(company_id)
        row = self._locked(company_id, number)
        created = row is None
        row = row or self.model(company_id=company_id, number=number)
        written = self._written(row, draft)
        return written if isinstance(written, Refusals) else Replaced(written, created)

    @use_case
    def change(self, company_id: int, number: str, patch: msgspec.Struct) -> RecordT | Refusals:
        """Change the fields that `patch` holds (see `patch`). Refused with `not_found`."""
        self._hold(company_id)
        row = self._locked(company_id, number)
        if row is None:
            return refuse(Reason.NOT_FOUND)
        (record,) = self._read(company_id, [row])
        return self._written(row, self._merged(record, changes_in(patch)))

    def next_number(self, company_id: int) -> str | Refusals:
        """Draw the next number of the sequence that nobody has taken by hand."""
        drawn = free_numbers(company_id, self.reference, 1, self._taken_in(company_id))
        return Refusals((InField("number", drawn),)) if isinstance(drawn, Refused) else drawn[0]

    def find(self, company_id: int, number: str) -> RecordT | None:
        rows = self._rows(company_id, [number])
        return self._read(company_id, rows)[0] if rows else None

    def page(self, company_id: int, after: str | None = None, limit: int = 100) -> Page[RecordT]:
        """In the order of their numbers, beginning after the number `after`."""
        wanted = self.model._default_manager.filter(company_id=company_id).order_by("number")
        if after is not None:
            wanted = wanted.filter(number__gt=after)
        rows: list[Any] = list(wanted[: limit + 1])
        following = rows[limit - 1].number if len(rows) > limit else None
        return Page(items=self._read(company_id, rows[:limit]), next=following)

    def _merged(self, record: RecordT, changes: dict[str, Any]) -> DraftT:
        now = {name: getattr(record, name) for name in self.draft.__struct_fields__}
        return self.draft(**now | changes)

    def _written(self, row: Any, draft: DraftT) -> RecordT | Refusals:
        return self._write(row, draft) or self._read(row.company_id, [row])[0]

    def _locked(self, company_id: int, number: str) -> Any:
        rows = self.model._default_manager.select_for_update(no_key=True)
        return rows.filter(company_id=company_id, number=number).first()

    def _rows(self, company_id: int, numbers: Sequence[str]) -> list[Any]:
        rows = self.model._default_manager.filter(company_id=company_id, number__in=numbers)
        return list(rows)

    def _taken_in(self, company_id: int) -> Callable[[list[str]], set[str]]:
        return lambda numbers: {row.number for row in self._rows(company_id, numbers)}


def link(
    model: type[models.Model], owner: tuple[str, models.Model], target: str, ids: Iterable[int]
) -> None:
    """Make the rows of `model` tie the owner ("channel", row) to exactly these ids of `target`."""
    name, row = owner
    company_id = row.company_id  # type: ignore[attr-defined]
    present = model._default_manager.filter(company_id=company_id, **{f"{name}_id": row.pk})
    held = set(present.values_list(f"{target}_id", flat=True))
    wanted = set(ids)
    if held - wanted:
        present.filter(**{f"{target}_id__in": held - wanted}).delete()
    model._default_manager.bulk_create(
        model(company_id=company_id, **{f"{name}_id": row.pk, f"{target}_id": one})
        for one in sorted(wanted - held)
    )


def linked_numbers(
    model: type[models.Model], owner: str, target: str, company_id: int, ids: Iterable[int]
) -> dict[int, list[str]]:
    """The numbers of the targets by the id of their owner, in order."""
    numbers: dict[int, list[str]] = {one: [] for one in ids}
    pairs = model._default_manager.filter(
        company_id=company_id, **{f"{owner}_id__in": list(numbers)}
    ).order_by(f"{target}__number")
    for one, number in pairs.values_list(f"{owner}_id", f"{target}__number"):
        numbers[one].append(number)
    return numbers
