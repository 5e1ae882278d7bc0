"""The pages at /api/docs, drawn on the server from the OpenAPI document: no script, no outside host."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine

_METHODS = ("get", "post", "put", "patch", "delete")


@lru_cache(maxsize=1)
def _template() -> Any:
    folder = Path(__file__).parent / "templates"
    return Engine(dirs=[str(folder)], autoescape=True).get_template("api_docs.html")


def page(document: dict[str, Any]) -> bytes:
    """The whole reference as one HTML page."""
    schemas = document["components"]["schemas"]
    context = {
        "info": document["info"],
        "base": document["servers"][0]["url"],
        "groups": list(_groups(document)),
        "schemas": [
            {"name": name, "text": json.dumps(schema, indent=2, ensure_ascii=False)}
            for name, schema in sorted(schemas.items())
        ],
    }
    rendered: str = _template().render(Context(context))
    return rendered.encode()


def _groups(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for tag in document["tags"]:
        yield {
            "name": tag["name"],
            "operations": [
                _operation(path, method, described)
                for path, methods in document["paths"].items()
                for method in _METHODS
                if (described := methods.get(method)) and tag["name"] in described["tags"]
            ],
        }


def _operation(path: str, method: str, described: dict[str, Any]) -> dict[str, Any]:
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "id": described["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": described["summary"],
        "description": described["description"],
        "parameters": described["parameters"],
        "body": _name(body.get("schema")),
        "responses": [
            {"status": status, "meaning": one["description"], "schema": _schema_of(one)}
            for status, one in sorted(described["responses"].items())
        ],
    }


def _schema_of(response: dict[str, Any]) -> str:
    for content in response.get("content", {}).values():
        return _name(content["schema"])
    return ""


def _name(schema: dict[str, Any] | None) -> str:
    return str((schema or {}).get("$ref", "")).rpartition("/")[2]
