"""The pages in a real browser: reachable by keyboard, legible, strict, in two languages, themes and sizes."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from kupong.organisation import sign_in
from kupong.reporting import queries
from kupong.web.look.navigation import doors
from kupong.work.models import Job
from tests.reporting.rows import Shop
from tests.web.browsing import DESKTOP, PHONE, Visitor, Visitors

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [
    pytest.param(
        {"locale": locale, "color_scheme": scheme, "viewport": size},
        id=f"{locale}-{scheme}-{'phone' if size is PHONE else 'desktop'}",
    )
    for locale, scheme, size in product(["en-US", "sv-SE"], ["light", "dark"], [DESKTOP, PHONE])
]
REPLAY = {"total": 20, "redeemed": 12, "no_effect": 4, "no_basket": 3, "refused": {"exhausted": 1}}


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    """A shop with a year of redemptions and a replay."""
    shop = Shop()
    for number in range(3):
        label, folder = f"{number}.50 USD off frozen pizza", f"Campaign {number} (Type A)"
        coupon = shop.coupon(f"N{number}", label=label, folder=folder, code_count=99)
        for week in range(0, 50, 5 + number):
            shop.use(coupon, datetime.now(UTC) - timedelta(weeks=week), amount=1_234_567)
    Job.objects.create(company=shop.company, name=queries.REPLAY_JOB, state="done", result=REPLAY)
    return shop


def session() -> str:
    client = Client()
    client.post(f"/sign-in/{sign_in.create_link()}")
    return client.cookies["kupong_session"].value


def assert_faultless(visitor: Visitor) -> None:
    """No rule of the policy broken, nothing asked of another host, and axe finds nothing."""
    assert visitor.violations() == []
    assert visitor.complaints == []
    found = Axe().run(visitor.page)
    assert found.violations_count == 0, found.generate_report()
    width, seen = visitor.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= seen


@pytest.mark.parametrize("look", LOOKS)
def test_the_overview_is_faultless_in_every_look(
    shop: Shop, visitors: Visitors, look: dict[str, Any]
) -> None:
    visitor = visitors(session=session(), **look)
    page = visitor.go("/")
    for summary in page.locator("summary").all():
        summary.click()
    is_swedish = look["locale"] == "sv-SE"
    assert page.locator("h1").inner_text() == ("Översikt" if is_swedish else "Overview")
    assert page.locator("html").get_attribute("lang") == look["locale"][:2]
    assert_chart_fits(page, look)
    assert_faultless(visitor)


def assert_chart_fits(page: Page, look: dict[str, Any]) -> None:
    """The picture of this theme and size was loaded, on a ground of the same theme."""
    width, source = page.locator("img.chart").evaluate("i => [i.naturalWidth, i.currentSrc]")
    assert width > 0
    size = "narrow" if look["viewport"] is PHONE else "wide"
    assert source.endswith(f"-{look['color_scheme']}-{size}.svg")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in ground.strip("rgb()").split(",")) > 3 * 128
    assert light == (look["color_scheme"] == "light")


@pytest.mark.parametrize("look", LOOKS[::3])
def test_the_other_pages_are_faultless(
    transactional_db: None, visitors: Visitors, look: dict[str, Any]
) -> None:
    Shop()
    visitor = visitors(**look)
    for path in ("/sign-in", f"/sign-in/{sign_in.create_link()}"):
        visitor.go(path)
        assert_faultless(visitor)
    visitor.page.locator("main button").click()
    visitor.page.wait_for_selector(".steps")
    assert_faultless(visitor)


@pytest.mark.parametrize("path", ["/sign-in/used", "/nothing-here"])
def test_a_page_that_is_gone_is_faultless_but_for_its_status(
    transactional_db: None, visitors: Visitors, path: str
) -> None:
    visitor = visitors()
    visitor.go(path)
    assert len(visitor.complaints) == 1
    assert "the server responded with a status of 4" in visitor.complaints.pop()
    assert_faultless(visitor)


def test_the_policy_is_in_force(shop: Shop, visitors: Visitors) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    page.evaluate("new Image().src = 'http://192.0.2.1/x.png'")
    page.wait_for_function("window.violations.length == 3")
    directives = [violation.split(":")[0] for violation in visitor.violations()]
    assert sorted(directives) == ["img-src", "script-src-elem", "style-src-attr"]


def test_a_keyboard_reaches_everything_in_the_order_of_reading(
    shop: Shop, visitors: Visitors
) -> None:
    page = visitors(session=session()).go("/")
    menu = [str(door.text) for door in doors("/")]
    expected = ["Skip to the content", "Kupong", *menu, "English", "Svenska", "Sign out"]
    expected += ["3", "The figures as a table"]
    reached = []
    for _ in expected:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Overview", "Coupons", "API"} <= set(menu)
    assert reached == expected
    page.keyboard.press("Enter")
    assert page.locator("details table").is_visible()


def test_what_has_the_focus_can_be_seen(shop: Shop, visitors: Visitors) -> None:
    page = visitors(session=session()).go("/")
    for _ in range(8):
        page.keyboard.press("Tab")
        box, outline = page.evaluate(
            "(e => [e.getBoundingClientRect().toJSON(), getComputedStyle(e).outlineStyle])"
            "(document.activeElement)"
        )
        assert outline == "solid"
        assert box["top"] >= 0
        assert box["width"] > 0


def test_the_skip_link_leads_past_the_header(shop: Shop, visitors: Visitors) -> None:
    page = visitors(session=session()).go("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('main .ticket a')")


def test_the_language_is_switched_and_kept(shop: Shop, visitors: Visitors) -> None:
    visitor = visitors(session=session())
    page = visitor.go("/")
    assert "USD" in page.locator(".ticket").inner_text()
    page.get_by_role("button", name="Svenska").click()
    page.wait_for_selector("html[lang=sv]")
    assert page.locator("h1").inner_text() == "Översikt"
    assert visitor.go("/").locator("h1").inner_text() == "Översikt"
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en]")
    assert page.locator("h1").inner_text() == "Overview"


def test_the_theme_follows_the_readers_wish_at_once(shop: Shop, visitors: Visitors) -> None:
    page = visitors(session=session()).go("/")
    assert page.locator("html").get_attribute("data-bs-theme") == "light"
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-bs-theme=dark]")


def test_without_scripts_the_page_still_says_everything(shop: Shop, visitors: Visitors) -> None:
    visitor = visitors(session=session(), java_script_enabled=False)
    page = visitor.go("/")
    assert page.locator(".value").count() == 4
    page.locator("summary").click()
    assert page.locator("details table").is_visible()


def test_signing_in_and_out_with_the_browser(shop: Shop, visitors: Visitors) -> None:
    visitor = visitors()
    page = visitor.go(f"/sign-in/{sign_in.create_link()}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(visitor.site + "/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(visitor.site + "/sign-in")
    assert "You are not signed in" in page.locator("main").inner_text()
    assert visitor.violations() == visitor.complaints == []
