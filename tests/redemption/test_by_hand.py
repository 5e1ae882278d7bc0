"""What staff do at the till: prices and discounts by hand, returns by receipt; and what answers tell of it."""

from decimal import Decimal
from typing import Any

import pytest

from kupong.catalog.models import Product
from kupong.coupons.models import Coupon
from kupong.kernel.reasons import Reason
from kupong.organisation.models import Parameters
from kupong.redemption import ledger
from kupong.redemption.models import LedgerEntry, Redemption
from kupong.redemption.shapes import LineAnswer, RedemptionAnswer, Rejected
from tests.redemption.world import World


@pytest.fixture
def spring(world: World) -> Coupon:
    coupon = Coupon.objects.get(company=world.company, number="SPRING")
    world.code(coupon, "SPRING-A")
    return coupon


def goods(product: str, quantity: str = "1", **fields: Any) -> dict[str, Any]:
    return {"id": product, "product": product, "quantity": quantity} | fields


def one(world: World, line: dict[str, Any], *codes: str) -> LineAnswer:
    (answer,) = world.quote(*codes, lines=[line]).lines
    return answer


def rule(world: World, **pricing: bool) -> None:
    Parameters.objects.filter(company=world.company).update(pricing=pricing)


BY_HAND = {"amount_off": 500, "percent_off": "10"}


def test_a_discount_by_hand_takes_its_amount_first_and_then_its_percentage(world: World) -> None:
    line = one(world, goods("S", "2", manual=BY_HAND))
    assert (line.gross, line.manual, line.discount, line.net) == (5000, 950, 950, 4050)


def test_it_comes_on_top_of_what_a_code_gave_unless_it_replaces_that(
    world: World, spring: Coupon
) -> None:
    on_top = one(world, goods("S", "2", manual=BY_HAND), "SPRING-A")
    assert (on_top.manual, on_top.discount, on_top.net) == (900, 1400, 3600)
    assert [applied.amount for applied in on_top.discounts] == [500]
    rule(world, manual_replaces=True)
    alone = one(world, goods("S", "2", manual=BY_HAND), "SPRING-A")
    assert (alone.manual, alone.discount, alone.discounts) == (950, 950, [])


def test_a_discount_by_hand_on_the_cart_comes_off_its_total(world: World) -> None:
    lines = [goods("S", "2"), goods("K")]
    quote = world.quote(lines=lines, manual={"percent_off": "10"})
    assert (quote.gross, quote.discount, quote.net) == (5500, 550, 4950)
    assert sum(line.manual for line in quote.lines) == 550


@pytest.mark.parametrize(
    ("given", "switch"),
    [
        ("price_overridden", "discount_overridden_prices"),
        ("price_keyed_in", "discount_keyed_in_prices"),
    ],
)
def test_prices_by_hand_take_discounts_where_the_company_says_so(
    world: World, spring: Coupon, given: str, switch: str
) -> None:
    line = goods("J", price=7000, **{given: True})
    assert one(world, line, "SPRING-A").net == 7000
    rule(world, **{switch: True})
    assert one(world, line, "SPRING-A").net == 6300


@pytest.mark.parametrize(
    ("flag", "by_code", "by_hand"),
    [
        ("prevent_discounts", 0, 0),
        ("prevent_retail_discounts", 0, 500),
        ("prevent_tender_discounts", 800, 500),
        ("prevent_manual_discounts", 800, 0),
    ],
)
def test_each_flag_of_a_product_keeps_its_own_layer_away(
    world: World, spring: Coupon, flag: str, by_code: int, by_hand: int
) -> None:
    Product.objects.filter(company=world.company, number="J").update(**{flag: True})
    line = one(world, goods("J", manual={"amount_off": 500}), "SPRING-A")
    assert (line.discount - line.manual, line.manual) == (by_code, by_hand)


def test_partial_returns_by_receipt_add_up_to_what_was_paid(world: World, spring: Coupon) -> None:
    def back(returned: int) -> int:
        receipt = {"quantity": "3", "net": 100, "returned": str(returned)}
        return one(world, goods("S", "-1", receipt=receipt), "SPRING-A").net

    assert [back(returned) for returned in range(3)] == [-33, -34, -33]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        (
            {"lines": [goods("J", manual={"percent_off": "100.1"})]},
            {"lines[0].manual.percent_off": Reason.PERCENT_OUT_OF_RANGE},
        ),
        (
            {"lines": [goods("K"), goods("J", manual={"amount_off": 0, "percent_off": "NaN"})]},
            {
                "lines[1].manual.amount_off": Reason.AMOUNT_NOT_POSITIVE,
                "lines[1].manual.percent_off": Reason.PERCENT_OUT_OF_RANGE,
            },
        ),
        ({"manual": {}}, {"manual": Reason.MISSING}),
        (
            {"lines": [goods("J"), goods("K", "-1")], "manual": {"percent_off": "5"}},
            {"manual": Reason.MIXED_WITH_RETURNS},
        ),
        (
            {"lines": [goods("J", receipt={"quantity": "1", "net": 8000})]},
            {"lines[0].receipt": Reason.INVALID},
        ),
        (
            {"lines": [goods("J", "-2", receipt={"quantity": "1", "net": 8000})]},
            {"lines[0].receipt.returned": Reason.MORE_THAN_SOLD},
        ),
        (
            {"lines": [goods("J", locked=True, net=1, manual={"amount_off": 1})]},
            {"lines[0].manual": Reason.INVALID},
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(
    world: World, fields: dict[str, Any], errors: dict[str, Reason]
) -> None:
    answer = world.try_quote(**fields)
    assert isinstance(answer, Rejected)
    assert {error.field: error.code for error in answer.errors} == errors


def test_a_line_tells_what_was_sold_and_which_units_got_what(world: World, spring: Coupon) -> None:
    world.discount(
        "TWO",
        [{"product": "S", "amount_off": 700, "quantity_limit": 2}],
        requires_code=False,
    )
    line = one(world, goods("S", "3", unit="ea"), "SPRING-A")
    assert (line.product, line.quantity, line.unit) == ("S", Decimal(3), "ea")
    told = {
        (part.quantity, part.discount, *(applied.discount for applied in part.discounts))
        for part in line.parts
    }
    assert told == {(2, 1400, "TWO"), (1, 250, "D10")}
    assert line.discount == 1650


def test_a_line_that_was_priced_earlier_has_no_parts(world: World) -> None:
    line = one(world, goods("J", locked=True, net=7000))
    assert (line.parts, line.product, line.unit) == ([], "J", "ea")


@pytest.fixture
def free_delivery(world: World) -> Coupon:
    discount = world.discount(
        "FREE",
        [{"all_products": True}],
        kind="shipping_threshold",
        params={
            "tiers": [{"from": 5000, "percent_off": "100"}],
            "delivery_modes": ["STANDARD"],
        },
    )
    coupon = world.coupon("FREE", discount, {"global": 1}, apply_without_code=True)
    world.code(coupon, "FREE-1")
    return coupon


DELIVERY = {"mode": "STANDARD", "charge": 495}


def test_a_code_that_lowers_the_charge_of_the_delivery_is_spent_for_it(
    world: World, spring: Coupon, free_delivery: Coupon
) -> None:
    sale = world.redeem("FREE-1", "SPRING-A", delivery=DELIVERY, goods=[("1", "J", "1")])
    assert isinstance(sale, RedemptionAnswer)
    assert sale.quote.delivery is not None
    assert (sale.quote.delivery.discount, sale.quote.delivery.net) == (495, 0)
    applied = sale.quote.delivery.applied
    assert applied is not None
    assert (applied.discount, applied.code, applied.amount) == ("FREE", "FREE-1", 495)
    assert {use.code: use.status for use in sale.uses} == {
        "FREE-1": "redeemed",
        "SPRING-A": "redeemed",
    }
    amounts = dict(LedgerEntry.objects.values_list("code__code", "amount"))
    assert amounts == {"FREE-1": 495, "SPRING-A": 800}
    assert ledger.check() == []


def test_the_ledger_notices_more_off_than_goods_and_delivery_were_discounted(
    world: World, free_delivery: Coupon
) -> None:
    sale = world.redeem("FREE-1", delivery=DELIVERY)
    assert isinstance(sale, RedemptionAnswer)
    sale.quote.delivery = None
    Redemption.objects.update(quote={"delivery": None})
    assert ledger.check() == [
        f"redemption {sale.id}: its codes took off 495, the sale was discounted 0"
    ]


def test_staff_see_what_a_coupon_would_take_off_the_delivery(
    world: World, free_delivery: Coupon
) -> None:
    (offer,) = world.quote(delivery=DELIVERY).available
    assert (offer.coupon, offer.amount) == ("FREE", 495)
    assert world.quote().available == []


def test_a_charge_that_nothing_lowers_names_no_discount(world: World, spring: Coupon) -> None:
    delivery = world.quote("SPRING-A", delivery=DELIVERY).delivery
    assert delivery is not None
    assert (delivery.net, delivery.applied) == (495, None)
