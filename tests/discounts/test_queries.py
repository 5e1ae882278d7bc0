"""What discounts say in words and how many products they reach, against the engine's own reading."""

from typing import Any

import pytest

from kupong.catalog.models import Product
from kupong.discounts.queries import Target, covered, sentences
from kupong.discounts.service import read_discounts
from kupong.pricing.discounts import Discount, DiscountLine
from kupong.pricing.kinds import sentence
from tests.redemption.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def said(world: World, number: str, language: Any = "en") -> str:
    return sentences(world.company.id, [number], language)[number]


def test_lines_that_say_the_same_are_counted_and_different_ones_told_apart(world: World) -> None:
    category = world.category(["clothes"], "J")
    world.discount(
        "D",
        [
            {"product": "J", "amount_off": 150},
            {"product": "S", "amount_off": 150},
            {"category": category, "percent_off": "12.5"},
            {"product": "K", "exclude": True},
        ],
    )
    assert said(world, "D") == (
        "1.50 USD off each unit on 2 products; 12.5 % off on 1 category, except 1 product"
    )
    assert said(world, "D", "sv").startswith("1,50 USD i rabatt per styck på 2 artiklar; 12,5 %")


def test_the_sentence_is_the_same_as_from_all_lines(world: World) -> None:
    lines = [{"product": p, "price": 999} for p in "JSK"] + [{"all_products": True, "price": 5}]
    (record,) = read_discounts(world.company.id, [world.discount("D", lines)])
    read = tuple(
        DiscountLine(product=line.product, all_products=line.all_products, price=line.price)
        for line in record.lines
    )
    whole = Discount(number="D", currency="USD", lines=read)
    assert said(world, "D") == sentence(whole)


def test_a_kind_without_words_says_its_name(world: World) -> None:
    world.discount("D", [], kind="of_a_later_version", name="Buy two")
    assert said(world, "D") == "Buy two"


def test_sentences_of_others_and_of_nothing_are_left_out(world: World) -> None:
    other = build()
    other.discount("THEIRS", [{"all_products": True, "percent_off": 5}])
    assert sentences(world.company.id, ["THEIRS", "NONE"], "en") == {}


@pytest.mark.parametrize(
    ("lines", "products"),
    [
        ([{"product": "J"}, {"product": "S"}], 2),
        ([{"product": "J"}, {"product": "J"}], 1),
        ([{"all_products": True}], 5),
        ([{"all_products": True}, {"product": "K", "exclude": True}], 4),
        ([{"category": "clothes"}], 2),
        ([{"category": "jackets"}], 1),
        ([{"category": "clothes"}, {"category": "jackets", "exclude": True}], 1),
        ([{"master": "J"}], 2),
        ([], 0),
    ],
)
def test_the_products_reached_are_counted_as_the_engine_would(
    world: World, lines: list[dict[str, Any]], products: int
) -> None:
    jacket = Product.objects.get(company=world.company, number="J")
    for variant in ("J-S", "J-L"):
        world.product(variant, 8000, master=jacket)
    categories = {
        "clothes": world.category(["clothes"], "S"),
        "jackets": world.category(["clothes", "jackets"], "J"),
    }
    for line in lines:
        if "category" in line:
            line["category"] = categories[line["category"]]
        if "master" in line:
            line["master"] = jacket
    world.discount("D", lines)
    assert covered(world.company.id, "D", 5).products == products


def test_the_first_lines_name_what_they_are_about(world: World) -> None:
    category = world.category(["clothes"], "J")
    lines: list[dict[str, Any]] = [
        {"category": category},
        {"product": "K", "exclude": True},
        {"product": "S"},
    ]
    world.discount("D", lines)
    assert covered(world.company.id, "D", 2).first == (
        Target("clothes", "", exclude=False, level="category"),
        Target("K", "", exclude=True, level="product"),
    )


def test_a_discount_of_another_kind_says_what_it_does_with_its_caps(world: World) -> None:
    params = {"groups": [{"need": 3}], "least_expensive": {"percent_off": "100"}}
    category = world.category(["clothes"], "J")
    lines: list[dict[str, Any]] = [{"category": category, "group": 0}, {"product": "K", "group": 0}]
    world.discount("D", lines, kind="mix_and_match", params=params, max_uses_per_order=2)
    assert said(world, "D") == (
        "Buy 3 of 1 product and 1 category, the cheapest is free (at most 2 times per order)"
    )
    assert said(world, "D", "sv").startswith("Köp 3 av 1 artikel och 1 kategori")


def test_a_kind_that_is_not_known_says_its_name(world: World) -> None:
    world.discount("D", [{"product": "J"}], kind="lottery", name="Wheel of fortune")
    assert said(world, "D") == "Wheel of fortune"
