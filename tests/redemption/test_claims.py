"""The claim as a batch: each attempt is taken whole or refused whole, and sees those before it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kupong.coupons.models import CouponCode
from kupong.discounts.models import Discount
from kupong.organisation.models import Channel
from kupong.organisation.plans import run
from kupong.redemption import ledger
from kupong.redemption.claims import Attempt, Refusals, Taken, Wanted, claim
from kupong.redemption.models import LedgerEntry
from kupong.redemption.rules import Sale
from tests.redemption.world import NOON, World


@dataclass
class Till:
    world: World
    orders: int = 0

    def attempt(self, *codes: str) -> Attempt:
        self.orders += 1
        channel = Channel.objects.get(company=self.world.company, number="HOUSTON")
        return Attempt(
            channel_id=channel.id, customer_id=None, order=f"B-{self.orders}",
            sale=Sale(NOON, ZoneInfo("America/Chicago"), None, True), at=NOON, currency="USD",
            gross=100, discount=len(codes), net=100 - len(codes), on_cart=codes,
            wanted=tuple(Wanted(code, 1) for code in codes), quote=b"{}",
        )  # fmt: skip

    def claim(self, *attempts: Attempt) -> list[str]:
        connection.ensure_connection()
        with connection.connection.transaction():
            outcomes = run(connection.connection, claim(self.world.company.id, attempts))
        return ["taken" if isinstance(one, Taken) else _refused(one) for one in outcomes]


def _refused(outcome: Refusals | Taken) -> str:
    assert isinstance(outcome, Refusals)
    return " ".join(sorted(outcome.by_code))


@pytest.fixture
def till(world: World) -> Till:
    discount = Discount.objects.get(company=world.company, number="D10")
    for code, limit in (("A", 1), ("B", 2), ("C", None)):
        limits = {"global": limit} if limit else None
        world.code(world.coupon(f"OF-{code}", discount, limits), code)
    return Till(world)


def test_a_cart_that_fails_on_one_code_does_not_eat_the_last_use_of_another(till: Till) -> None:
    assert till.claim(till.attempt("A")) == ["taken"]
    outcomes = till.claim(
        till.attempt("A", "B"), till.attempt("B"), till.attempt("B"), till.attempt("B")
    )
    assert outcomes == ["A", "taken", "taken", "B"]
    assert ledger.check() == []


def test_a_code_shared_by_a_whole_batch_is_counted_once_each(till: Till) -> None:
    assert till.claim(*[till.attempt("C") for _ in range(50)]) == ["taken"] * 50
    numbers = LedgerEntry.objects.filter(code__code="C").order_by("use_no")
    assert list(numbers.values_list("use_no", flat=True)) == list(range(1, 51))
    assert ledger.check() == []


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_batches_in_any_order_keep_every_limit(till: Till, data: st.DataObject) -> None:
    carts = st.lists(st.sampled_from("ABC"), min_size=1, max_size=3, unique=True)
    for batch in data.draw(
        st.lists(st.lists(carts, min_size=1, max_size=6), min_size=1, max_size=3)
    ):
        left = _left(till.world)
        outcomes = till.claim(*[till.attempt(*cart) for cart in batch])
        for cart, outcome in zip(batch, outcomes, strict=True):
            spent = " ".join(sorted(code for code in cart if left[code] == 0))
            assert outcome == (spent or "taken")
            if not spent:
                left.update({code: left[code] - 1 for code in cart})
    assert ledger.check() == []


def _left(world: World) -> dict[str, float]:
    taken = {
        code.code: LedgerEntry.objects.filter(code=code).count()
        for code in CouponCode.objects.filter(company=world.company)
    }
    return {code: limit - taken[code] for code, limit in (("A", 1), ("B", 2), ("C", float("inf")))}
