"""Every "no": why a discount that could have reached the cart gave nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kupong.kernel.periods import Period
from kupong.kernel.reasons import Reason
from kupong.pricing.discounts import Concurrency, DiscountLine, Settings
from tests.pricing.goods import cart, coupon, details, given_by, line, off, percent, priced, reasons

ACROSS = Settings(concurrency=Concurrency.ACROSS_PRIORITIES)


@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        ({"enabled": False}, Reason.DISABLED, {}),
        (
            {"valid": Period(date(2026, 4, 1), None)},
            Reason.NOT_STARTED,
            {"since": "2026-04-01"},
        ),
        ({"valid": Period(None, date(2026, 3, 1))}, Reason.EXPIRED, {"until": "2026-03-01"}),
        (
            {"weekly": {"tue": ("22:00", "02:00")}},
            Reason.OUTSIDE_HOURS,
            {},
        ),
        ({"currency": "SEK"}, Reason.WRONG_CURRENCY, {"need": "SEK", "have": "USD"}),
        (
            {"price_groups": frozenset({"STAFF", "STUDENT"})},
            Reason.NOT_ELIGIBLE,
            {"need": ["STAFF", "STUDENT"]},
        ),
        (
            {"price_groups": frozenset({"GOLD", "STAFF"}), "match_all_price_groups": True},
            Reason.NOT_ELIGIBLE,
            {"need": ["STAFF"]},
        ),
        ({"price_groups": frozenset()}, Reason.NOT_ELIGIBLE, {"need": []}),
    ],
)
def test_an_unlocked_discount_that_fails_a_filter_says_which(
    change: dict[str, Any], reason: Reason, detail: dict[str, Any]
) -> None:
    gated = off("D", requires_code=True, **change, **percent(10))
    basket = cart(line("A", 1, 1000), price_groups=frozenset({"GOLD"}), unlocked=(coupon("D"),))
    answer = priced(basket, gated)
    assert answer.discount == 0
    assert reasons(answer) == {"D": reason}
    assert details(answer) == {"D": detail}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([DiscountLine(product="B", amount_off=1)], Reason.NO_MATCHING_LINES),
        (
            [
                DiscountLine(product="A", amount_off=1),
                DiscountLine(all_products=True, exclude=True),
            ],
            Reason.NO_MATCHING_LINES,
        ),
        ([DiscountLine(product="A", amount_off=1, unit="box")], Reason.UNIT_MISMATCH),
        ([DiscountLine(product="P", amount_off=1)], Reason.DISCOUNTS_PREVENTED),
        (
            [DiscountLine(product=name, amount_off=1, unit="box") for name in "AP"],
            Reason.UNIT_MISMATCH,
        ),
    ],
)
def test_an_unlocked_discount_without_a_line_to_work_on_says_how_near_it_came(
    lines: list[DiscountLine], reason: Reason
) -> None:
    basket = cart(
        line("A", 1, 1000), line("P", 1, 1000, prevent_discounts=True), unlocked=(coupon("D"),)
    )
    assert reasons(priced(basket, off("D", requires_code=True, lines=lines))) == {"D": reason}


def test_a_unit_that_does_not_fit_is_told_with_those_that_would() -> None:
    lines = [DiscountLine(product="A", amount_off=1, unit=unit) for unit in ("kg", "box")]
    answer = priced(cart(line("A", 1, 1000)), off("D", lines=lines))
    assert details(answer) == {"D": {"need": ["box", "kg"], "have": "ea"}}


def test_an_unlocked_discount_is_answered_on_an_empty_cart() -> None:
    gated = off("D", requires_code=True, **percent(10))
    answer = priced(cart(unlocked=(coupon("D"), coupon("GONE"))), gated)
    assert reasons(answer) == {"D": Reason.NO_MATCHING_LINES, "GONE": Reason.NO_DISCOUNT}


def test_an_unlocked_discount_needs_its_exclusion_only_for_its_unit() -> None:
    lines = [
        DiscountLine(all_products=True, amount_off=100),
        DiscountLine(product="A", exclude=True, unit="box"),
    ]
    basket = cart(line("A", 1, 1000, unit="box"), line("A", 1, 1000, id="each"))
    assert [entry.discount for entry in priced(basket, off("D", lines=lines)).lines] == [0, 100]


def test_the_loser_is_told_by_whom_and_with_which_figures() -> None:
    answer = priced(cart(line("A", 2, 1000)), off("WIN", **percent(20)), off("LOSE", **percent(15)))
    assert reasons(answer) == {"LOSE": Reason.BEATEN}
    assert details(answer) == {"LOSE": {"by": ["WIN"], "have": 300, "need": 400, "missing": 100}}


def test_a_stack_that_loses_is_told_what_it_would_have_given_together() -> None:
    answer = priced(
        cart(line("A", 1, 2000)),
        off("BP", **percent(15)),
        off("C1", mode="compounded", amount_off=100),
        off("C2", mode="compounded", **percent(10)),
    )
    lost = {"by": ["BP"], "have": 290, "need": 300, "missing": 10}
    assert details(answer) == {"C1": lost, "C2": lost}


def test_a_stack_that_loses_on_several_items_is_told_the_sum_of_what_it_would_have_given() -> None:
    answer = priced(
        cart(line("A", 1, 2000), line("B", 1, 1000), line("C", 1, 500)),
        off("BP", **percent(20)),
        off("C1", mode="compounded", **percent(5)),
        off("C2", mode="compounded", lines=[DiscountLine(product="B", amount_off=100)]),
    )
    assert details(answer) == {
        "C1": {"by": ["BP"], "have": 100 + 145 + 25, "need": 700, "missing": 430},
        "C2": {"by": ["BP"], "have": 145, "need": 200, "missing": 55},
    }


def test_a_limit_on_the_units_of_one_line_counts_for_a_loser_on_other_lines_too() -> None:
    lines = [
        DiscountLine(product="A", percent_off=Decimal(5)),
        DiscountLine(product="B", percent_off=Decimal(50), quantity_limit=Decimal(1)),
    ]
    answer = priced(
        cart(line("A", 1, 1000), line("B", 3, 1000)),
        off("W", **percent(60)),
        off("L", lines=lines),
    )
    assert details(answer)["L"] == {"by": ["W"], "have": 50 + 500, "need": 2400, "missing": 1850}


def test_losses_on_several_items_are_added_up() -> None:
    answer = priced(
        cart(line("A", 1, 1000), line("B", 1, 2000)),
        off("W", **percent(20)),
        off("L", **percent(5)),
    )
    assert details(answer) == {"L": {"by": ["W"], "have": 150, "need": 600, "missing": 450}}


def test_a_discount_that_won_somewhere_is_not_listed_as_a_loser() -> None:
    only_a = off("A", lines=[DiscountLine(product="A", amount_off=500)])
    answer = priced(cart(line("A", 1, 1000), line("B", 1, 1000)), only_a, off("ALL", **percent(10)))
    assert given_by(answer) == {"A": 500, "ALL": 100}
    assert answer.not_applied == ()


def test_a_lower_priority_is_blocked_by_those_that_closed_the_item() -> None:
    answer = priced(
        cart(line("A", 1, 1000)),
        off("HIGH", priority=10, **percent(5)),
        off("LOW", priority=0, **percent(30)),
    )
    assert reasons(answer) == {"LOW": Reason.BLOCKED_BY_PRIORITY}
    assert details(answer) == {"LOW": {"by": ["HIGH"]}}


def test_across_priorities_nobody_is_blocked_but_the_price_may_be_used_up() -> None:
    answer = priced(
        cart(line("A", 1, 1000)),
        off("HIGH", priority=10, **percent(100)),
        off("LOW", priority=0, **percent(30)),
        settings=ACROSS,
    )
    assert reasons(answer) == {"LOW": Reason.GIVES_NOTHING}


def test_a_stacked_amount_that_finds_the_price_used_up_gives_nothing() -> None:
    answer = priced(
        cart(line("A", 1, 100)),
        off("ONE", mode="compounded", amount_off=100),
        off("TWO", mode="compounded", amount_off=100),
    )
    assert given_by(answer) == {"ONE": 100}
    assert reasons(answer) == {"TWO": Reason.GIVES_NOTHING}
    assert details(answer) == {"TWO": {"by": ["ONE"]}}


def test_of_two_stacked_prices_the_higher_is_beaten() -> None:
    answer = priced(
        cart(line("A", 1, 6000)),
        off("P45", mode="compounded", price=4500),
        off("P50", mode="compounded", price=5000),
    )
    assert given_by(answer) == {"P45": 1500}
    assert details(answer) == {"P50": {"by": ["P45"], "have": 1000, "need": 1500, "missing": 500}}


def test_a_new_price_above_the_current_one_gives_nothing() -> None:
    answer = priced(cart(line("A", 1, 1500)), off("UP", price=1800))
    assert answer.net == 1500
    assert reasons(answer) == {"UP": Reason.GIVES_NOTHING}


def test_discounts_that_cannot_reach_the_cart_are_told_only_when_all_are_asked_for() -> None:
    discounts = [
        off("APPLIED", **percent(10)),
        off("GATED", requires_code=True, **percent(50)),
        off("OTHER", lines=[DiscountLine(product="B", amount_off=1)]),
        off("OFF", enabled=False, **percent(50)),
        off("STAFF", price_groups=frozenset({"STAFF"}), **percent(50)),
        off("OLD", valid=Period(None, date(2020, 1, 1)), requires_code=True, **percent(50)),
        off("SEK", currency="SEK", **percent(50)),
    ]
    basket = cart(line("A", 1, 1000))
    assert reasons(priced(basket, *discounts)) == {"SEK": Reason.WRONG_CURRENCY}
    assert reasons(priced(basket, *discounts, explain_all=True)) == {
        "GATED": Reason.CODE_REQUIRED,
        "OTHER": Reason.NO_MATCHING_LINES,
        "OFF": Reason.DISABLED,
        "STAFF": Reason.NOT_ELIGIBLE,
        "OLD": Reason.EXPIRED,
        "SEK": Reason.WRONG_CURRENCY,
    }
