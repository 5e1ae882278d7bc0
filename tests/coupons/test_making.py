"""Making a coupon with all that it needs: all of it or nothing, and usable by the very next cart."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kupong.coupons import issuing, making
from kupong.coupons.discounts import discounts
from kupong.coupons.making import Made, MakingDraft, make_coupon
from kupong.coupons.models import Coupon, CouponCode
from kupong.coupons.service import coupons
from kupong.discounts.models import Discount
from kupong.discounts.service import price_groups
from kupong.kernel.reasons import Reason
from kupong.organisation.models import NumberSequence, PriceGroup
from kupong.organisation.refusals import Refusals, refuse
from kupong.organisation.service import affiliations, channels
from kupong.redemption import service as selling
from kupong.redemption.shapes import Quote, QuoteRequest
from tests.coupons.shop import stocked
from tests.managing import Managed, problems
from tests.threading_calls import at_once

NOON = datetime(2026, 3, 10, 18, tzinfo=UTC)


@pytest.fixture
def shop(company: Managed) -> Managed:
    return stocked(company)


def make(shop: Managed, **fields: Any) -> Any:
    given = {"label": "Spring", "percent_off": "10"} | fields
    return make_coupon(shop.id, msgspec.convert(given, MakingDraft))


def made(shop: Managed, **fields: Any) -> Made:
    answer = make(shop, **fields)
    assert isinstance(answer, Made), answer
    return answer


def quote(shop: Managed, *codes: str, **fields: Any) -> Quote:
    goods = fields.pop("goods", ("J", "K"))
    lines = [{"id": product, "product": product} for product in goods]
    cart = {"channel": "HOUSTON", "lines": lines, "codes": codes} | fields
    answer = selling.quote(shop.id, msgspec.convert(cart, QuoteRequest), NOON)
    assert isinstance(answer, Quote), answer
    return answer


def codes_of(shop: Managed, number: str) -> list[str]:
    rows = CouponCode.objects.filter(company_id=shop.id, coupon__number=number)
    return list(rows.order_by("id").values_list("code", flat=True))


def everything_there_is(shop: Managed) -> tuple[Any, ...]:
    """What a refused call must leave as it was, number sequences included."""
    tables = (Coupon, CouponCode, Discount, PriceGroup)
    counts = [table._default_manager.filter(company_id=shop.id).count() for table in tables]
    sequences = NumberSequence.objects.filter(company_id=shop.id).order_by("reference")
    return (*counts, *sequences.values_list("reference", "next"))


def test_one_call_makes_what_the_very_next_cart_can_use(shop: Managed) -> None:
    answer = made(shop, code="spring25")
    assert answer.code_count == 1
    assert answer.price_group == "ALL"
    assert quote(shop, "SPRING25").discount == 850
    coupon = coupons.find(shop.id, answer.coupon)
    discount = discounts.find(shop.id, answer.discount)
    assert coupon is not None
    assert discount is not None
    assert (coupon.status, coupon.kind, coupon.code) == ("active", "anonymous", "SPRING25")
    assert (discount.status, discount.requires_code, discount.name) == ("enabled", True, "Spring")


def test_numbers_come_from_the_sequences(shop: Managed) -> None:
    answer = made(shop, code_count=2, channel="HOUSTON")
    assert answer.coupon == "CPN000000001"
    assert answer.discount == "D000000001"
    assert answer.price_group == "PG000000001"
    numbers = CouponCode.objects.filter(company_id=shop.id).order_by("number")
    assert list(numbers.values_list("number", flat=True)) == ["CODE-000000001", "CODE-000000002"]


@pytest.mark.parametrize(
    ("fields", "discount"),
    [
        ({"percent_off": "12.5", "products": ["J"]}, 1000),
        ({"percent_off": None, "amount_off": 300, "products": ["J", "K"]}, 600),
        ({"percent_off": None, "price": 7500, "products": ["J"]}, 500),
        ({"category": "clothing"}, 850),
        ({}, 850),
    ],
)
def test_it_gives_what_was_said_on_what_was_said(
    shop: Managed, fields: dict[str, Any], discount: int
) -> None:
    answer = made(shop, **fields)
    assert quote(shop, str(answer.code)).discount == discount


@pytest.mark.parametrize(
    ("gives", "answers", "fields", "goods", "discount"),
    [
        ("price", {"value": 7500}, {"products": ["J"]}, "JK", 500),
        ("cheapest", {"units": 3, "cheapest": 1, "percent": "50"}, {}, "JSK", 250),
        ("cheapest", {"units": 2, "cheapest": 1, "percent": "100"}, {"products": ["J", "S"]}, "JSK", 2500),
        ("deal", {"units": 2, "price": 9000}, {"category": "clothing"}, "JS", 1500),
        ("from_units", {"units": 3, "percent": "10"}, {}, "JSK", 1100),
        ("from_units", {"units": 4, "percent": "10"}, {}, "JSK", 0),
        ("spend_amount", {"spend": 10000, "amount": 2000}, {}, "JS", 2000),
        ("spend_percent", {"spend": 10501, "percent": "50"}, {}, "JS", 0),
    ],
)  # fmt: skip
def test_it_gives_what_a_form_makes_of_the_answers(
    shop: Managed,
    gives: str,
    answers: dict[str, Any],
    fields: dict[str, Any],
    goods: str,
    discount: int,
) -> None:
    answer = made(shop, percent_off=None, gives=gives, answers=answers, **fields)
    assert quote(shop, str(answer.code), goods=goods).discount == discount


def test_a_coupon_may_be_for_the_delivery_alone(shop: Managed) -> None:
    answers = {"spend": 5000, "mode": "STANDARD", "percent": "100"}
    answer = made(shop, percent_off=None, gives="free_delivery", answers=answers)
    delivery = {"mode": "STANDARD", "charge": 500}
    priced = quote(shop, str(answer.code), delivery=delivery)
    assert priced.delivery is not None
    assert (priced.discount, priced.delivery.net) == (0, 0)


@pytest.mark.parametrize(
    ("gives", "answers", "field", "reason"),
    [
        ("lottery", {}, "gives", Reason.INVALID),
        ("deal", {"units": 0, "price": 5}, "answers", Reason.INVALID),
        ("deal", {"units": 2}, "", Reason.ONE_BENEFIT),
        ("percent_off", {"value": "101"}, "answers.value", Reason.PERCENT_OUT_OF_RANGE),
        ("spend_amount", {"spend": 5, "amount": 0}, "answers.amount", Reason.AMOUNT_NOT_POSITIVE),
        ("from_units", {"units": 0, "percent": "5"}, "answers.units", Reason.NOT_POSITIVE),
        (
            "free_delivery",
            {"spend": 5, "percent": "5"},
            "answers.mode",
            Reason.MISSING,
        ),
        (
            "cheapest",
            {"units": 2, "cheapest": 2, "percent": "100"},
            "answers.cheapest",
            Reason.COUNT_TOO_LARGE,
        ),
    ],
)
def test_an_answer_that_will_not_do_is_named_by_its_question(
    shop: Managed, gives: str, answers: dict[str, Any], field: str, reason: Reason
) -> None:
    before = everything_there_is(shop)
    answer = make(shop, percent_off=None, gives=gives, answers=answers)
    assert problems(answer) == {field: reason}
    assert everything_there_is(shop) == before


def test_a_product_that_there_is_not_is_named_also_in_a_bundle(shop: Managed) -> None:
    answer = make(
        shop,
        percent_off=None,
        gives="deal",
        answers={"units": 2, "price": 5},
        products=["J", "NO"],
    )
    assert problems(answer) == {"products[1]": Reason.UNKNOWN_REFERENCE}


def test_dates_and_limits_are_those_that_were_said(shop: Managed) -> None:
    answer = made(
        shop, valid_from="2026-03-01", valid_to="2026-03-31", uses_per_code=500, uses_per_customer=2
    )
    coupon = coupons.find(shop.id, answer.coupon)
    assert coupon is not None
    assert (coupon.valid_from, coupon.valid_to) == ("2026-03-01", "2026-03-31")
    assert isinstance(coupon.usage_limits, tuple)
    limits = {limit.scope: limit.uses for limit in coupon.usage_limits}
    assert limits == {"global": 500, "customer": 2}


@pytest.mark.parametrize(
    ("fields", "limits"),
    [
        ({"code_count": 3}, [("global", 1)]),
        ({"code_count": 3, "uses_per_code": 0}, []),
        ({"code_count": 3, "uses_per_code": 4}, [("global", 4)]),
        ({}, []),
    ],
)
def test_an_individual_code_is_used_once_and_a_shared_one_without_limit_unless_said_otherwise(
    shop: Managed, fields: dict[str, Any], limits: list[tuple[str, int]]
) -> None:
    coupon = coupons.find(shop.id, made(shop, **fields).coupon)
    assert coupon is not None
    assert isinstance(coupon.usage_limits, tuple)
    assert [(limit.scope, limit.uses) for limit in coupon.usage_limits] == limits


def test_it_may_be_made_without_being_used_yet(shop: Managed) -> None:
    answer = made(shop, code="LATER", active=False)
    assert quote(shop, "LATER").codes[0].reason is Reason.INACTIVE
    coupon = coupons.find(shop.id, answer.coupon)
    assert coupon is not None
    assert coupon.status == "inactive"


def test_a_code_that_is_left_out_is_drawn_at_random(shop: Managed) -> None:
    first, second = made(shop), made(shop)
    assert first.code != second.code
    assert len(str(first.code)) == making.CODE_LENGTH
    assert first.guesses_per_hit == 30**making.CODE_LENGTH


# For whom


def test_a_coupon_for_a_channel_is_refused_in_another_one(shop: Managed) -> None:
    made(shop, code="HERE", channel="HOUSTON")
    assert quote(shop, "HERE").discount == 850
    there = quote(shop, "HERE", channel="PARIS", goods=())
    assert there.codes[0].reason in (Reason.NOT_ELIGIBLE, Reason.WRONG_CURRENCY)


def test_a_coupon_for_an_affiliation_is_refused_to_everybody_else(shop: Managed) -> None:
    answer = made(shop, code="STUDY", affiliation="STUDENT")
    assert quote(shop, "STUDY", customer="2001").discount == 850
    refused = quote(shop, "STUDY").codes[0]
    assert (refused.reason, refused.detail) == (
        Reason.NOT_ELIGIBLE,
        {"need": [answer.price_group]},
    )


def test_the_price_group_made_for_a_channel_is_used_again(shop: Managed) -> None:
    first = made(shop, channel="HOUSTON").price_group
    assert made(shop, channel="HOUSTON").price_group == first
    assert made(shop, affiliation="STUDENT").price_group != first


def test_a_price_group_that_another_carries_too_would_reach_too_far(shop: Managed) -> None:
    shop.create(price_groups, number="ALPHA")
    shop.change(channels, "HOUSTON", price_groups=["ALL", "ALPHA"])
    assert made(shop, channel="HOUSTON").price_group == "ALPHA"
    shop.change(affiliations, "STUDENT", price_groups=["ALPHA"])
    assert made(shop, channel="HOUSTON").price_group == "PG000000001"


# Many codes


def test_ten_thousand_codes_are_unique_and_every_one_works(shop: Managed) -> None:
    answer = made(shop, code_count=10_000)
    codes = codes_of(shop, answer.coupon)
    assert len(set(codes)) == len(codes) == 10_000
    assert {len(code) for code in codes} == {making.CODE_LENGTH}
    coupon = Coupon.objects.get(company_id=shop.id, number=answer.coupon)
    assert coupon.code_count == 10_000
    for code in (codes[0], codes[4_999], codes[-1]):
        assert quote(shop, code).discount == 850


def test_the_number_of_statements_grows_with_chunks_not_with_codes(
    shop: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            made(shop, code_count=count)
        return len(queries)

    made(shop, code_count=1)
    assert statements(500) == statements(5)
    monkeypatch.setattr(issuing, "_CHUNK", 100)
    assert statements(500) - statements(100) < 4 * 10


def test_a_code_that_is_there_already_is_drawn_again(
    shop: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(shop, code="TAKEN-CODE")
    draws = iter([["TAKEN-CODE", "FRESH-ONE"], ["FRESH-TWO"]])
    monkeypatch.setattr(issuing, "random_codes", lambda count, length: next(draws))
    answer = made(shop, code_count=2)
    assert sorted(codes_of(shop, answer.coupon)) == ["FRESH-ONE", "FRESH-TWO"]
    numbers = CouponCode.objects.filter(company_id=shop.id, coupon__number=answer.coupon)
    assert len(set(numbers.values_list("number", flat=True))) == 2


def test_a_length_whose_codes_are_all_taken_is_refused_and_not_tried_for_ever(
    shop: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(shop, code="TAKEN-CODE")
    before = everything_there_is(shop)
    monkeypatch.setattr(issuing, "random_codes", lambda count, length: ["TAKEN-CODE"])
    assert problems(make(shop, code_count=1)) == {"code_count": Reason.NUMBERS_EXHAUSTED}
    assert everything_there_is(shop) == before


@pytest.mark.parametrize(
    ("count", "length", "need"), [(1, 4, 5), (1_000, 6, 7), (100_000, 7, 8), (0, 4, 5)]
)
def test_codes_that_can_be_guessed_are_refused(
    shop: Managed, count: int, length: int, need: int
) -> None:
    answer = make(shop, code_count=count, code_length=length)
    assert problems(answer) == {"code_length": Reason.GUESSABLE}
    assert answer.first.detail["need"] == need
    assert answer.first.detail["have"] < issuing.GUESSES_PER_HIT


def test_the_length_that_is_asked_for_is_long_enough(shop: Managed) -> None:
    assert made(shop, code_count=1_000, code_length=7).guesses_per_hit == 30**7 // 1_000


def test_a_word_that_is_typed_may_be_as_short_as_one_likes(shop: Managed) -> None:
    answer = made(shop, code="HI")
    assert (answer.code, answer.guesses_per_hit) == ("HI", None)


# All or nothing


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"percent_off": "110"}, {"percent_off": Reason.PERCENT_OUT_OF_RANGE}),
        ({"percent_off": None, "amount_off": 0}, {"amount_off": Reason.AMOUNT_NOT_POSITIVE}),
        ({"percent_off": None}, {"": Reason.MISSING}),
        ({"amount_off": 5}, {"amount_off": Reason.INVALID}),
        ({"category": "shoes"}, {"category": Reason.UNKNOWN_REFERENCE}),
        ({"products": ["J", "X"]}, {"products[1]": Reason.UNKNOWN_REFERENCE}),
        ({"products": ["J"], "category": "clothing"}, {"products": Reason.INVALID}),
        ({"channel": "NOWHERE"}, {"channel": Reason.UNKNOWN_REFERENCE}),
        ({"affiliation": "NOBODY"}, {"affiliation": Reason.UNKNOWN_REFERENCE}),
        ({"channel": "PARIS"}, {"channel": Reason.WRONG_CURRENCY}),
        ({"channel": "HOUSTON", "affiliation": "STUDENT"}, {"affiliation": Reason.INVALID}),
        ({"code": "X", "code_count": 2}, {"code": Reason.INVALID}),
        (
            {"valid_from": "2026-03-02", "valid_to": "2026-03-01"},
            {"valid_to": Reason.INVALID},
        ),
        (
            {"percent_off": "0", "products": ["X"], "valid_from": "2026-02-30"},
            {
                "percent_off": Reason.PERCENT_OUT_OF_RANGE,
                "products[0]": Reason.UNKNOWN_REFERENCE,
                "valid_from": Reason.INVALID,
            },
        ),
    ],
)
def test_what_is_wrong_is_said_at_once_by_the_fields_of_the_draft(
    shop: Managed, fields: dict[str, Any], expected: dict[str, Reason]
) -> None:
    before = everything_there_is(shop)
    assert problems(make(shop, **fields)) == expected
    assert everything_there_is(shop) == before


def test_a_shared_code_that_is_there_already_is_refused(shop: Managed) -> None:
    made(shop, code="SPRING")
    before = everything_there_is(shop)
    assert problems(make(shop, code=" spring ")) == {"code": Reason.DUPLICATE}
    assert everything_there_is(shop) == before


@pytest.mark.parametrize("fields", [{}, {"code_count": 20, "channel": "HOUSTON"}])
def test_nothing_is_left_when_the_last_step_is_refused(
    shop: Managed, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any]
) -> None:
    before = everything_there_is(shop)
    monkeypatch.setattr(making, "activate", lambda *_: refuse(Reason.WRONG_STATE))
    assert isinstance(make(shop, **fields), Refusals)
    assert everything_there_is(shop) == before


def test_nothing_is_left_when_the_numbers_run_out_among_the_codes(shop: Managed) -> None:
    codes = NumberSequence.objects.filter(company_id=shop.id, reference="coupon_code")
    codes.update(format="C#", largest=9)
    before = everything_there_is(shop)
    assert problems(make(shop, code_count=20)) == {"code_count": Reason.NUMBERS_EXHAUSTED}
    assert everything_there_is(shop) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_same_code_at_once_one_is_told_that_it_exists(
    shared_company: Managed,
) -> None:
    shop = stocked(shared_company)
    answers = at_once([lambda: make(shop, code="SAME") for _ in range(4)])
    refused = [answer for answer in answers if isinstance(answer, Refusals)]
    assert [problems(answer) for answer in refused] == [{"code": Reason.DUPLICATE}] * 3
    assert Coupon.objects.filter(company_id=shop.id).count() == 1
    assert Discount.objects.filter(company_id=shop.id).count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_may_make_coupons_for_one_channel_at_once(shared_company: Managed) -> None:
    shop = stocked(shared_company)
    answers = at_once([lambda: make(shop, channel="HOUSTON", code_count=50) for _ in range(4)])
    assert len({made.coupon for made in answers}) == 4
    assert {made.price_group for made in answers} == {"PG000000001"}
    assert CouponCode.objects.filter(company_id=shop.id).count() == 200
