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
