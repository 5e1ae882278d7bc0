"""The figures against ledger rows made by hand, on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kupong.catalog.models import Product
from kupong.reporting import queries
from kupong.reporting.figures import Amount, Campaign, FirstSteps, Issued, TopCoupon, Week
from kupong.work.models import Job
from tests.reporting.rows import NEW_YORK, Shop

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
TODAY = date(2026, 3, 11)
THIS_WEEK = date(2026, 3, 9)
DAY = timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def issued(shop: Shop, now: datetime = NOW) -> Issued:
    return queries.issued(shop.company.id, now, queries.local_day(shop.company.id, now))


def test_codes_issued_are_read_from_the_coupons_and_not_counted() -> None:
    shop = Shop()
    shop.coupon("A", code_count=800_000)
    shop.coupon("B", code_count=199)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        found = queries.overview(shop.company.id, NOW)
    assert found.issued.codes == 800_199
    assert not [query for query in seen.captured_queries if "couponcode" in query["sql"]]


def test_the_overview_takes_as_many_statements_for_many_rows_as_for_few() -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            queries.overview(shop.company.id, NOW)
        return len(seen.captured_queries)

    shop = Shop()
    shop.use(shop.coupon("A"), NOW)
    few = statements()
    for number in range(10):
        coupon = shop.coupon(f"N{number}")
        shop.use(coupon, NOW - timedelta(weeks=number))
        shop.use(coupon, NOW, channel=shop.new_channel(f"C{number}", "UTC"), currency="SEK")
    assert statements() == few <= 6


@pytest.mark.parametrize(
    ("options", "active", "valid"),
    [
        ({}, 1, 1),
        ({"status": "inactive"}, 0, 0),
        ({"status": "voided"}, 0, 0),
        ({"valid_from_date": TODAY, "valid_to_date": TODAY}, 1, 1),
        ({"valid_from_date": TODAY + DAY}, 1, 0),
        ({"valid_to_date": TODAY - DAY}, 1, 0),
        ({"valid_from_at": NOW, "valid_to_at": NOW}, 1, 1),
        ({"valid_from_at": NOW + timedelta(seconds=1)}, 1, 0),
        ({"valid_to_at": NOW - timedelta(seconds=1)}, 1, 0),
    ],
)
def test_a_coupon_is_active_when_switched_on_and_valid_within_its_dates(
    options: dict[str, Any], active: int, valid: int
) -> None:
    shop = Shop()
    shop.coupon("A", **options)
    assert issued(shop) == Issued(coupons=1, active=active, valid=valid, codes=0)


def test_today_is_the_day_on_the_wall_of_most_channels() -> None:
    shop = Shop(zone="America/New_York")
    shop.new_channel("B", "America/New_York")
    shop.new_channel("C", "Europe/Stockholm")
    late = datetime(2026, 3, 11, 2, tzinfo=UTC)
    assert queries.local_day(shop.company.id, late) == date(2026, 3, 10)


def test_today_is_in_utc_before_the_first_channel() -> None:
    assert queries.local_day(0, NOW) == TODAY


def test_redemptions_fall_in_the_week_of_their_channels_wall_clock() -> None:
    shop = Shop(zone="America/New_York")
    stockholm = shop.new_channel("STHLM", "Europe/Stockholm")
    coupon = shop.coupon("A")
    # Sunday evening in New York is Monday in UTC, and further on in Stockholm.
    sunday_evening = datetime(2026, 3, 8, 23, 30, tzinfo=NEW_YORK)
    shop.use(coupon, sunday_evening)
    shop.use(coupon, sunday_evening, channel=stockholm)
    shop.use(coupon, NOW)
    found = queries.redeemed(shop.company.id, TODAY)
    assert found.weeks[-2:] == (Week(THIS_WEEK - 7 * DAY, 1), Week(THIS_WEEK, 2))
    assert found.redemptions == 3


def test_the_discount_given_is_added_up_for_each_currency() -> None:
    shop = Shop()
    coupon = shop.coupon("A")
    shop.use(coupon, NOW, amount=1)
    shop.use(coupon, NOW - 100 * 7 * DAY, amount=250)
    shop.use(coupon, NOW, amount=10_000, currency="SEK")
    found = queries.redeemed(shop.company.id, TODAY)
    assert found.discount == (Amount("USD", 251), Amount("SEK", 10_000))
    assert found.redemptions == 3


def test_without_redemptions_all_is_empty() -> None:
    shop = Shop()
    found = queries.overview(shop.company.id, NOW)
    assert found.redeemed.redemptions == 0
    assert found.redeemed.discount == found.redeemed.weeks == found.top == ()


def test_the_top_list_has_the_most_used_coupons_first() -> None:
    shop = Shop()
    for number, uses in (("A", 2), ("B", 3), ("C", 1), *((letter, 1) for letter in "DEFGH")):
        coupon = shop.coupon(number, code_count=4)
        for _ in range(uses):
            shop.use(coupon, NOW)
    top = queries.top_coupons(shop.company.id)
    assert [coupon.number for coupon in top] == list("BACDEFG")
    assert top[0] == TopCoupon("B", "Label B", codes=4, redemptions=3)
    assert float(top[0].rate) == 0.75


def test_a_company_sees_nothing_of_another() -> None:
    other = Shop("2")
    other.use(other.coupon("A", code_count=7), NOW)
    replayed(other, {"total": 1, "redeemed": 1})
    Product.objects.create(company=other.company, number="P")
    mine = Shop("1")
    found = queries.overview(mine.company.id, NOW)
    assert found.issued == Issued(0, 0, 0, 0)
    assert (found.redeemed.redemptions, found.top, found.reconciliation) == (0, (), None)
    assert not queries.first_steps(mine.company.id).product


def replayed(shop: Shop, result: Any, state: str = "done") -> None:
    Job.objects.create(
        company=shop.company, name=queries.REPLAY_JOB, state=state, result=result, total=1
    )


def test_the_reconciliation_is_that_of_the_last_replay_that_ended() -> None:
    shop = Shop()
    replayed(shop, {"total": 9, "redeemed": 9})
    replayed(shop, {"total": 10, "redeemed": 7, "refused": {"exhausted": 3}, "note": "more"})
    replayed(shop, {}, state="running")
    replayed(shop, None)
    found = queries.reconciliation(shop.company.id)
    assert found is not None
    assert (found.total, found.refused, found.missing) == (10, {"exhausted": 3}, 0)


def test_without_a_replay_there_is_no_reconciliation() -> None:
    shop = Shop()
    Job.objects.create(company=shop.company, name="demo.load", state="done", result={"total": 1})
    assert queries.reconciliation(shop.company.id) is None


def test_the_first_steps_are_done_one_by_one() -> None:
    shop = Shop()
    assert queries.first_steps(shop.company.id) == FirstSteps(True, False, False, False)
    Product.objects.create(company=shop.company, number="P")
    shop.coupon("A")
    assert queries.first_steps(shop.company.id) == FirstSteps(True, True, False, True)


def test_one_coupons_redemptions_are_read_alone(shop: Shop) -> None:
    mine = shop.coupon("A")
    shop.use(mine, NOW, amount=5)
    shop.use(shop.coupon("B"), NOW, amount=7)
    other = Shop("2")
    other.use(other.coupon("A"), NOW, amount=11)
    found = queries.redeemed(shop.company.id, TODAY, "A")
    assert (found.redemptions, found.discount) == (1, (Amount("USD", 5),))
    assert queries.redeemed(shop.company.id, TODAY, "NONE").weeks == ()


def test_the_uses_of_many_coupons_are_counted_at_once(shop: Shop) -> None:
    for number, uses in (("A", 2), ("B", 1), ("C", 0)):
        coupon = shop.coupon(number)
        for _ in range(uses):
            shop.use(coupon, NOW)
    assert queries.uses_by_coupon(shop.company.id, ["A", "C", "NONE"]) == {"A": 2}


def test_campaigns_stand_in_the_order_of_their_rates(shop: Shop) -> None:
    for number, folder, codes, uses in (
        ("A", "Large", 1000, 3),
        ("B", "Small", 10, 1),
        ("C", "Small", 10, 0),
        ("D", "Unused", 10, 0),
        ("E", "", 10, 2),
        ("F", "Empty", 0, 0),
    ):
        coupon = shop.coupon(number, folder=folder, code_count=codes)
        for _ in range(uses):
            shop.use(coupon, NOW)
    other = Shop("2")
    other.use(other.coupon("A", folder="Theirs", code_count=1), NOW)
    assert queries.campaigns(shop.company.id) == (
        Campaign("Small", coupons=2, codes=20, redemptions=1),
        Campaign("Large", coupons=1, codes=1000, redemptions=3),
        Campaign("Unused", coupons=1, codes=10, redemptions=0),
    )
    assert float(queries.campaigns(shop.company.id)[0].rate) == 0.05
