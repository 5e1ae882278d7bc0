"""What every call has in common: keys, methods, bodies, languages, repetition, and a database that is away."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from kupong.catalog.models import Product
from kupong.coupons.models import Coupon
from kupong.redemption.models import Redemption
from kupong.web.api.app import create_app
from kupong.web.api.languages import preferred
from kupong.work.models import IdempotencyKey
from tests.threading_calls import at_once
from tests.web.api.caller import CART, Caller, proper_problem

SPRING = {"label": "Spring", "kind": "individual"}


def send(api: Caller, method: str, path: str, content: bytes = b"", **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {api.key}"} | headers
    return api.client.request(method, path, content=content, headers=sent)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer kp_x", "Basic YTpi", "Bearer é"])
def test_without_a_valid_key_nothing_is_answered(api: Caller, authorization: str) -> None:
    headers = {"Authorization": authorization.encode("latin-1")} if authorization else {}
    answer = api.client.get("/api/v1/products", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert proper_problem(answer)["code"] == "unauthenticated"


def test_a_revoked_key_is_no_key_from_the_next_call_on(api: Caller) -> None:
    made = api.ok("POST", "/api-keys", {"role": "administrator"})
    api.ok("GET", "/products", key=made["key"])
    revoked = api.ok("DELETE", f"/api-keys/{made['id']}")
    assert revoked["revoked_at"] is not None
    api.refused(401, "GET", "/products", key=made["key"])
    for unknown in ("0", "x", "9" * 25):
        api.refused(404, "DELETE", f"/api-keys/{unknown}")


def test_a_key_is_shown_once(api: Caller) -> None:
    made = api.ok("POST", "/api-keys", {"role": "administrator", "name": "till"})
    secret = made.pop("key")
    assert secret.startswith("kp_")
    listed = api("GET", "/api-keys")
    assert made in listed.json()["items"]
    assert secret not in listed.text
    rest = api.ok("GET", f"/api-keys?after={api.ok('GET', '/api-keys?limit=1')['next']}")
    assert rest["items"] == [made]


def test_a_path_that_there_is_not_says_so_without_asking_for_a_key(api: Caller) -> None:
    for path in ("/api", "/api/v1", "/api/v1/nope", "/api/v1/products/a/b", "/api/v2/products"):
        answer = api.client.get(path, headers={"Accept-Language": "sv"})
        assert answer.status_code == 404, path
        assert proper_problem(answer)["detail"] == "Det finns ingen sådan post."
    for odd in ("%00", "a%00b"):
        assert send(api, "GET", f"/api/v1/products/{odd}").status_code == 404


def test_a_method_that_a_path_does_not_know_names_those_it_does(api: Caller) -> None:
    answer = api("DELETE", "/products")
    assert answer.headers["allow"] == "GET, POST"
    assert proper_problem(answer)["code"] == "method_not_allowed"
    assert send(api, "POST", "/api/docs").status_code == 405


def test_a_head_is_answered_like_a_get(api: Caller) -> None:
    assert send(api, "HEAD", "/api/v1/products").status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"number": "\xff"}',
        b'{"name": "\\u0000"}',
        b'{"name": "\\\\\\u0000"}',
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
        b'{"name": ' * 50_000,
        b'{"price": 1.5}',
        b'{"name": NaN}',
    ],
)
def test_a_body_that_cannot_be_read_is_a_400(api: Caller, content: bytes) -> None:
    answer = send(api, "POST", "/api/v1/products", content)
    assert answer.status_code == 400, answer.text
    assert proper_problem(answer)["code"] == "malformed"


def test_a_backslash_before_u0000_is_text_like_any_other(api: Caller) -> None:
    answer = send(api, "POST", "/api/v1/products", b'{"name": "\\\\u0000"}')
    assert answer.json()["name"] == "\\u0000"


def test_a_body_that_is_too_large_is_refused(api: Caller) -> None:
    answer = send(api, "POST", "/api/v1/products", b" " * (16 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    proper_problem(answer)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("sv", "sv"),
        ("sv-FI, en;q=0.9", "sv"),
        ("en;q=0.1, sv;q=0.2", "sv"),
        ("de, fr", "en"),
        ("sv;q=0, en;q=0.5", "en"),
        ("sv;q=x;;,=,;q", "en"),
    ],
)
def test_the_language_is_the_one_liked_best(header: str, language: str) -> None:
    assert preferred(header) == language


def test_a_repeated_call_gets_the_first_answer_and_does_nothing(api: Caller) -> None:
    first = api("POST", "/coupons", SPRING, idempotency_key="a")
    again = api("POST", "/coupons", SPRING, idempotency_key="a")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert Coupon.objects.count() == 1
    assert api("POST", "/coupons", SPRING, idempotency_key="b").json() != first.json()


def test_a_sale_repeated_under_its_key_is_one_sale(api: Caller) -> None:
    api.sell_something(usage_limit=1)
    sale = CART | {"order": "R1", "codes": ["SPRING-A"]}
    first = api("POST", "/redemptions", sale, idempotency_key="s")
    again = api("POST", "/redemptions", sale, idempotency_key="s")
    assert (
        (first.status_code, first.content)
        == (again.status_code, again.content)
        == (
            201,
            first.content,
        )
    )
    assert again.headers["idempotent-replayed"] == "true"
    assert Redemption.objects.count() == 1


def test_a_refusal_is_repeated_too_even_when_the_reason_is_gone(api: Caller) -> None:
    api.refused(404, "POST", "/coupons/SPRING/activate", idempotency_key="k")
    api.ok("PUT", "/coupons/SPRING", SPRING)
    again = api("POST", "/coupons/SPRING/activate", idempotency_key="k")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (404, "true")
    api.ok("POST", "/coupons/SPRING/activate", idempotency_key="k2")


def test_a_key_used_for_something_else_is_a_conflict(api: Caller) -> None:
    api.ok("POST", "/coupons", SPRING, idempotency_key="a")
    for path, body in (("/coupons", SPRING | {"folder": "x"}), ("/products", {})):
        problem = api.refused(422, "POST", path, body, idempotency_key="a")
        assert problem["code"] == "idempotency_conflict"


def test_keys_of_two_callers_do_not_meet(api: Caller) -> None:
    other = api.new_key("administrator")
    api.ok("POST", "/products", {"number": "A"}, idempotency_key="a")
    api.ok("POST", "/products", {"number": "B"}, idempotency_key="a", key=other)
    assert Product.objects.count() == 2


def test_what_was_not_understood_or_not_allowed_is_not_kept(api: Caller) -> None:
    key = api.new_key("public")
    api.refused(403, "POST", "/coupons", SPRING, idempotency_key="a", key=key)
    api.refused(400, "POST", "/coupons", {"x": 1}, idempotency_key="a")
    api.ok("PUT", "/channels/H", {"kind": "pos", "currency": "USD", "time_zone": "UTC"})
    bound = api.new_key("channel", "H")
    elsewhere = CART | {"order": "1"}
    api.refused(403, "POST", "/redemptions", elsewhere, idempotency_key="a", key=bound)
    assert not IdempotencyKey.objects.exists()
    for wrong in ("", "x" * 256):
        api.refused(400, "POST", "/coupons", SPRING, idempotency_key=wrong)


def test_the_same_call_many_times_at_once_is_done_once(api: Caller) -> None:
    api.sell_something(usage_limit=1)
    sale = CART | {"order": "R1", "codes": ["SPRING-A"]}
    calls = [lambda: api("POST", "/redemptions", sale, idempotency_key="s") for _ in range(6)]
    answers = at_once(calls)
    assert {one.status_code for one in answers} <= {201, 409}
    done = [one for one in answers if one.status_code == 201]
    assert len({one.content for one in done}) == 1
    busy = [one.json()["code"] for one in answers if one.status_code == 409]
    assert set(busy) <= {"in_flight"}
    assert Redemption.objects.count() == 1


def test_a_new_key_is_not_kept_where_its_answer_is(api: Caller) -> None:
    draft = {"role": "public"}
    first = api.ok("POST", "/api-keys", draft, idempotency_key="a")
    again = api.ok("POST", "/api-keys", draft, idempotency_key="a")
    assert again == first | {"key": None}
    secret = first["key"].encode()
    assert secret not in bytes(IdempotencyKey.objects.get().body)


def test_connections_are_given_back(api: Caller) -> None:
    """More calls than there are connections, in threads and on the asynchronous pool."""
    api.sell_something()
    calls = [
        lambda at=at: api("GET", "/products") if at % 2 else api("POST", "/quotes", CART)
        for at in range(24)
    ]
    for _ in range(3):
        assert {one.status_code for one in at_once(calls)} == {200}


@pytest.fixture
def stranded(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient[Any]]:
    """An application whose database is away."""
    monkeypatch.setattr("kupong.web.api.connections.WAIT_SECONDS", 0.2)
    address = "host=127.0.0.1 port=1 dbname=none connect_timeout=1"
    with TestClient(create_app(dsn=address, pool_size=1)) as client:
        yield client


def test_a_database_that_is_away_is_not_a_fault_of_the_caller(stranded: TestClient[Any]) -> None:
    answer = stranded.get(
        "/api/v1/products",
        headers={"Authorization": f"Bearer kp_{'0' * 12}_{'A' * 43}"},
    )
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert proper_problem(answer)["code"] == "unavailable"


def test_a_fault_of_ours_is_a_500_that_tells_nothing(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("inner workings")

    monkeypatch.setattr("kupong.web.api.execution._answer", fail)
    answer = api("GET", "/products")
    assert answer.status_code == 500
    proper_problem(answer)
    assert "inner workings" not in answer.text
