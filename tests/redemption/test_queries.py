"""Reading the ledger: by any mark, by key, and one code with its history."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kupong.coupons.models import Coupon
from kupong.kernel.reasons import Reason
from kupong.organisation.plans import run
from kupong.redemption import service
from kupong.redemption.queries import (
    BadCursor,
    CodePage,
    RedemptionFilter,
    RedemptionPage,
    code_page,
    redemptions,
)
from tests.redemption.world import NOON, World


@pytest.fixture
def sold(world: World) -> World:
    """Three sales: A in Houston by 2001, B in Seattle by 2002, and one without a code."""
    coupon = Coupon.objects.get(company=world.company, number="SPRING")
    for code in ("A", "B"):
        world.code(coupon, code, typed=f"{code.lower()}")
    world.redeem("A", customer="2001", order="R-1")
    world.redeem("B", customer="2002", order="R-2", channel="SEATTLE", at=NOON + timedelta(hours=1))
    world.redeem(order="R-3", at=NOON + timedelta(hours=1))
    return world


def listed(
    world: World, limit: int = 10, after: str | None = None, **chosen: object
) -> RedemptionPage:
    plan = redemptions(world.company.id, RedemptionFilter(**chosen), limit, after)  # type: ignore[arg-type]
    return run(service.django_connection(), plan)


def orders(world: World, **chosen: object) -> list[str]:
    return [row.order for row in listed(world, **chosen).items]


def test_redemptions_are_found_by_any_of_their_marks(sold: World) -> None:
    assert orders(sold) == ["R-3", "R-2", "R-1"]
    assert orders(sold, code="a") == ["R-1"]
    assert orders(sold, coupon="SPRING") == ["R-2", "R-1"]
    assert orders(sold, order="R-2") == ["R-2"]
    assert orders(sold, customer="2001") == ["R-1"]
    assert orders(sold, channel="SEATTLE") == ["R-2"]
    assert orders(sold, channel="SEATTLE", customer="2001") == []
    assert orders(sold, start=NOON + timedelta(hours=1)) == ["R-3", "R-2"]
    assert orders(sold, end=NOON) == ["R-1"]


def test_a_row_tells_the_sale_and_its_uses(sold: World) -> None:
    row = listed(sold, order="R-1").items[0]
    assert (row.status, row.channel, row.customer, row.at) == ("redeemed", "HOUSTON", "2001", NOON)
    assert (row.gross, row.discount, row.net, row.currency) == (13500, 1300, 12200, "USD")
    assert [(use.code, use.coupon, use.amount) for use in row.uses] == [("a", "SPRING", 1300)]


def test_pages_follow_one_another_by_key_also_at_equal_times(sold: World) -> None:
    seen, after = [], None
    while True:
        page = listed(sold, limit=1, after=after)
        seen += [row.order for row in page.items]
        after = page.next
        if after is None:
            break
    assert seen == ["R-3", "R-2", "R-1"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "eCB5", "MjAyNi0wMS0wMSAx"])
def test_a_cursor_of_another_make_is_told(sold: World, cursor: str) -> None:
    with pytest.raises(BadCursor):
        listed(sold, after=cursor)


def page_of(world: World, code: str, now: datetime = NOON) -> CodePage | None:
    return run(service.django_connection(), code_page(world.company.id, code, now))


def test_a_code_tells_its_uses_per_scope_and_its_history(sold: World) -> None:
    page = page_of(sold, " A ")
    assert page
    assert (page.code, page.coupon, page.id, page.redeemed_on) == ("a", "SPRING", "CODE-A", NOON)
    assert [(one.scope, one.of, one.uses) for one in page.uses] == [
        ("global", None, 1),
        ("channel", "HOUSTON", 1),
        ("customer", "2001", 1),
    ]
    assert [event.event for event in page.history] == ["issued", "redeemed"]
    assert (page.history[1].order, page.history[1].amount) == ("R-1", 1300)
    assert page.usable


def test_a_code_that_is_spent_or_over_says_so_without_storing_it(sold: World) -> None:
    coupon = Coupon.objects.get(company=sold.company, number="SPRING")
    coupon.usage_limits.create(company=sold.company, scope="global", uses=1)
    page = page_of(sold, "A")
    assert page
    assert (page.usable, page.reason, page.status) == (False, Reason.EXHAUSTED, "active")
    coupon.valid_to_date = date(2026, 3, 31)
    coupon.save()
    late = page_of(sold, "A", datetime(2026, 4, 1, tzinfo=UTC))
    assert late
    assert (late.usable, late.reason) == (False, Reason.EXPIRED)


def test_an_unknown_code_has_no_page(sold: World) -> None:
    assert page_of(sold, "NOPE") is None


def test_codes_are_checked_each_for_itself_with_no_cart(sold: World) -> None:
    import msgspec

    from kupong.redemption.shapes import CodesCheckRequest

    request = CodesCheckRequest(codes=("A", "B", "NOPE"), channel="HOUSTON", at=NOON)
    plan = service.check_codes_plan(sold.company.id, request, NOON)
    checked = run(service.django_connection(), plan)
    assert isinstance(checked, list)
    assert [(one.usable, one.reason) for one in checked] == [
        (True, None),
        (True, None),
        (False, Reason.NOT_FOUND),
    ]
    wrong = msgspec.structs.replace(request, channel="NOWHERE")
    answer = run(
        service.django_connection(), service.check_codes_plan(sold.company.id, wrong, NOON)
    )
    assert not isinstance(answer, list)
    assert answer.errors[0].field == "channel"
