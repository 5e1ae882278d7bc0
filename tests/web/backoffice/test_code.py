"""A code's page and the receipts it leads to."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from kupong.campaigns.models import Delivery, IssueEvent
from kupong.catalog.models import Product
from kupong.coupons.models import CouponCode
from kupong.customers.models import Customer
from kupong.redemption.models import Redemption
from kupong.web.backoffice import code as view
from tests.redemption.world import NOON
from tests.web.backoffice.test_coupon import posted
from tests.web.backoffice.world import Shelf, shelf, shown, staff, stocked, words_of

__all__ = ["shelf", "staff"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def once(shelf: Shelf) -> Any:
    """A coupon of which each code is used once."""
    return shelf.coupon("ONCE", shelf.spring().discount, {"global": 1}, label="Once only")


def test_a_code_tells_its_story_from_issue_to_receipt(shelf: Shelf, staff: Client) -> None:
    alma = Customer.objects.get(company=shelf.company, number="2001")
    alma.first_name = "Alma"
    alma.save()
    twice = shelf.coupon("TWICE", shelf.spring().discount, {"global": 2, "channel": 1})
    shelf.issue(twice, "A-1", holder=alma)
    CouponCode.objects.filter(code="A-1").update(created_at=NOON.replace(day=1))
    first = shelf.sold("A-1", customer="2001", order="R-1")
    text = shown(staff, "/codes/a-1")
    assert "A-1 Active 10 % off on 2 products" in text
    assert "It can be used now by its customer only." in text
    assert "Customer Alma 2001" in text
    assert "In all 1 2 Channel HOUSTON 1 1" in text
    assert re.search(
        r"History 1 Mar 2026 12:00 Issued to customer 2001 10 Mar 2026 13:00 Redemption receipt R-1"
        r" channel HOUSTON, customer 2001 –USD 13.00$",
        text,
    )
    assert f'href="/redemptions/{first}"' in staff.get("/codes/A-1").text


def test_the_story_tells_of_the_delivery_that_took_the_code_out(
    shelf: Shelf, staff: Client
) -> None:
    (code,) = shelf.issue(shelf.spring(), "A-1")
    CouponCode.objects.filter(code="A-1").update(created_at=NOON.replace(day=1))
    delivery = Delivery.objects.create(
        company=shelf.company, number="DEL-7", label="Spring", seed=1
    )
    for kind, day in (("assigned", 2), ("sent", 3)):
        IssueEvent.objects.create(
            company=shelf.company, kind=kind, code=code, delivery=delivery, message_no=1,
            address="alma@example.com", at=NOON.replace(day=day),
        )  # fmt: skip
    shelf.sold("A-1", order="R-1")
    assert re.search(
        r"History 1 Mar 2026 12:00 Issued 2 Mar 2026 12:00 Set aside delivery DEL-7 alma@example.com"
        r" 3 Mar 2026 12:00 Sent delivery DEL-7 alma@example.com 10 Mar 2026 13:00 Redemption receipt R-1",
        shown(staff, "/codes/A-1"),
    )
    assert 'href="/deliveries/DEL-7"' in staff.get("/codes/A-1").text


def test_a_code_that_nobody_used_shows_its_limits_untouched(shelf: Shelf, staff: Client) -> None:
    limits = {"global": 5, "channel": 2, "customer": 1}
    shelf.issue(shelf.coupon("L", shelf.spring().discount, limits), "A-1")
    text = shown(staff, "/codes/A-1")
    assert "In all 0 5" in text
    assert "Each channel 0 2" in text
    assert "Each customer 0 1" in text
    assert "by whoever brings it" in text
    assert "Not redeemed yet." in text


def test_a_code_without_limits_says_none(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "A-1")
    shelf.sold("A-1")
    assert "In all 1 none" in shown(staff, "/codes/A-1")


@pytest.mark.parametrize(
    ("fields", "english", "swedish"),
    [
        ({"status": "inactive"}, "The code is not active.", "Koden är inte aktiv."),
        ({"status": "voided"}, "The code has been voided.", "Koden är makulerad."),
        (
            {"valid_to_date": date(2020, 5, 1)},
            "Expired on 1 May 2020.",
            "Gick ut 1 maj 2020.",
        ),
        (
            {"valid_from_date": date(2999, 5, 1)},
            "Not valid yet: valid from 1 May 2999.",
            "Gäller inte än: gäller från 1 maj 2999.",
        ),
    ],
)
def test_a_code_says_why_it_cannot_be_used(
    shelf: Shelf, staff: Client, fields: dict[str, Any], english: str, swedish: str
) -> None:
    shelf.issue(shelf.spring(), "A-1", **fields)
    assert f"It cannot be used now. {english}" in shown(staff, "/codes/A-1")
    assert f"Den kan inte användas nu. {swedish}" in shown(staff, "/codes/A-1", "sv")


def test_a_spent_code_says_so_with_its_figures(shelf: Shelf, staff: Client, once: Any) -> None:
    shelf.issue(once, "A-1")
    shelf.sold("A-1")
    assert "All uses are spent: 1 of 1, per code." in shown(staff, "/codes/A-1")
    assert "användningar är förbrukade: 1 av 1, per kod" in shown(staff, "/codes/A-1", "sv")


def test_a_code_of_a_stopped_or_expired_coupon_says_that_it_lies_there(
    shelf: Shelf, staff: Client
) -> None:
    shelf.issue(shelf.coupon("STOPPED", shelf.spring().discount, status="inactive"), "A-1")
    over = shelf.coupon("OVER", shelf.spring().discount, valid_to=date(2020, 5, 1))
    shelf.issue(over, "B-1")
    shelf.issue(shelf.coupon("EMPTY", None), "C-1")
    assert "The coupon is not active." in shown(staff, "/codes/A-1")
    assert "Expired on 1 May 2020." in shown(staff, "/codes/B-1")
    assert "The coupon has no discount" in shown(staff, "/codes/C-1")


def test_only_the_latest_uses_of_a_popular_code_are_told(
    shelf: Shelf, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "EVENTS_SHOWN", 2)
    shelf.issue(shelf.spring(), "ALL")
    for n in range(5):
        shelf.sold("ALL", order=f"R-{n}")
    text = shown(staff, "/codes/ALL")
    assert "3 earlier redemptions" in text
    assert re.findall(r"receipt (R-\d)", text) == ["R-3", "R-4"]
    assert 'href="/coupons/SPRING/redemptions?code=ALL"' in staff.get("/codes/ALL").text


def test_a_code_is_stopped_started_and_voided(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "A-1")
    for path, status, said, then in (
        ("/codes/A-1/status", "inactive", "The code is stopped", "inactive"),
        ("/codes/A-1/status", "active", "The code is active.", "active"),
        ("/codes/A-1/void", "", "The code is voided for good.", "voided"),
        ("/codes/A-1/status", "active", "That is not possible in this state: voided.", "voided"),
    ):
        assert posted(staff, path, status=status).startswith(said)
        assert CouponCode.objects.get(code="A-1").status == then


def test_voiding_a_code_asks_first(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "A-1")
    assert "cannot be undone" in shown(staff, "/codes/A-1/void")
    assert CouponCode.objects.get(code="A-1").status == "active"


@pytest.mark.parametrize("status", ["", "voided", "redeemed"])
def test_a_status_that_is_no_step_is_not_found(shelf: Shelf, staff: Client, status: str) -> None:
    shelf.issue(shelf.spring(), "A-1")
    assert staff.post("/codes/A-1/status", {"status": status}).status_code == 404
    assert CouponCode.objects.get(code="A-1").status == "active"


@pytest.mark.parametrize("text", ["MED MELLANSLAG", "ÅÄÖ-1", "50%+5", "A#B?C"])
def test_odd_codes_have_pages_too(shelf: Shelf, staff: Client, text: str) -> None:
    shelf.issue(shelf.spring(), text)
    page = staff.get("/coupons/SPRING/codes").text
    (address,) = re.findall(r'href="(/codes/[^"]+)"', page)
    assert text in shown(staff, address)
    assert staff.get(f"{address}/void").status_code == 200


def test_no_page_and_no_step_reaches_a_code_of_another_company(shelf: Shelf, staff: Client) -> None:
    other = stocked()
    other.issue(other.spring(), "THEIRS")
    redemption = other.sold("THEIRS")
    assert staff.get("/codes/THEIRS").status_code == 404
    assert staff.get("/codes/THEIRS/void").status_code == 404
    assert staff.get(f"/redemptions/{redemption}").status_code == 404
    answer = staff.post("/codes/THEIRS/status", {"status": "inactive"}, follow=True)
    assert answer.status_code == 404
    assert CouponCode.objects.get(code="THEIRS").status == "active"


def test_a_receipt_shows_the_sale_line_by_line(shelf: Shelf, staff: Client) -> None:
    shelf.issue(shelf.spring(), "A-1")
    socks = shelf.discount("SOCKS", [])
    shelf.issue(shelf.coupon("SOCKS", socks), "K-1")
    identity = shelf.sold("A-1", "K-1", customer="2001", order="R-1")
    text = shown(staff, f"/redemptions/{identity}")
    assert "Receipt R-1 10 Mar 2026 13:00 · HOUSTON · customer 2001" in text
    assert "Before discounts USD 135.00 Discount –USD 13.00 Paid USD 122.00" in text
    assert "1 × J SPRING –USD 8.00 USD 80.00 –USD 8.00 USD 72.00" in text
    assert "2 × S SPRING –USD 5.00 USD 50.00 –USD 5.00 USD 45.00" in text
    assert "1 × K – USD 5.00 – USD 5.00" in text
    assert "A-1 SPRING Applied" in text
    assert "K-1 SOCKS No effect Nothing in the cart is covered by it." in text
    swedish = shown(staff, f"/redemptions/{identity}", "sv")
    assert "K-1 SOCKS Ingen verkan Inget i varukorgen omfattas." in swedish


def test_a_receipt_tells_what_was_sold_by_its_name_and_in_its_unit(
    shelf: Shelf, staff: Client
) -> None:
    Product.objects.filter(company=shelf.company, number="K").update(name="Wool socks")
    lines = [{"id": "7", "product": "K", "quantity": "0.750", "unit": "kg"}]
    identity = shelf.sold(lines=lines, order="R-1")
    assert "0.75 kg × Wool socks K – USD 3.75 – USD 3.75" in shown(
        staff, f"/redemptions/{identity}"
    )


def test_a_receipt_shows_what_staff_took_off_and_what_lowered_the_delivery(
    shelf: Shelf, staff: Client
) -> None:
    free = shelf.discount(
        "FREE",
        [{"all_products": True}],
        kind="shipping_threshold",
        params={"tiers": [{"from": 0, "percent_off": "100"}], "delivery_modes": ["STANDARD"]},
    )
    shelf.issue(shelf.coupon("FREIGHT", free), "FREE-1")
    lines = [{"id": "1", "product": "K", "quantity": "1", "manual": {"amount_off": 100}}]
    delivery = {"mode": "STANDARD", "charge": 495}
    identity = shelf.sold("FREE-1", lines=lines, delivery=delivery)
    text = shown(staff, f"/redemptions/{identity}")
    assert "1 × K By hand –USD 1.00 USD 5.00 –USD 1.00 USD 4.00" in text
    assert "Delivery charge FREIGHT USD 4.95 –USD 4.95 USD 0.00" in text
    swedish = shown(staff, f"/redemptions/{identity}", "sv")
    assert "Manuellt" in swedish
    assert "By hand" not in swedish


def test_a_receipt_that_was_kept_without_its_goods_shows_the_lines_it_has(
    shelf: Shelf, staff: Client
) -> None:
    shelf.issue(shelf.spring(), "A-1")
    identity = shelf.sold("A-1")
    kept = Redemption.objects.get(id=identity)
    for line in kept.quote["lines"]:
        for field in ("product", "quantity", "unit", "manual", "parts"):
            del line[field]
    Redemption.objects.filter(id=identity).update(quote=kept.quote)
    assert "2 SPRING –USD 5.00 USD 50.00" in shown(staff, f"/redemptions/{identity}")


def test_a_receipt_shows_a_code_that_did_not_exist_without_a_link(
    shelf: Shelf, staff: Client
) -> None:
    shelf.issue(shelf.spring(), "A-1")
    identity = shelf.sold("A-1", "NO-SUCH", partial=True)
    answer = staff.get(f"/redemptions/{identity}")
    assert "NO-SUCH – Refused There is no such code." in words_of(answer)
    assert "/codes/NO-SUCH" not in answer.text


@pytest.mark.parametrize("identity", ["0", "999999999", "9" * 19, "9" * 30])
def test_a_receipt_that_is_not_there_is_not_found(
    shelf: Shelf, staff: Client, identity: str
) -> None:
    assert staff.get(f"/redemptions/{identity}").status_code == 404


@pytest.mark.parametrize("path", ["/codes/A-1", "/codes/A-1/void", "/redemptions/1"])
def test_nobody_sees_a_code_or_a_receipt_without_signing_in(shelf: Shelf, path: str) -> None:
    shelf.issue(shelf.spring(), "A-1")
    assert Client().get(path).headers["Location"] == "/sign-in"
    assert Client().post("/codes/A-1/status", {"status": "inactive"}).status_code == 302
    assert CouponCode.objects.get(code="A-1").status == "active"
