"""Does the work of a call, and keeps its answer when it came with an idempotency key.

Key, work and kept answer are one transaction. Use cases run in threads on Django's connection, plans on an
asynchronous one; both are told what to do by the same functions.
"""

from functools import partial
from typing import Any

import msgspec
from django.db import transaction

from kupong.kernel.reasons import Refused
from kupong.organisation.plans import run, run_async
from kupong.redemption.service import django_connection
from kupong.web.api.connections import Pool
from kupong.web.api.operations import Call, Operation, Outcome, Reply
from kupong.web.api.problems import encode, problem_of
from kupong.web.api.threads import Threads
from kupong.work import idempotency
from kupong.work.idempotency import FirstAnswer

_NOT_KEPT = (400, 401, 403)


class Answer(msgspec.Struct, frozen=True):
    """What goes back. `kept` is what a repetition is answered with, where that differs from the body."""

    status: int
    body: bytes
    kept: bytes | None = None
    replayed: bool = False


class Execution:
    """Runs operations of either sort."""

    def __init__(self, pool: Pool, threads: Threads) -> None:
        self._pool, self._threads = pool, threads

    async def outcome(
        self, operation: Operation, call: Call, keyed: idempotency.Call | None
    ) -> Answer:
        if operation.plan is None:
            return await self._threads.run(partial(_use_case, operation, call, keyed))
        async with self._pool.connection() as connection:
            if not operation.changes:
                return _answer(await run_async(connection, operation.plan(call)), call)
            async with connection.transaction():
                return await self._plan(connection, operation, call, keyed)

    async def _plan(
        self, connection: Any, operation: Operation, call: Call, keyed: idempotency.Call | None
    ) -> Answer:
        assert operation.plan is not None
        if keyed is None:
            return _answer(await run_async(connection, operation.plan(call)), call)
        first = await run_async(connection, idempotency.begin(keyed))
        if first is not None:
            return _before(first, call)
        answer = _answer(await run_async(connection, operation.plan(call)), call)
        if answer.status not in _NOT_KEPT:
            await run_async(connection, idempotency.keep(keyed, _first(answer)))
        return answer


def _use_case(operation: Operation, call: Call, keyed: idempotency.Call | None) -> Answer:
    assert operation.use_case is not None
    if keyed is None:
        return _answer(operation.use_case(call), call)
    with transaction.atomic():
        first = run(django_connection(), idempotency.begin(keyed))
        if first is not None:
            return _before(first, call)
        answer = _answer(operation.use_case(call), call)
        if answer.status not in _NOT_KEPT:
            run(django_connection(), idempotency.keep(keyed, _first(answer)))
        return answer


def _answer(outcome: Outcome, call: Call) -> Answer:
    if not isinstance(outcome, Reply):
        said = problem_of(outcome, call.language)
        return Answer(said.status, encode(said))
    body = b"" if outcome.status == 204 else encode(outcome.body)
    return Answer(outcome.status, body, encode(outcome.kept) if outcome.kept else None)


def _before(first: FirstAnswer | Refused, call: Call) -> Answer:
    if isinstance(first, FirstAnswer):
        return Answer(first.status, first.body, replayed=True)
    return _answer(first, call)


def _first(answer: Answer) -> FirstAnswer:
    return FirstAnswer(answer.status, answer.kept or answer.body)
