"""The one entry: who answers which path, and what is said while the database is away."""

import asyncio
from typing import Any

import pytest
from django.db import connection

from kupong.boot.asgi import Entry, Readiness, Scope


class Face:
    """An application that only notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        self.asked.append(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})


class House:
    def __init__(self, ready: bool = True) -> None:
        self.api, self.pages = Face(), Face()
        self.entry = Entry(self.api, self.pages, lambda: ready)

    def ask(self, path: str, method: str = "GET", query: bytes = b"") -> dict[str, Any]:
        scope = {"type": "http", "path": path, "method": method, "query_string": query}
        return self.send(scope)[0]

    def send(self, scope: dict[str, Any]) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": f"{scope['type']}.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.entry(scope, receive, send))
        return sent


def test_the_api_has_its_prefix_and_the_pages_have_the_rest() -> None:
    house = House()
    for path in ("/api", "/api/v1/quotes", "/", "/apiary", "/healthy", "/static/x.css"):
        assert house.ask(path)["status"] == 200
    assert [scope["path"] for scope in house.api.asked] == ["/api", "/api/v1/quotes"]
    assert [scope["path"] for scope in house.pages.asked] == [
        "/",
        "/apiary",
        "/healthy",
        "/static/x.css",
    ]


def test_start_and_stop_are_told_to_the_api_alone_and_sockets_are_closed() -> None:
    house = House()
    house.send({"type": "lifespan"})
    assert house.send({"type": "websocket", "path": "/api/v1"}) == [
        {"type": "websocket.close", "code": 1000}
    ]
    assert [scope["type"] for scope in house.api.asked] == ["lifespan"]
    assert house.pages.asked == []


def test_a_living_process_that_cannot_serve_is_live_and_not_ready() -> None:
    house = House(ready=False)
    assert house.ask("/health/live")["status"] == 200
    answer = house.ask("/health/ready")
    assert answer["status"] == 503
    assert (b"retry-after", b"2") in answer["headers"]
    assert House().ask("/health/ready")["status"] == 200


def test_health_is_asked_by_get_and_has_two_questions() -> None:
    assert House().ask("/health/live", "HEAD")["status"] == 200
    assert House().ask("/health/live", "POST")["status"] == 405
    assert House().ask("/health")["status"] == 404


def test_while_the_database_is_restarted_everything_is_asked_to_come_back() -> None:
    house = House()
    house.entry.database_is_up = False
    for path in ("/", "/api/v1/quotes", "/health/ready"):
        assert house.ask(path)["status"] == 503
    assert house.ask("/health/live")["status"] == 200
    assert house.api.asked == house.pages.asked == []
    house.entry.database_is_up = True
    assert house.ask("/")["status"] == 200


def test_a_query_of_raw_bytes_reaches_the_pages_encoded() -> None:
    house = House()
    house.ask("/", query="q=kött&x=%20".encode())
    house.ask("/", query=b"q=plain")
    queries = [scope["query_string"] for scope in house.pages.asked]
    assert queries == [b"q=k%C3%B6tt&x=%20", b"q=plain"]


@pytest.mark.django_db(transaction=True)
def test_ready_means_that_the_database_answers_and_has_all_migrations() -> None:
    assert Readiness(migrated=False)()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'work' RETURNING name, applied")
        taken = cursor.fetchall()
    try:
        assert not Readiness(migrated=False)()
    finally:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO django_migrations VALUES (DEFAULT, 'work', %s, %s)", taken
            )
