"""Making a coupon on its page: what was typed becomes a coupon, or stays with what is wrong beside it."""

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client

from kupong.coupons.models import Coupon, CouponCode
from kupong.coupons.service import coupons
from kupong.discounts.models import Discount
from kupong.pricing.kinds import KINDS
from tests.coupons.shop import stocked
from tests.managing import Managed, company
from tests.web.backoffice.world import signed_in, words_of

__all__ = ["company"]

FORM = {
    "gives": "percent_off",
    "percent_off-value": "10",
    "on": "everything",
    "valid_from": "2026-03-01",
    "codes": "shared",
    "code": "SPRING",
    "code_count": "100",
    "code_length": "10",
    "whom": "everybody",
    "active": "on",
}


@pytest.fixture
def shop(company: Managed) -> Managed:
    return stocked(company)


@pytest.fixture
def staff(shop: Managed) -> Client:
    return signed_in()


def post(staff: Client, language: str = "en", **fields: Any) -> Any:
    return staff.post("/coupons/new", FORM | fields, headers={"Accept-Language": language})


def value_of(answer: Any, name: str) -> str:
    found = re.search(rf'<input[^>]* name="{name}" value="([^"]*)"', answer.text)
    assert found, name
    return found[1]


def errors_of(answer: Any) -> dict[str, str]:
    """What is said below each field."""
    found = re.findall(r'<p class="error" id="([\w-]+)-error">([^<]*)</p>', answer.text)
    return dict(found)


def test_the_page_is_for_those_who_are_signed_in(db: None) -> None:
    for path in ("/coupons/new", "/suggestions/products", "/coupons/X/codes.csv", "/try"):
        assert Client().get(path).headers["Location"] == "/sign-in"
    assert Client().post("/coupons/new", FORM).headers["Location"] == "/sign-in"
    assert Client().post("/coupons/new/example", FORM).headers["Location"] == "/sign-in"
    assert not Coupon.objects.exists()


def test_the_form_comes_with_a_code_that_is_hard_to_guess(staff: Client) -> None:
    first, second = (value_of(staff.get("/coupons/new"), "code") for _ in range(2))
    assert len(first) == len(second) == 10
    assert first != second


def test_what_is_typed_becomes_a_coupon_and_leads_to_its_page(shop: Managed, staff: Client) -> None:
    answer = post(staff, label="Spring sale", valid_to="2026-03-31", uses_per_customer="2")
    assert answer.headers["Location"] == "/coupons/CPN000000001"
    record = coupons.find(shop.id, "CPN000000001")
    assert record is not None
    assert (record.label, record.code, record.status) == ("Spring sale", "SPRING", "active")
    assert (record.valid_from, record.valid_to) == ("2026-03-01", "2026-03-31")
    landed = staff.get(answer.headers["Location"])
    assert "The coupon is made, and can be used at once." in words_of(landed)
    assert 'href="/coupons/CPN000000001/codes.csv"' in landed.text


def test_a_coupon_without_a_name_is_called_after_what_it_gives(
    shop: Managed, staff: Client
) -> None:
    post(staff)
    post(staff, "sv", code="B", on="category", category="clothing")
    post(
        staff,
        code="C",
        on="products",
        product=["J"],
        gives="amount_off",
        **{"amount_off-value": "5"},
    )
    post(staff, code="D", on="products", product=["J", "S"])
    labels = Coupon.objects.filter(company_id=shop.id).order_by("id")
    assert list(labels.values_list("label", flat=True)) == [
        "10 % off on everything",
        "10 % rabatt på 1 kategori: Clothing",
        "5.00 USD off each unit on 1 product: Jacket, blue",
        "10 % off on 2 products",
    ]


OTHERS: dict[str, tuple[dict[str, str], str, str]] = {
    "cheapest": (
        {"units": "3", "cheapest": "1", "percent": "100"},
        "Buy 3, the cheapest is free",
        "Köp 3, den billigaste är gratis",
    ),
    "deal": (
        {"units": "2", "price": "99.50"},
        "Any 2 together for 99.50 USD",
        "Valfria 2 tillsammans för 99,50 USD",
    ),
    "from_units": (
        {"units": "4", "percent": "12.5"},
        "4 or more: 12.5 % off, on everything",
        "4 eller fler: 12,5 % rabatt, på allt",
    ),
    "spend_amount": (
        {"spend": "100", "amount": "20"},
        "Spend 100.00 USD on everything: 20.00 USD off",
        "Handla för 100,00 USD: 20,00 USD i rabatt",
    ),
    "spend_percent": (
        {"spend": "100", "percent": "20 %"},
        "Spend 100.00 USD on everything: 20 % off",
        "Handla för 100,00 USD: 20 % rabatt",
    ),
    "free_delivery": (
        {"spend": "100", "mode": "STANDARD", "percent": "100"},
        "Free delivery (STANDARD) from 100.00 USD",
        "Fri frakt (STANDARD) från 100,00 USD",
    ),
}


@pytest.mark.parametrize("gives", OTHERS)
def test_a_coupon_of_every_form_is_made_and_called_after_what_it_gives(
    shop: Managed, staff: Client, gives: str
) -> None:
    answers, english, swedish = OTHERS[gives]
    typed = {f"{gives}-{name}": value for name, value in answers.items()}
    post(staff, gives=gives, **typed)
    post(staff, "sv", code="B", gives=gives, **typed)
    labels = Coupon.objects.filter(company_id=shop.id).order_by("id")
    assert list(labels.values_list("label", flat=True)) == [english, swedish]
    assert set(Discount.objects.values_list("status", flat=True)) == {"enabled"}


def test_the_page_asks_what_every_form_of_the_kinds_asks(staff: Client) -> None:
    for language in ("en", "sv"):
        page = staff.get("/coupons/new", headers={"Accept-Language": language})
        said = words_of(page)
        for kind in KINDS:
            for form in kind.forms:
                assert f'name="gives" value="{form.key}"' in page.text
                assert form.text[language] in said
                for ask in form.asks:
                    assert value_of(page, f"{form.key}-{ask.name}") == ask.typed
                    assert ask.text[language] in said


def test_what_is_chosen_among_the_others_is_in_sight(staff: Client) -> None:
    opened = '<details class="more-choices" open>'
    assert opened not in staff.get("/coupons/new").text
    assert opened in post(staff, gives="deal").text
    assert opened not in post(staff, **{"percent_off-value": ""}).text


def test_a_box_that_is_not_ticked_leaves_the_coupon_for_later(shop: Managed, staff: Client) -> None:
    answer = staff.post("/coupons/new", {key: FORM[key] for key in FORM if key != "active"})
    record = coupons.find(shop.id, "CPN000000001")
    assert record is not None
    assert record.status == "inactive"
    assert "Activate it when" in words_of(staff.get(answer.headers["Location"]))


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"percent_off-value": ""}, "percent_off-value", "Say how much."),
        (
            {"percent_off-value": "a lot"},
            "percent_off-value",
            "Write a number, such as 10 or 12.5.",
        ),
        (
            {"percent_off-value": "110"},
            "percent_off-value",
            "A percentage must be above 0 and at most 100: 110.",
        ),
        (
            {"percent_off-value": "5000"},
            "percent_off-value",
            "A percentage must be above 0 and at most 100: 5000.",
        ),
        ({"gives": "price", "price-value": "1.234"}, "price-value", "at most 2 decimals"),
        (
            {"gives": "amount_off", "amount_off-value": "0"},
            "amount_off-value",
            "An amount must be above zero: 0.",
        ),
        (
            {"gives": "amount_off", "amount_off-value": "-5"},
            "amount_off-value",
            "Write an amount above zero.",
        ),
        ({"gives": "a car"}, "gives", "Choose what it gives."),
        ({"gives": "deal", "deal-price": "25"}, "deal-units", "Say how much."),
        ({"gives": "deal", "deal-units": "1.5", "deal-price": "25"}, "deal-units", "Write a whole"),
        (
            {
                "gives": "cheapest",
                "cheapest-units": "2",
                "cheapest-cheapest": "2",
                "cheapest-percent": "50",
            },
            "cheapest-cheapest",
            "Fewer units must be cheaper than are bought together: 2, at most 1.",
        ),
        (
            {"gives": "spend_amount", "spend_amount-spend": "10", "spend_amount-amount": "0"},
            "spend_amount-amount",
            "An amount must be above zero: 0.",
        ),
        (
            {"gives": "free_delivery", "free_delivery-spend": "10", "free_delivery-percent": "100"},
            "free_delivery-mode",
            "Say which.",
        ),
        (
            {
                "gives": "free_delivery",
                "free_delivery-spend": "10",
                "free_delivery-percent": "100",
                "free_delivery-mode": "x" * 101,
            },
            "free_delivery-mode",
            "Write at most 100 characters.",
        ),
        ({"on": ""}, "on", "Choose what it is for."),
        ({"on": "category"}, "category", "Choose a category."),
        ({"on": "category", "category": "x"}, "category", "There is no category with this number."),
        ({"on": "products"}, "add_product", "Choose at least one product."),
        ({"on": "products", "add_product": "x"}, "add_product", "There is no product with this"),
        ({"valid_to": "soon"}, "valid_to", "Write a day as year-month-day"),
        ({"valid_to": "2026-02-28"}, "valid_to", "The last day lies before the first."),
        ({"uses_per_code": "-1"}, "uses_per_code", "Write a whole number from 0 to 2,147,483,647."),
        ({"uses_per_customer": "1.5"}, "uses_per_customer", "Write a whole number"),
        ({"codes": "both"}, "codes", "Choose which codes."),
        ({"code": "A/B"}, "code", "A code has at most 100 characters, and no slash among them."),
        ({"codes": "individual", "code_count": ""}, "code_count", "Say how many codes."),
        ({"codes": "individual", "code_count": "100001"}, "code_count", "from 1 to 100,000."),
        (
            {"codes": "individual", "code_length": "5"},
            "code_length",
            "Codes this short can be guessed: one try in 243,000 would hit; take at least 6",
        ),
        ({"whom": "nobody"}, "whom", "Choose whom it is for."),
        ({"whom": "channel"}, "channel", "Choose a channel."),
        ({"whom": "channel", "channel": "x"}, "channel", "There is no channel with this number."),
        (
            {"whom": "channel", "channel": "PARIS"},
            "channel",
            "Valid in another currency only: EUR.",
        ),
        ({"whom": "affiliation", "affiliation": "x"}, "affiliation", "There is no affiliation"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_above_with_a_link(
    staff: Client, fields: dict[str, str], field: str, said: str
) -> None:
    answer = post(staff, **fields)
    assert answer.status_code == 422
    assert list(errors_of(answer)) == [field]
    assert said in errors_of(answer)[field]
    assert f'<a href="#{field}">{errors_of(answer)[field]}</a>' in answer.text
    assert f'id="{field}"' in answer.text
    assert not Coupon.objects.exists()
    assert not Discount.objects.exists()


def test_everything_that_is_wrong_is_said_at_once(staff: Client) -> None:
    wrong = {
        "percent_off-value": "x",
        "code": "A/B",
        "valid_to": "2020-01-01",
        "channel": "N",
        "whom": "channel",
    }
    answer = post(staff, **wrong, on="products", product=["J", "N"])
    assert set(errors_of(answer)) == {
        "percent_off-value",
        "code",
        "valid_to",
        "channel",
        "add_product",
    }


def test_nothing_that_was_typed_is_lost(staff: Client) -> None:
    typed = {
        "percent_off-value": "abc",
        "cheapest-units": "4",
        "free_delivery-mode": "EXPRESS",
        "category": "clothing",
        "add_product": "sock",
        "valid_from": "2026-05-01",
        "valid_to": "2026-06-01",
        "uses_per_code": "7",
        "uses_per_customer": "3",
        "code": "MINE",
        "code_count": "12",
        "code_length": "14",
        "channel": "HOUSTON",
        "label": "Mine & yours",
        "example_quantity": "4",
        "example_price": "1,99",
    }
    answer = post(staff, **typed, on="products", product=["J", "S"], whom="channel")
    for name, value in typed.items():
        assert value_of(answer, name) == value.replace("&", "&amp;")
    assert answer.text.count('name="product" value="') == 2
    for choice in ("percent_off", "products", "shared", "channel"):
        assert re.search(rf'value="{choice}" checked', answer.text), choice


def test_a_code_that_is_taken_is_refused_in_swedish_too(staff: Client) -> None:
    post(staff)
    answer = post(staff, "sv", code="spring")
    assert errors_of(answer) == {"code": "Den koden finns redan. Ta en annan."}
    assert Coupon.objects.count() == Discount.objects.count() == 1


def test_a_product_is_added_and_taken_out_with_buttons_alone(staff: Client) -> None:
    answer = post(staff, on="products", add_product="J", do="add")
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "coupon-changed"
    assert 'name="product" value="J"' in answer.text
    assert value_of(answer, "add_product") == ""
    answer = post(staff, on="products", product=["J", "S"], remove="J")
    assert re.findall(r'name="product" value="(\w+)"', answer.text) == ["S"]
    assert not Coupon.objects.exists()


def test_a_product_that_waits_to_be_added_counts(shop: Managed, staff: Client) -> None:
    post(staff, on="products", product=["J"], add_product="S")
    assert coupons.find(shop.id, "CPN000000001") is not None
    assert Discount.objects.get(company_id=shop.id).lines.count() == 2


@pytest.mark.parametrize(
    ("fields", "field", "number"),
    [
        ({"on": "products", "add_product": "wool", "do": "add"}, "add_product", "K"),
        ({"on": "products", "add_product": "wool"}, "add_product", "K"),
        ({"on": "category", "category": "cloth"}, "category", "clothing"),
        ({"whom": "channel", "channel": "shop in hou"}, "channel", "HOUSTON"),
        ({"whom": "affiliation", "affiliation": "stud"}, "affiliation", "STUDENT"),
    ],
)
def test_a_name_in_place_of_a_number_is_asked_about(
    staff: Client, fields: dict[str, str], field: str, number: str
) -> None:
    answer = post(staff, **fields)
    assert f'name="pick" value="{field} {number}"' in answer.text
    del fields[field]
    answer = post(staff, **fields | {"do": "", "pick": f"{field} {number}"})
    assert answer.status_code == 200
    if field == "add_product":
        assert f'name="product" value="{number}"' in answer.text
    else:
        assert value_of(answer, field) == number
    assert errors_of(answer) == {}


def test_nothing_is_made_of_signs_that_no_database_takes(staff: Client) -> None:
    answer = post(staff, label="a\x00b", on="category", category="\x00")
    assert errors_of(answer) == {"category": "Choose a category."}


def test_a_currency_that_the_company_does_not_sell_in_is_passed_over(
    shop: Managed, staff: Client
) -> None:
    post(staff, gives="amount_off", **{"amount_off-value": "5"}, currency="QQQ")
    post(staff, gives="amount_off", **{"amount_off-value": "5"}, currency="EUR", code="EURO")
    rows = Discount.objects.filter(company_id=shop.id).order_by("id")
    assert list(rows.values_list("currency", flat=True)) == ["USD", "EUR"]


# The example


def example(staff: Client, language: str = "en", **fields: Any) -> str:
    answer = staff.post(
        "/coupons/new/example", FORM | fields, headers={"Accept-Language": language}
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    return words_of(answer)


def test_the_example_shows_before_and_after(staff: Client) -> None:
    said = example(staff, on="products", product=["S"], example_quantity="2")
    assert said.startswith(
        "10 % off on 1 product: Shirt, white 2 × Shirt, white (S, USD 25.00 each)"
        " Before USD 50.00 Discount −USD 5.00 To pay USD 45.00"
    )
    assert "2 × Shirt" in said
    assert "Att betala 22,50 USD" in example(staff, "sv", on="products", product=["S"])
    assert "To pay USD 0.90" in example(staff, example_price="1,00")


def test_the_example_holds_as_many_as_it_takes(staff: Client) -> None:
    typed = {"deal-units": "3", "deal-price": "60"}
    said = example(staff, gives="deal", on="products", product=["S"], **typed)
    assert "3 × Shirt, white" in said
    assert "Before USD 75.00 Discount −USD 15.00 To pay USD 60.00" in said
    short = example(
        staff, gives="deal", on="products", product=["S"], example_quantity="2", **typed
    )
    assert "Discount USD 0.00" in short
    assert "units" in short


def test_the_example_shows_the_delivery_it_is_about(staff: Client) -> None:
    typed = {"spend": "40", "mode": "STANDARD", "percent": "100"}
    typed = {f"free_delivery-{name}": value for name, value in typed.items()}
    said = example(staff, gives="free_delivery", on="products", product=["S"], **typed)
    assert "2 × Shirt, white" in said
    assert (
        "Before USD 50.00 Discount USD 0.00 Delivery charge USD 5.00 Off the delivery −USD 5.00"
        " To pay USD 50.00 The delivery charge is made up." in said
    )


def test_the_example_says_the_terms_in_words(staff: Client) -> None:
    said = example(staff, valid_to="2026-03-31", uses_per_customer="1", whom="channel", channel="H")
    assert "One code that everybody uses: SPRING." in said
    assert "1 per customer" in said
    assert "The customer has to be known at the till." in said
    assert "Valid: 1 Mar 2026 – 31 Mar 2026." in said
    assert "Only in channel H." in said
    said = example(staff, codes="individual", code_count="1000", uses_per_code="")
    assert "1,000 codes of 10 characters. A guess at random hits one in 590,490,000,000" in said
    assert "Each code is used at most: 1 in all." in said


def test_the_example_bears_with_what_is_half_typed(staff: Client) -> None:
    for fields in (
        {"percent_off-value": ""},
        {"percent_off-value": "x"},
        {"gives": "deal", "deal-units": "3"},
        {"gives": "cheapest", "cheapest-units": "1", "cheapest-cheapest": "1"},
        {"on": "products"},
        {"on": "category", "category": "x"},
        {"example_quantity": "-1"},
        {"example_quantity": "9" * 15},
        {"example_price": "?"},
        {"valid_from": "2026-"},
        {"code_length": "1", "codes": "individual"},
    ):
        assert example(staff, **fields)


def test_the_example_says_when_goods_take_no_discount(shop: Managed, staff: Client) -> None:
    from kupong.catalog.service import products

    shop.change(products, "J", prevent_discounts=True)
    assert "The covered goods take no discounts." in example(staff, on="products", product=["J"])


# Suggestions and files


@pytest.mark.parametrize(
    ("path", "numbers"),
    [
        ("products?product=wool", ["K"]),
        ("products?add_product=J", ["J"]),
        ("categories?category=cloth", ["clothing"]),
        ("channels?channel=shop", ["HOUSTON", "PARIS"]),
        ("customers?customer=20", ["2001"]),
        ("affiliations?affiliation=s", ["STUDENT"]),
        ("products", []),
        ("products?product=", []),
        ("products?product=%00", []),
    ],
)
def test_a_field_is_offered_what_begins_so(staff: Client, path: str, numbers: list[str]) -> None:
    answer = staff.get(f"/suggestions/{path}")
    assert answer.status_code == 200
    assert re.findall(r'data-value="(\w+)"', answer.text) == numbers


def test_nothing_else_can_be_searched(staff: Client) -> None:
    assert staff.get("/suggestions/secrets?x=a").status_code == 404


def test_the_codes_come_as_a_file(shop: Managed, staff: Client) -> None:
    post(staff, codes="individual", code_count="25")
    codes = CouponCode.objects.filter(company_id=shop.id).order_by("id")
    expected = list(codes.values_list("number", "code", "status"))
    text = staff.get("/coupons/CPN000000001/codes.txt")
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.getvalue().decode().split() == [code for _, code, _ in expected]
    table = staff.get("/coupons/CPN000000001/codes.csv").getvalue().decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(table))
    assert head == ["number", "code", "status"]
    assert [tuple(row) for row in rows] == expected


def test_the_file_is_read_by_key_in_parts(
    shop: Managed, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kupong.web.backoffice import code_files

    monkeypatch.setattr(code_files, "_CHUNK", 10)
    post(staff, codes="individual", code_count="25")
    assert len(staff.get("/coupons/CPN000000001/codes.txt").getvalue().split()) == 25


def test_a_code_that_a_spreadsheet_would_take_for_a_formula_is_made_harmless(
    shop: Managed, staff: Client
) -> None:
    post(staff, code="=1+1")
    assert ",'=1+1," in staff.get("/coupons/CPN000000001/codes.csv").getvalue().decode()
    assert staff.get("/coupons/CPN000000001/codes.txt").getvalue() == b"=1+1\n"


@pytest.mark.parametrize("path", ["/coupons/NOPE/codes.csv", "/coupons/CPN000000001/codes.exe"])
def test_there_is_no_file_of_what_is_not_there(staff: Client, path: str) -> None:
    post(staff)
    assert staff.get(path).status_code == 404
