"""Quotes: the codes on a cart are judged in order, and every "no" has its reason and figures."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from kupong.catalog.models import Product
from kupong.coupons.models import Coupon
from kupong.discounts.models import Discount
from kupong.kernel.reasons import Reason
from kupong.organisation.models import Channel
from kupong.redemption import service
from kupong.redemption.models import LedgerEntry, Redemption, UsageCounter
from kupong.redemption.shapes import Quote, QuoteRequest, Rejected
from tests.redemption.world import NOON, World


@pytest.fixture
def spring(world: World) -> Coupon:
    coupon = Coupon.objects.get(company=world.company, number="SPRING")
    world.code(coupon, "SPRING-A")
    return coupon


def judged(quote: Quote) -> list[tuple[str, Any]]:
    return [(code.status, code.reason) for code in quote.codes]


def test_a_code_opens_its_discount_on_the_covered_goods_only(world: World, spring: Coupon) -> None:
    quote = world.quote("SPRING-A")
    assert (quote.gross, quote.discount, quote.net) == (13500, 1300, 12200)
    assert [line.discount for line in quote.lines] == [800, 500, 0]
    applied = quote.lines[0].discounts[0]
    assert (applied.discount, applied.coupon, applied.code) == ("D10", "SPRING", "SPRING-A")
    assert judged(quote) == [("applied", None)]
    assert world.quote().net == 13500


def test_a_code_is_known_in_any_case_and_with_spaces_round_it(world: World, spring: Coupon) -> None:
    quote = world.quote("  spring-a ")
    assert quote.net == 12200
    assert quote.codes[0].code == "  spring-a "


def test_a_quote_changes_nothing(world: World, spring: Coupon) -> None:
    world.quote("SPRING-A")
    for table in (Redemption, LedgerEntry, UsageCounter):
        assert not table.objects.exists()


def test_an_unknown_code_is_refused_and_does_not_fail_the_quote(
    world: World, spring: Coupon
) -> None:
    quote = world.quote("NOPE", "SPRING-A")
    assert judged(quote) == [("refused", Reason.NOT_FOUND), ("applied", None)]
    assert quote.codes[0].message == "There is no such code."
    assert quote.net == 12200


@pytest.mark.parametrize(
    ("code", "coupon", "reason"),
    [
        ({"status": "inactive"}, {}, Reason.INACTIVE),
        ({}, {"status": "inactive"}, Reason.INACTIVE),
        ({"status": "voided"}, {}, Reason.VOIDED),
        ({}, {"status": "voided"}, Reason.VOIDED),
        ({"valid_from": date(2026, 3, 11)}, {}, Reason.NOT_STARTED),
        ({"valid_to": date(2026, 3, 9)}, {}, Reason.EXPIRED),
        ({}, {"valid_from": date(2026, 3, 11)}, Reason.NOT_STARTED),
        ({"valid_to": date(2026, 3, 31)}, {"valid_to": date(2026, 3, 9)}, Reason.EXPIRED),
        ({}, {"customer_required": True}, Reason.CUSTOMER_REQUIRED),
        ({}, {"limits": {"customer": 1}}, Reason.CUSTOMER_REQUIRED),
    ],
)
def test_refuses_with_the_reason(
    world: World, code: dict[str, Any], coupon: dict[str, Any], reason: Reason
) -> None:
    discount = Discount.objects.get(company=world.company, number="D10")
    world.code(world.coupon("OTHER", discount, **coupon), "CODE", **code)
    quote = world.quote("CODE")
    assert judged(quote) == [("refused", reason)]
    assert quote.discount == 0


def test_of_several_reasons_the_first_in_the_list_wins(world: World) -> None:
    discount = Discount.objects.get(company=world.company, number="D10")
    coupon = world.coupon("OTHER", discount, status="inactive", customer_required=True)
    world.code(coupon, "CODE", status="voided", valid_to=date(2020, 1, 1))
    assert judged(world.quote("CODE")) == [("refused", Reason.INACTIVE)]


def test_a_coupon_without_a_discount_is_refused_at_the_till(world: World) -> None:
    world.code(world.coupon("MAILED", None), "MAILED-1")
    assert judged(world.quote("MAILED-1")) == [("refused", Reason.NO_DISCOUNT)]


def test_both_ends_of_a_date_count_by_the_clock_of_the_channel(
    world: World, spring: Coupon
) -> None:
    """S6: the window is whole days of Houston's wall clock, whatever the offset of the instant."""
    world.code(
        world.coupon("WINDOW", spring.discount),
        "W",
        valid_from=date(2026, 3, 10),
        valid_to=date(2026, 3, 20),
    )
    cases = [
        ("2026-03-09T23:59:59-05:00", Reason.NOT_STARTED),
        ("2026-03-10T00:00:00-05:00", None),
        ("2026-03-10T05:00:00+00:00", None),
        ("2026-03-20T23:59:59-05:00", None),
        ("2026-03-21T04:59:59+00:00", None),
        ("2026-03-21T00:00:00-05:00", Reason.EXPIRED),
    ]
    for at, reason in cases:
        code = world.quote("W", at=datetime.fromisoformat(at)).codes[0]
        assert (code.status, code.reason) == ("refused" if reason else "applied", reason), at
    assert world.quote("W", at=datetime(2026, 4, 1, tzinfo=UTC)).codes[0].detail == {
        "until": "2026-03-20"
    }


def test_the_same_code_twice_and_two_codes_of_a_coupon(world: World, spring: Coupon) -> None:
    world.code(spring, "SPRING-B")
    assert judged(world.quote("SPRING-A", "spring-a")) == [
        ("applied", None),
        ("refused", Reason.ALREADY_ON_CART),
    ]
    assert judged(world.quote("SPRING-A", "SPRING-B")) == [
        ("applied", None),
        ("refused", Reason.SAME_COUPON),
    ]


def test_an_exclusive_coupon_tolerates_no_other_whichever_came_first(
    world: World, spring: Coupon
) -> None:
    world.code(world.coupon("VIP", spring.discount, exclusive=True), "VIP-1")
    for first, second in (("SPRING-A", "VIP-1"), ("VIP-1", "SPRING-A")):
        quote = world.quote(first, second)
        assert judged(quote) == [("applied", None), ("refused", Reason.EXCLUSIVE_CONFLICT)]
        assert quote.codes[1].detail == {"by": "VIP"}


def test_a_personal_code_is_for_its_holder_only(world: World, spring: Coupon) -> None:
    world.code(spring, "MINE", holder=world.customer("3001"))
    assert judged(world.quote("MINE")) == [("refused", Reason.CUSTOMER_REQUIRED)]
    assert judged(world.quote("MINE", customer="2001")) == [("refused", Reason.WRONG_HOLDER)]
    assert judged(world.quote("MINE", customer="3001")) == [("applied", None)]


def test_price_groups_come_from_channel_customer_and_cart(world: World) -> None:
    world.affiliation("STUDENT")
    world.customer("4001", "STUDENT")
    lines = [{"product": "J", "percent_off": "50"}]
    discount = world.discount("HALF", lines, groups=("STUDENT", "SEATTLE"))
    world.code(world.coupon("HALVES", discount), "HALF-1")
    refused = world.quote("HALF-1")
    assert judged(refused) == [("refused", Reason.NOT_ELIGIBLE)]
    assert refused.codes[0].detail == {"need": ["SEATTLE", "STUDENT"]}
    assert judged(world.quote("HALF-1", customer="4001")) == [("applied", None)]
    assert judged(world.quote("HALF-1", affiliations=["STUDENT"])) == [("applied", None)]
    assert judged(world.quote("HALF-1", channel="SEATTLE")) == [("applied", None)]


def test_a_code_whose_discount_covers_nothing_is_accepted_without_effect(
    world: World, spring: Coupon
) -> None:
    quote = world.quote("SPRING-A", goods=[("1", "K", "1")])
    assert judged(quote) == [("no_effect", Reason.NO_MATCHING_LINES)]
    assert quote.not_applied[0].discount == "D10"


def test_a_beaten_code_has_no_effect_and_says_by_what(world: World, spring: Coupon) -> None:
    world.discount("D20", [{"all_products": True, "percent_off": "20"}], requires_code=False)
    quote = world.quote("SPRING-A")
    assert judged(quote) == [("no_effect", Reason.BEATEN)]
    assert quote.discount == 2700


def test_categories_reach_products_below_them(world: World) -> None:
    world.category(["clothing"])
    world.category(["clothing", "jackets"], "J")
    clothing = world.category(["clothing-2"])
    top = type(clothing).objects.get(company=world.company, number="clothing")
    discount = world.discount("CLOTHES", [{"category": top, "percent_off": "10"}])
    world.code(world.coupon("CAT", discount), "CAT-1")
    assert world.quote("CAT-1").discount == 800


def test_limited_codes_need_order_completion_where_the_channel_asks_for_it(
    world: World, spring: Coupon
) -> None:
    world.channel("CALL1", "call_centre", order_completion=False)
    world.code(world.coupon("LIMITED", spring.discount, {"global": 1}), "L-1")
    assert judged(world.quote("L-1", channel="CALL1")) == [
        ("refused", Reason.ORDER_COMPLETION_REQUIRED)
    ]
    assert judged(world.quote("SPRING-A", channel="CALL1")) == [("applied", None)]
    Channel.objects.filter(number="CALL1").update(order_completion=True)
    assert judged(world.quote("L-1", channel="CALL1")) == [("applied", None)]


def test_a_changed_discount_counts_from_the_next_quote_on(world: World, spring: Coupon) -> None:
    discount = spring.discount
    assert discount is not None
    assert world.quote("SPRING-A").discount == 1300
    discount.lines.update(percent_off="20")
    world.touch(discount)
    assert world.quote("SPRING-A").discount == 2600
    world.touch(discount, status="disabled")
    assert judged(world.quote("SPRING-A")) == [("refused", Reason.DISABLED)]


def test_a_given_price_counts_before_the_products_own(world: World, spring: Coupon) -> None:
    lines = [{"id": "1", "product": "J", "quantity": "1", "price": 10000}]
    assert world.quote("SPRING-A", lines=lines).net == 9000


def test_a_locked_line_keeps_its_net(world: World, spring: Coupon) -> None:
    lines = [{"id": "1", "product": "J", "quantity": "1", "locked": True, "net": 7000}]
    quote = world.quote("SPRING-A", lines=lines)
    assert (quote.net, quote.lines[0].discounts) == (7000, [])


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"channel": "NOWHERE"}, "channel", Reason.UNKNOWN_REFERENCE),
        ({"customer": "9999"}, "customer", Reason.UNKNOWN_REFERENCE),
        ({"affiliations": ["NONE"]}, "affiliations[0]", Reason.UNKNOWN_REFERENCE),
        ({"currency": "SEK"}, "currency", Reason.WRONG_CURRENCY),
        ({"goods": [("1", "X", "1")]}, "lines[0].product", Reason.UNKNOWN_REFERENCE),
        ({"goods": [("1", "J", "1"), ("1", "S", "1")]}, "lines[1].id", Reason.DUPLICATE),
        ({"goods": [("1", "J", "0")]}, "lines[0].quantity", Reason.INVALID),
        ({"goods": [("1", "J", "NaN")]}, "lines[0].quantity", Reason.INVALID),
        ({"goods": [("1", "J", "1e30")]}, "lines[0].quantity", Reason.INVALID),
    ],
)
def test_wrong_input_names_the_field(
    world: World, fields: dict[str, Any], field: str, reason: Reason
) -> None:
    answer = world.try_quote(**fields)
    assert isinstance(answer, Rejected)
    assert [(error.field, error.code) for error in answer.errors] == [(field, reason)]


def test_a_product_without_a_price_needs_one_on_the_line(world: World) -> None:
    Product.objects.create(company=world.company, number="LOOSE")
    answer = world.try_quote(goods=[("1", "LOOSE", "1")])
    assert isinstance(answer, Rejected)
    assert [(error.field, error.code) for error in answer.errors] == [
        ("lines[0].price", Reason.MISSING)
    ]
    lines = [{"id": "1", "product": "LOOSE", "quantity": "3", "price": 70}]
    assert world.quote(lines=lines).net == 210


def test_of_two_codes_worth_the_same_the_unlimited_one_is_spent(
    world: World, spring: Coupon
) -> None:
    lines = [{"product": "J", "percent_off": "10"}]
    world.code(world.coupon("ONCE", world.discount("A10", lines), {"global": 1}), "ONCE-1")
    for codes in (("SPRING-A", "ONCE-1"), ("ONCE-1", "SPRING-A")):
        quote = world.quote(*codes, goods=[("1", "J", "1")])
        spent = [code.code for code in quote.codes if code.status == "applied"]
        assert spent == ["SPRING-A"]


def test_every_discount_of_the_company_is_explained_on_demand(world: World, spring: Coupon) -> None:
    shoes = world.category(["shoes"])
    world.discount("SHOES", [{"category": shoes, "percent_off": "5"}], requires_code=False)
    world.discount("OFF", [{"product": "J", "percent_off": "5"}], status="disabled")
    request = msgspec.convert(world.cart(), QuoteRequest)

    def lost(explain_all: bool) -> dict[str, Reason]:
        quote = service.quote(world.company.id, request, NOON, explain_all=explain_all)
        assert isinstance(quote, Quote)
        return {one.discount: one.reason for one in quote.not_applied}

    assert lost(explain_all=False) == {}
    assert lost(explain_all=True) == {
        "D10": Reason.CODE_REQUIRED,
        "SHOES": Reason.NO_MATCHING_LINES,
        "OFF": Reason.DISABLED,
    }
