"""From a request to its answer: method, caller, rights, input, the work, and how its outcome is said."""

import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import django.db
import psycopg
import structlog

from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.api_keys import Caller, authenticate
from kupong.organisation.plans import run_async
from kupong.web.api.connections import Pool
from kupong.web.api.execution import Answer, Execution
from kupong.web.api.languages import preferred
from kupong.web.api.operations import Call
from kupong.web.api.problems import (
    MEDIA_TYPE,
    RETRY_AFTER_SECONDS,
    Problem,
    broken,
    encode,
    problem,
)
from kupong.web.api.requests import (
    Receive,
    Scope,
    decoded_body,
    decoded_query,
    headers_of,
    idempotency_key,
    is_readable,
    read_body,
)
from kupong.web.api.routing import ByMethod, Routes
from kupong.work.idempotency import Call as KeyedCall

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Outage = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.OperationalError,
    django.db.InterfaceError,
)
log = structlog.get_logger()


class Dispatcher:
    """Answers every call below the prefix of the API."""

    def __init__(self, routes: Routes, pool: Pool, execution: Execution) -> None:
        self._routes, self._pool, self._execution = routes, pool, execution

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        language = preferred(headers.get("accept-language", ""))
        found = self._routes.find(scope["path"])
        operations, path = found or ({}, {})
        try:
            if found is None or not is_readable(path):
                answer: Answer | Problem = problem(Refused(Reason.NOT_FOUND), language)
            else:
                answer = await self._answer(operations, path, scope, receive, language)
        except Outage as error:
            log.warning("database away", operation=_named(operations, scope), error=str(error))
            answer = problem(Refused(Reason.UNAVAILABLE), language)
        except Exception:
            log.exception("call failed", operation=_named(operations, scope))
            answer = broken(language)
        if isinstance(answer, Problem):
            answer = Answer(answer.status, encode(answer))
        await _send(send, answer, _extra_headers(answer.status, operations))

    async def _answer(
        self,
        operations: ByMethod,
        path: dict[str, str],
        scope: Scope,
        receive: Receive,
        language: str,
    ) -> Answer | Problem:
        operation = operations.get("GET" if scope["method"] == "HEAD" else scope["method"])
        if operation is None:
            return problem(Refused(Reason.METHOD_NOT_ALLOWED), language)
        headers = headers_of(scope)
        caller = await self._caller(headers)
        if caller is None:
            return problem(Refused(Reason.UNAUTHENTICATED), language)
        if caller.role not in operation.roles:
            return problem(Refused(Reason.FORBIDDEN), language)
        body = await read_body(receive)
        query = content = key = None
        if operation.query is not None:
            query = decoded_query(operation, scope["query_string"], language)
        if operation.body is not None:
            content = decoded_body(operation, body, language)
        if operation.changes:
            key = idempotency_key(headers, language)
        for part in (query, content, key):
            if isinstance(part, Problem):
                return part
        call = Call(
            caller=caller,
            path=path,
            query=query,
            body=content,
            language=language,
            now=datetime.now(UTC),
        )
        keyed = _keyed(caller, key, scope, body) if isinstance(key, str) else None
        return await self._execution.outcome(operation, call, keyed)

    async def _caller(self, headers: dict[str, str]) -> Caller | None:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        async with self._pool.connection() as connection:
            return await run_async(connection, authenticate(key.strip()))


def _named(operations: ByMethod, scope: Scope) -> str:
    """For the log: the path of an operation, never one with a coupon code in it."""
    paths = {operation.path for operation in operations.values()}
    return f"{scope['method']} {', '.join(paths)}"


def _extra_headers(status: int, operations: ByMethod) -> list[tuple[bytes, bytes]]:
    if status == 401:
        return [(b"www-authenticate", b"Bearer")]
    if status == 405:
        return [(b"allow", ", ".join(sorted(operations)).encode())]
    if status == 503:
        return [(b"retry-after", str(RETRY_AFTER_SECONDS).encode())]
    return []


def _keyed(caller: Caller, key: str, scope: Scope, body: bytes | None) -> KeyedCall:
    asked = f"{scope['method']} {scope['path']}\n".encode("utf-8", "surrogateescape")
    return KeyedCall(
        company_id=caller.company_id,
        caller=f"key:{caller.key_id}",
        key=key,
        fingerprint=hashlib.sha256(asked + (body or b"")).digest(),
    )


async def _send(send: Send, answer: Answer, extra: list[tuple[bytes, bytes]]) -> None:
    headers = [(b"cache-control", b"no-store"), *extra]
    if answer.status != 204:
        kind = MEDIA_TYPE if answer.status >= 400 else "application/json"
        headers.append((b"content-type", kind.encode()))
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.replayed:
        headers.append((b"idempotent-replayed", b"true"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
