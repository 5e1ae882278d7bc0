"""What keeps a discount of each kind from being enabled: one flaw at a time, and the field that is named."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing import kinds
from kupong.pricing.discounts import Discount, DiscountLine
from tests.pricing.goods import off

ALL = DiscountLine(all_products=True)
A = DiscountLine(product="A")

SOUND: dict[str, dict[str, Any]] = {
    "simple": {},
    "quantity": {"tiers": [{"min": 4, "percent_off": "20"}, {"min": "10.5", "percent_off": "30"}]},
    "mix_and_match": {"groups": [{"need": 2}], "deal_price": 2500},
    "threshold": {"tiers": [{"from": 10000, "percent_off": "10"}]},
    "shipping_threshold": {
        "tiers": [{"from": 5000, "percent_off": "100"}],
        "delivery_modes": ["STANDARD"],
    },
    "tender": {"tiers": [{"from": 0, "percent_off": "5"}], "tender": "CASH"},
}


def one(kind: str, **params: Any) -> Discount:
    """A sound discount of the kind, with these of its parameters changed; None takes one out."""
    wanted = {name: value for name, value in (SOUND[kind] | params).items() if value is not None}
    line = DiscountLine(
        all_products=True,
        group=0 if kind == "mix_and_match" else None,
        percent_off=Decimal(10) if kind == "simple" else None,
    )
    return off("D", kind=kind, params=wanted, lines=[line])


def bundle(*groups: dict[str, Any], lines: Any = None, **benefit: Any) -> Discount:
    each = [DiscountLine(all_products=True, group=place) for place in range(len(groups))]
    params = {"groups": list(groups), **benefit}
    return off("D", kind="mix_and_match", params=params, lines=each if lines is None else lines)


def refused(discount: Discount) -> list[tuple[Reason, Any]]:
    """Why, each with the field that is named."""
    return [(one.reason, one.detail.get("field")) for one in kinds.enabling_refusals(discount)]


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_discount_of_every_kind_may_be_enabled_and_priced(kind: str) -> None:
    assert kinds.enabling_refusals(one(kind)) == ()
    assert kinds.unsupported(one(kind)) is None
    assert isinstance(kinds.parameters(one(kind)), kinds.kind_of(one(kind)).params)


def test_every_kind_is_tried_here() -> None:
    assert set(SOUND) == {kind.key for kind in kinds.KINDS}


def test_a_kind_or_a_version_that_is_not_known_is_all_that_is_said() -> None:
    for unknown, feature in (
        (off("D", kind="lottery"), "kind lottery"),
        (off("D", version=99), "kind simple version 99"),
    ):
        assert kinds.unsupported(unknown) == feature
        assert kinds.enabling_refusals(unknown) == (
            Refused(Reason.NOT_SUPPORTED, {"feature": feature}),
        )


@pytest.mark.parametrize(
    ("kind", "params", "expected", "feature"),
    [
        ("quantity", {"tiers": None}, (Reason.MISSING, "tiers"), "tiers"),
        ("quantity", {"tiers": [{"percent_off": "1"}]}, (Reason.MISSING, "tiers[0].min"), "tiers[0].min"),
        ("quantity", {"tiers": [{"min": "x"}]}, (Reason.INVALID, "tiers[0].min"), "tiers[0].min"),
        ("threshold", {"tiers": [{"from": -1}]}, (Reason.INVALID, "tiers[0].from"), "tiers[0].from"),
        ("simple", {"tiers": []}, (Reason.INVALID, "tiers"), "tiers"),
        ("tender", {"tender": None}, (Reason.MISSING, "tender"), "tender"),
        ("mix_and_match", {"groups": [{"need": 0}]}, (Reason.INVALID, "groups[0].need"), "groups[0].need"),
    ],
)  # fmt: skip
def test_parameters_that_do_not_read_name_the_field_at_fault(
    kind: str, params: dict[str, Any], expected: tuple[Reason, str], feature: str
) -> None:
    discount = one(kind, **params)
    assert refused(discount) == [expected]
    assert kinds.unsupported(discount) == f"{feature} of kind {kind}"
    assert kinds.sentence(discount) == "Nothing yet"


@pytest.mark.parametrize("mode", ["exclusive", "best_price", "compounded", "always"])
def test_every_mode_and_every_cap_is_supported(mode: Any) -> None:
    caps: dict[str, Any] = {
        "max_amount_per_order": 1,
        "max_quantity_per_order": Decimal("0.5"),
        "max_uses_per_order": 1,
    }
    discount = off("D", mode=mode, percent_off=Decimal(10), **caps)
    assert kinds.unsupported(discount) is None
    assert kinds.enabling_refusals(discount) == ()


@pytest.mark.parametrize("kind", SOUND)
@pytest.mark.parametrize(
    ("cap", "value"),
    [
        ("max_amount_per_order", 0),
        ("max_quantity_per_order", Decimal(0)),
        ("max_quantity_per_order", Decimal("NaN")),
        ("max_uses_per_order", -1),
    ],
)
def test_a_cap_lies_above_zero(kind: str, cap: str, value: Any) -> None:
    capped = msgspec.structs.replace(one(kind), **{cap: value})
    assert kinds.enabling_refusals(capped) == (
        Refused(Reason.NOT_POSITIVE, {"field": cap, "have": str(value)}),
    )


@pytest.mark.parametrize("kind", SOUND)
def test_lines_carry_only_what_their_kind_gives_by_them(kind: str) -> None:
    line = DiscountLine(all_products=True, group=0 if kind == "mix_and_match" else None, price=5)
    discount = off("D", kind=kind, params=SOUND[kind], lines=[line])
    assert refused(discount) == ([] if kind == "simple" else [(Reason.INVALID, "price")])


@pytest.mark.parametrize("limit", ["0", "-1", "NaN"])
def test_a_quantity_limit_lies_above_zero(limit: str) -> None:
    line = DiscountLine(product="A", price=5, quantity_limit=Decimal(limit))
    assert kinds.enabling_refusals(off("D", lines=[line])) == (
        Refused(Reason.NOT_POSITIVE, {"line": 1, "field": "quantity_limit", "have": limit}),
    )


def test_only_what_is_about_the_whole_cart_may_go_without_lines() -> None:
    without = {
        kind: kinds.enabling_refusals(off("D", kind=kind, params=SOUND[kind])) for kind in SOUND
    }
    assert {kind for kind, why in without.items() if Refused(Reason.NO_LINES) not in why} == {
        "shipping_threshold",
        "tender",
    }
    only_excluded = [DiscountLine(product="A", exclude=True)]
    tender = off("D", kind="tender", params=SOUND["tender"], lines=only_excluded)
    assert refused(tender) == [(Reason.NO_LINES, None)]


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ([], [(Reason.MISSING, "tiers")]),
        ([{"min": 0, "price": 1}], [(Reason.NOT_POSITIVE, "tiers[0].min")]),
        ([{"min": "NaN", "price": 1}], [(Reason.NOT_POSITIVE, "tiers[0].min")]),
        ([{"min": 2}], [(Reason.ONE_BENEFIT, "tiers[0]")]),
        (
            [{"min": 2, "percent_off": "5", "price": 1}],
            [(Reason.ONE_BENEFIT, "tiers[0].price")],
        ),
        ([{"min": 2, "percent_off": "0"}], [(Reason.PERCENT_OUT_OF_RANGE, "tiers[0].percent_off")]),
        ([{"min": 2, "percent_off": "101"}], [(Reason.PERCENT_OUT_OF_RANGE, "tiers[0].percent_off")]),
        ([{"min": 2, "amount_off": 0}], [(Reason.AMOUNT_NOT_POSITIVE, "tiers[0].amount_off")]),
        ([{"min": 2, "price": 0}], []),
        (
            [{"min": 2, "price": 9}, {"min": 2, "price": 8}],
            [(Reason.TIERS_NOT_ASCENDING, "tiers[1].min")],
        ),
        ([{"min": 2, "price": 9}, {"min": 3, "price": 9}], []),
        (
            [{"min": 2, "price": 9}, {"min": 3, "price": 10}],
            [(Reason.TIER_NOT_BETTER, "tiers[1].price")],
        ),
        (
            [{"min": 2, "percent_off": "9"}, {"min": 3, "percent_off": "8.9"}],
            [(Reason.TIER_NOT_BETTER, "tiers[1].percent_off")],
        ),
        (
            [{"min": 2, "amount_off": 9}, {"min": 3, "amount_off": 8}],
            [(Reason.TIER_NOT_BETTER, "tiers[1].amount_off")],
        ),
        (
            [{"min": 2, "percent_off": "9"}, {"min": 3, "price": 8}],
            [(Reason.MIXED_BENEFITS, "tiers[1].price")],
        ),
    ],
)  # fmt: skip
def test_quantity_tiers_ascend_and_never_give_less_for_more(
    tiers: list[dict[str, Any]], expected: list[Any]
) -> None:
    assert refused(one("quantity", tiers=tiers)) == expected


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ([], [(Reason.MISSING, "tiers")]),
        ([{"from": 0, "percent_off": "10"}], []),
        ([{"from": 1}], [(Reason.ONE_BENEFIT, "tiers[0]")]),
        ([{"from": 1, "amount_off": 0}], [(Reason.AMOUNT_NOT_POSITIVE, "tiers[0].amount_off")]),
        # W-52: 15 % of anything below 500.00 is below 75.00.
        ([{"from": 20000, "percent_off": "15"}, {"from": 50000, "amount_off": 7500}], []),
        (
            [{"from": 20000, "percent_off": "15"}, {"from": 50000, "amount_off": 7499}],
            [(Reason.TIER_NOT_BETTER, "tiers[1].amount_off")],
        ),
        # W-53
        ([{"from": 10000, "percent_off": "10"}, {"from": 20000, "amount_off": 2500}], []),
        # 10 % of 200.00 is exactly the 20.00 that the tier before gives; 9.9 % is less.
        ([{"from": 10000, "amount_off": 2000}, {"from": 20000, "percent_off": "10"}], []),
        (
            [{"from": 10000, "amount_off": 2000}, {"from": 20000, "percent_off": "9.9"}],
            [(Reason.TIER_NOT_BETTER, "tiers[1].percent_off")],
        ),
        (
            [{"from": 100, "amount_off": 20}, {"from": 100, "amount_off": 30}],
            [(Reason.TIERS_NOT_ASCENDING, "tiers[1].from")],
        ),
    ],
)
def test_a_threshold_tier_is_worth_what_the_one_before_could_give(
    tiers: list[dict[str, Any]], expected: list[Any]
) -> None:
    assert refused(one("threshold", tiers=tiers)) == expected


def test_a_tier_that_gives_too_little_says_how_much_would_be_enough() -> None:
    tiers: list[dict[str, Any]] = [
        {"from": 100, "percent_off": "10"},
        {"from": 200, "amount_off": 5},
    ]
    (why,) = kinds.enabling_refusals(one("threshold", tiers=tiers))
    assert (why.detail["need"], why.detail["have"]) == ("20", "5")
    tiers[1]["amount_off"] = 20
    assert kinds.enabling_refusals(one("threshold", tiers=tiers)) == ()


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.sampled_from(["percent_off", "amount_off"]), st.integers(1, 40)),
        min_size=2, max_size=4,
    )
)  # fmt: skip
def test_accepted_threshold_tiers_never_give_less_for_a_larger_total(
    wanted: list[tuple[int, str, int]],
) -> None:
    tiers = [{"from": start * 10, name: value} for start, name, value in wanted]
    discount = one("threshold", tiers=tiers)
    if kinds.enabling_refusals(discount):
        return
    gives = [_given(tiers, total) for total in range(600)]
    assert gives == sorted(gives)


def _given(tiers: list[dict[str, Any]], total: int) -> Decimal:
    reached = [tier for tier in tiers if tier["from"] <= total]
    if not reached:
        return Decimal(0)
    if "amount_off" in reached[-1]:
        return Decimal(reached[-1]["amount_off"])
    return Decimal(reached[-1]["percent_off"]) * total / 100


@pytest.mark.parametrize("kind", ["shipping_threshold", "tender"])
@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ([], [(Reason.MISSING, "tiers")]),
        ([{"from": 0, "percent_off": "0"}], [(Reason.PERCENT_OUT_OF_RANGE, "tiers[0].percent_off")]),
        (
            [{"from": 5, "percent_off": "10"}, {"from": 5, "percent_off": "10"}],
            [(Reason.TIERS_NOT_ASCENDING, "tiers[1].from")],
        ),
        (
            [{"from": 5, "percent_off": "10"}, {"from": 6, "percent_off": "9"}],
            [(Reason.TIER_NOT_BETTER, "tiers[1].percent_off")],
        ),
        ([{"from": 5, "percent_off": "NaN"}], [(Reason.PERCENT_OUT_OF_RANGE, "tiers[0].percent_off")]),
    ],
)  # fmt: skip
def test_tiers_of_percentages_ascend(
    kind: str, tiers: list[dict[str, Any]], expected: list[Any]
) -> None:
    assert refused(one(kind, tiers=tiers)) == expected


def test_delivery_and_tender_name_what_they_are_for() -> None:
    assert refused(one("shipping_threshold", delivery_modes=[])) == [
        (Reason.MISSING, "delivery_modes")
    ]
    assert refused(one("tender", tender=" ")) == [(Reason.MISSING, "tender")]


@pytest.mark.parametrize(
    ("benefit", "expected"),
    [
        ({}, [(Reason.ONE_BENEFIT, "")]),
        ({"deal_price": 0}, []),
        ({"line_spec": False, "deal_price": 1}, []),
        ({"deal_price": 1, "amount_off": 1}, [(Reason.ONE_BENEFIT, "amount_off")]),
        ({"percent_off": "0"}, [(Reason.PERCENT_OUT_OF_RANGE, "percent_off")]),
        ({"amount_off": 0}, [(Reason.AMOUNT_NOT_POSITIVE, "amount_off")]),
        ({"least_expensive": {"percent_off": "100"}}, []),
        ({"least_expensive": {}}, [(Reason.ONE_BENEFIT, "least_expensive")]),
        (
            {"least_expensive": {"percent_off": "5", "price": 1}},
            [(Reason.ONE_BENEFIT, "least_expensive.price")],
        ),
        (
            {"least_expensive": {"percent_off": "101"}},
            [(Reason.PERCENT_OUT_OF_RANGE, "least_expensive.percent_off")],
        ),
        # C4: at least 1 and below the units that are bought together.
        ({"least_expensive": {"count": 2, "percent_off": "5"}}, []),
        (
            {"least_expensive": {"count": 3, "percent_off": "5"}},
            [(Reason.COUNT_TOO_LARGE, "least_expensive.count")],
        ),
    ],
)
def test_a_bundle_has_exactly_one_benefit_in_its_range(
    benefit: dict[str, Any], expected: list[Any]
) -> None:
    assert refused(bundle({"need": 1}, {"need": 2}, **benefit)) == expected


def test_units_of_mandatory_groups_are_not_counted_twice() -> None:
    groups = ({"need": 3}, {"need": 2, "mandatory": True})
    least = {"count": 3, "percent_off": "50"}
    (why,) = kinds.enabling_refusals(bundle(*groups, least_expensive=least))
    assert (why.reason, why.detail["limit"]) == (Reason.COUNT_TOO_LARGE, 2)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([], [(Reason.MISSING, "groups")]),
        ([{"need": 2, "mandatory": True}], [(Reason.ONLY_MANDATORY, "groups")]),
        (
            [{"need": 2}, {"need": 3, "mandatory": True}],
            [(Reason.MANDATORY_TOO_MANY, "groups[1].need")],
        ),
        ([{"need": 2}, {"need": 2, "mandatory": True}], []),
        ([{"need": 2, "percent_off": "5"}], [(Reason.INVALID, "groups[0].percent_off")]),
        ([{"need": 2, "price": 5}], [(Reason.INVALID, "groups[0].price")]),
    ],
)
def test_groups_can_be_filled(groups: list[dict[str, Any]], expected: list[Any]) -> None:
    lines = None if groups else [DiscountLine(all_products=True, exclude=True), ALL]
    found = refused(bundle(*groups, lines=lines, deal_price=5))
    # Without groups no line can be of one.
    assert found[: len(expected)] == expected
    assert len(found) == len(expected) + (not groups)


def test_every_group_has_lines_and_every_line_a_group() -> None:
    lines = [
        DiscountLine(product="A", group=0),
        DiscountLine(product="B", group=1, exclude=True),
        DiscountLine(product="C"),
        DiscountLine(product="D", exclude=True),
        DiscountLine(product="E", group=2),
    ]
    assert kinds.enabling_refusals(bundle({"need": 1}, {"need": 1}, lines=lines, deal_price=5)) == (
        Refused(Reason.GROUP_WITHOUT_LINES, {"field": "groups[1].lines"}),
        Refused(Reason.INVALID, {"line": 3, "need": "a group"}),
        Refused(Reason.INVALID, {"line": 5, "need": "a group"}),
    )


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([{"percent_off": "0"}, {"percent_off": "100"}], []),
        ([{"price": 0}, {"percent_off": "0"}], []),
        (
            [{"percent_off": "0"}, {"percent_off": "0"}],
            [(Reason.PERCENT_OUT_OF_RANGE, "groups[0].percent_off")],
        ),
        ([{}, {"price": 5}], [(Reason.ONE_BENEFIT, "groups[0]")]),
        (
            [{"price": 5}, {"price": 5, "percent_off": "5"}],
            [(Reason.ONE_BENEFIT, "groups[1].price")],
        ),
        (
            [{"price": 5}, {"percent_off": "-1"}],
            [(Reason.PERCENT_OUT_OF_RANGE, "groups[1].percent_off")],
        ),
        (
            [{"price": 5}, {"price": 5, "mandatory": True}],
            [(Reason.INVALID, "groups[1].price")],
        ),
        ([{"price": 5}, {"mandatory": True}], []),
    ],
)
def test_with_line_spec_every_group_says_what_it_gives_and_not_all_give_nothing(
    own: list[dict[str, Any]], expected: list[Any]
) -> None:
    groups = [{"need": 1, **one} for one in own]
    assert refused(bundle(*groups, line_spec=True)) == expected


def test_the_unit_of_measure_may_stay_open() -> None:
    """A line without a unit takes any (specification 1.2, filter 6), so enabling does not ask for one."""
    assert refused(one("quantity")) == []
    assert refused(one("mix_and_match")) == []
