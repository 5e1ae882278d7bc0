"""The basket beside the form: a product that the draft covers, priced with the draft alone."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from kupong.catalog.service import categories, products
from kupong.coupons.example import ExampleBasket, example_basket
from kupong.coupons.making import MakingDraft
from kupong.kernel.reasons import Reason
from kupong.organisation.service import change_parameters
from kupong.organisation.shapes import ParametersPatch
from tests.managing import Managed

NOON = datetime(2026, 3, 10, 18, tzinfo=UTC)


@pytest.fixture
def shop(company: Managed) -> Managed:
    company.create(categories, number="clothing")
    company.create(categories, number="shirts", parent="clothing")
    company.create(products, number="J", price=8000, currency="USD")
    company.create(products, number="S", price=2500, currency="USD", categories=["shirts"])
    company.create(products, number="W")
    return company


def shown(shop: Managed, *, language: Any = "en", **fields: Any) -> ExampleBasket | None:
    how = {name: fields.pop(name) for name in ("quantity", "unit_price") if name in fields}
    given = {"label": "Spring", "percent_off": "10"} | fields
    draft = msgspec.convert(given, MakingDraft)
    return example_basket(shop.id, draft, NOON, language, **how)


def example(shop: Managed, **fields: Any) -> ExampleBasket:
    found = shown(shop, **fields)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("fields", "product", "before", "after"),
    [
        ({}, "J", 8000, 7200),
        ({"category": "clothing"}, "S", 2500, 2250),
        ({"products": ["S", "J"], "quantity": Decimal(2)}, "S", 5000, 4500),
        ({"percent_off": None, "amount_off": 1500, "products": ["J"]}, "J", 8000, 6500),
        ({"percent_off": None, "price": 7000, "products": ["J"]}, "J", 8000, 7000),
        ({"percent_off": None, "amount_off": 9000}, "J", 8000, 0),
        ({"unit_price": 300}, "J", 300, 270),
    ],
)
def test_it_shows_before_and_after_on_a_product_that_is_covered(
    shop: Managed, fields: dict[str, Any], product: str, before: int, after: int
) -> None:
    basket = example(shop, **fields)
    assert basket.goods.number == product
    assert (basket.priced.gross, basket.priced.net) == (before, after)
    assert not basket.assumed


def test_it_says_what_the_discount_does(shop: Managed) -> None:
    assert example(shop, category="clothing").says == "10 % off on 1 category"
    assert example(shop, language="sv").says == "10 % rabatt på allt"


def test_a_price_is_assumed_where_the_catalogue_has_none(shop: Managed) -> None:
    basket = example(shop, products=["W"])
    assert (basket.assumed, basket.unit_price) == (True, 1000)
    basket = example(shop, products=["J"], currency="JPY")
    assert (basket.assumed, basket.unit_price, basket.priced.currency) == (True, 10, "JPY")


def test_it_rounds_as_the_company_does(shop: Managed) -> None:
    change_parameters(shop.id, ParametersPatch(rounding_step=100))
    assert example(shop, products=["J"], unit_price=1234).priced.discount == 100


@pytest.mark.parametrize("flag", ["prevent_discounts", "prevent_retail_discounts"])
def test_goods_that_take_no_discount_say_so(shop: Managed, flag: str) -> None:
    shop.change(products, "J", **{flag: True})
    basket = example(shop, products=["J"])
    assert basket.priced.discount == 0
    assert basket.priced.not_applied[0].reason is Reason.DISCOUNTS_PREVENTED


@pytest.mark.parametrize(
    "fields", [{"percent_off": None}, {"percent_off": "0"}, {"category": "none"}]
)
def test_there_is_nothing_to_show_while_it_gives_or_covers_nothing(
    shop: Managed, fields: dict[str, Any]
) -> None:
    assert shown(shop, **fields) is None


@pytest.mark.parametrize(
    ("gives", "answers", "says", "quantity", "before", "after"),
    [
        ("percent_off", {"value": "25"}, "25 % off on 1 product", 1, 2500, 1875),
        ("cheapest", {"units": 3, "cheapest": 1, "percent": "100"},
         "Buy 3 of 1 product, the cheapest is free", 3, 7500, 5000),
        ("deal", {"units": 2, "price": 4000}, "Any 2 of 1 product together for 40.00 USD", 2, 5000, 4000),
        ("from_units", {"units": 4, "percent": "20"}, "4 or more: 20 % off, on 1 product", 4, 10000, 8000),
        ("spend_amount", {"spend": 6000, "amount": 1000},
         "Spend 60.00 USD on 1 product: 10.00 USD off", 3, 7500, 6500),
        ("spend_percent", {"spend": 5000, "percent": "10"},
         "Spend 50.00 USD on 1 product: 10 % off", 2, 5000, 4500),
    ],
)  # fmt: skip
def test_the_basket_holds_as_many_units_as_it_takes(
    shop: Managed,
    gives: str,
    answers: dict[str, Any],
    says: str,
    quantity: int,
    before: int,
    after: int,
) -> None:
    basket = example(shop, percent_off=None, gives=gives, answers=answers, products=["S"])
    assert basket.says == says
    assert basket.quantity == quantity
    assert (basket.priced.gross, basket.priced.net) == (before, after)


def test_fewer_units_than_it_takes_say_how_many_are_missing(shop: Managed) -> None:
    answers = {"units": 4, "percent": "20"}
    basket = example(
        shop, percent_off=None, gives="from_units", answers=answers, quantity=Decimal(3)
    )
    assert basket.priced.discount == 0
    (lost,) = basket.priced.not_applied
    assert (lost.reason, lost.detail["missing"]) == (Reason.NOT_ENOUGH_UNITS, 1)


def test_a_discount_of_the_delivery_meets_one(shop: Managed) -> None:
    answers = {"spend": 6000, "mode": "EXPRESS", "percent": "50"}
    basket = example(shop, percent_off=None, gives="free_delivery", answers=answers, products=["S"])
    assert basket.quantity == 3
    assert basket.priced.delivery is not None
    assert (basket.priced.delivery.charge, basket.priced.delivery.net) == (500, 250)
    assert basket.priced.discount == 0


@pytest.mark.parametrize(
    ("gives", "answers"),
    [("lottery", {}), ("deal", {}), ("deal", {"units": 0, "price": 5}), ("percent_off", {})],
)
def test_there_is_nothing_to_show_of_a_form_that_is_not_filled(
    shop: Managed, gives: str, answers: dict[str, Any]
) -> None:
    assert shown(shop, percent_off=None, gives=gives, answers=answers) is None
