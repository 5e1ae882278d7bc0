"""The OpenAPI document, made of the operations themselves: it cannot say anything else than they do."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from kupong.web.api.operations import Operation
from kupong.web.api.problems import MEDIA_TYPE, Problem
from kupong.web.api.requests import MAX_KEY_CHARACTERS

PREFIX = "/api/v1"
_REFERENCE = "#/components/schemas/{name}"
_ABOUT = """\
Money is in integers of the currency's minor unit beside an ISO 4217 `currency`; percentages and quantities are decimal
strings; times are RFC 3339 with offset. A POST that changes something takes an `Idempotency-Key`: for 24 hours the same
key and body is answered as the first time, with the header `Idempotent-Replayed: true`. `Accept-Language` (en, sv)
changes texts, never keys. Errors are problem details (RFC 9457); `code` is a reason key."""


def document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    schemas, components = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _operation(operation, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kupong", "version": version, "description": _ABOUT},
        "servers": [{"url": PREFIX}],
        "security": [{"key": []}],
        "tags": [{"name": name} for name in dict.fromkeys(one.group for one in operations)],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key, kp_…"}
            },
            "schemas": components,
        },
    }


class _Schemas(dict[Any, dict[str, Any]]):
    """The schema of each type that an operation names."""


def _schemas(operations: Iterable[Operation]) -> tuple[_Schemas, dict[str, Any]]:
    types: list[Any] = [Problem]
    for operation in operations:
        types += [operation.body, operation.query, *operation.answers.values()]
    wanted = list(dict.fromkeys(one for one in types if one is not None))
    made, components = msgspec.json.schema_components(wanted, ref_template=_REFERENCE)
    return _Schemas(zip(wanted, made, strict=True)), components


def _operation(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Roles: {', '.join(sorted(operation.roles))}.",
        "tags": [operation.group],
        "parameters": _parameters(operation),
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        content = {"application/json": {"schema": schemas[operation.body]}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parts = [part.split("}")[0] for part in operation.path.split("{")[1:]]
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
        }
        for name in parts
    ]
    if operation.query is not None:
        found += _query_parameters(operation.query)
    if operation.changes:
        schema = {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARACTERS}
        found.append(
            {"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema}
        )
    return found


def _query_parameters(query: type[msgspec.Struct]) -> Iterable[dict[str, Any]]:
    described = msgspec.json.schema(query)["$defs"][query.__name__]["properties"]
    for name, schema in described.items():
        # In a query there is no null: what may be null may be left out.
        choices = [one for one in schema.get("anyOf", [schema]) if one != {"type": "null"}]
        yield {"name": name, "in": "query", "required": False, "schema": _without_null(choices[0])}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    if None in schema.get("enum", []):
        return schema | {"enum": [one for one in schema["enum"] if one is not None]}
    return {key: value for key, value in schema.items() if key != "default" or value is not None}


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    responses: dict[str, Any] = {
        str(status): _good(operation, status, schemas[body])
        for status, body in operation.answers.items()
    }
    problem = {MEDIA_TYPE: {"schema": schemas[Problem]}}
    for status in sorted(operation.statuses):
        described: dict[str, Any] = {"description": HTTPStatus(status).phrase, "content": problem}
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            described["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
        responses[str(status)] = described
    return responses


def _good(operation: Operation, status: int, schema: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": {"schema": schema}},
    }
    if operation.changes:
        described["headers"] = {
            "Idempotent-Replayed": {
                "description": "The answer of the first call is given again.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    return described
