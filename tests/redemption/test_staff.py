"""Goodwill: staff apply a coupon without a code, and the first usable code is taken (C33 to C36, P11)."""

from datetime import date

import pytest

from kupong.coupons.models import Coupon
from kupong.kernel.reasons import Reason
from kupong.redemption.models import LedgerEntry
from kupong.redemption.shapes import RedemptionAnswer, Rejected
from tests.redemption.world import World


@pytest.fixture
def goodwill(world: World) -> Coupon:
    """Fifteen dollars off a jacket, each of three codes once; the first is over, the second inactive."""
    discount = world.discount("FIFTEEN", [{"product": "J", "amount_off": 1500}])
    coupon = world.coupon("GOODWILL", discount, {"global": 1}, apply_without_code=True)
    world.code(coupon, "G1", valid_to=date(2026, 3, 1))
    world.code(coupon, "G2", status="inactive")
    world.code(coupon, "G3")
    world.code(coupon, "G4")
    return coupon


def test_a_quote_lists_what_staff_may_apply_and_its_worth(world: World, goodwill: Coupon) -> None:
    (offer,) = world.quote().available
    assert (offer.coupon, offer.discount, offer.amount) == ("GOODWILL", "FIFTEEN", 1500)
    assert world.quote(goods=[("1", "K", "1")]).available == []
    assert world.quote("G3").available == []


def test_the_worth_is_what_it_adds_to_what_applies_already(world: World, goodwill: Coupon) -> None:
    world.code(Coupon.objects.get(number="SPRING"), "SPRING-A")
    assert world.quote("SPRING-A").available[0].amount == 700


def test_staff_take_the_first_usable_code_and_then_the_next(world: World, goodwill: Coupon) -> None:
    taken = []
    for _ in range(2):
        answer = world.redeem(apply_without_code=["GOODWILL"])
        assert isinstance(answer, RedemptionAnswer)
        assert answer.quote.discount == 1500
        taken += [use.code for use in answer.uses]
    assert taken == ["G3", "G4"]
    no = world.redeem(apply_without_code=["GOODWILL"])
    assert isinstance(no, Rejected)
    assert (no.reason, no.detail) == (Reason.NO_USABLE_CODE, {"by": "GOODWILL"})
    assert world.quote().available == []
    assert LedgerEntry.objects.count() == 2


def test_a_coupon_that_needs_its_code_cannot_be_applied_without(world: World) -> None:
    no = world.redeem(apply_without_code=["SPRING"])
    assert isinstance(no, Rejected)
    assert [(error.field, error.code) for error in no.errors] == [
        ("apply_without_code[0]", Reason.UNKNOWN_REFERENCE)
    ]
