from typing import Any

import pytest

from tests.web.api.caller import HOUSTON, Caller, errors

# The least that each needs, as docs/reference/api.md has it.
LEAST: dict[str, dict[str, Any]] = {
    "price-groups": {"number": "STUDENT", "priority": 0},
    "affiliations": {"number": "STUDENT", "price_groups": ["ALL"]},
    "channels": {"number": "HOUSTON", **HOUSTON, "order_completion": True},
    "categories": {"number": "shirts", "parent": None},
    "products": {
        "number": "J",
        "name": "Jacket",
        "price": 8000,
        "currency": "USD",
        "unit": "ea",
        "categories": [],
        "master": None,
        "barcode": None,
    },
    "customers": {
        "number": "2001",
        "first_name": "Anna",
        "name": "Ek",
        "email": "anna@example.com",
        "email_opt_out": False,
        "language": "sv",
        "affiliations": [],
    },
    "discounts": {
        "number": "D10",
        "kind": "simple",
        "name": "Ten",
        "mode": "best_price",
        "priority": 0,
        "currency": "USD",
        "price_groups": ["ALL"],
        "lines": [{"all": True, "percent_off": "10"}],
    },
    "coupons": {
        "number": "SPRING",
        "label": "Spring",
        "kind": "individual",
        "discount": None,
        "valid_from": "2026-03-01",
        "valid_to": "2026-03-31",
    },
}


@pytest.mark.parametrize("collection", LEAST)
def test_every_collection_is_created_read_changed_replaced_and_listed(
    api: Caller, collection: str
) -> None:
    draft = LEAST[collection]
    number = draft["number"]
    made = api("POST", f"/{collection}", draft)
    assert made.status_code == 201, made.text
    record = made.json()
    assert {name: record[name] for name in draft} == draft
    assert api.ok("GET", f"/{collection}/{number}") == record
    assert api.ok("PATCH", f"/{collection}/{number}", {}) == record
    replaced = api("PUT", f"/{collection}/{number}", draft)
    assert (replaced.status_code, replaced.json()) == (200, record)
    other = {name: value for name, value in draft.items() if name != "number"}
    assert api("PUT", f"/{collection}/OTHER", other).status_code == 201
    numbered = api.ok("POST", f"/{collection}", other)["number"]
    listed = api.ok("GET", f"/{collection}?limit=1000")
    assert {number, "OTHER", numbered} <= {one["number"] for one in listed["items"]}
    assert listed["next"] is None


@pytest.mark.parametrize("collection", LEAST)
def test_every_collection_refuses_alike(api: Caller, collection: str) -> None:
    draft = LEAST[collection]
    api.ok("POST", f"/{collection}", draft)
    assert errors(api.refused(409, "POST", f"/{collection}", draft)) == {"number": "duplicate"}
    assert api.refused(404, "GET", f"/{collection}/NO")["code"] == "not_found"
    assert api.refused(404, "PATCH", f"/{collection}/NO", {})["code"] == "not_found"
    unknown = api.refused(400, "POST", f"/{collection}", draft | {"nmuber": "x"})
    assert errors(unknown) == {"nmuber": "invalid"}
    assert errors(api.refused(400, "PUT", f"/{collection}/X", {"number": 5})) == {
        "number": "invalid"
    }
    assert api.refused(422, "PUT", f"/{collection}/{'x' * 101}", draft | {"number": None})


def test_a_list_goes_on_by_its_cursor_and_counts_when_asked(api: Caller) -> None:
    for number in "ABC":
        api.ok("PUT", f"/products/{number}", {})
    first = api.ok("GET", "/products?limit=2")
    assert [one["number"] for one in first["items"]] == ["A", "B"]
    assert "count" not in first
    rest = api.ok("GET", f"/products?limit=2&after={first['next']}&count=estimate")
    assert [one["number"] for one in rest["items"]] == ["C"]
    assert rest["next"] is None
    assert isinstance(rest["count"], int)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=1001", 422),
        ("limit=x", 400),
        ("limit=1&limit=2", 400),
        ("after=%21", 422),
        ("after=AAAA", 422),
        ("count=exact", 422),
        ("order=name", 400),
        ("limit=%FF", 400),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(api: Caller, query: str, status: int) -> None:
    api.refused(status, "GET", f"/products?{query}")


def test_problems_of_an_input_come_together_in_the_callers_language(api: Caller) -> None:
    wrong = HOUSTON | {"time_zone": "Mars", "price_groups": ["NO"]}
    problem = api.refused(422, "POST", "/channels", wrong, accept_language="sv-SE, en;q=0.5")
    assert errors(problem) == {"time_zone": "invalid", "price_groups[0]": "unknown_reference"}
    assert problem["errors"][0]["detail"] == "Värdet är inte giltigt."
    english = api.refused(422, "POST", "/channels", wrong)
    assert english["errors"][0]["detail"] == "The value is not valid."


def test_a_discount_is_enabled_only_when_it_may_be(api: Caller) -> None:
    api.ok("POST", "/discounts", {"number": "D", "price_groups": [], "lines": []})
    problem = api.refused(422, "POST", "/discounts/D/enable")
    assert errors(problem) == {"lines": "no_lines", "price_groups": "no_price_group"}
    api.ok("PUT", "/discounts/D", LEAST["discounts"] | {"number": "D"})
    assert api.ok("POST", "/discounts/D/enable")["status"] == "enabled"
    assert api.ok("POST", "/discounts/D/disable")["status"] == "disabled"
    assert api.refused(404, "POST", "/discounts/NO/enable")["code"] == "not_found"


def test_a_coupon_lives_from_draft_to_voided(api: Caller) -> None:
    api.ok("POST", "/discounts", LEAST["discounts"])
    api.ok("POST", "/coupons", LEAST["coupons"] | {"discount": "D10"})
    assert api.ok("POST", "/coupons/SPRING/activate")["status"] == "active"
    assert api.ok("GET", "/discounts/D10")["status"] == "enabled"
    problem = api.refused(422, "PATCH", "/discounts/D10", {"status": "disabled"})
    assert errors(problem) == {"status": "read_only"}
    assert api.ok("POST", "/coupons/SPRING/deactivate")["status"] == "inactive"
    assert api.ok("POST", "/coupons/SPRING/void")["status"] == "voided"
    assert api.refused(409, "POST", "/coupons/SPRING/activate")["code"] == "wrong_state"


def test_codes_are_added_listed_and_changed_with_how_they_stand(api: Caller) -> None:
    api.sell_something()
    added = api.ok(
        "POST", "/coupons/SPRING/codes", {"codes": [{"code": "b", "status": "inactive"}]}
    )
    assert [(one["code"], one["usable"], one["reason"]) for one in added["codes"]] == [
        ("b", False, "inactive")
    ]
    one = api.ok("POST", "/coupons/SPRING/codes", {"code": "C", "valid_from": "2990-01-01"})
    assert one["codes"][0]["reason"] == "not_started"
    listed = api.ok("GET", "/coupons/SPRING/codes?count=estimate")
    assert [one["usable"] for one in listed["items"]] == [True, False, False]
    assert listed["count"] == 3
    assert listed["items"][0]["issue_state"] == "available"
    api.ok("PATCH", "/codes/b", {"status": "active"})
    assert api.ok("GET", "/codes/B")["usable"] is True
    page = api.ok("GET", "/coupons/SPRING/codes?limit=1")
    second = api.ok("GET", f"/coupons/SPRING/codes?limit=1&after={page['next']}")
    assert second["items"][0]["code"] == "b"
    assert api.ok("GET", "/coupons/SPRING/codes?search=spr")["items"][0]["code"] == "SPRING-A"


@pytest.mark.parametrize(
    ("body", "status", "found"),
    [
        ({}, 422, {"codes": "missing"}),
        ({"codes": []}, 422, {"codes": "invalid"}),
        ({"codes": [{"code": "X"}], "code": "Y"}, 422, {"code": "invalid"}),
        ({"codes": [{"code": " "}]}, 422, {"codes[0].code": "invalid"}),
        ({"codes": [{"code": "a/b"}]}, 422, {"codes[0].code": "invalid"}),
        ({"codes": [{"code": "X"}, {"code": "spring-a"}]}, 409, {"codes[1].code": "duplicate"}),
        ({"codes": [{"code": str(at)} for at in range(1001)]}, 422, {"codes": "invalid"}),
        ({"codes": [{"code": "X", "holder": "NO"}]}, 422, {"codes[0].holder": "unknown_reference"}),
        ({"code": "X", "valid_from": "2026-02-30"}, 422, {"codes[0].valid_from": "invalid"}),
    ],
)
def test_codes_that_cannot_be_added_are_named(
    api: Caller, body: Any, status: int, found: dict[str, str]
) -> None:
    api.sell_something()
    assert errors(api.refused(status, "POST", "/coupons/SPRING/codes", body)) == found


def test_codes_of_nothing_are_not_found(api: Caller) -> None:
    api.refused(404, "GET", "/coupons/NO/codes")
    api.refused(404, "POST", "/coupons/NO/codes", {"code": "X"})
    api.refused(404, "PATCH", "/codes/NO", {"status": "active"})
    api.refused(404, "GET", "/codes/NO")
    api.sell_something()
    api.refused(422, "GET", "/coupons/SPRING/codes?after=QQ")


def test_a_voided_code_stays_so(api: Caller) -> None:
    api.sell_something()
    api.ok("PATCH", "/codes/SPRING-A", {"status": "voided"})
    assert errors(api.refused(409, "PATCH", "/codes/SPRING-A", {"status": "active"})) == {
        "status": "wrong_state"
    }


def test_parameters_are_read_and_changed(api: Caller) -> None:
    assert api.ok("GET", "/parameters")["currency"] == "USD"
    changed = api.ok("PATCH", "/parameters", {"pricing": {"compound_on": "original_price"}})
    assert changed["pricing"]["compound_on"] == "original_price"
    assert api.ok("GET", "/parameters") == changed
    api.refused(400, "PATCH", "/parameters", {"pricing": {"compund_on": "x"}})
    api.refused(422, "PATCH", "/parameters", {"rounding_step": 0})


def test_a_job_is_watched_by_its_id(api: Caller) -> None:
    from kupong.organisation.queries import first_company_id
    from kupong.work.models import Job

    made = Job.objects.create(company_id=first_company_id(), name="load", total=9)
    found = api.ok("GET", f"/jobs/{made.id}")
    assert (found["state"], found["done"], found["total"]) == ("queued", 0, 9)
    for unknown in (made.id + 1, "x", "9" * 30, "-1", "²"):
        api.refused(404, "GET", f"/jobs/{unknown}")
