"""Calls the API in process, as an administrator unless another key is named."""

from typing import Any

import httpx
from litestar.testing import TestClient

HOUSTON = {
    "kind": "pos",
    "currency": "USD",
    "time_zone": "America/Chicago",
    "price_groups": ["ALL"],
}
CART = {
    "channel": "HOUSTON",
    "lines": [
        {"id": "1", "product": "J", "quantity": "1"},
        {"id": "2", "product": "S", "quantity": "2"},
    ],
}


class Caller:
    def __init__(self, client: TestClient[Any], key: str) -> None:
        self.client, self.key = client, key

    def __call__(
        self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str
    ) -> httpx.Response:
        """`headers` by their names with underscores: accept_language."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {key or self.key}"} | sent
        content: dict[str, Any] = {} if body is None else {"json": body}
        return self.client.request(method, f"/api/v1{path}", headers=sent, **content)

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The body of a good answer."""
        answer = self(method, path, body, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def refused(self, status: int, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The problem, which has to be a proper one of this status."""
        answer = self(method, path, body, **more)
        assert answer.status_code == status, answer.text
        return proper_problem(answer)

    def new_key(self, role: str, channel: str | None = None) -> str:
        made = self.ok("POST", "/api-keys", {"role": role, "channel": channel})
        return str(made["key"])

    def sell_something(self, **coupon: Any) -> None:
        """A channel, a jacket of 80.00 and a shirt of 25.00, 10 % off jackets with code SPRING-A."""
        self.ok("PUT", "/channels/HOUSTON", HOUSTON)
        self.ok("PUT", "/products/J", {"price": 8000, "currency": "USD"})
        self.ok("PUT", "/products/S", {"price": 2500, "currency": "USD"})
        lines = [{"product": "J", "percent_off": "10"}]
        self.ok("PUT", "/discounts/D10", {"lines": lines, "currency": "USD"})
        spring = {"label": "Spring", "kind": "individual", "discount": "D10"}
        self.ok("PUT", "/coupons/SPRING", spring | coupon)
        self.ok("POST", "/coupons/SPRING/codes", {"codes": [{"code": "SPRING-A"}]})
        self.ok("POST", "/coupons/SPRING/activate")


def proper_problem(answer: httpx.Response) -> Any:
    """RFC 9457, with a reason key."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert {"type", "title", "code", "detail"} <= set(body)
    return body


def errors(problem: Any) -> dict[str, str]:
    """The reasons by field."""
    return {one["field"]: one["code"] for one in problem["errors"]}
