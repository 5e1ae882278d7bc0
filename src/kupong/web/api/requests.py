"""Reads a request: body, query and headers, as the operation's types have them."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from kupong.web.api.operations import Operation
from kupong.web.api.problems import Problem, input_problem, too_large

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_KEY_CHARACTERS = 255
# PostgreSQL's text cannot hold the character NUL: an unescaped backslash before u0000 is one.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Malformed(ValueError):
    """The request cannot be read at all."""


async def read_body(receive: Receive) -> bytes | None:
    """The whole body; None when it is larger than we take."""
    parts: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return b"".join(parts)
        size += len(event.get("body", b""))
        if size > MAX_BODY_BYTES:
            return None
        parts.append(event.get("body", b""))
        if not event.get("more_body", False):
            return b"".join(parts)


def decoded_body(operation: Operation, body: bytes | None, language: str) -> Any:
    """The body as the operation's type; a Problem when it is not one."""
    if body is None:
        return too_large(language)
    try:
        if _NUL.search(body):
            raise Malformed("the character NUL cannot be kept")
        return msgspec.json.decode(body, type=operation.body)
    except (ValueError, RecursionError) as error:
        return input_problem(error, language)


def decoded_query(operation: Operation, raw: bytes, language: str) -> Any:
    """The query as the operation's type, every name at most once; a Problem when it is not one."""
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
        given = dict(pairs)
        if len(given) != len(pairs) or "\x00" in "".join(given.values()):
            raise Malformed("a name came twice, or a value holds the character NUL")
        return msgspec.convert(given, operation.query, strict=False)
    except ValueError as error:
        return input_problem(error, language)


def is_readable(path: dict[str, str]) -> bool:
    """Whether any number could read so: PostgreSQL takes neither NUL nor half a character."""
    text = "".join(path.values())
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by their names in lower case; of one that came twice the last."""
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }


def idempotency_key(headers: dict[str, str], language: str) -> str | Problem | None:
    key = headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY_CHARACTERS:
        return input_problem(Malformed("the idempotency key"), language)
    return key
