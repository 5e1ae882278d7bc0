"""Scenario S2: what a coupon dictates to its discount, and activation that is atomic."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kupong.catalog.service import products
from kupong.coupons.discounts import discounts, set_status
from kupong.coupons.models import Coupon, CouponCode
from kupong.coupons.service import activate, coupons, deactivate, void
from kupong.discounts.models import BookVersion
from kupong.kernel.reasons import Reason
from kupong.organisation.refusals import Refusals
from tests.managing import Managed, problems
from tests.threading_calls import at_once

SPRING = {
    "label": "Spring",
    "kind": "individual",
    "discount": "D10",
    "valid_from": "2026-03-01",
    "valid_to": "2026-03-31",
}


def with_discount(company: Managed, **fields: Any) -> Managed:
    company.create(products, number="J", price=8000)
    lines = [{"product": "J", "percent_off": "10"}]
    company.create(discounts, number="D10", lines=lines, **fields)
    return company


@pytest.fixture
def linked(company: Managed) -> Managed:
    with_discount(company)
    company.create(coupons, number="SPRING", **SPRING)
    return company


def mirrored(company: Managed) -> tuple[str, str | None, str | None]:
    held: Any = discounts.find(company.id, "D10")
    return held.status, held.valid and held.valid.from_, held.valid and held.valid.to


def test_linking_sets_the_dates_and_requires_a_code(linked: Managed) -> None:
    assert mirrored(linked) == ("disabled", "2026-03-01", "2026-03-31")
    assert discounts.find(linked.id, "D10").requires_code  # type: ignore[union-attr]


def test_activating_enables_and_deactivating_disables(linked: Managed) -> None:
    assert activate(linked.id, "SPRING").status == "active"  # type: ignore[union-attr]
    assert mirrored(linked) == ("enabled", "2026-03-01", "2026-03-31")
    assert deactivate(linked.id, "SPRING").status == "inactive"  # type: ignore[union-attr]
    assert mirrored(linked) == ("disabled", "2026-03-01", "2026-03-31")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"status": "disabled"}, "status"),
        ({"requires_code": False}, "requires_code"),
        ({"valid": {"from": "2026-02-01", "to": "2026-03-31"}}, "valid.from"),
        ({"valid": {"from": "2026-03-01", "to": None}}, "valid.to"),
    ],
)
def test_what_the_coupon_dictates_is_read_only(
    linked: Managed, fields: dict[str, Any], field: str
) -> None:
    activate(linked.id, "SPRING")
    answer = linked.change(discounts, "D10", **fields)
    assert problems(answer) == {field: Reason.READ_ONLY}
    assert isinstance(answer, Refusals)
    assert answer.first.detail == {"by": "SPRING"}


def test_enabling_and_disabling_by_hand_are_refused_below_a_coupon(linked: Managed) -> None:
    assert problems(set_status(linked.id, "D10", "enabled")) == {"status": Reason.READ_ONLY}
    activate(linked.id, "SPRING")
    assert problems(set_status(linked.id, "D10", "disabled")) == {"status": Reason.READ_ONLY}


def test_everything_else_of_a_linked_discount_can_be_changed(linked: Managed) -> None:
    activate(linked.id, "SPRING")
    weekly = {"mon": ("10:00", "12:00")}
    changed = linked.change(discounts, "D10", name="Better", valid={"weekly": weekly})
    assert (changed.name, changed.valid.weekly) == ("Better", weekly)
    assert mirrored(linked) == ("enabled", "2026-03-01", "2026-03-31")
    lines = [{"product": "J", "percent_off": "20"}]
    replaced = linked.replace(discounts, "D10", lines=lines)
    assert (replaced.requires_code, replaced.valid.to) == (True, "2026-03-31")


def test_activation_is_atomic(linked: Managed) -> None:
    linked.change(discounts, "D10", price_groups=[])
    before = BookVersion.objects.get(company_id=linked.id).version
    assert problems(activate(linked.id, "SPRING")) == {"price_groups": Reason.NO_PRICE_GROUP}
    assert coupons.find(linked.id, "SPRING").status == "inactive"  # type: ignore[union-attr]
    assert mirrored(linked)[0] == "disabled"
    assert BookVersion.objects.get(company_id=linked.id).version == before


def test_the_dates_span_the_active_coupons_only(linked: Managed) -> None:
    late = SPRING | {"valid_from": "2026-03-15", "valid_to": "2026-04-30"}
    linked.create(coupons, number="LATE", **late)
    assert mirrored(linked) == ("disabled", "2026-03-01", "2026-04-30")
    activate(linked.id, "LATE")
    assert mirrored(linked) == ("enabled", "2026-03-15", "2026-04-30")
    activate(linked.id, "SPRING")
    assert mirrored(linked) == ("enabled", "2026-03-01", "2026-04-30")
    void(linked.id, "LATE")
    assert mirrored(linked) == ("enabled", "2026-03-01", "2026-03-31")
    deactivate(linked.id, "SPRING")
    assert mirrored(linked)[0] == "disabled"


def test_an_open_end_of_one_coupon_opens_the_discount(linked: Managed) -> None:
    linked.create(coupons, number="OPEN", **(SPRING | {"valid_to": None}))
    activate(linked.id, "SPRING")
    activate(linked.id, "OPEN")
    assert mirrored(linked) == ("enabled", "2026-03-01", None)


def test_days_and_instants_span_every_place_on_earth(linked: Managed) -> None:
    hours = {"valid_from": "2026-03-01T00:00:00Z", "valid_to": "2026-03-31T12:00:00Z"}
    linked.create(coupons, number="HOURS", **(SPRING | hours))
    activate(linked.id, "SPRING")
    activate(linked.id, "HOURS")
    held: Any = discounts.find(linked.id, "D10")
    assert datetime.fromisoformat(held.valid.from_) == datetime(2026, 2, 28, 10, tzinfo=UTC)
    last = datetime(2026, 4, 1, 11, 59, 59, 999999, tzinfo=UTC)
    assert datetime.fromisoformat(held.valid.to) == last


def test_changing_the_dates_of_a_coupon_changes_the_discount(linked: Managed) -> None:
    activate(linked.id, "SPRING")
    linked.change(coupons, "SPRING", valid_to="2026-04-02")
    assert mirrored(linked) == ("enabled", "2026-03-01", "2026-04-02")


def test_unlinking_the_last_coupon_disables_and_unlocks(linked: Managed) -> None:
    activate(linked.id, "SPRING")
    linked.change(coupons, "SPRING", discount=None)
    assert mirrored(linked)[0] == "disabled"
    assert set_status(linked.id, "D10", "enabled").status == "enabled"  # type: ignore[union-attr]


def test_an_active_coupon_takes_its_state_to_another_discount(linked: Managed) -> None:
    activate(linked.id, "SPRING")
    lines = [{"all": True, "percent_off": "5"}]
    linked.create(discounts, number="D5", lines=lines)
    linked.create(discounts, number="BAD", lines=[])
    answer = linked.change(coupons, "SPRING", discount="BAD")
    assert problems(answer) == {"lines": Reason.NO_LINES}
    assert mirrored(linked)[0] == "enabled"
    linked.change(coupons, "SPRING", discount="D5")
    assert mirrored(linked)[0] == "disabled"
    assert discounts.find(linked.id, "D5").status == "enabled"  # type: ignore[union-attr]


def test_a_coupon_without_a_discount_can_be_active(company: Managed) -> None:
    company.create(coupons, number="MAIL", label="Mail", kind="individual")
    assert activate(company.id, "MAIL").status == "active"  # type: ignore[union-attr]


def test_two_coupons_activated_at_once_both_count(shared_company: Managed) -> None:
    with_discount(shared_company)
    numbers = [f"C{at}" for at in range(4)]
    for at, number in enumerate(numbers):
        shared_company.create(
            coupons, number=number, **(SPRING | {"valid_to": f"2026-04-0{at + 1}"})
        )
    at_once([lambda n=n: activate(shared_company.id, n) for n in numbers])
    assert mirrored(shared_company) == ("enabled", "2026-03-01", "2026-04-04")
    at_once([lambda n=n: deactivate(shared_company.id, n) for n in numbers])
    assert mirrored(shared_company)[0] == "disabled"


def test_activation_writes_no_code_however_many_there_are(
    linked: Managed, django_assert_max_num_queries: Any
) -> None:
    coupon = Coupon.objects.get(number="SPRING")
    CouponCode.objects.bulk_create(
        CouponCode(company_id=linked.id, coupon=coupon, number=f"N{at}", code=f"C{at}")
        for at in range(2_000)
    )
    with django_assert_max_num_queries(20) as queries:
        activate(linked.id, "SPRING")
    written = [one["sql"] for one in queries if one["sql"].startswith("UPDATE")]
    assert len(written) == 2
    assert not any("coupons_couponcode" in sql for sql in written)
