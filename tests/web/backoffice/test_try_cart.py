"""Trying a cart: the address is the cart, and every line, code and "no" is told with its figures."""

import json
import re
import shlex
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import msgspec
import pytest
from django.test import Client

from kupong.organisation.models import Channel
from kupong.redemption.models import LedgerEntry, Redemption, UsageCounter
from kupong.redemption.shapes import QuoteRequest
from tests.web.backoffice.world import Shelf, shelf, staff, words_of

__all__ = ["shelf", "staff"]

NOON = "2026-03-10T12:00"


def get(staff: Client, *cart: tuple[str, str], language: str = "en") -> Any:
    address = f"/try?{urlencode([('channel', 'HOUSTON'), ('at', NOON), *cart])}"
    return staff.get(address, headers={"Accept-Language": language})


def line(product: str, quantity: str = "1", price: str = "") -> list[tuple[str, str]]:
    return [("product", product), ("quantity", quantity), ("price", price)]


def told(staff: Client, *cart: tuple[str, str], language: str = "en") -> str:
    answer = get(staff, *cart, language=language)
    assert answer.status_code == 200
    return words_of(answer)


def values(answer: Any, name: str) -> list[str]:
    return re.findall(rf'<input[^>]* name="{name}" value="([^"]*)"', answer.text)


def errors_of(answer: Any) -> dict[str, str]:
    found = re.findall(r'<p class="error" id="([\w-]+)-error">([^<]*)</p>', answer.text)
    return dict(found)


def test_an_empty_page_has_a_line_to_type_in_and_prices_nothing(staff: Client) -> None:
    answer = staff.get("/try")
    assert values(answer, "product") == [""]
    assert values(answer, "quantity") == ["1"]
    assert values(answer, "channel") == [""]
    assert "To pay" not in answer.text


def test_the_only_channel_is_chosen_at_once(shelf: Shelf, staff: Client) -> None:
    Channel.objects.filter(company=shelf.company, number="SEATTLE").delete()
    assert values(staff.get("/try"), "channel") == ["HOUSTON"]


def test_each_line_tells_what_it_cost_what_came_off_and_by_which_code(
    shelf: Shelf, staff: Client
) -> None:
    shelf.issue(shelf.spring(), "SPRING-A")
    said = told(staff, *line("J"), *line("K", "3", "4,50"), ("code", "spring-a"))
    assert "To pay: USD 85.50 As at 10 Mar 2026 12:00 (America/Chicago)." in said
    assert "1 × J USD 80.00 −USD 8.00 10 % off on 2 products by SPRING , SPRING-A USD 72.00" in said
    assert "3 × K USD 13.50 none USD 13.50" in said
    assert "Before USD 93.50 Discount −USD 8.00 To pay USD 85.50" in said
    assert "spring-a Applied SPRING" in said


def test_trying_changes_nothing(shelf: Shelf, staff: Client) -> None:
    coupon = shelf.coupon("ONCE", shelf.spring().discount, {"global": 1})
    shelf.issue(coupon, "ONCE-A")
    for _ in range(2):
        assert "ONCE-A Applied" in told(staff, *line("J"), ("code", "ONCE-A"))
    for table in (Redemption, LedgerEntry, UsageCounter):
        assert not table._default_manager.exists()


def test_every_code_tells_what_became_of_it(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "SPRING-A", "SPRING-B")
    students = shelf.discount("STUDY", [{"product": "J", "percent_off": "5"}], groups=("STUDENT",))
    shelf.affiliation("STUDENT")
    shelf.issue(shelf.coupon("STUDY", students, label="For students"), "STUDY-A")
    socks = shelf.discount("SOCKS", [{"product": "K", "percent_off": "5"}])
    shelf.issue(shelf.coupon("SOCKS", socks), "SOCKS-A")
    codes = [("code", code) for code in ("SPRING-A", "SPRING-B", "STUDY-A", "SOCKS-A", "NOPE")]
    said = told(staff, *line("J"), *codes)
    assert "SPRING-A Applied" in said
    assert "SPRING-B Refused Another code of the same coupon is on the cart: SPRING-A." in said
    assert (
        "STUDY-A Refused Not for this customer or channel: needs STUDENT. That is for: STUDENT."
        " For students" in said
    )
    assert "SOCKS-A No effect Nothing in the cart is covered by it." in said
    assert "NOPE Refused There is no such code." in said
    assert "NOPE Nekad Koden finns inte." in told(staff, *line("J"), *codes, language="sv")


def test_a_discount_that_lost_tells_to_what_and_by_how_much(shelf: Shelf, staff: Client) -> None:
    shelf.discount("FIVE", [{"product": "J", "percent_off": "5"}], requires_code=False)
    shelf.issue(shelf.spring(), "SPRING-A")
    said = told(staff, *line("J"), ("code", "SPRING-A"))
    assert (
        "FIVE 5 % off on 1 product Something else gives more: D10."
        " It would have taken off USD 4.00; what applies takes off USD 8.00, USD 4.00 more." in said
    )


def test_units_of_a_line_that_were_treated_differently_are_told_apart(
    shelf: Shelf, staff: Client
) -> None:
    limited = [{"product": "J", "percent_off": "50", "quantity_limit": "1"}]
    shelf.discount("FIRST", limited, requires_code=False)
    said = told(staff, *line("J", "3"))
    assert "2 units: no discount 1 unit: −USD 40.00 FIRST" in said
    swedish = told(staff, *line("J", "3"), language="sv")
    assert "2 enheter: ingen rabatt 1 enhet: −40,00 USD FIRST" in swedish
    assert "1 unit" not in told(staff, *line("J", "1"))


def test_the_rest_is_explained_on_demand(shelf: Shelf, staff: Client) -> None:
    brief = get(staff, *line("J"))
    assert "No other discount could have reached this cart." in brief.text
    (more,) = re.findall(r'href="(/try\?[^"]*explain=all)"', brief.text)
    said = words_of(staff.get(more.replace("&amp;", "&")))
    assert "D10 10 % off on 2 products The discount needs a coupon code." in said
    assert "Only those that could reach the cart" in said


def test_what_staff_could_apply_is_offered_with_its_worth(shelf: Shelf, staff: Client) -> None:
    goodwill = shelf.discount("GOODWILL", [{"product": "J", "amount_off": 1500}])
    coupon = shelf.coupon("GOOD", goodwill, label="Goodwill", apply_without_code=True)
    shelf.issue(coupon, "GOOD-1")
    said = told(staff, *line("J"))
    assert "Goodwill 15.00 USD off each unit on 1 product: USD 15.00 more off this cart" in said


def test_the_link_shows_the_same_cart_again(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "SPRING-A")
    cart = [
        *line("J", "2"),
        *line("K", "1", "9"),
        ("codes", "SPRING-A\r\nÅ B"),
        ("customer", "2001"),
        ("mode", "STANDARD"),
        ("charge", "4,90"),
        ("tender", "CASH"),
        ("paid", "20"),
    ]
    first = get(staff, *cart)
    (address,) = re.findall(r'href="(/try\?[^"]*)">Link to this cart', first.text)
    address = address.replace("&amp;", "&")
    assert parse_qs(urlsplit(address).query)["code"] == ["SPRING-A", "Å B"]
    again = staff.get(address)
    without_token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert without_token.sub("", again.text.split("<main")[1]) == without_token.sub(
        "", first.text.split("<main")[1]
    )


def test_lines_are_added_and_removed_by_buttons_alone(staff: Client) -> None:
    answer = get(staff, *line("J", "2"), *line("K"), ("do", "add"))
    cart = parse_qsl(urlsplit(answer.headers["Location"]).query, keep_blank_values=True)
    assert [value for name, value in cart if name == "product"] == ["J", "K", ""]
    shown = staff.get(answer.headers["Location"])
    assert values(shown, "product") == ["J", "K", ""]
    assert "To pay: USD 165.00" in words_of(shown)
    answer = get(staff, *line("J", "2"), *line("K"), ("remove", "0"))
    assert values(staff.get(answer.headers["Location"]), "product") == ["K"]


@pytest.mark.parametrize(
    ("cart", "field", "said"),
    [
        ([*line("X")], "product-0", "There is no product with this number."),
        ([*line("J"), *line(""), *line("X")], "product-2", "There is no product with this number."),
        ([*line("J"), *line("", "1", "5")], "product-1", "Say which product."),
        ([*line("J", "many")], "quantity-0", "Write a quantity, such as 1 or 0.75."),
        ([*line("J", "0")], "quantity-0", "Write a quantity, such as 1 or 0.75."),
        ([*line("J", "1", "-5")], "price-0", "Write an amount, such as 5 or 4.50."),
        ([*line("J", "1", "1.234")], "price-0", "Write an amount, such as 5 or 4.50."),
        ([*line("W")], "price-0", "The catalogue has no price for it in this currency: type one."),
        ([*line("J"), ("channel", "NOPE")], "channel", "There is no channel with this number."),
        ([*line("J"), ("customer", "NOPE")], "customer", "There is no customer with this number."),
        ([*line("J"), ("at", "yesterday")], "at", "Write a day and a time"),
        ([*line("J"), ("affiliation", "NO")], "affiliations", "There is no affiliation with"),
        ([*line("J"), ("mode", "STANDARD")], "charge", "Write an amount, such as 5 or 4.50."),
        ([*line("J"), ("mode", "A"), ("charge", "-1")], "charge", "Write an amount"),
        ([*line("J"), ("charge", "5")], "mode", "Say which way it is delivered."),
        ([*line("J"), ("tender", "CASH")], "paid", "Write an amount, such as 5 or 4.50."),
        ([*line("J"), ("paid", "5")], "tender", "Say which way it is paid."),
        ([*line("J"), ("at", "0001-01-01T00:00")], "at", "Write a day and a time"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    shelf: Shelf, staff: Client, cart: list[tuple[str, str]], field: str, said: str
) -> None:
    from kupong.catalog.models import Product

    Product.objects.create(company=shelf.company, number="W")
    given = {name for name, _ in cart}
    base = [pair for pair in (("channel", "HOUSTON"), ("at", NOON)) if pair[0] not in given]
    answer = staff.get(f"/try?{urlencode([*base, *cart])}")
    assert answer.status_code == 200
    assert list(errors_of(answer)) == [field]
    assert said in errors_of(answer)[field]
    assert "The cart could not be priced." in answer.text
    assert "To pay:" not in answer.text


def test_a_name_in_place_of_a_number_is_asked_about(shelf: Shelf, staff: Client) -> None:
    from kupong.catalog.models import Product

    Product.objects.filter(number="S").update(name="Shirt, white")
    answer = get(staff, *line("J"), *line("shirt", "2"))
    assert 'name="pick" value="product-1 S"' in answer.text
    picked = get(staff, *line("J"), *line("shirt", "2"), ("pick", "product-1 S"))
    assert values(staff.get(picked.headers["Location"]), "product") == ["J", "S"]


def test_a_time_is_one_on_the_wall_of_the_channel(shelf: Shelf, staff: Client) -> None:
    from datetime import date

    spring = shelf.spring()
    coupon = shelf.coupon(
        "DAY",
        spring.discount,
        valid_from=date(2026, 3, 10),
        valid_to=date(2026, 3, 10),
    )
    shelf.issue(coupon, "DAY-A")

    def status(at: str) -> str:
        said = words_of(
            staff.get(
                f"/try?{urlencode([('channel', 'HOUSTON'), *line('J'), ('code', 'DAY-A'), ('at', at)])}"
            )
        )
        return said.split("Codes on the cart DAY-A ")[1].split(" ")[0]

    assert status("2026-03-10T23:59") == "Applied"
    assert status("2026-03-11T00:00") == "Refused"
    assert status("2026-03-11T04:59:00+00:00") == "Applied"


def test_developers_get_the_same_call_over_the_api(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "SPRING-A")
    answer = get(staff, *line("J", "0.5", "9,99"), ("code", "SPRING-A"), ("explain", "all"))
    blocks = [
        block.replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")
        for block in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", answer.text, re.DOTALL)
    ]
    words = shlex.split(blocks[0])
    assert words[:2] == ["curl", "http://testserver/api/v1/quotes?explain=all"]
    assert "Authorization: Bearer kp_…" in words
    sent = msgspec.json.decode(words[-1], type=QuoteRequest)
    assert (sent.lines[0].price, str(sent.lines[0].quantity)) == (999, "0.5")
    assert sent.codes == ("SPRING-A",)
    assert json.loads(blocks[1])["net"] == 450


def test_affiliations_are_part_of_the_cart(shelf: Shelf, staff: Client) -> None:
    shelf.affiliation("STUDENT")
    lines = [{"product": "J", "percent_off": "5"}]
    shelf.discount("STUDY", lines, groups=("STUDENT",), requires_code=False)
    assert "To pay: USD 80.00" in told(staff, *line("J"))
    cart = [*line("J"), ("affiliations", "STUDENT\r\n")]
    assert "To pay: USD 76.00" in told(staff, *cart)
    assert "affiliation=STUDENT" in get(staff, *cart).text


def test_the_delivery_stands_beside_what_is_to_pay(shelf: Shelf, staff: Client) -> None:
    shelf.discount(
        "FREE",
        [{"all_products": True}],
        kind="shipping_threshold",
        params={"tiers": [{"from": 5000, "percent_off": "50"}], "delivery_modes": ["STANDARD"]},
        requires_code=False,
    )
    delivery = [("mode", "STANDARD"), ("charge", "4,90")]
    said = told(staff, *line("J"), *delivery)
    assert "Delivery charge USD 4.90 −USD 2.45" in said
    assert "To pay USD 80.00 Delivery, on top USD 2.45" in said
    little = told(staff, *line("K"), *delivery)
    assert "Delivery charge USD 4.90 none USD 4.90" in little
    assert "Leverans, utöver det" in told(staff, *line("J"), *delivery, language="sv")


def test_a_way_of_paying_opens_its_discount(shelf: Shelf, staff: Client) -> None:
    shelf.discount(
        "CASH",
        [{"all_products": True}],
        kind="tender",
        params={"tiers": [{"from": 0, "percent_off": "5"}], "tender": "CASH"},
        requires_code=False,
    )
    assert "To pay: USD 76.00" in told(staff, *line("J"), ("tender", "CASH"), ("paid", "76"))
    assert "To pay: USD 80.00" in told(staff, *line("J"), ("tender", "CARD"), ("paid", "80"))


@pytest.mark.parametrize("name", ["affiliations", "mode", "charge", "tender", "paid"])
def test_what_is_rarely_needed_is_open_once_it_is_used(staff: Client, name: str) -> None:
    assert '<details class="mt-3">' in get(staff, *line("J")).text
    assert '<details class="mt-3" open>' in get(staff, *line("J"), (name, "5")).text


def test_an_address_of_any_kind_is_borne(staff: Client) -> None:
    for query in (
        "remove=x&product=J",
        "pick=nothing",
        "pick=product-9+J&product=K",
        "pick=product-%C2%B2+J&product=K",
        "product=%00&channel=HOUSTON",
        "price=1&price=2&channel=HOUSTON",
        "code=" + "X" * 5000 + "&channel=HOUSTON",
        "&".join(["code=A"] * 500) + "&channel=HOUSTON",
        "&".join(["product=J"] * 900) + "&channel=HOUSTON",
        "at=2026-03-10T12:00:00%2B99:00&channel=HOUSTON&product=J",
        "channel=HOUSTON&product=J&quantity=" + "9" * 15,
        "channel=HOUSTON&product=J&quantity=1&price=" + "9" * 15,
    ):
        answer = staff.get(f"/try?{query}")
        assert answer.status_code in (200, 302), query
