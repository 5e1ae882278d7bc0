from typing import Any

import pytest

from kupong.redemption.models import LedgerEntry, Redemption
from tests.web.api.caller import CART, HOUSTON, Caller, errors


def order(number: str, **more: Any) -> dict[str, Any]:
    return CART | {"order": number, "codes": ["SPRING-A"]} | more


def test_a_quote_prices_a_cart_and_changes_nothing(api: Caller) -> None:
    api.sell_something(usage_limit=1)
    for _ in range(2):
        quote = api.ok("POST", "/quotes", CART | {"codes": ["spring-a", "NOPE"]})
        assert (quote["gross"], quote["discount"], quote["net"]) == (13000, 800, 12200)
        assert [(one["status"], one["reason"]) for one in quote["codes"]] == [
            ("applied", None),
            ("refused", "not_found"),
        ]
    assert not Redemption.objects.exists()


def test_a_sale_takes_the_uses_and_is_found_again(api: Caller) -> None:
    api.sell_something(usage_limit=2)
    answer = api("POST", "/redemptions", order("R1"))
    assert answer.status_code == 201
    sale = answer.json()
    assert (sale["status"], sale["order"], sale["quote"]["net"]) == ("redeemed", "R1", 12200)
    assert sale["uses"] == [{"code": "SPRING-A", "coupon": "SPRING", "status": "redeemed"}]
    for query in ("code=spring-a", "coupon=SPRING", "order=R1", "channel=HOUSTON", "limit=1"):
        listed = api.ok("GET", f"/redemptions?{query}")
        assert [one["id"] for one in listed["items"]] == [sale["id"]]
    assert api.ok("GET", "/redemptions?order=R2")["items"] == []
    story = api.ok("GET", "/codes/spring-a")
    assert (story["channel"], story["uses"][0]["uses"]) == ("HOUSTON", 1)
    assert [one["event"] for one in story["history"]] == ["issued", "redeemed"]
    listed = api.ok("GET", "/coupons/SPRING/codes")["items"]
    assert listed[0]["redeemed_on"] == story["redeemed_on"]


def test_a_spent_code_is_a_conflict_and_any_other_refusal_is_not(api: Caller) -> None:
    api.sell_something(usage_limit=1)
    api.ok("POST", "/redemptions", order("R1"))
    spent = api.refused(409, "POST", "/redemptions", order("R2"))
    assert spent["code"] == "exhausted"
    assert spent["codes"][0]["detail"] == {"scope": "global", "limit": 1, "have": 1}
    mixed = api.refused(422, "POST", "/redemptions", order("R2", codes=["SPRING-A", "NOPE"]))
    assert [one["reason"] for one in mixed["codes"]] == ["exhausted", "not_found"]
    assert api.ok("GET", "/coupons/SPRING/codes")["items"][0]["reason"] == "exhausted"
    assert LedgerEntry.objects.count() == 1


def test_an_order_is_redeemed_once(api: Caller) -> None:
    api.sell_something()
    api.ok("POST", "/redemptions", order("R1"))
    assert api.refused(409, "POST", "/redemptions", order("R1"))["code"] == "wrong_state"


def test_a_changed_amount_is_refused_with_both_figures(api: Caller) -> None:
    api.sell_something()
    problem = api.refused(422, "POST", "/redemptions", order("R1", expected_net=1))
    assert (problem["code"], problem["figures"]) == ("amount_changed", {"need": 1, "have": 12200})


def test_unknown_references_are_named_by_their_field(api: Caller) -> None:
    api.sell_something()
    unknown = CART | {"channel": "NO"}
    assert errors(api.refused(422, "POST", "/quotes", unknown)) == {"channel": "unknown_reference"}
    line = {"id": "1", "product": "NO"}
    problem = api.refused(422, "POST", "/quotes", CART | {"lines": [line]})
    assert set(errors(problem)) == {"lines[0].product"} or "lines[0].price" in errors(problem)


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({"lines": []}, 422, "channel", "missing"),
        ({"channel": "HOUSTON"}, 422, "lines", "missing"),
        (CART | {"lines": "x"}, 400, "lines", "invalid"),
        (CART | {"lines": [{"id": "1", "product": "J", "price": -1}]}, 422, "lines[0].price", "invalid"),
        (CART | {"lines": [{"id": "1", "product": "J", "quantity": "NaN"}]}, 422, None, "invalid"),
        (CART | {"at": "2026-03-10T12:00:00"}, 422, "at", "invalid"),
        (CART | {"at": "0001-01-01T00:00:00+14:00"}, 422, "at", "invalid"),
        (CART | {"coupons": []}, 400, "coupons", "invalid"),
    ],
)  # fmt: skip
def test_a_cart_that_makes_no_sense_is_refused(
    api: Caller, body: Any, status: int, field: str | None, code: str
) -> None:
    api.sell_something()
    problem = api.refused(status, "POST", "/quotes", body)
    if field is not None:
        assert errors(problem)[field] == code


def test_codes_are_checked_with_no_cart(api: Caller) -> None:
    api.sell_something()
    asked = {"codes": ["spring-a", "NOPE"], "channel": "HOUSTON"}
    checked = api.ok("POST", "/codes/check", asked)["codes"]
    assert [(one["code"], one["usable"], one["reason"]) for one in checked] == [
        ("spring-a", True, None),
        ("NOPE", False, "not_found"),
    ]


def test_a_wrong_cursor_and_a_wrong_time_are_refused(api: Caller) -> None:
    for query in ("after=zzz", "after=" + "A" * 40):
        assert errors(api.refused(422, "GET", f"/redemptions?{query}")) == {"after": "invalid"}
    api.refused(422, "GET", "/redemptions?from=2026-03-10")
    api.refused(422, "GET", "/redemptions?to=yesterday")
    assert api.ok("GET", "/redemptions?from=2026-03-10T00:00:00Z")["items"] == []


def test_a_channel_key_sells_in_its_own_channel_only(api: Caller) -> None:
    api.sell_something()
    api.ok("PUT", "/channels/SEATTLE", HOUSTON)
    key = api.new_key("channel", "HOUSTON")
    elsewhere = {"channel": "SEATTLE"}
    api.ok("POST", "/quotes", CART, key=key)
    api.ok("POST", "/redemptions", order("R1"), key=key)
    api.ok("POST", "/redemptions", order("R2") | elsewhere)
    for path, body in (
        ("/quotes", CART | elsewhere),
        ("/redemptions", order("R3") | elsewhere),
        ("/codes/check", {"codes": [], "channel": "SEATTLE"}),
    ):
        assert api.refused(403, "POST", path, body, key=key)["code"] == "forbidden"
    api.refused(403, "GET", "/redemptions?channel=SEATTLE", key=key)
    own = api.ok("GET", "/redemptions", key=key)["items"]
    assert [one["order"] for one in own] == ["R1"]
    assert api.ok("GET", "/products/J", key=key)["price"] == 8000
    api.refused(403, "PATCH", "/products/J", {}, key=key)
    api.refused(403, "GET", "/coupons", key=key)
    api.refused(403, "GET", "/api-keys", key=key)


def test_a_public_key_quotes_and_checks_and_nothing_else(api: Caller) -> None:
    api.sell_something()
    key = api.new_key("public")
    api.ok("POST", "/quotes", CART, key=key)
    for method, path, body in (
        ("POST", "/redemptions", order("R1")),
        ("GET", "/redemptions", None),
        ("GET", "/codes/SPRING-A", None),
        ("GET", "/products", None),
        ("POST", "/coupons/SPRING/activate", None),
    ):
        api.refused(403, method, path, body, key=key)
    early = CART | {"at": "2026-01-01T00:00:00Z"}
    assert errors(api.refused(422, "POST", "/quotes", early, key=key)) == {"at": "read_only"}


def test_a_public_key_learns_nothing_from_a_refusal(api: Caller) -> None:
    """Unknown, expired, spent, somebody else's, switched off: one answer for all of them."""
    api.sell_something(usage_limit=1)
    api.ok("PUT", "/customers/2001", {})
    api.ok("POST", "/redemptions", order("R1"))
    codes = [
        {"code": "OLD", "valid_to": "2020-01-01"},
        {"code": "HERS", "holder": "2001"},
        {"code": "OFF", "status": "inactive"},
    ]
    api.ok("POST", "/coupons/SPRING/codes", {"codes": codes})
    key = api.new_key("public", "HOUSTON")
    guesses = ["NOPE", "OLD", "SPRING-A", "HERS", "OFF"]
    alike = {"coupon": None, "reason": "code_not_usable", "message": "The code cannot be used."}
    for guess in guesses:
        quote = api.ok("POST", "/quotes", CART | {"codes": [guess, guess]}, key=key)
        expected = {"code": guess, "status": "refused", "detail": {}} | alike
        assert quote["codes"] == [expected, expected]
        assert (quote["not_applied"], quote["available"]) == ([], [])
    asked = {"codes": guesses, "channel": "HOUSTON"}
    checked = api.ok("POST", "/codes/check", asked, key=key)["codes"]
    assert checked == [{"code": guess, "usable": False, "detail": {}} | alike for guess in guesses]
    trusted = api.ok("POST", "/codes/check", asked)["codes"]
    assert len({one["reason"] for one in trusted}) == 5


def test_a_public_key_is_told_that_an_accepted_code_is_already_there(api: Caller) -> None:
    api.sell_something()
    key = api.new_key("public")
    cart = CART | {"codes": ["SPRING-A", "spring-a"]}
    answers = api.ok("POST", "/quotes", cart, key=key)["codes"]
    assert [one["reason"] for one in answers] == [None, "already_on_cart"]
