"""A coupon's pages: the summary, its codes, its redemptions, and the steps of its life."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kupong.coupons.models import Coupon, CouponCode
from kupong.customers.models import Customer
from kupong.discounts.models import Discount
from kupong.web.backoffice.lists import PAGE_SIZE
from tests.redemption.world import NOON
from tests.web.backoffice.world import Shelf, shelf, shown, staff, stocked, words_of

__all__ = ["shelf", "staff"]
pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TAB = re.compile(r'<a href="([^"]+)" aria-current="page">(Summary|Codes|Redemptions)</a>')


def listed(page: str, kind: str) -> list[str]:
    """What the rows of a list are named by: the codes or the redemptions."""
    return re.findall(rf'rowheader"><a (?:class="code" )?href="/{kind}/([^"]+)"', page)


def test_the_summary_says_what_a_coupon_is_and_what_came_of_it(shelf: Shelf, staff: Client) -> None:
    discount = Discount.objects.get(company=shelf.company, number="D10")
    coupon = shelf.coupon(
        "TEN",
        discount,
        {"global": 2, "customer": 1},
        label="Ten off",
        folder="Spring & fall",
        description="For the\nsecond visit",
        customer_required=True,
        exclusive=True,
        apply_without_code=True,
        give_back="never",
        valid_from=date(2026, 3, 1),
    )
    shelf.issue(coupon, "T-1", "T-2", "T-3", "T-4")
    shelf.sold("T-1", customer="2001")
    shelf.sold("T-2", customer="2002")
    text = shown(staff, "/coupons/TEN")
    for words in (
        "Ten off Active TEN Spring & fall 10 % off on 2 products".replace("&", "&amp;"),
        "Codes 4 Individual codes Redemptions 2 redemption rate 50.0%",
        "Discount given USD 26.00 Products covered 2",
        "Valid from 1 Mar 2026",
        "Uses of each code 2 in all, 1 per customer",
        "Only with a customer on the cart. Not together with other coupons. "
        "Staff may apply it without a code. A use is spent for good, even when the goods come back.",
        "Description For the second visit",
        "Bar chart of the redemptions in each week",
    ):
        assert words in (text if "Bar" not in words else staff.get("/coupons/TEN").text)
    assert 'href="/coupons?folder=Spring%20%26%20fall"' in staff.get("/coupons/TEN").text


def test_a_new_coupon_has_nothing_to_show_yet_and_says_so(shelf: Shelf, staff: Client) -> None:
    shelf.coupon("NEW", None, kind="anonymous")
    text = shown(staff, "/coupons/NEW", "sv")
    assert "Ingen rabatt" in text
    assert "En gemensam kod" in text
    assert "Hur ofta som helst" in text
    assert "Ingenting är inlöst än" in text
    assert "Kupongen har inga koder än." in shown(staff, "/coupons/NEW/codes", "sv")


def test_an_anonymous_coupon_leads_to_its_code(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.coupon("ALL", None, kind="anonymous"), "SUMMER")
    assert '<a class="code" href="/codes/SUMMER">' in staff.get("/coupons/ALL").text


def test_the_chart_of_a_coupon_holds_its_own_redemptions_only(shelf: Shelf, staff: Client) -> None:
    other = shelf.coupon("OTHER", shelf.spring().discount)
    shelf.issue(shelf.spring(), "S-1")
    shelf.issue(other, "O-1", "O-2")
    for code in ("S-1", "O-1", "O-2"):
        shelf.sold(code)
    chart = staff.get("/coupons/SPRING/redemptions-per-week-light-wide.svg")
    assert chart.headers["Content-Type"] == "image/svg+xml"
    assert "uses: 1" in chart.text
    assert "uses: 3" not in chart.text
    assert staff.get("/coupons/SPRING/redemptions-per-week-pink-wide.svg").status_code == 404


@pytest.mark.parametrize(
    ("path", "tab"), [("", "Summary"), ("/codes", "Codes"), ("/redemptions", "Redemptions")]
)
def test_each_page_of_a_coupon_marks_its_tab(
    shelf: Shelf, staff: Client, path: str, tab: str
) -> None:
    page = staff.get(f"/coupons/SPRING{path}").text
    assert TAB.findall(page) == [(f"/coupons/SPRING{path}", tab)]


@pytest.mark.parametrize("path", ["", "/codes", "/redemptions", "/void"])
def test_a_coupon_that_is_not_there_is_not_found(shelf: Shelf, staff: Client, path: str) -> None:
    assert staff.get(f"/coupons/NONE{path}").status_code == 404


def test_a_code_is_listed_with_its_holder_and_how_it_stands(shelf: Shelf, staff: Client) -> None:
    alma = Customer.objects.get(company=shelf.company, number="2001")
    coupon = shelf.coupon("ONCE", shelf.spring().discount, {"global": 1})
    shelf.issue(coupon, "A-1", holder=alma)
    shelf.issue(coupon, "B-1", "C-1")
    shelf.issue(coupon, "V-1", status="voided")
    shelf.sold("B-1")
    text = shown(staff, "/coupons/ONCE/codes")
    assert "A-1 CODE-000000001 2001 – Usable" in text
    assert "B-1 CODE-000000002 – 10 Mar 2026 13:00 channel HOUSTON All uses are spent" in text
    assert "V-1 CODE-000000004 – – Voided" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A-1", "A-2", "B-1"]),
        ("q=a-", ["A-1", "A-2"]),
        ("q=a-&status=voided", ["A-2"]),
        ("status=active", ["A-1", "B-1"]),
        ("holder=2001", ["A-1"]),
        ("holder=9999", []),
        ("first=CODE-000000002", ["A-2", "B-1"]),
        ("first=X", []),
        ("status=nonsense&q=%00", ["A-1", "A-2", "B-1"]),
    ],
)
def test_the_codes_are_searched_and_narrowed_by_the_address(
    shelf: Shelf, staff: Client, query: str, found: list[str]
) -> None:
    alma = Customer.objects.get(company=shelf.company, number="2001")
    shelf.issue(shelf.spring(), "A-1", holder=alma)
    shelf.issue(shelf.spring(), "A-2", status="voided")
    shelf.issue(shelf.spring(), "B-1")
    answer = staff.get(f"/coupons/SPRING/codes?{query}")
    assert listed(answer.text, "codes") == found
    if not found:
        assert "No code of the coupon is like that." in words_of(answer)


@pytest.mark.parametrize("query", ["", "?q=N%C3%85"])
def test_following_the_links_shows_every_code_once_while_others_are_issued(
    shelf: Shelf, staff: Client, query: str
) -> None:
    made = shelf.issue(shelf.spring(), *(f"NÅ-{n:03d}" for n in range(2 * PAGE_SIZE + 1)))
    path, seen = f"/coupons/SPRING/codes{query}", []
    for page in range(3):
        text = staff.get(path).text
        seen += listed(text, "codes")
        shelf.issue(shelf.spring(), f"NÅ-{page}-NEW")
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen))
    assert {code.code.replace("Å", "%C3%85") for code in made} <= set(seen)


@pytest.mark.parametrize("path", ["codes?after=x", "redemptions?after=x", "codes?after=-5"])
def test_a_place_that_cannot_be_is_not_found(shelf: Shelf, staff: Client, path: str) -> None:
    assert staff.get(f"/coupons/SPRING/{path}").status_code == 404


def test_a_redemption_is_listed_with_what_this_coupon_took_off(shelf: Shelf, staff: Client) -> None:
    socks = shelf.discount("SOCKS", [{"product": "K", "amount_off": 100}])
    shelf.issue(shelf.spring(), "S-1")
    shelf.issue(shelf.coupon("SOCKS", socks), "K-1")
    identity = shelf.sold("S-1", "K-1", customer="2001", order="R/7")
    page = staff.get("/coupons/SPRING/redemptions")
    assert "R/7 10 Mar 2026 13:00 HOUSTON 2001 S-1 USD 13.00 USD 121.00" in words_of(page)
    assert listed(page.text, "redemptions") == [identity]
    assert "K-1 USD 1.00" in shown(staff, "/coupons/SOCKS/redemptions")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["C", "B", "A"]),
        ("channel=SEATTLE", ["B"]),
        ("code=s-2", ["B"]),
        ("order=C", ["C"]),
        # The day is that of the channels' wall clock: A was sold on the evening of the ninth.
        ("from=2026-03-10", ["C", "B"]),
        ("to=2026-03-09", ["A"]),
        ("from=2026-03-09&to=2026-03-10", ["B", "A"]),
        ("from=yesterday&to=9999-12-31", ["C", "B", "A"]),
        ("channel=NONE", []),
    ],
)
def test_the_redemptions_are_narrowed_by_time_channel_code_and_receipt(
    shelf: Shelf, staff: Client, query: str, found: list[str]
) -> None:
    shelf.issue(shelf.spring(), "S-1", "S-2", "S-3")
    late = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
    orders = {
        shelf.sold("S-1", order="A", at=late): "A",
        shelf.sold("S-2", order="B", channel="SEATTLE"): "B",
        shelf.sold("S-3", order="C", at=NOON + DAY): "C",
    }
    answer = staff.get(f"/coupons/SPRING/redemptions?{query}")
    assert [orders[identity] for identity in listed(answer.text, "redemptions")] == found
    if not found:
        assert "No redemption of the coupon is like that." in words_of(answer)


def test_following_the_links_shows_every_redemption_once_while_others_are_made(
    shelf: Shelf, staff: Client
) -> None:
    codes = [f"S-{n}" for n in range(PAGE_SIZE + 5)]
    shelf.issue(shelf.spring(), *codes, "LATE")
    # Two at a time happen in the same moment.
    made = {shelf.sold(c, at=NOON + (n // 2) * timedelta(minutes=1)) for n, c in enumerate(codes)}
    first = staff.get("/coupons/SPRING/redemptions").text
    shelf.sold("LATE", at=NOON + DAY)
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = staff.get(following[1].replace("&amp;", "&")).text
    seen = listed(first, "redemptions") + listed(second, "redemptions")
    assert len(seen) == len(set(seen))
    assert set(seen) == made
    assert 'rel="next"' not in second


@pytest.mark.parametrize("path", ["", "/codes", "/redemptions"])
def test_a_page_does_not_take_more_statements_with_more_rows(
    shelf: Shelf, staff: Client, path: str
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            staff.get(f"/coupons/SPRING{path}")
        return len(seen.captured_queries)

    shelf.issue(shelf.spring(), "S-0")
    shelf.sold("S-0", customer="2001")
    few = statements()
    shelf.issue(shelf.spring(), *(f"S-{n}" for n in range(1, 20)))
    for n in range(1, 10):
        shelf.sold(f"S-{n}")
    assert statements() == few <= 20


def posted(client: Client, path: str, language: str = "en", **fields: Any) -> str:
    """What the page says to which a step leads."""
    headers = {"Accept-Language": language}
    answer = client.post(path, fields, headers=headers, follow=True)
    assert answer.redirect_chain
    assert answer.status_code == 200
    return words_of(answer)


def status_of(shelf: Shelf, number: str = "SPRING") -> str:
    return Coupon.objects.get(company=shelf.company, number=number).status


def test_a_coupon_is_stopped_and_started_again(shelf: Shelf, staff: Client) -> None:
    text = posted(staff, "/coupons/SPRING/deactivate")
    assert text.startswith("The coupon is stopped: no code of it can be used.")
    assert (status_of(shelf), "Inactive" in text) == ("inactive", True)
    text = posted(staff, "/coupons/SPRING/activate", "sv")
    assert text.startswith("Kupongen är aktiv: dess koder kan användas.")
    assert status_of(shelf) == "active"


def test_a_step_needs_to_be_sent_and_not_only_looked_at(shelf: Shelf, staff: Client) -> None:
    for name in ("activate", "deactivate"):
        assert staff.get(f"/coupons/SPRING/{name}").status_code == 405
    assert staff.get("/coupons/SPRING/void").status_code == 200
    assert status_of(shelf) == "active"


def test_a_step_needs_the_token_of_the_page(shelf: Shelf, staff: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    assert strict.post("/coupons/SPRING/deactivate").status_code == 403
    assert status_of(shelf) == "active"


def test_voiding_asks_first_and_is_for_good(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "S-1")
    assert "cannot be undone" in shown(staff, "/coupons/SPRING/void")
    assert status_of(shelf) == "active"
    text = posted(staff, "/coupons/SPRING/void")
    assert text.startswith("The coupon is voided for good.")
    assert "Activate" not in text
    assert CouponCode.objects.get(code="S-1").status == "active"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "That is not possible in this state: voided."),
        ("sv", "Det går inte i det här läget: makulerad."),
    ],
)
def test_a_voided_coupon_says_why_it_stays_so(
    shelf: Shelf, staff: Client, language: str, words: str
) -> None:
    shelf.coupon("GONE", None, status="voided")
    assert posted(staff, "/coupons/GONE/activate", language).startswith(words)
    assert status_of(shelf, "GONE") == "voided"


def test_a_coupon_whose_discount_cannot_be_enabled_says_every_reason(
    shelf: Shelf, staff: Client
) -> None:
    empty = shelf.discount("EMPTY", [], groups=(), status="disabled")
    shelf.coupon("EMPTY", empty, status="inactive")
    text = posted(staff, "/coupons/EMPTY/activate")
    assert text.startswith(
        "The discount has no line that includes anything. "
        "The discount has no price group, so it could never apply."
    )
    assert status_of(shelf, "EMPTY") == "inactive"


def test_no_step_reaches_the_coupon_of_another_company(shelf: Shelf, staff: Client) -> None:
    other = stocked()
    other.coupon("THEIRS", None)
    for name in ("activate", "deactivate", "void"):
        assert staff.post(f"/coupons/THEIRS/{name}").status_code == 404
    assert status_of(other, "THEIRS") == "active"


@pytest.mark.parametrize("number", ["Två för en", "A&B?#", "100%", "<b>"])
def test_odd_numbers_have_pages_too(shelf: Shelf, staff: Client, number: str) -> None:
    shelf.coupon(number, None, label="Odd <script>")
    page = staff.get("/coupons").text
    assert "<script>" not in page.split("<main")[1]
    (address,) = re.findall(r'<a href="([^"]+)">Odd', page)
    address = unescape(address)
    for path in ("", "/codes", "/redemptions", "/void"):
        assert staff.get(address + path).status_code == 200
    assert staff.post(address + "/deactivate").status_code == 302
    assert status_of(shelf, number) == "inactive"
