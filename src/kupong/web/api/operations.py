"""What an operation of the API is. Routes, guards and the OpenAPI document are all made of these."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from kupong.kernel.reasons import Refused
from kupong.organisation.api_keys import Caller
from kupong.organisation.plans import Plan
from kupong.organisation.refusals import Refusals
from kupong.organisation.shapes import Role
from kupong.redemption.shapes import Rejected

ADMINISTRATOR: frozenset[Role] = frozenset({"administrator"})
TRUSTED: frozenset[Role] = frozenset({"administrator", "channel"})
EVERYBODY: frozenset[Role] = frozenset({"administrator", "channel", "public"})


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call, decoded: `query` and `body` are of the types that the operation names."""

    caller: Caller
    path: dict[str, str]
    query: Any
    body: Any
    language: str
    now: datetime

    @property
    def company_id(self) -> int:
        return self.caller.company_id


class Reply(msgspec.Struct, frozen=True):
    """A good answer. `kept` stands in for the body where an idempotency key repeats the answer."""

    body: Any
    status: int = 200
    kept: Any = None


Outcome = Reply | Refusals | Rejected | Refused


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method on one path (below /api/v1).

    Exactly one of `use_case` (runs in a thread, may use the ORM) and `plan` (runs on an asynchronous
    connection) does the work. `answers` gives the type of the body by status, `refuses` the further
    statuses beside those that follow from the shape. `changes`: it honours an Idempotency-Key.
    """

    method: str
    path: str
    name: str
    summary: str
    group: str
    answers: dict[int, Any]
    use_case: Callable[[Call], Outcome] | None = None
    plan: Callable[[Call], Plan[Outcome]] | None = None
    roles: frozenset[Role] = ADMINISTRATOR
    query: type[msgspec.Struct] | None = None
    body: Any = None
    refuses: frozenset[int] = field(default_factory=frozenset)
    changes: bool = False

    @property
    def statuses(self) -> frozenset[int]:
        """Every status it may answer with, beside those of `answers`."""
        found = {401, 403, 500, 503} | self.refuses
        if "{" in self.path:
            found.add(404)
        if self.body is not None:
            found |= {400, 413, 422}
        if self.query is not None:
            found |= {400, 422}
        if self.changes:
            found |= {400, 409, 422}
        return frozenset(found)
