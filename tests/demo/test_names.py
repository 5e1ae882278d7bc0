"""Numbers and names are readable, stable, and told apart."""

import re

import pytest

from kupong.demo import names
from kupong.demo.source import Product, Source


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return Source().products


def test_a_coupon_is_numbered_by_its_campaign_and_the_whole_upc() -> None:
    # 0 36000 29145 2 is the example of the standard: its check digit is 2.
    assert names.coupon_number(8, 3600029145) == "C08-036000291452"


def test_two_categories_never_share_a_number(products: list[Product]) -> None:
    paths = {names.category_path(product) for product in products} - {()}
    paths |= {path[:depth] for path in paths for depth in (1, 2)}
    numbers = [names.category_number(path) for path in paths]
    assert len(paths) == 4270
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"[a-z0-9.-]{1,100}", number) for number in numbers)


def test_a_level_that_is_empty_is_left_out_of_the_path() -> None:
    product = Product(1, "MEAT", None, "HAM", "National", None)
    assert names.category_path(product) == ("MEAT", "HAM")


def test_every_product_has_a_name_of_its_own_words(products: list[Product]) -> None:
    by_number = {product.number: names.product_name(product) for product in products}
    assert by_number[26190] == "Apple sauce, 50 OZ, private label"
    assert by_number[26081] == "Miscellaneous, national brand"
    assert by_number[5978656] == "Product 5978656 (not in the catalogue of the data)"
    assert all(by_number.values())


def test_made_up_people_stay_the_same_and_get_no_mail() -> None:
    assert names.first_name(900) == names.first_name(900)
    assert names.email(900) == "household-900@example.com"
    assert names.email(900) != names.email(901)
