"""The API as one ASGI application, to be put in front of /api."""

from functools import lru_cache, partial
from typing import Any

import structlog
from litestar import Litestar, Request, Response, asgi, get
from litestar.exceptions import HTTPException
from litestar.types import Receive, Scope, Send

import kupong
from kupong.kernel.reasons import Reason, Refused
from kupong.web.api import codes, deliveries, managing, pages, selling, setup
from kupong.web.api.connections import Pool, closed_pool, django_dsn, django_pool_size
from kupong.web.api.dispatch import Dispatcher
from kupong.web.api.execution import Execution
from kupong.web.api.languages import preferred
from kupong.web.api.openapi import PREFIX, document
from kupong.web.api.operations import Operation
from kupong.web.api.problems import MEDIA_TYPE, encode, problem
from kupong.web.api.routing import Routes
from kupong.web.api.threads import Threads

log = structlog.get_logger()

POOL_SIZE = 10
# Threads of the pages take connections of the same pool.
KEPT_FOR_PAGES = 4
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def operations() -> list[Operation]:
    """Every operation of the API."""
    return [
        *selling.operations(),
        *codes.operations(),
        *managing.operations(),
        *deliveries.operations(),
        *setup.operations(),
    ]


def create_app(
    dsn: str | None = None, pool_size: int = POOL_SIZE, threads: int | None = None
) -> Litestar:
    """The application. Without a `dsn` it uses the database of Django's settings, as its threads do."""
    pool = closed_pool(dsn or django_dsn(), pool_size)
    count = threads or max(1, django_pool_size() - KEPT_FOR_PAGES)
    execution = Execution(pool, Threads(count))
    dispatcher = Dispatcher(Routes(operations()), pool, execution)
    return Litestar(
        [_mounted(dispatcher), *_reference()],
        openapi_config=None,
        on_startup=[partial(_open, pool)],
        on_shutdown=[partial(_close, pool)],
        exception_handlers={Exception: _said_as_problem},
        logging_config=None,
    )


async def _open(pool: Pool) -> None:
    """Connections come when they can: a database that is away is told of call by call."""
    await pool.open(wait=False)


async def _close(pool: Pool) -> None:
    await pool.close()


def _mounted(dispatcher: Dispatcher) -> Any:
    """A raw ASGI route: the framework's handler layer costs more than the rest of a checkout call."""

    @asgi(PREFIX, is_mount=True, copy_scope=True)
    async def calls(scope: Scope, receive: Receive, send: Send) -> None:
        await dispatcher(scope, receive, send)  # type: ignore[arg-type]  # ASGI, by other names

    return calls


@lru_cache(maxsize=1)
def _described() -> dict[str, Any]:
    return document(operations(), kupong.__version__)


@lru_cache(maxsize=1)
def _drawn() -> bytes:
    return pages.page(_described())


def _reference() -> list[Any]:
    @get("/api/openapi.json", sync_to_thread=False)
    def openapi_document() -> Response[bytes]:
        return Response(encode(_described()), media_type="application/json")

    @get("/api/docs", sync_to_thread=False)
    def reference_page() -> Response[bytes]:
        return Response(
            _drawn(),
            media_type="text/html",
            headers={
                "Content-Security-Policy": _POLICY,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "same-origin",
            },
        )

    return [openapi_document, reference_page]


def _said_as_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """There is no such path, or the path does not know the method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    reason = {404: Reason.NOT_FOUND, 405: Reason.METHOD_NOT_ALLOWED}.get(status, Reason.MALFORMED)
    if status >= 500:
        log.error("call failed", path=request.scope["path"], exc_info=error)
        reason = Reason.UNAVAILABLE
    language = preferred(request.headers.get("accept-language", ""))
    said = problem(Refused(reason), language, status)
    allowed = getattr(error, "headers", None) or {}
    return Response(encode(said), status_code=status, media_type=MEDIA_TYPE, headers=allowed)
