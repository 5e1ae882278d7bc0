"""What a discount of each kind says of itself, in both languages."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from kupong.pricing import kinds
from kupong.pricing.discounts import Discount, DiscountLine
from tests.pricing.goods import off

ALL = DiscountLine(all_products=True)
SHIRTS = DiscountLine(category="shirts")
THREE = tuple(DiscountLine(product=number) for number in "ABC")
FAMILY = DiscountLine(master="TEE")


def says(discount: Discount) -> tuple[str, str]:
    return kinds.sentence(discount), kinds.sentence(discount, "sv")


def made(kind: str, *lines: DiscountLine, **params: Any) -> Discount:
    return off("D", kind=kind, lines=lines, params=params)


def bundle(*groups: tuple[dict[str, Any], tuple[DiscountLine, ...]], **benefit: Any) -> Discount:
    lines = [
        msgspec.structs.replace(line, group=place)
        for place, (_, own) in enumerate(groups)
        for line in own
    ]
    params = {"groups": [group for group, _ in groups], **benefit}
    return off("D", kind="mix_and_match", lines=lines, params=params)


QUANTITY = [
    (
        made(
            "quantity",
            SHIRTS,
            DiscountLine(category="ties"),
            tiers=[{"min": 4, "percent_off": "20"}, {"min": 10, "percent_off": "30"}],
        ),
        "4 or more: 20 % off; 10 or more: 30 % off, on 2 categories",
        "4 eller fler: 20 % rabatt; 10 eller fler: 30 % rabatt, på 2 kategorier",
    ),
    (
        made("quantity", ALL, tiers=[{"min": "0.5", "price": 899}]),
        "0.5 or more: 8.99 USD per unit, on everything",
        "0,5 eller fler: 8,99 USD per styck, på allt",
    ),
    (
        made(
            "quantity",
            ALL,
            DiscountLine(product="A", exclude=True),
            tiers=[{"min": 2, "amount_off": 100}, {"min": 3, "amount_off": 200}],
            interval=True,
        ),
        "From unit 2: 1.00 USD off each unit; from unit 3: 2.00 USD off each unit,"
        " on everything, except 1 product",
        "Från enhet 2: 1,00 USD i rabatt per styck; från enhet 3: 2,00 USD i rabatt per styck,"
        " på allt, utom 1 artikel",
    ),
]
BUNDLES = [
    (
        bundle(({"need": 2}, THREE), deal_price=2500),
        "Any 2 of 3 products together for 25.00 USD",
        "Valfria 2 av 3 artiklar tillsammans för 25,00 USD",
    ),
    (
        bundle(({"need": 3}, (ALL,)), least_expensive={"percent_off": "100"}),
        "Buy 3, the cheapest is free",
        "Köp 3, den billigaste är gratis",
    ),
    (
        bundle(
            ({"need": 4}, (SHIRTS,)),
            least_expensive={"count": 2, "percent_off": "50", "favor": "retailer"},
        ),
        "Buy 4 of 1 category, the 2 cheapest at 50 % off, units grouped in the shop's favour",
        "Köp 4 av 1 kategori, de 2 billigaste med 50 % rabatt,"
        " varorna grupperas till butikens fördel",
    ),
    (
        bundle(({"need": 2}, (ALL,)), least_expensive={"amount_off": 500}),
        "Buy 2, the cheapest at 5.00 USD off",
        "Köp 2, den billigaste med 5,00 USD i rabatt",
    ),
    (
        bundle(({"need": 3}, (ALL,)), least_expensive={"count": 2, "price": 100}),
        "Buy 3, the 2 cheapest for 1.00 USD each",
        "Köp 3, de 2 billigaste för 1,00 USD styck",
    ),
    (
        bundle(({"need": 1}, (SHIRTS,)), ({"need": 1}, THREE), percent_off="12.5"),
        "Any 1 of 1 category and 1 of 3 products: 12.5 % off",
        "Valfria 1 av 1 kategori och 1 av 3 artiklar: 12,5 % rabatt",
    ),
    (
        bundle(({"need": 2}, (FAMILY,)), amount_off=1000),
        "Any 2 of 1 product family: 10.00 USD off",
        "Valfria 2 av 1 artikelfamilj: 10,00 USD i rabatt",
    ),
    (
        bundle(
            ({"need": 10}, (SHIRTS,)),
            ({"need": 1, "mandatory": True}, (DiscountLine(product="A"),)),
            percent_off="12",
        ),
        "Any 10 of 1 category (among them 1 of 1 product): 12 % off",
        "Valfria 10 av 1 kategori (bland dem 1 av 1 artikel): 12 % rabatt",
    ),
    (
        bundle(
            ({"need": 1, "percent_off": "0"}, (SHIRTS,)),
            ({"need": 1, "percent_off": "100"}, THREE),
            ({"need": 2, "price": 500}, (FAMILY,)),
            ({"need": 1, "percent_off": "10"}, (ALL,)),
            line_spec=True,
        ),
        "Together: 1 of 1 category at full price, 1 of 3 products free,"
        " 2 of 1 product family for 5.00 USD and 1 with 10 % off",
        "Tillsammans: 1 av 1 kategori till fullt pris, 1 av 3 artiklar gratis,"
        " 2 av 1 artikelfamilj för 5,00 USD och 1 med 10 % rabatt",
    ),
]
AMOUNTS = [
    (
        made("threshold", ALL, tiers=[{"from": 10000, "percent_off": "10"}]),
        "Spend 100.00 USD on everything: 10 % off",
        "Handla för 100,00 USD: 10 % rabatt",
    ),
    (
        made(
            "threshold",
            SHIRTS,
            tiers=[{"from": 10000, "percent_off": "10"}, {"from": 20000, "amount_off": 2500}],
        ),
        "Spend 100.00 USD on 1 category: 10 % off; 200.00 USD: 25.00 USD off",
        "Handla för 100,00 USD av 1 kategori: 10 % rabatt; 200,00 USD: 25,00 USD i rabatt",
    ),
    (
        made(
            "shipping_threshold",
            tiers=[{"from": 5000, "percent_off": "100"}],
            delivery_modes=["STANDARD"],
        ),
        "Free delivery (STANDARD) from 50.00 USD",
        "Fri frakt (STANDARD) från 50,00 USD",
    ),
    (
        made(
            "shipping_threshold",
            SHIRTS,
            tiers=[
                {"from": 2500, "percent_off": "50"},
                {"from": 4000, "percent_off": "75"},
                {"from": 5000, "percent_off": "100"},
            ],
            delivery_modes=["STANDARD", "EXPRESS"],
        ),
        "50 % off delivery (STANDARD, EXPRESS) from 25.00 USD; 75 % from 40.00 USD;"
        " free from 50.00 USD on 1 category",
        "50 % rabatt på frakt (STANDARD, EXPRESS) från 25,00 USD; 75 % från 40,00 USD;"
        " fri från 50,00 USD på 1 kategori",
    ),
    (
        made("tender", tiers=[{"from": 0, "percent_off": "5"}], tender="CASH"),
        "5 % off when paid with CASH",
        "5 % rabatt vid betalning med CASH",
    ),
    (
        made(
            "tender",
            SHIRTS,
            tiers=[{"from": 5000, "percent_off": "5"}, {"from": 10000, "percent_off": "10"}],
            tender="CASH",
        ),
        "5 % off from 50.00 USD; 10 % off from 100.00 USD on 1 category when paid with CASH",
        "5 % rabatt från 50,00 USD; 10 % rabatt från 100,00 USD på 1 kategori"
        " vid betalning med CASH",
    ),
]


@pytest.mark.parametrize(("discount", "english", "swedish"), [*QUANTITY, *BUNDLES, *AMOUNTS])
def test_says_what_it_does(discount: Discount, english: str, swedish: str) -> None:
    assert kinds.enabling_refusals(discount) == ()
    assert says(discount) == (english, swedish)


def test_a_limit_for_each_product_is_said_with_what_it_limits() -> None:
    lines = [
        DiscountLine(master="M", percent_off=Decimal(20), quantity_limit=Decimal("4.0")),
        DiscountLine(product="A", percent_off=Decimal(20)),
    ]
    assert says(off("D", lines=lines)) == (
        "20 % off on 1 product family (at most 4 of each); 20 % off on 1 product",
        "20 % rabatt på 1 artikelfamilj (högst 4 av varje); 20 % rabatt på 1 artikel",
    )


def test_caps_are_said_of_every_kind() -> None:
    capped = msgspec.structs.replace(
        BUNDLES[1][0],
        max_amount_per_order=5000,
        max_quantity_per_order=Decimal("6.00"),
        max_uses_per_order=2,
    )
    assert says(capped) == (
        "Buy 3, the cheapest is free"
        " (at most 50.00 USD off per order, at most 6 units per order, at most 2 times per order)",
        "Köp 3, den billigaste är gratis"
        " (högst 50,00 USD i rabatt per order, högst 6 enheter per order, högst 2 gånger per order)",
    )


def test_what_is_taken_out_of_all_groups_is_said_at_the_end() -> None:
    discount = BUNDLES[0][0]
    out = DiscountLine(category="sale", exclude=True)
    assert kinds.sentence(msgspec.structs.replace(discount, lines=(*discount.lines, out))) == (
        "Any 2 of 3 products together for 25.00 USD, except 1 category"
    )


def test_a_currency_without_decimals_has_none() -> None:
    yen = msgspec.structs.replace(BUNDLES[0][0], currency="JPY")
    assert kinds.sentence(yen) == "Any 2 of 3 products together for 2500 JPY"


@pytest.mark.parametrize("kind", ["quantity", "mix_and_match", "threshold", "tender"])
def test_a_draft_without_its_parameters_says_nothing_yet(kind: str) -> None:
    assert says(made(kind, ALL)) == ("Nothing yet", "Ingenting än")


def test_every_form_asks_for_what_makes_a_sound_discount_of_its_kind() -> None:
    """Each answer goes to a place that the kind's parameters, or its lines, have."""
    for kind in kinds.KINDS:
        for form in kind.forms:
            assert kinds.form_of(form.key) == (kind, form)
            assert len({ask.name for ask in form.asks}) == len(form.asks)
            for ask in form.asks:
                first = ask.path.split(".")[0].split("[")[0]
                known = {field.encode_name for field in msgspec.structs.fields(kind.params)}
                assert first in known | {"lines"}
                assert set(ask.text) == set(form.text) == set(kind.name) == {"en", "sv"}


def test_there_is_no_form_without_a_kind() -> None:
    with pytest.raises(KeyError):
        kinds.form_of("lottery")
