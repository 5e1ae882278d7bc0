"""Lists of coupons and codes: what they find, and that going through them by key misses and repeats nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kupong.coupons.models import Coupon, CouponCode
from kupong.coupons.queries import CouponFilter, codes_page, coupons_page, find_code, folders
from kupong.customers.models import Customer
from kupong.organisation.records import Page
from tests.reporting.rows import Shop

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
TODAY = date(2026, 3, 11)
AT = (NOW, TODAY)
DAY = timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def found(shop: Shop, **chosen: Any) -> list[str]:
    page = coupons_page(shop.company.id, CouponFilter(**chosen), AT)
    return [record.number for record in page.items]


def code(shop: Shop, coupon: Coupon, text: str, **options: Any) -> CouponCode:
    options = {"number": f"CODE-{CouponCode.objects.count() + 1:05d}"} | options
    return CouponCode.objects.create(
        company=shop.company, coupon=coupon, code=text.upper(), **options
    )


def codes(shop: Shop, number: str, **asked: Any) -> list[str]:
    page = codes_page(shop.company.id, number, **asked)
    assert page is not None
    return [record.code for record in page.items]


def walked(
    read: Callable[[str | None], Page[Any]], between: Callable[[int], object]
) -> Iterator[Any]:
    """Every row that somebody sees who goes on page by page, while `between` changes the table."""
    after, pages = None, 0
    while True:
        page = read(after)
        yield from page.items
        pages += 1
        between(pages)
        if page.next is None:
            return
        after = page.next


@pytest.mark.parametrize("order", ["newest", "number"])
def test_every_coupon_is_seen_once_while_others_are_made(shop: Shop, order: Any) -> None:
    before = {shop.coupon(f"N{n:02d}").number for n in range(23)}

    def between(pages: int) -> None:
        if pages < 9:
            shop.coupon(f"A{pages}")
            shop.coupon(f"N{pages:02d}-more")

    def read(after: str | None) -> Page[Any]:
        return coupons_page(shop.company.id, CouponFilter(), AT, order, after, 4)

    seen = [record.number for record in walked(read, between)]
    assert len(seen) == len(set(seen))
    assert set(seen) >= before


def test_the_newest_coupon_comes_first(shop: Shop) -> None:
    for number in "BCA":
        shop.coupon(number)
    assert found(shop) == ["A", "C", "B"]
    page = coupons_page(shop.company.id, CouponFilter(), AT, "number")
    assert [record.number for record in page.items] == ["A", "B", "C"]


def test_a_coupon_is_found_by_number_label_and_description_whatever_the_case(shop: Shop) -> None:
    shop.coupon("C18-1000", label="Frozen pizza", description="Covers 10 % of it")
    shop.coupon("OTHER", label="Tea")
    for words in ("18-10", "froZEN", "10 % of", "  pizza "):
        assert found(shop, search=words) == ["C18-1000"]
    assert found(shop, search="1_000") == []


def test_a_whole_code_finds_its_coupon_and_a_part_of_it_does_not(shop: Shop) -> None:
    code(shop, shop.coupon("A"), "7KQ2-M9XD")
    shop.coupon("B")
    assert found(shop, search=" 7kq2-m9xd") == ["A"]
    assert found(shop, search="7KQ2") == []
    assert find_code(shop.company.id, "7kq2-m9xd ").coupon == "A"  # type: ignore[union-attr]
    assert find_code(shop.company.id, "7KQ2") is None


def test_the_list_is_narrowed_by_status_kind_and_folder(shop: Shop) -> None:
    shop.coupon("A", status="active", folder="Spring")
    shop.coupon("B", status="inactive", kind="anonymous", folder="Spring")
    shop.coupon("C", status="voided")
    assert found(shop, status="voided") == ["C"]
    assert found(shop, kind="anonymous") == ["B"]
    assert found(shop, folder="Spring") == ["B", "A"]
    assert found(shop, folder="") == ["C"]
    assert found(shop, folder="Spring", status="active") == ["A"]
    assert folders(shop.company.id) == ["", "Spring"]


@pytest.mark.parametrize(
    ("options", "state"),
    [
        ({}, "now"),
        ({"valid_from_date": TODAY, "valid_to_date": TODAY}, "now"),
        ({"valid_from_date": TODAY + DAY}, "upcoming"),
        ({"valid_to_date": TODAY - DAY}, "over"),
        ({"valid_from_at": NOW, "valid_to_at": NOW}, "now"),
        ({"valid_from_at": NOW + timedelta(seconds=1)}, "upcoming"),
        ({"valid_to_at": NOW - timedelta(seconds=1)}, "over"),
    ],
)
def test_a_coupon_is_upcoming_valid_or_over_and_nothing_else(
    shop: Shop, options: dict[str, Any], state: str
) -> None:
    shop.coupon("A", **options)
    states = ["now", "upcoming", "over"]
    assert [one for one in states if found(shop, validity=one)] == [state]


def test_a_list_takes_as_many_statements_for_many_coupons_as_for_few(shop: Shop) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            coupons_page(shop.company.id, CouponFilter(), AT)
        return len(seen.captured_queries)

    shop.coupon("A", kind="anonymous")
    few = statements()
    for number in range(20):
        shop.coupon(f"N{number}")
    assert statements() == few


def test_every_code_is_seen_once_while_others_are_issued(shop: Shop) -> None:
    coupon = shop.coupon("A")
    before = {code(shop, coupon, f"X-{n}").code for n in range(23)}

    def read(after: str | None) -> Page[Any]:
        page = codes_page(shop.company.id, "A", after, 4)
        assert page is not None
        return page

    def between(pages: int) -> None:
        if pages < 9:
            code(shop, coupon, f"NEW-{pages}")

    seen = [record.code for record in walked(read, between)]
    assert len(seen) == len(set(seen))
    assert set(seen) >= before
    assert seen[:23] == [f"X-{n}" for n in range(23)]


def test_every_code_that_begins_so_is_seen_once_while_others_are_issued(shop: Shop) -> None:
    coupon, other = shop.coupon("A"), shop.coupon("B")
    before = {code(shop, coupon, f"X{n:02d}").code for n in range(23)}
    code(shop, other, "X-OTHER")

    def read(after: str | None) -> Page[Any]:
        page = codes_page(shop.company.id, "A", after, 4, search="x")
        assert page is not None
        return page

    def between(pages: int) -> None:
        if pages < 9:
            code(shop, coupon, f"X{pages}-NEW")
            code(shop, coupon, f"W{pages}")

    seen = [record.code for record in walked(read, between)]
    assert seen == sorted(set(seen))
    assert before <= set(seen) <= {text for text in seen if text.startswith("X")} - {"X-OTHER"}


def test_codes_are_narrowed_by_status_and_holder(shop: Shop) -> None:
    coupon = shop.coupon("A")
    alma = Customer.objects.create(company=shop.company, number="2001")
    code(shop, coupon, "A1", holder=alma)
    code(shop, coupon, "A2", holder=alma, status="voided")
    code(shop, coupon, "B1", status="inactive")
    assert codes(shop, "A", status="voided") == ["A2"]
    assert codes(shop, "A", status="active") == ["A1"]
    assert codes(shop, "A", holder="2001") == ["A1", "A2"]
    assert codes(shop, "A", holder="2001", status="voided", search="A") == ["A2"]
    assert codes(shop, "A", holder="2002") == []


def test_any_place_among_the_codes_is_reached_by_its_number(shop: Shop) -> None:
    coupon, other = shop.coupon("A"), shop.coupon("B")
    for n in range(1, 10):
        code(shop, other if n == 5 else coupon, f"X{n}", number=f"CODE-{n:05d}")
    assert codes(shop, "A", first="CODE-00004", limit=2) == ["X4", "X6"]
    assert codes(shop, "A", first="CODE-00005", limit=2) == ["X6", "X7"]
    assert codes(shop, "A", first="CODE-00009x") == []


def test_a_stopped_code_is_found_by_an_index_of_the_stopped_ones(shop: Shop) -> None:
    coupon = shop.coupon("A")
    rows = CouponCode.objects.filter(company_id=shop.company.id, coupon_id=coupon.id)
    wanted = rows.filter(status="voided").order_by("id")[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        plan = wanted.explain()
    assert "couponcode_stopped" in plan


def test_a_company_sees_no_coupon_and_no_code_of_another(shop: Shop) -> None:
    other = Shop("2")
    code(other, other.coupon("A", folder="Theirs"), "SECRET")
    shop.coupon("A")
    assert codes(shop, "A") == []
    assert found(shop, search="SECRET") == []
    assert find_code(shop.company.id, "SECRET") is None
    assert folders(shop.company.id) == [""]
