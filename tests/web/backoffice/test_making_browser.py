"""Making a coupon and trying a cart in a real browser: by keyboard, on a phone, and with no script."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kupong.coupons.models import Coupon
from kupong.coupons.service import coupons
from kupong.discounts.models import Discount
from kupong.organisation.service import ensure_installation
from tests.coupons.shop import stocked
from tests.managing import Managed
from tests.web.backoffice.test_browser import LOOKS, assert_faultless, session
from tests.web.browsing import PHONE, Visitors

pytestmark = pytest.mark.django_db(transaction=True)

TRY = "/try?channel=HOUSTON&product=J&quantity=2&price=&product=K&quantity=1&price=9"


@pytest.fixture
def shop(transactional_db: None) -> Managed:
    return stocked(Managed(ensure_installation()))


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"[name={name}][value={value}]").check()


def wait_for_the_example(page: Page) -> None:
    """Until nothing is typed that the example has not followed: a request cut off is a complaint."""
    page.wait_for_timeout(500)
    expect(page.locator(".htmx-request")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS)
def test_making_a_coupon_is_faultless_in_every_look(
    shop: Managed, visitors: Visitors, look: dict[str, Any]
) -> None:
    visitor = visitors(session=session(), **look)
    page = visitor.go("/coupons/new")
    page.locator("#percent_off-value").fill("10")
    choose(page, "on", "products")
    page.locator("#add_product").press_sequentially("wool")
    page.locator("#add_product-list [role=option]").wait_for()
    assert_faultless(visitor)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".chosen li").wait_for()
    choose(page, "codes", "individual")
    choose(page, "whom", "channel")
    page.locator("#example .receipt").wait_for()
    wait_for_the_example(page)
    assert_faultless(visitor)
    page.locator("#channel").fill("shop in hou")
    page.locator("#channel-list [role=option]").wait_for()
    page.locator("#code_length").fill("4")
    wait_for_the_example(page)
    page.locator(".maker-finish button").click()
    page.locator(".said-error").wait_for()
    # The browser itself notes that the answer was a refusal.
    assert len(visitor.complaints) == 1
    assert "422" in visitor.complaints.pop()
    assert page.locator(".error").count() == 2
    assert_faultless(visitor)


@pytest.mark.parametrize("look", LOOKS)
def test_trying_a_cart_is_faultless_in_every_look(
    shop: Managed, visitors: Visitors, look: dict[str, Any]
) -> None:
    visitor = visitors(session=session(), **look)
    visitor.go("/try")
    assert_faultless(visitor)
    more = "mode=STANDARD&charge=4.95&tender=CASH&paid=5&affiliation=NO"
    visitor.go(f"{TRY}&{more}")
    assert_faultless(visitor)
    page = visitor.go(f"{TRY}&{more.partition('&affiliation')[0]}&code=NOPE&explain=all")
    page.locator(".developer summary").click()
    assert_faultless(visitor)
    visitor.go("/try?channel=HOUSTON&product=wool&quantity=1")
    page.locator(".meant button").wait_for()
    assert_faultless(visitor)


def test_a_coupon_is_made_by_keyboard_alone(shop: Managed, visitors: Visitors) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/coupons/new")
    page.locator("#gives").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "amount_off-value"
    page.keyboard.type("5")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "currency"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("cloth")
    field = page.locator("#category")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "category-list-0")
    page.keyboard.press("Enter")
    expect(field).to_have_value("clothing")
    expect(page.locator("#category-picked")).to_have_text("Clothing")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    page.wait_for_url("**/coupons/CPN000000001")
    record = coupons.find(shop.id, "CPN000000001")
    assert record is not None
    assert (record.label, record.status) == (
        "5.00 USD off each unit on 1 category: Clothing",
        "active",
    )
    assert visitor.violations() == visitor.complaints == []


def test_suggestions_close_and_open_again(shop: Managed, visitors: Visitors) -> None:
    page = visitors(session=session()).go("/coupons/new")
    choose(page, "on", "category")
    field, listed = page.locator("#category"), page.locator("#category-list")
    field.press_sequentially("cl")
    expect(listed).to_be_visible()
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    field.press_sequentially("o")
    expect(listed).to_be_visible()
    page.keyboard.press("Tab")
    expect(listed).to_be_hidden()
    field.press_sequentially("xyz")
    page.wait_for_timeout(500)
    expect(listed).to_be_hidden()


def test_a_suggestion_is_taken_with_a_click(shop: Managed, visitors: Visitors) -> None:
    page = visitors(session=session()).go("/coupons/new")
    choose(page, "on", "products")
    for typed in ("wool", "white"):
        page.locator("#add_product").press_sequentially(typed)
        page.locator("#add_product-list [role=option]").click()
        expect(page.locator(".chosen li").last).to_contain_text(typed)
        expect(page.locator("#add_product")).to_have_value("")
    assert page.evaluate("document.activeElement.id") == "add_product"
    page.locator("#percent_off-value").fill("50")
    expect(page.locator("#example")).to_contain_text("50 % off on 2 products")
    page.locator(".chosen button").first.click()
    expect(page.locator("#example")).to_contain_text("50 % off on 1 product: Shirt, white")
    expect(page.locator("#example")).to_contain_text("USD 12.50")


def test_the_example_follows_what_is_typed(shop: Managed, visitors: Visitors) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/coupons/new")
    example = page.locator("#example")
    assert "a basket shows here what it does" in example.inner_text()
    page.locator("#percent_off-value").press_sequentially("25")
    expect(example).to_contain_text("To pay")
    choose(page, "gives", "price")
    page.locator("#price-value").fill("25")
    expect(example).to_contain_text("25.00 USD per unit on everything")
    page.locator("#example_price").fill("30")
    page.locator("#example_quantity").fill("3")
    expect(example).to_contain_text("USD 90.00")
    expect(example).to_contain_text("−USD 15.00")
    page.locator("#code").fill("SUMMER")
    expect(example).to_contain_text("One code that everybody uses: SUMMER.")
    assert not Coupon.objects.exists()
    assert visitor.complaints == []


def test_a_bundle_is_made_by_keyboard_alone(shop: Managed, visitors: Visitors) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/coupons/new")
    expect(page.locator("[name=gives][value=cheapest]")).to_be_hidden()
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator("[name=gives]:checked").focus()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    assert page.locator("[name=gives]:checked").get_attribute("value") == "deal"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "deal-units"
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.type("40")
    example = page.locator("#example")
    expect(example).to_contain_text("Any 2 together for 40.00 USD")
    expect(example).to_contain_text("2 × Jacket, blue")
    expect(example).to_contain_text("−USD 120.00")
    page.keyboard.press("Enter")
    page.wait_for_url("**/coupons/CPN000000001")
    record = coupons.find(shop.id, "CPN000000001")
    assert record is not None
    assert (record.label, record.status) == ("Any 2 together for 40.00 USD", "active")
    assert visitor.violations() == visitor.complaints == []


@pytest.mark.parametrize("look", LOOKS[::3])
def test_the_other_ways_to_give_are_faultless(
    shop: Managed, visitors: Visitors, look: dict[str, Any]
) -> None:
    visitor = visitors(session=session(), **look)
    page = visitor.go("/coupons/new")
    page.locator("summary").click()
    for key in ("cheapest", "deal", "from_units", "spend_amount", "spend_percent", "free_delivery"):
        choose(page, "gives", key)
        expect(page.locator(f"[id^={key}-]").first).to_be_visible()
    page.locator("#free_delivery-spend").fill("100")
    expect(page.locator("#example .receipt")).to_be_visible()
    wait_for_the_example(page)
    assert_faultless(visitor)


def test_another_way_to_give_is_chosen_without_scripts(shop: Managed, visitors: Visitors) -> None:
    page = visitors(session=session(), java_script_enabled=False, viewport=PHONE).go("/coupons/new")
    page.locator("summary").click()
    choose(page, "gives", "cheapest")
    page.get_by_role("button", name="Show the example again").click()
    expect(page.locator("#example")).to_contain_text("Buy 3, the cheapest is free")
    expect(page.locator("#cheapest-units")).to_be_visible()
    page.locator("#cheapest-cheapest").fill("3")
    page.locator(".maker-finish button").click()
    expect(page.locator("#cheapest-cheapest-error")).to_contain_text("at most 2")
    page.locator("#cheapest-cheapest").fill("2")
    page.locator(".maker-finish button").click()
    page.wait_for_url("**/coupons/CPN000000001")
    assert Discount.objects.get(company_id=shop.id).kind == "mix_and_match"


def test_only_what_belongs_to_a_choice_is_asked(shop: Managed, visitors: Visitors) -> None:
    page = visitors(session=session()).go("/coupons/new")
    expect(page.locator("#code")).to_be_visible()
    expect(page.locator("#code_count")).to_be_hidden()
    choose(page, "codes", "individual")
    expect(page.locator("#code")).to_be_hidden()
    expect(page.locator("#code_count")).to_be_visible()
    expect(page.locator("#currency")).to_be_hidden()
    choose(page, "gives", "amount_off")
    expect(page.locator("#currency")).to_be_visible()


def test_a_coupon_is_made_without_scripts(shop: Managed, visitors: Visitors) -> None:
    visitor = visitors(session=session(), java_script_enabled=False, viewport=PHONE)
    page = visitor.go("/coupons/new")
    page.locator("#percent_off-value").fill("10")
    page.get_by_role("button", name="Show the example again").click()
    expect(page.locator("#example")).to_contain_text("10 % off on everything")
    choose(page, "on", "products")
    page.locator("#add_product").fill("wool")
    page.locator("#add").click()
    page.locator(".meant button").click()
    expect(page.locator(".chosen li")).to_contain_text("Socks, wool")
    page.locator(".maker-finish button").click()
    page.wait_for_url("**/coupons/CPN000000001")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download its codes").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert Discount.objects.get(company_id=shop.id).lines.count() == 1


def test_a_cart_is_built_priced_and_shared(shop: Managed, visitors: Visitors) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/try")
    page.locator("#channel").press_sequentially("hou")
    page.locator("#channel-list [role=option]").click()
    page.locator("#product-0").press_sequentially("jack")
    page.locator("#product-0-list [role=option]").click()
    page.locator("#add-line").click()
    expect(page.locator("#product-1")).to_be_focused()
    page.keyboard.type("wool")
    page.locator("#product-1-list [role=option]").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#price-it").click()
    expect(page.locator("#quote-heading")).to_have_text("To pay: USD\N{NO-BREAK SPACE}85.00")
    assert "product=J" in page.url
    shared = visitors(session=session()).go(page.url.removeprefix(visitor.site))
    expect(shared.locator("#quote-heading")).to_have_text("To pay: USD\N{NO-BREAK SPACE}85.00")
    page.locator(".cart-remove").first.click()
    expect(page.locator("#quote-heading")).to_have_text("To pay: USD\N{NO-BREAK SPACE}5.00")
    page.go_back()
    expect(page.locator("#quote-heading")).to_have_text("To pay: USD\N{NO-BREAK SPACE}85.00")
    assert visitor.violations() == visitor.complaints == []


def test_a_cart_is_tried_without_scripts(shop: Managed, visitors: Visitors) -> None:
    page = visitors(session=session(), java_script_enabled=False).go("/try")
    page.locator("#channel").fill("shop in hou")
    page.locator("#product-0").fill("J")
    page.locator("#price-it").click()
    page.locator(".meant button").click()
    expect(page.locator("#quote-heading")).to_contain_text("80.00")
    page.get_by_role("button", name="Add a line").click()
    page.locator("#product-1").fill("K")
    page.keyboard.press("Enter")
    expect(page.locator("#quote-heading")).to_contain_text("85.00")
    page.get_by_role("button", name="Remove line 1").click()
    expect(page.locator("#quote-heading")).to_contain_text("5.00")
