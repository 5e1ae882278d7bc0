"""The one entry of the web process: health, the JSON API, and the pages for everything else."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import quote

import structlog

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PAGE_THREADS = 4
READY_SECONDS = 5.0
RETRY_AFTER_SECONDS = 2
_ASCII = "".join(map(chr, range(33, 127)))
log = structlog.get_logger()


class Entry:
    """Dispatches by the path. `database_is_up` is false while the embedded server is being restarted."""

    def __init__(self, api: Application, pages: Application, ready: Callable[[], bool]) -> None:
        self.api = api
        self.pages = pages
        self.ready = ready
        self.database_is_up = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.api(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path == "/health" or path.startswith("/health/"):
            await self._health(scope, send)
        elif not self.database_is_up:
            await _send_problem(send, 503, "The database is being restarted.")
        elif path == "/api" or path.startswith("/api/"):
            await self.api(scope, receive, send)
        else:
            await self.pages(_with_plain_query(scope), receive, send)

    async def _health(self, scope: Scope, send: Send) -> None:
        if scope["path"] not in ("/health/live", "/health/ready"):
            await _send_problem(send, 404, "There are /health/live and /health/ready.")
        elif scope["method"] not in ("GET", "HEAD"):
            await _send_problem(send, 405, "Ask with GET.", [(b"allow", b"GET, HEAD")])
        elif scope["path"] == "/health/live" or await self._is_ready():
            await _send_json(send, 200, {"status": "ok"})
        else:
            await _send_problem(send, 503, "The database does not answer, or lacks migrations.")

    async def _is_ready(self) -> bool:
        if not self.database_is_up:
            return False
        try:
            return await asyncio.wait_for(asyncio.to_thread(self.ready), READY_SECONDS)
        except TimeoutError:
            return False


def build(*, migrated: bool = False) -> Entry:
    """Put the faces together. Django has to be connected to its database before.

    `migrated` says that the caller has seen to the migrations itself.
    """
    from a2wsgi import WSGIMiddleware
    from django.core.wsgi import get_wsgi_application

    from kupong.web.api.app import create_app

    # The two libraries describe the same messages in types that do not meet.
    pages = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=PAGE_THREADS)
    return Entry(cast(Application, create_app()), cast(Application, pages), Readiness(migrated))


class Readiness:
    """Whether the database answers and has all migrations; migrations that were there do not go away."""

    def __init__(self, migrated: bool) -> None:
        self.migrated = migrated

    def __call__(self) -> bool:
        from django.db import DatabaseError, connection

        from kupong.boot.migration import pending

        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            self.migrated = self.migrated or not pending()
        except DatabaseError as error:
            log.warning("not ready", error=str(error))
            return False
        finally:
            connection.close()
        return self.migrated


def _with_plain_query(scope: Scope) -> Scope:
    """Some clients send a query as raw bytes; the way to the pages knows ASCII only."""
    query: bytes = scope["query_string"]
    if query.isascii():
        return scope
    return {**scope, "query_string": quote(query, safe=_ASCII).encode("ascii")}


async def _send_problem(
    send: Send, status: int, detail: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    extra = list(headers or [])
    if status == 503:
        extra.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    code = {404: "not_found", 405: "invalid", 503: "unavailable"}[status]
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    await _send_json(send, status, body, extra, b"application/problem+json")


async def _send_json(
    send: Send,
    status: int,
    body: dict[str, Any],
    headers: list[tuple[bytes, bytes]] | None = None,
    content_type: bytes = b"application/json",
) -> None:
    content = json.dumps(body).encode()
    own = [(b"content-type", content_type), (b"content-length", str(len(content)).encode())]
    await send(
        {"type": "http.response.start", "status": status, "headers": [*own, *(headers or [])]}
    )
    await send({"type": "http.response.body", "body": content})
