"""The pages of deliveries in a real browser: refreshing by themselves, by keyboard, on a phone, with no script."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from kupong.campaigns import analysis, service
from kupong.coupons.models import Coupon
from kupong.discounts.book import forget_books
from tests.campaigns.mailing import Mailing, build, post_office
from tests.redemption.world import build as build_world
from tests.web.backoffice.test_browser import LOOKS, assert_faultless, session
from tests.web.browsing import Visitors

pytestmark = pytest.mark.django_db(transaction=True)

LETTER = (
    "<h1>Hello {{ recipient.first_name }}</h1><p>Your code for frozen pizza is"
    ' <strong>{{ coupon.code }}</strong>.</p><p><a href="https://shop.example.com">To the shop</a></p>'
)


@pytest.fixture
def mailing(transactional_db: None) -> Iterator[Mailing]:
    """A draft, one that is short of codes, one that is ready, and one that went out and was redeemed."""
    forget_books()
    mailing = build(build_world())
    mailing.customers(70, first_name="Eva", name="Lind")
    mailing.customers(3, 500, email="")
    mailing.customers(2, 600, email_opt_out=True)
    spring = Coupon.objects.get(number="SPRING")
    mailing.codes(spring, 70)
    mailing.coupon("TEA", 60, label="Tea at half the price")
    mailing.coupon("MAY", 75, label="1.00 USD off frozen pizza and other things from the freezer")
    with post_office() as office:
        office.answers["c7@example.com"] = ["550 5.1.1 No such user here"]
        mailing.delivery("SENT", label="Letters of March", html=LETTER)
        mailing.analyse("SENT")
        service.confirm(mailing.company, "SENT", mailing.now)
        mailing.send("SENT")
        mailing.world.redeem("SPRING-1")
        mailing.delivery("SHORT", label="Tea for everybody", coupon="TEA", html=LETTER)
        mailing.analyse("SHORT")
        mailing.delivery("READY", label="Letters of May", coupon="MAY", html=LETTER)
        mailing.analyse("READY")
        mailing.delivery("DRAFT", label="An idea", coupon=None, recipients={"customers": ["1"]})
        mailing.delivery("ASKED", label="Asked for", coupon="MAY", html=LETTER)
        yield mailing


PATHS = [
    "/deliveries",
    "/deliveries/SENT?recipient=1",
    "/deliveries/SHORT",
    "/deliveries/READY",
    "/deliveries/new",
]
RARER = [
    "/deliveries?q=nothing",
    "/deliveries/DRAFT",
    "/deliveries/DRAFT/edit",
    "/deliveries/READY/edit",
    "/deliveries/READY?recipient=500",
    "/deliveries/READY?recipient=none",
    "/deliveries/READY/confirm",
    "/deliveries/READY/stop",
    "/coupons/MAY/deliveries",
    "/coupons/MAY",
]


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_faultless_in_every_look(
    mailing: Mailing, visitors: Visitors, look: dict[str, Any]
) -> None:
    visitor = visitors(session=session(), **look)
    for path in PATHS:
        page = visitor.go(path)
        assert page.locator("html").get_attribute("lang") == look["locale"][:2]
        assert page.locator("h1").count() == 1
        assert_faultless(visitor)


@pytest.mark.parametrize("look", LOOKS[::3])
def test_the_rarer_pages_are_faultless(
    mailing: Mailing, visitors: Visitors, look: dict[str, Any]
) -> None:
    visitor = visitors(session=session(), **look)
    for path in RARER:
        visitor.go(path)
        for summary in visitor.page.locator("main summary").all():
            summary.click()
        assert_faultless(visitor)


def test_a_form_that_was_refused_is_faultless_and_keeps_what_was_typed(
    mailing: Mailing, visitors: Visitors
) -> None:
    visitor = visitors(session=session(), viewport={"width": 360, "height": 800})
    page = visitor.go("/deliveries/new")
    page.get_by_label("Subject", exact=True).fill("Hello {{ recipient.shoe }}")
    page.get_by_label("Coupon: its number").fill("frozen")
    page.get_by_text("Customers chosen by number").click()
    page.get_by_label("Customer numbers, one a line").fill("1\n999")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_selector("[role=alert]")
    assert page.get_by_label("Subject", exact=True).input_value() == "Hello {{ recipient.shoe }}"
    assert page.get_by_label("Customer numbers, one a line").input_value() == "1\n999"
    assert len(visitor.complaints) == 1  # the browser notes the status 422
    visitor.complaints.clear()
    assert_faultless(visitor)


def test_the_page_refreshes_itself_while_it_is_analysed_and_sent(
    mailing: Mailing, visitors: Visitors
) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/deliveries/ASKED")
    page.get_by_role("button", name="Analyse").click()
    expect(page.locator("h1")).to_contain_text("Being analysed")
    with page.expect_response("**/deliveries/ASKED/progress"):
        page.get_by_role("button", name="Stop the analysis").focus()
    page.wait_for_timeout(200)
    # What has the focus keeps it, though its part of the page is new.
    expect(page.locator("#step-stop")).to_be_focused()
    row = mailing.row("ASKED")
    row.label = "Renamed meanwhile"
    row.save()
    expect(page.locator("h1")).to_contain_text("Renamed meanwhile", timeout=10_000)
    # Five codes are left: it falls short, and the page says so by itself and falls silent.
    analysis.analyse(mailing.company, row.id, row.job_no or 0, mailing.now)
    expect(page.locator("main")).to_contain_text("have 5, 65 short", timeout=10_000)
    assert page.locator("#progress").get_attribute("hx-get") is None
    assert page.locator("#state-said").inner_text() == "Analysis failed"
    assert_faultless(visitor)


def test_a_delivery_is_sent_by_keyboard_and_its_messages_follow(
    mailing: Mailing, visitors: Visitors
) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/deliveries/READY")
    page.get_by_role("link", name="Confirm…").press("Enter")
    page.wait_for_url("**/confirm")
    assert "Messages that go out: 70." in page.locator("main").inner_text()
    page.get_by_role("button", name="Send them").press("Enter")
    expect(page.locator("h1")).to_contain_text("Being sent")
    expect(page.locator("#messages tbody tr").first).to_contain_text("To send")
    mailing.send("READY")
    expect(page.locator("h1")).to_contain_text("Finished", timeout=10_000)
    expect(page.locator("#messages tbody tr").first).to_contain_text("Sent")
    assert visitor.violations() == visitor.complaints == []


def test_the_preview_takes_a_customer_from_the_suggestions(
    mailing: Mailing, visitors: Visitors
) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/deliveries/SENT")
    field = page.get_by_label("Customer: the number, or how it begins")
    field.type("12")
    page.wait_for_selector("#preview [role=option]")
    field.press("ArrowDown")
    field.press("Enter")
    page.locator("#preview").get_by_role("button", name="Show").click()
    expect(page.locator("#preview .letter").first).to_contain_text("Hello Eva")
    expect(page.locator("#preview")).to_contain_text("SPRING-12")
    assert_faultless(visitor)


def test_without_scripts_a_delivery_is_made_analysed_and_read(
    mailing: Mailing, visitors: Visitors
) -> None:
    visitor = visitors(session=session(), java_script_enabled=False)
    page = visitor.go("/deliveries/new")
    page.get_by_label("Name of the delivery").fill("By hand")
    page.get_by_role("button", name="Save and analyse").click()
    page.wait_for_url("**/deliveries/DLV*")
    assert "Being analysed" in page.locator("h1").inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="Stop the analysis").click()
    assert "Draft" in page.locator("h1").inner_text()
