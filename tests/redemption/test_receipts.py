from typing import Any

import pytest

from kupong.coupons.models import Coupon
from kupong.organisation.plans import run
from kupong.redemption.receipts import Receipt, receipt
from kupong.redemption.service import django_connection
from kupong.redemption.shapes import RedemptionAnswer
from tests.redemption.world import NOON, World, build

pytestmark = pytest.mark.django_db


def read(world: World, identity: int) -> Receipt | None:
    return run(django_connection(), receipt(world.company.id, identity))


def redeemed(world: World, **fields: Any) -> RedemptionAnswer:
    world.code(Coupon.objects.get(company=world.company), "SPRING-1")
    answer = world.redeem("SPRING-1", **fields)
    assert isinstance(answer, RedemptionAnswer)
    return answer


def test_a_receipt_holds_the_quote_as_it_was_answered(world: World) -> None:
    answer = redeemed(world, customer="2001")
    found = read(world, int(answer.id))
    assert found is not None
    assert found.quote == answer.quote
    assert (found.id, found.order, found.status) == (answer.id, "R-1", "redeemed")
    assert (found.channel, found.customer, found.at) == ("HOUSTON", "2001", NOON)


def test_a_receipt_of_another_company_is_not_found(world: World) -> None:
    answer = redeemed(build())
    assert read(world, int(answer.id)) is None
    assert read(world, 0) is None
