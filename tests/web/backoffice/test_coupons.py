"""The list of coupons as people see it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kupong.web.backoffice.lists import PAGE_SIZE
from tests.web.backoffice.world import Shelf, shelf, shown, signed_in, staff, stocked

__all__ = ["shelf", "staff"]
pytestmark = pytest.mark.django_db

TODAY = datetime.now(UTC).date()


def numbers(client: Client, path: str) -> list[str]:
    """The coupons of a page, in their order."""
    return re.findall(r'<a href="/coupons/([^"/]+)">', client.get(path).text)


def test_a_line_says_what_a_coupon_gives_and_how_it_goes(shelf: Shelf, staff: Client) -> None:
    coupon = shelf.spring()
    coupon.label, coupon.folder = "Ten off", "Spring 2026"
    shelf.issue(coupon, "S-1", "S-2", "S-3", "S-4")
    shelf.sold("S-1")
    text = shown(staff, "/coupons")
    assert "Ten off SPRING Spring 2026 10 % off on 2 products Always 4 1 25.0% Active" in text
    swedish = shown(staff, "/coupons", "sv")
    assert "10 % rabatt på 2 artiklar Alltid 4 1 25,0 % Aktiv" in swedish


def test_a_coupon_without_a_discount_says_so(shelf: Shelf, staff: Client) -> None:
    shelf.coupon("EMPTY", None, status="inactive")
    assert "EMPTY No discount Always 0 0 0.0% Inactive" in shown(staff, "/coupons")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"valid_from": date(2026, 3, 1), "valid_to": date(2026, 3, 31)}, "1 Mar 2026 – 31 Mar 2026 Over"),
        ({"valid_from": date(2999, 5, 1)}, "from 1 May 2999 Upcoming"),
        ({"valid_to": date(2999, 5, 1)}, "until 1 May 2999 0"),
    ],
)  # fmt: skip
def test_a_line_tells_when_a_coupon_is_valid(
    shelf: Shelf, staff: Client, fields: dict[str, Any], words: str
) -> None:
    shelf.coupon("A", None, **fields)
    assert words in shown(staff, "/coupons")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=tea", ["TEA"]),
        ("status=inactive", ["TEA"]),
        ("status=voided", []),
        ("valid=over", ["OLD"]),
        ("valid=now", ["TEA", "SPRING"]),
        ("kind=anonymous", ["TEA"]),
        ("folder=Winter+%26+ice", ["OLD"]),
        ("status=nonsense&sort=nonsense", ["TEA", "OLD", "SPRING"]),
        ("sort=number", ["OLD", "SPRING", "TEA"]),
        ("q=tea&status=active", []),
    ],
)
def test_the_list_is_searched_narrowed_and_sorted_by_its_address(
    shelf: Shelf, staff: Client, query: str, found: list[str]
) -> None:
    shelf.coupon("OLD", None, folder="Winter & ice", valid_to=TODAY - timedelta(days=3))
    shelf.coupon("TEA", None, kind="anonymous", status="inactive", label="Tea for two")
    assert numbers(staff, f"/coupons?{query}") == found


def test_what_was_asked_stands_in_the_form_again(shelf: Shelf, staff: Client) -> None:
    page = staff.get("/coupons?q=%22tea%22&status=active&sort=number").text
    assert 'value="&quot;tea&quot;"' in page
    assert '<option value="active" selected>' in page
    assert '<option value="number" selected>' in page


def test_a_whole_code_leads_to_its_page(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "7KQ2-M9XD")
    page = staff.get("/coupons?q=7kq2-m9xd").text
    assert '<a class="code" href="/codes/7KQ2-M9XD">' in page
    assert numbers(staff, "/coupons?q=7kq2-m9xd") == ["SPRING"]
    assert "This is a code" not in shown(staff, "/coupons?q=7KQ2")


@pytest.mark.parametrize("order", ["newest", "number"])
def test_following_the_links_shows_every_coupon_once(
    shelf: Shelf, staff: Client, order: str
) -> None:
    made = {shelf.coupon(f"Nå {n:03d}&", None).number for n in range(2 * PAGE_SIZE)}
    path, seen = f"/coupons?q=N%C3%A5&sort={order}", []
    for _ in range(2):
        seen += numbers(staff, path)
        following = re.search(r'href="([^"]+)" rel="next"', staff.get(path).text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert path == ""
    assert len(seen) == len(set(seen)) == len(made)


def test_the_way_back_to_the_beginning_keeps_the_filters(shelf: Shelf, staff: Client) -> None:
    for n in range(PAGE_SIZE + 1):
        shelf.coupon(f"N{n:03d}", None)
    following = re.search(r'href="([^"]+)" rel="next"', staff.get("/coupons?q=N").text)
    assert following
    second = staff.get(following[1].replace("&amp;", "&")).text
    assert 'href="/coupons?q=N"' in second
    assert 'rel="next"' not in second


def test_nothing_found_says_so_and_leads_back(shelf: Shelf, staff: Client) -> None:
    text = shown(staff, "/coupons?q=nothing-like-it")
    assert "No coupon is like that. Show all coupons" in text


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=1e9", f"after={'9' * 40}"])
def test_a_place_that_cannot_be_is_not_found(shelf: Shelf, staff: Client, query: str) -> None:
    assert staff.get(f"/coupons?{query}").status_code == 404


@pytest.mark.parametrize("path", ["/coupons?q=%00", f"/coupons?q={'x' * 5000}", "/coupons?q=%25_"])
def test_odd_searches_are_answered(shelf: Shelf, staff: Client, path: str) -> None:
    assert numbers(staff, path) == ([] if "x" in path or "25" in path else ["SPRING"])


def test_a_page_takes_as_many_statements_for_many_coupons_as_for_few(
    shelf: Shelf, staff: Client
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            staff.get("/coupons")
        return len(seen.captured_queries)

    few = statements()
    for n in range(30):
        shelf.coupon(f"N{n}", shelf.discount(f"DN{n}", [{"all_products": True, "percent_off": 5}]))
    assert statements() == few <= 13


def test_nobody_sees_the_list_without_signing_in(shelf: Shelf) -> None:
    answer = Client().get("/coupons")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in"


def test_the_coupons_of_another_company_are_not_shown(shelf: Shelf) -> None:
    client = signed_in()
    other = stocked()
    other.coupon("THEIRS", None)
    assert numbers(client, "/coupons") == ["SPRING"]
    for path in ("", "/codes", "/redemptions", "/void"):
        assert client.get(f"/coupons/THEIRS{path}").status_code == 404


def test_the_menu_marks_the_room_one_is_in(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "S-1")
    marked = re.compile(r'href="([^"]+)" aria-current="(page|true)">\s*(?:Overview|Coupons|API)')
    for path, expected in (
        ("/", [("/", "page")]),
        ("/coupons", [("/coupons", "page")]),
        ("/coupons/SPRING", [("/coupons", "true")]),
        ("/codes/S-1", [("/coupons", "true")]),
    ):
        assert marked.findall(staff.get(path).text) == expected
