"""Redemptions: all or nothing, every limit counted per code, every use in the ledger."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from kupong.coupons.models import Coupon, CouponCode
from kupong.discounts.models import Discount
from kupong.kernel.reasons import Reason
from kupong.redemption import ledger
from kupong.redemption.models import LedgerEntry, Redemption, UsageCounter
from kupong.redemption.shapes import RedemptionAnswer, Rejected
from kupong.work.models import OutboxEvent
from tests.redemption.world import World

Make = Callable[..., CouponCode]


@pytest.fixture
def make(world: World) -> Make:
    """A code of a new coupon on D10 with these limits."""

    def made(code: str, limits: dict[str, int] | None = None, **fields: object) -> CouponCode:
        discount = Discount.objects.get(company=world.company, number="D10")
        return world.code(world.coupon(f"OF-{code}", discount, limits, **fields), code)

    return made


def redeemed(answer: RedemptionAnswer | Rejected) -> RedemptionAnswer:
    assert isinstance(answer, RedemptionAnswer), answer
    return answer


def rejected(answer: RedemptionAnswer | Rejected) -> Rejected:
    assert isinstance(answer, Rejected), answer
    return answer


def uses(code: CouponCode, scope: str = "global") -> list[int]:
    counters = UsageCounter.objects.filter(code=code, scope=scope).order_by("scope_id")
    return list(counters.values_list("uses", flat=True))


def test_a_redemption_is_answered_with_its_quote_and_written_to_the_ledger(
    world: World, make: Make
) -> None:
    code = make("A", {"global": 2})
    answer = redeemed(world.redeem("a", customer="2001", order="R-17"))
    assert (answer.status, answer.order, answer.quote.net) == ("redeemed", "R-17", 12200)
    assert [(use.code, use.status) for use in answer.uses] == [("a", "redeemed")]
    sale = Redemption.objects.get(id=answer.id)
    assert (sale.gross, sale.discount, sale.net, sale.currency) == (13500, 1300, 12200, "USD")
    assert sale.quote["net"] == 12200
    entry = LedgerEntry.objects.get()
    assert (entry.code, entry.amount, entry.use_no, entry.redemption) == (code, 1300, 1, sale)
    assert (uses(code), uses(code, "channel"), uses(code, "customer")) == ([1], [1], [1])
    assert ledger.check() == []


def test_the_outbox_learns_of_it_in_the_same_transaction(world: World, make: Make) -> None:
    make("A")
    answer = redeemed(world.redeem("A"))
    event = OutboxEvent.objects.get()
    assert event.type == "redemption.redeemed"
    assert event.data == {"redemption": answer.id, "order": answer.order, "codes": ["A"]}


def test_refuses_when_the_last_use_is_taken(world: World, make: Make) -> None:
    code = make("A", {"global": 2})
    redeemed(world.redeem("A"))
    redeemed(world.redeem("A"))
    no = rejected(world.redeem("A"))
    assert no.reason is Reason.EXHAUSTED
    assert no.codes[0].detail == {"scope": "global", "limit": 2, "have": 2}
    assert no.codes[0].message == "All uses are spent: 2 of 2, per code."
    assert uses(code) == [2]
    assert Redemption.objects.count() == 2


def test_each_channel_has_its_own_allowance(world: World, make: Make) -> None:
    """S8."""
    make("A", {"channel": 2})
    for channel in ("HOUSTON", "SEATTLE"):
        answers = [world.redeem("A", channel=channel) for _ in range(3)]
        assert [isinstance(one, RedemptionAnswer) for one in answers] == [True, True, False]
        assert rejected(answers[2]).codes[0].detail["scope"] == "channel"
    assert LedgerEntry.objects.count() == 4
    assert ledger.check() == []


def test_each_customer_has_an_own_allowance(world: World, make: Make) -> None:
    """S9."""
    make("A", {"customer": 1})
    redeemed(world.redeem("A", customer="2001"))
    assert rejected(world.redeem("A", customer="2001")).reason is Reason.EXHAUSTED
    redeemed(world.redeem("A", customer="2002"))
    assert rejected(world.redeem("A")).reason is Reason.CUSTOMER_REQUIRED


def test_several_limits_hold_at_once(world: World, make: Make) -> None:
    make("A", {"customer": 1, "global": 2})
    world.customer("2003")
    redeemed(world.redeem("A", customer="2001"))
    assert rejected(world.redeem("A", customer="2001")).codes[0].detail["scope"] == "customer"
    redeemed(world.redeem("A", customer="2002"))
    assert rejected(world.redeem("A", customer="2003")).codes[0].detail["scope"] == "global"


def test_the_limit_counts_per_code_not_per_coupon(world: World) -> None:
    """C45: a single-use coupon with two codes works twice, once with each."""
    discount = Discount.objects.get(company=world.company, number="D10")
    coupon = world.coupon("ONCE", discount, {"global": 1})
    for code in ("ONE", "TWO"):
        world.code(coupon, code)
        redeemed(world.redeem(code))
        assert rejected(world.redeem(code)).reason is Reason.EXHAUSTED


def test_lowering_a_limit_stops_further_uses_and_keeps_history(world: World, make: Make) -> None:
    code = make("A", {"global": 3})
    for _ in range(2):
        redeemed(world.redeem("A"))
    code.coupon.usage_limits.update(uses=1)
    assert rejected(world.redeem("A")).codes[0].detail == {"scope": "global", "limit": 1, "have": 2}
    code.coupon.usage_limits.update(uses=3)
    redeemed(world.redeem("A"))
    assert uses(code) == [3]


def test_one_refused_code_takes_nothing_of_the_others(world: World, make: Make) -> None:
    good = make("GOOD", {"global": 1})
    no = rejected(world.redeem("GOOD", "NOPE"))
    assert [(code.code, code.status) for code in no.codes] == [
        ("GOOD", "applied"),
        ("NOPE", "refused"),
    ]
    assert uses(good) == []
    assert not Redemption.objects.exists()
    redeemed(world.redeem("GOOD"))


def test_partial_goes_on_with_the_codes_that_are_left(world: World, make: Make) -> None:
    make("GOOD", {"global": 1})
    answer = redeemed(world.redeem("NOPE", "GOOD", partial=True))
    assert [(use.code, use.status) for use in answer.uses] == [
        ("NOPE", "not_applied"),
        ("GOOD", "redeemed"),
    ]
    assert [code.status for code in answer.quote.codes] == ["refused", "applied"]


def test_a_code_without_effect_consumes_nothing(world: World, make: Make) -> None:
    code = make("A", {"global": 1})
    answer = redeemed(world.redeem("A", goods=[("1", "K", "1")]))
    assert answer.uses[0].status == "not_applied"
    assert uses(code) == []
    redeemed(world.redeem("A"))


def test_a_return_without_receipt_never_consumes_a_use(world: World, make: Make) -> None:
    code = make("A", {"global": 1})
    answer = redeemed(world.redeem("A", goods=[("1", "J", "-1")]))
    assert answer.quote.net == -7200
    assert uses(code) == []


def test_a_changed_amount_is_refused_with_both_figures(world: World, make: Make) -> None:
    make("A", {"global": 1})
    no = rejected(world.redeem("A", expected_net=12000))
    assert (no.reason, no.detail) == (Reason.AMOUNT_CHANGED, {"need": 12000, "have": 12200})
    redeemed(world.redeem("A", expected_net=12200))


def test_an_order_is_redeemed_once(world: World, make: Make) -> None:
    make("A")
    first = redeemed(world.redeem("A", order="R-1"))
    no = rejected(world.redeem("A", order="R-1"))
    assert (no.reason, no.detail) == (Reason.WRONG_STATE, {"state": "redeemed", "by": first.id})
    redeemed(world.redeem("A", order="R-1", channel="SEATTLE"))
    assert LedgerEntry.objects.count() == 2


def test_a_sale_without_codes_is_recorded_too(world: World) -> None:
    answer = redeemed(world.redeem())
    assert (answer.quote.net, answer.uses) == (13500, [])


def test_a_coupon_switched_off_is_refused_by_the_very_next_call(world: World, make: Make) -> None:
    make("A")
    redeemed(world.redeem("A"))
    Coupon.objects.filter(number="OF-A").update(status="inactive")
    assert rejected(world.redeem("A")).reason is Reason.INACTIVE


def test_the_database_itself_refuses_a_use_too_many(world: World, make: Make) -> None:
    code = make("A", {"global": 1})
    redeemed(world.redeem("A"))
    with pytest.raises(IntegrityError), transaction.atomic():
        UsageCounter.objects.filter(code=code, scope="global").update(uses=2, last_use_no=2)
    entry = LedgerEntry.objects.get()
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


def test_the_ledger_is_append_only_in_the_database(world: World, make: Make) -> None:
    make("A")
    redeemed(world.redeem("A"))
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        LedgerEntry.objects.update(amount=1)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        LedgerEntry.objects.all().delete()


def test_a_row_cannot_point_into_another_company(world: World, make: Make) -> None:
    from tests.redemption.world import build

    other = build()
    make("A")
    redeemed(world.redeem("A"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Redemption.objects.update(channel=other.company.id * 1000)
        connection.check_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        Coupon.objects.filter(company=world.company).update(company=other.company)
        connection.check_constraints()


def test_the_self_check_finds_a_counter_that_does_not_add_up(world: World, make: Make) -> None:
    code = make("WELCOME")
    redeemed(world.redeem("WELCOME"))
    UsageCounter.objects.filter(code=code, scope="global").update(uses=2, last_use_no=2)
    assert ledger.check() == ["code …COME, global 0: the counter says 2, the ledger 1"]
    UsageCounter.objects.filter(code=code).delete()
    assert len(ledger.check()) == 2


def test_one_company_never_meets_the_codes_of_another(world: World, make: Make) -> None:
    from tests.redemption.world import build

    make("A")
    other = build()
    assert rejected(other.redeem("A")).reason is Reason.NOT_FOUND
