"""The pages of coupons, codes and receipts in a real browser, by keyboard, on a phone and with no script."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.backoffice.test_browser import LOOKS, assert_faultless, session
from tests.web.backoffice.world import Shelf, stocked
from tests.web.browsing import Visitors

pytestmark = pytest.mark.django_db(transaction=True)

PIZZA = "1.00 USD off frozen pizza and other things from the freezer"


@pytest.fixture
def sold(transactional_db: None) -> tuple[Shelf, str]:
    """A shop with several pages of coupons and codes, and the id of a redemption."""
    shelf = stocked()
    spring = shelf.spring()
    spring.label, spring.folder, spring.description = PIZZA, "Spring 2026", "For the freezer."
    shelf.issue(spring, *(f"7KQ2-M9XD-{n:04d}" for n in range(120)))
    now = datetime.now(UTC)
    for n in range(60):
        at = now - timedelta(days=n)
        identity = shelf.sold(
            f"7KQ2-M9XD-{n:04d}", at=at, customer="2001", order=f"33015981{n:03d}"
        )
    shelf.coupon("STOPPED", spring.discount, {"customer": 1}, status="inactive", label="Tea")
    for n in range(60):
        shelf.coupon(f"C{n:02d}-511110070014", None, label="0.55 USD off yogurt", status="voided")
    return shelf, identity


PATHS = [
    "/coupons",
    "/coupons/SPRING",
    "/coupons/SPRING/codes",
    "/coupons/SPRING/redemptions",
    "/codes/7KQ2-M9XD-0000",
    "/redemptions/{}",
]
RARER = [
    "/coupons?q=nothing",
    "/coupons?q=7kq2-m9xd-0003",
    "/coupons/STOPPED",
    "/coupons/STOPPED/codes",
    "/coupons/SPRING/void",
    "/codes/7KQ2-M9XD-0099",
    "/codes/7KQ2-M9XD-0099/void",
]


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_faultless_in_every_look(
    sold: tuple[Shelf, str], visitors: Visitors, look: dict[str, Any]
) -> None:
    visitor = visitors(session=session(), **look)
    for path in PATHS:
        page = visitor.go(path.format(sold[1]))
        assert page.locator("html").get_attribute("lang") == look["locale"][:2]
        assert page.locator("h1").count() == 1
        assert levels(page) == sorted(levels(page))
        assert_faultless(visitor)


@pytest.mark.parametrize("look", LOOKS[::3])
def test_the_rarer_pages_are_faultless(
    sold: tuple[Shelf, str], visitors: Visitors, look: dict[str, Any]
) -> None:
    visitor = visitors(session=session(), **look)
    for path in RARER:
        visitor.go(path)
        assert_faultless(visitor)


def levels(page: Page) -> list[str]:
    """The headings in their order; no level comes before the one above it."""
    found: list[str] = page.locator("main :is(h1, h2, h3)").evaluate_all(
        "headings => headings.map(heading => heading.localName)"
    )
    return list(dict.fromkeys(found))


def test_the_list_follows_what_is_typed_and_the_address_with_it(
    sold: tuple[Shelf, str], visitors: Visitors
) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/coupons")
    assert page.locator("tbody tr").count() == 50
    page.get_by_label("Search").type("frozen pizza")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert page.locator("tbody a").inner_text() == PIZZA
    assert page.locator("#shown").inner_text() == "Coupons shown: 1"
    assert page.evaluate("document.activeElement.id") == "search"
    assert "q=frozen+pizza" in page.url or "q=frozen%20pizza" in page.url
    page.reload()
    assert page.locator("tbody tr").count() == 1
    assert page.get_by_label("Search").input_value() == "frozen pizza"
    page.get_by_label("Status").select_option("voided")
    page.wait_for_selector("text=No coupon is like that.")
    assert visitor.violations() == visitor.complaints == []


def test_a_typed_code_offers_its_page_at_once(sold: tuple[Shelf, str], visitors: Visitors) -> None:
    page = visitors(session=session()).go("/coupons")
    page.get_by_label("Search").type("7kq2-m9xd-0003")
    page.wait_for_selector("#list .code")
    page.locator("#list .code").click()
    page.wait_for_url("**/codes/7KQ2-M9XD-0003")


def test_without_scripts_the_list_is_searched_and_gone_through(
    sold: tuple[Shelf, str], visitors: Visitors
) -> None:
    page = visitors(session=session(), java_script_enabled=False).go("/coupons")
    page.get_by_label("Search").fill("yogurt")
    page.get_by_role("button", name="Show").click()
    assert page.locator("tbody tr").count() == 50
    page.get_by_role("link", name="Next page").click()
    assert page.locator("tbody tr").count() == 10
    assert page.get_by_label("Search").input_value() == "yogurt"
    page.get_by_role("link", name="Back to the beginning").click()
    assert page.locator("tbody tr").count() == 50


def test_a_keyboard_goes_from_the_overview_to_a_receipt(
    sold: tuple[Shelf, str], visitors: Visitors
) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/")
    for name, path in (
        ("Coupons", "/coupons"),
        (PIZZA, "/coupons/SPRING"),
        ("Redemptions", "/coupons/SPRING/redemptions"),
        ("7KQ2-M9XD-0000", "/codes/7KQ2-M9XD-0000"),
        ("receipt 33015981000", "/redemptions/"),
    ):
        if name == PIZZA:
            page.get_by_label("Search").focus()
            page.keyboard.type("pizza")
            expect(page.locator("tbody tr")).to_have_count(1)
        press_until(page, name)
        page.wait_for_url(f"**{path}*")
    assert page.locator("h1").inner_text() == "Receipt 33015981000"
    assert visitor.violations() == visitor.complaints == []


def press_until(page: Page, name: str) -> None:
    """Tab until the link or button with this text has the focus, which can be seen, and press Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        text, outline = page.evaluate(
            "(e => [e.textContent.trim(), getComputedStyle(e).outlineStyle])(document.activeElement)"
        )
        assert outline == "solid" or text == ""
        if text == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard never reached {name}")


def test_a_coupon_is_stopped_and_voided_by_hand(
    sold: tuple[Shelf, str], visitors: Visitors
) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/coupons/SPRING")
    page.get_by_role("button", name="Deactivate").click()
    assert page.get_by_role("status").inner_text().startswith("The coupon is stopped")
    assert_faultless(visitor)
    page.get_by_role("link", name="Void").click()
    page.get_by_role("link", name="Leave it as it is").click()
    assert page.locator("h1 .word").inner_text() == "Inactive"
    page.get_by_role("link", name="Void").click()
    page.get_by_role("button", name="Void it for good").click()
    assert page.locator("h1 .word").inner_text() == "Voided"
    assert page.get_by_role("button", name="Activate").count() == 0
    assert_faultless(visitor)


def test_a_refusal_is_said_aloud(sold: tuple[Shelf, str], visitors: Visitors) -> None:
    shelf, _ = sold
    shelf.coupon("BARE", shelf.discount("BARE", [], status="disabled"), status="inactive")
    visitor = visitors(session=session(), locale="sv-SE")
    page = visitor.go("/coupons/BARE")
    page.get_by_role("button", name="Aktivera").click()
    assert page.get_by_role("alert").inner_text() == "Rabatten har ingen rad som omfattar något."
    assert_faultless(visitor)


def test_a_table_stays_a_table_for_those_who_listen_on_a_phone(
    sold: tuple[Shelf, str], visitors: Visitors
) -> None:
    page = visitors(session=session(), viewport={"width": 360, "height": 800}).go("/coupons")
    assert page.get_by_role("columnheader").count() == 6
    assert page.get_by_role("row").count() == 51
    row = page.get_by_role("row").nth(1)
    assert row.get_by_role("cell").count() == 5
    box = row.bounding_box()
    assert box is not None
    assert box["width"] <= 360
