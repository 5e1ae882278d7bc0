"""The document against the application: whatever is sent, the answer is one that the document knows."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from kupong.discounts.book import forget_books
from kupong.organisation import service
from kupong.organisation.shapes import IssuedKey
from kupong.web.api.app import create_app, operations
from kupong.web.api.openapi import document
from tests.web.api.caller import HOUSTON

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]
EXAMPLES = 12

schema = schemathesis.openapi.from_dict(document(operations(), "0"))


class Served:
    """Where the application listens, and a key of an administrator."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key


@pytest.fixture(scope="module")
def served(django_db_setup: None, django_db_blocker: Any) -> Iterator[Served]:
    """The application behind a real server, with something to find in it."""
    with django_db_blocker.unblock():
        forget_books()
        service.ensure_installation()
        made = service.create_api_key(role="administrator")
        assert isinstance(made, IssuedKey)
        server = uvicorn.Server(uvicorn.Config(create_app(), log_config=None, lifespan="on"))
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            found = Served(f"{url}/api/v1", str(made.key))
            _fill(found)
            yield found
        finally:
            server.should_exit = True
            thread.join()
            call_command("flush", interactive=False, verbosity=0)


def _fill(served: Served) -> None:
    """Records with the numbers that generated calls try most: "0" and "00"."""
    deadline = time.monotonic() + 30
    with httpx.Client(headers={"Authorization": f"Bearer {served.key}"}) as client:
        while client.get(f"{served.url}/parameters").status_code == 503:
            assert time.monotonic() < deadline
        for path, body in (
            ("/channels/0", HOUSTON),
            ("/products/0", {"price": 100}),
            ("/customers/0", {}),
            ("/discounts/0", {"lines": [{"all": True, "percent_off": "10"}]}),
            ("/coupons/0", {"label": "0", "kind": "anonymous", "discount": "0"}),
            ("/coupons/00", {"label": "0", "kind": "individual"}),
        ):
            assert client.put(f"{served.url}{path}", json=body).status_code == 201
        assert client.post(f"{served.url}/coupons/0/activate").status_code == 200


def test_generated_calls_go_to_a_database_of_the_tests(db: None) -> None:
    """It also makes the runner set that database up when it runs this module alone."""
    assert str(connection.settings_dict["NAME"]).startswith("test_")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_knows(case: Case, served: Served) -> None:
    case.call_and_validate(
        base_url=served.url,
        headers={"Authorization": f"Bearer {served.key}"},
        checks=CHECKS,
    )
