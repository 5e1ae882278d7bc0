"""Finding products by number and by words, and one to show an example with."""

import pytest
from django.db import connection

from kupong.catalog import queries
from kupong.catalog.models import Product
from kupong.catalog.service import categories, products
from tests.managing import Managed

NAMES = {
    "1001": "Chocolate milk, private label",
    "1002": "Milk, fresh",
    "1003": "Ice - crushed/cubed, 22 LB",
    "2001": "Ägg, frigående",
    "3001": "M&M's peanut",
    "MILK": "",
}


@pytest.fixture
def shop(company: Managed) -> Managed:
    company.create(categories, number="food", name="Food")
    company.create(categories, number="dairy", name="Dairy", parent="food")
    for number, name in NAMES.items():
        company.create(products, number=number, name=name)
    company.change(products, "1002", price=150, currency="USD", categories=["dairy"])
    company.change(products, "1001", categories=["dairy"])
    return company


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("100", ["1001", "1002", "1003"]),
        ("1002", ["1002"]),
        ("milk", ["1002", "1001"]),
        (" MIL ", ["MILK", "1002", "1001"]),
        ("milk choc", ["1001"]),
        ("cubed", ["1003"]),
        ("ägg", ["2001"]),
        ("ÄG", ["2001"]),
        ("peanut m&m", ["3001"]),
        ("ilk", []),
        ("m", []),
        ("", []),
        ("'); --", []),
        ("% _", []),
        ("milk:* | egg\\", []),
    ],
)
def test_products_are_found_by_their_number_and_by_the_beginnings_of_words(
    shop: Managed, typed: str, numbers: list[str]
) -> None:
    assert [found.number for found in queries.find_products(shop.id, typed)] == numbers


def test_no_more_are_found_than_were_asked_for(shop: Managed) -> None:
    assert len(queries.find_products(shop.id, "milk", 1)) == 1
    assert len(queries.find_categories(shop.id, "", 1)) == 1


def test_nothing_of_another_company_is_found(shop: Managed) -> None:
    assert queries.find_products(shop.id + 1, "milk") == []
    assert queries.find_categories(shop.id + 1, "") == []
    assert queries.goods(shop.id + 1, ["1001"]) == {}
    assert queries.sample(shop.id + 1) is None


def test_words_are_looked_up_in_an_index(shop: Managed) -> None:
    """Ten thousand products: the plan must not read them all."""
    Product.objects.bulk_create(
        Product(company_id=shop.id, number=f"X{n}", name=f"Filling {n}") for n in range(10_000)
    )
    figures = {"company": shop.id, "words": "'milk':*", "looked_at": 200, "limit": 8}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_product")
        cursor.execute("EXPLAIN " + queries._BY_WORDS, figures)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "product_words" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [("da", ["dairy"]), ("FOOD", ["food"]), ("", ["food", "dairy"]), ("x", [])],
)
def test_categories_are_found_by_any_part(shop: Managed, typed: str, numbers: list[str]) -> None:
    assert [found.number for found in queries.find_categories(shop.id, typed)] == numbers


def test_a_sample_is_rather_one_with_a_price(shop: Managed) -> None:
    for category in (None, "food", "dairy"):
        found = queries.sample(shop.id, category)
        assert found is not None
        assert (found.number, found.price, found.currency) == ("1002", 150, "USD")
        assert sorted(found.categories) == ["dairy", "food"]


@pytest.mark.parametrize("flag", ["prevent_discounts", "prevent_retail_discounts"])
def test_a_sample_is_rather_one_that_takes_discounts(shop: Managed, flag: str) -> None:
    shop.change(products, "1002", **{flag: True})
    found = queries.sample(shop.id, "dairy")
    assert found is not None
    assert found.number == "1001"


def test_a_category_without_products_has_no_sample(shop: Managed) -> None:
    shop.create(categories, number="shoes")
    assert queries.sample(shop.id, "shoes") is None


def test_goods_are_found_by_their_numbers(shop: Managed) -> None:
    found = queries.goods(shop.id, ["1001", "nope"])
    assert list(found) == ["1001"]
    assert found["1001"].name == NAMES["1001"]
    assert queries.category_name(shop.id, "dairy") == "Dairy"
    assert queries.category_name(shop.id, "nope") is None
