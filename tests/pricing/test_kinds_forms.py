"""From a form's few answers to a discount that can be enabled."""

from typing import Any

import pytest

from kupong.pricing import kinds
from kupong.pricing.discounts import DiscountLine
from kupong.pricing.kinds.forms import asked_at, filled
from tests.pricing.goods import off

ANSWERS: dict[str, Any] = {"percent": "10", "amount": 500, "count": 1, "name": "STANDARD"}
FORMS = [(kind, form) for kind in kinds.KINDS for form in kind.forms]


@pytest.mark.parametrize(
    ("key", "answers", "expected"),
    [
        ("percent_off", {"value": "10"}, ({}, {"percent_off": "10"})),
        (
            "cheapest",
            {"units": 3, "cheapest": 1, "percent": "100"},
            ({"groups": [{"need": 3}], "least_expensive": {"count": 1, "percent_off": "100"}}, {}),
        ),
        (
            "from_units",
            {"units": 4, "percent": "20"},
            ({"tiers": [{"min": 4, "percent_off": "20"}]}, {}),
        ),
        (
            "free_delivery",
            {"spend": 5000, "mode": "STANDARD"},
            ({"tiers": [{"from": 5000}], "delivery_modes": ["STANDARD"]}, {}),
        ),
        ("deal", {}, ({}, {})),
    ],
)
def test_answers_go_to_their_places(key: str, answers: dict[str, Any], expected: Any) -> None:
    assert filled(kinds.form_of(key)[1], answers) == expected


@pytest.mark.parametrize(("kind", "form"), FORMS, ids=[form.key for _, form in FORMS])
def test_every_form_makes_a_discount_that_can_be_enabled(kind: Any, form: Any) -> None:
    answers = {ask.name: ANSWERS[ask.type] for ask in form.asks} | {"units": 3}
    params, values = filled(form, answers)
    line = DiscountLine(all_products=True, group=0 if "groups" in params else None)
    discount = off("D", kind=kind.key, params=params, lines=[line])
    refusals = kinds.enabling_refusals(discount)
    assert [one.reason for one in refusals] == (["missing"] if values else [])
    assert all(asked_at(form, ask.path) == ask for ask in form.asks)


def test_a_problem_is_asked_about_where_its_answer_was_given() -> None:
    form = kinds.form_of("free_delivery")[1]
    asked = {ask.name: ask for ask in form.asks}
    assert asked_at(form, "delivery_modes") == asked["mode"]
    assert asked_at(form, "tiers[0].from") == asked["spend"]
    assert asked_at(form, "lines[0].product") is None
    simple = kinds.form_of("price")[1]
    assert asked_at(simple, "lines[7].price") == simple.asks[0]
