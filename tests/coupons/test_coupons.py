from typing import Any

import pytest

from kupong.coupons.codes import add_codes, change_code
from kupong.coupons.models import Coupon, CouponCode, UsageLimit
from kupong.coupons.queries import code_count, codes_page
from kupong.coupons.service import activate, coupons, deactivate, void
from kupong.coupons.shapes import CodeDraft, CodePatch
from kupong.customers.service import customers
from kupong.kernel.reasons import Reason
from kupong.organisation.refusals import Refusals
from tests.managing import Managed, problems
from tests.threading_calls import at_once

SPRING: dict[str, Any] = {"label": "Spring", "kind": "individual"}


@pytest.fixture
def spring(company: Managed) -> Managed:
    company.create(coupons, number="SPRING", **SPRING)
    return company


def added(company: Managed, *codes: str, **fields: Any) -> Any:
    return add_codes(company.id, "SPRING", [CodeDraft(code=code, **fields) for code in codes])


def limits(company: Managed) -> dict[str, int]:
    record: Any = coupons.find(company.id, "SPRING")
    return {limit.scope: limit.uses for limit in record.usage_limits}


def test_a_coupon_reads_as_it_was_written(company: Managed) -> None:
    made = company.create(
        coupons,
        description="For spring",
        folder="2026",
        valid_from="2026-03-01",
        valid_to="2026-03-31T20:00:00+02:00",
        usage_limits=[{"scope": "customer", "uses": 1}, {"scope": "global", "uses": 1000}],
        customer_required=True,
        exclusive=True,
        give_back="never",
        **SPRING,
    )
    assert made.number == "CPN000000001"
    assert made == coupons.find(company.id, made.number)
    assert (made.status, made.code_count, made.code) == ("inactive", 0, None)
    assert made.valid_to == "2026-03-31T18:00:00+00:00"


def test_the_short_form_is_one_limit_and_zero_is_none(company: Managed) -> None:
    company.create(coupons, number="SPRING", usage_limit=2, **SPRING)
    assert limits(company) == {"global": 2}
    company.change(coupons, "SPRING", usage_limit=3, usage_limit_scope="customer")
    assert limits(company) == {"customer": 3}
    company.change(coupons, "SPRING", label="Other")
    assert limits(company) == {"customer": 3}
    company.change(coupons, "SPRING", usage_limits=[{"scope": "global", "uses": 0}])
    assert limits(company) == {}
    assert not UsageLimit.objects.exists()


def test_a_limit_is_given_in_one_form_and_once_per_scope(company: Managed) -> None:
    both = {"usage_limit": 1, "usage_limits": [{"scope": "channel", "uses": 1}]}
    assert problems(company.create(coupons, **SPRING, **both)) == {"usage_limit": Reason.INVALID}
    twice = [{"scope": "channel", "uses": 1}, {"scope": "channel", "uses": 2}]
    answer = company.create(coupons, **SPRING, usage_limits=twice)
    assert problems(answer) == {"usage_limits[1].scope": Reason.DUPLICATE}


def test_everything_wrong_with_a_coupon_is_said_at_once(company: Managed) -> None:
    wrong = {"discount": "NO", "valid_from": "2026-03-02", "valid_to": "2026-03-01", "code": "X"}
    assert problems(company.create(coupons, **SPRING, **wrong)) == {
        "discount": Reason.UNKNOWN_REFERENCE,
        "valid_to": Reason.INVALID,
        "code": Reason.INVALID,
    }


def test_an_anonymous_coupon_has_one_code_its_number_unless_another_is_given(
    company: Managed,
) -> None:
    made = company.create(coupons, number="summer", label="s", kind="anonymous")
    assert (made.code, made.code_count) == ("SUMMER", 1)
    other = company.create(coupons, number="S2", label="s", kind="anonymous", code="Hello ")
    assert other.code == "HELLO"
    assert CouponCode.objects.get(code="HELLO").typed == "Hello"
    answer = add_codes(company.id, "S2", [CodeDraft(code="MORE")])
    assert problems(answer) == {"": Reason.WRONG_STATE}


def test_the_code_and_kind_of_a_coupon_stay(company: Managed) -> None:
    company.create(coupons, number="A", label="a", kind="anonymous", code="HELLO")
    assert company.change(coupons, "A", label="b", code="hello").label == "b"
    assert problems(company.change(coupons, "A", code="OTHER")) == {"code": Reason.READ_ONLY}
    answer = company.change(coupons, "A", kind="individual")
    assert problems(answer)["kind"] is Reason.READ_ONLY
    assert company.replace(coupons, "A", label="c", kind="anonymous").code == "HELLO"


def test_an_anonymous_code_that_exists_leaves_no_coupon_behind(spring: Managed) -> None:
    added(spring, "HELLO")
    answer = spring.create(coupons, number="A", label="a", kind="anonymous", code="hello")
    assert problems(answer) == {"code": Reason.DUPLICATE}
    assert coupons.find(spring.id, "A") is None


def test_voiding_is_for_good(spring: Managed) -> None:
    assert void(spring.id, "SPRING") == void(spring.id, "SPRING")
    for step in (activate, deactivate):
        assert problems(step(spring.id, "SPRING")) == {"": Reason.WRONG_STATE}
    assert problems(added(spring, "A")) == {"": Reason.WRONG_STATE}
    assert problems(activate(spring.id, "NO")) == {"": Reason.NOT_FOUND}


def test_codes_are_kept_in_one_form_and_shown_as_typed(spring: Managed) -> None:
    (made,) = added(spring, " spring-a ", valid_from="2026-03-01")
    assert (made.id, made.code, made.valid_from) == ("CODE-000000001", "spring-a", "2026-03-01")
    assert CouponCode.objects.get().code == "SPRING-A"
    assert code_count(spring.id, "SPRING") == 1


def test_a_duplicate_is_named_by_its_place_and_none_is_added(spring: Managed) -> None:
    added(spring, "A")
    assert problems(added(spring, "B", "a", "C", "b")) == {
        "codes[1].code": Reason.DUPLICATE,
        "codes[3].code": Reason.DUPLICATE,
    }
    assert code_count(spring.id, "SPRING") == CouponCode.objects.count() == 1


def test_codes_are_unique_across_coupons(spring: Managed) -> None:
    spring.create(coupons, number="OTHER", **SPRING)
    added(spring, "A")
    answer = add_codes(spring.id, "OTHER", [CodeDraft(code="a")])
    assert problems(answer) == {"codes[0].code": Reason.DUPLICATE}


def test_the_same_code_added_at_once_is_refused_but_once(shared_company: Managed) -> None:
    for at in range(4):
        shared_company.create(coupons, number=f"C{at}", **SPRING)
    answers = at_once(
        [
            lambda n=f"C{at}": add_codes(shared_company.id, n, [CodeDraft(code="SAME")])
            for at in range(4)
        ]
    )
    assert sum(isinstance(one, Refusals) for one in answers) == 3
    assert CouponCode.objects.count() == sum(Coupon.objects.values_list("code_count", flat=True))


def test_a_thousand_codes_come_in_a_few_statements(
    spring: Managed, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(20):
        made = added(spring, *(f"C{at}" for at in range(1000)))
    assert len({one.id for one in made}) == len(made) == 1000


def test_a_holder_and_a_period_have_to_exist(spring: Managed) -> None:
    spring.create(customers, number="2001")
    (made,) = added(spring, "A", holder="2001", segment="football", barcode="980000000123")
    assert (made.holder, made.segment, made.barcode) == ("2001", "football", "980000000123")
    bounds = {"valid_from": "2026-03-02", "valid_to": "2026-03-01"}
    assert problems(added(spring, "B", holder="NO", **bounds)) == {
        "codes[0].holder": Reason.UNKNOWN_REFERENCE,
        "codes[0].valid_to": Reason.INVALID,
    }


def test_a_code_changes_status_and_dates_and_keeps_the_rest(spring: Managed) -> None:
    added(spring, "A", valid_from="2026-03-01")
    changed: Any = change_code(spring.id, " a ", CodePatch(valid_to="2026-03-05"))
    assert (changed.valid_from, changed.valid_to) == ("2026-03-01", "2026-03-05")
    changed = change_code(spring.id, "A", CodePatch(status="inactive", valid_from=None))
    assert (changed.status, changed.valid_from, changed.valid_to) == (
        "inactive",
        None,
        "2026-03-05",
    )
    assert problems(change_code(spring.id, "A", CodePatch(valid_from="2026-03-06"))) == {
        "valid_to": Reason.INVALID
    }


def test_a_code_that_was_switched_off_survives_the_activation_of_its_coupon(
    spring: Managed,
) -> None:
    added(spring, "A", status="inactive")
    activate(spring.id, "SPRING")
    deactivate(spring.id, "SPRING")
    activate(spring.id, "SPRING")
    assert CouponCode.objects.get().status == "inactive"


def test_a_voided_code_stays_voided(spring: Managed) -> None:
    added(spring, "A")
    change_code(spring.id, "A", CodePatch(status="voided"))
    assert problems(change_code(spring.id, "A", CodePatch(status="active"))) == {
        "status": Reason.WRONG_STATE
    }
    assert problems(change_code(spring.id, "NO", CodePatch())) == {"": Reason.NOT_FOUND}


@pytest.mark.parametrize("search", ["", "c"])
def test_codes_are_listed_by_key(spring: Managed, search: str) -> None:
    added(spring, "CB", "CA", "CC")
    seen: list[str] = []
    after: str | None = None
    for _ in range(3):
        page = codes_page(spring.id, "SPRING", after, 1, search)
        assert page is not None
        seen += [one.code for one in page.items]
        after = page.next
    assert after is None
    assert seen == (["CA", "CB", "CC"] if search else ["CB", "CA", "CC"])


def test_a_search_knows_no_wildcards_and_no_other_coupon(spring: Managed) -> None:
    spring.create(coupons, number="OTHER", **SPRING)
    add_codes(spring.id, "OTHER", [CodeDraft(code="A9")])
    added(spring, "A1", "A%", "B1")

    def found(search: str) -> list[str]:
        page = codes_page(spring.id, "SPRING", search=search)
        assert page is not None
        return [one.code for one in page.items]

    assert found("a") == ["A%", "A1"]
    assert found("A%") == ["A%"]
    assert found("Z") == []
    assert codes_page(spring.id, "NO") is None
