"""The engine on carts whose answer is worked out by hand: who wins, who pays, how lines share."""

from datetime import datetime
from decimal import Decimal

import pytest

from kupong.kernel.money import Currency
from kupong.pricing.book import compile_book
from kupong.pricing.carts import Delivery, PricedDelivery
from kupong.pricing.discounts import CompoundOn, Concurrency, DiscountLine, Settings
from kupong.pricing.engine import price
from tests.pricing.goods import cart, coupon, given_by, line, off, percent, priced, reasons

ACROSS = Settings(concurrency=Concurrency.ACROSS_PRIORITIES)


def test_a_cart_without_discounts_costs_its_gross() -> None:
    answer = priced(cart(line("A", 2, 500), line("B", 1, 250)))
    assert (answer.gross, answer.discount, answer.net) == (1250, 0, 1250)
    assert answer.not_applied == ()


def test_an_empty_cart_costs_nothing() -> None:
    assert priced(cart(), off("D", **percent(10))).net == 0


def test_a_time_without_a_zone_is_an_error() -> None:
    book = compile_book([], Settings())
    with pytest.raises(ValueError, match="zone"):
        price(cart(), book, datetime(2026, 3, 10, 12))  # noqa: DTZ001


def test_within_a_priority_the_stack_meets_best_price_and_lower_priorities_are_shut_out() -> None:
    discounts = [
        off("BP1", priority=10, **percent(15)),
        off("C1", mode="compounded", priority=10, amount_off=100),
        off("C2", mode="compounded", priority=10, **percent(10)),
        off("BP2", priority=5, **percent(20)),
    ]
    stack = priced(cart(line("A", 1, 1000)), *discounts)
    assert given_by(stack) == {"C1": 100, "C2": 90}
    assert given_by(priced(cart(line("A", 1, 2000)), *discounts)) == {"BP1": 300}


def test_across_priorities_the_winner_of_each_compounds_on_the_rounded_price() -> None:
    discounts = [
        off("BP1", priority=10, **percent(15)),
        off("C1", mode="compounded", priority=10, amount_off=100),
        off("BP2", priority=5, **percent(20)),
        off("C3", mode="compounded", priority=5, **percent(25)),
    ]
    answer = priced(cart(line("A", 1, 1000)), *discounts, settings=ACROSS)
    assert given_by(answer) == {"BP1": 150, "C3": 213}
    assert answer.net == 637


def test_on_the_original_price_the_sum_stops_at_the_price() -> None:
    settings = Settings(compound_on=CompoundOn.ORIGINAL_PRICE)
    discounts = [off(f"D{n}", mode="compounded", **percent(60)) for n in range(3)]
    answer = priced(cart(line("A", 1, 10000)), *discounts, settings=settings)
    assert given_by(answer) == {"D0": 6000, "D1": 4000}
    assert answer.net == 0


def test_a_lower_priority_on_the_original_price_stops_at_what_is_left() -> None:
    settings = Settings(
        concurrency=Concurrency.ACROSS_PRIORITIES, compound_on=CompoundOn.ORIGINAL_PRICE
    )
    discounts = [off("HIGH", priority=1, **percent(70)), off("LOW", priority=0, **percent(40))]
    answer = priced(cart(line("A", 1, 1000)), *discounts, settings=settings)
    assert given_by(answer) == {"HIGH": 700, "LOW": 300}


def test_amounts_of_a_stack_add_up_and_stop_at_zero() -> None:
    discounts = [off(f"D{n}", mode="compounded", amount_off=100) for n in range(3)]
    answer = priced(cart(line("A", 2, 150)), *discounts)
    assert given_by(answer) == {"D0": 200, "D1": 100}
    assert answer.net == 0


def test_what_is_worth_the_same_spends_the_fewest_limited_uses() -> None:
    discounts = [
        off(number, mode="compounded", requires_code=True, amount_off=cents)
        for number, cents in (("A", 300), ("B", 700), ("C", 1000))
    ]
    basket = cart(line("X", 1, 1000), unlocked=(coupon("A"), coupon("B"), coupon("C")))
    assert given_by(priced(basket, *discounts)) == {"C": 1000}


def test_uses_are_spared_over_the_whole_cart() -> None:
    one = off("A-ONE", requires_code=True, lines=[DiscountLine(product="X", amount_off=100)])
    two = off("B-TWO", requires_code=True, amount_off=100)
    basket = cart(line("X", 1, 500), line("Y", 1, 500), unlocked=(coupon("A-ONE"), coupon("B-TWO")))
    assert given_by(priced(basket, one, two)) == {"B-TWO": 200}


def test_uses_that_are_not_limited_are_not_spared() -> None:
    discounts = [
        off(number, mode="compounded", requires_code=True, amount_off=500) for number in "AB"
    ]
    free = (coupon("A", limited=False), coupon("B", limited=False))
    assert given_by(priced(cart(line("X", 1, 700), unlocked=free), *discounts)) == {
        "A": 500,
        "B": 200,
    }


def test_many_spare_uses_are_given_back_too() -> None:
    discounts = [
        off(f"D{n:02}", mode="compounded", requires_code=True, amount_off=100) for n in range(30)
    ]
    basket = cart(
        line("X", 1, 100),
        line("Y", 1, 100),
        unlocked=tuple(coupon(entry.number) for entry in discounts),
    )
    assert given_by(priced(basket, *discounts)) == {"D00": 200}


def test_a_discount_without_a_code_goes_before_a_coupon_of_the_same_worth() -> None:
    free, gated = off("Z-FREE", **percent(10)), off("A-GATED", requires_code=True, **percent(10))
    answer = priced(cart(line("X", 1, 1000), unlocked=(coupon("A-GATED"),)), free, gated)
    assert given_by(answer) == {"Z-FREE": 100}


def test_what_applied_names_its_coupon_and_code() -> None:
    gated = off("D", requires_code=True, **percent(10))
    (entry,) = priced(cart(line("X", 2, 1000), unlocked=(coupon("D"),)), gated).lines[0].discounts
    assert (entry.discount, entry.coupon, entry.code) == ("D", "CPN-D", "CODE-D")
    assert (entry.amount, entry.quantity) == (200, Decimal(2))


def test_a_percentage_is_rounded_once_per_item_and_shared_by_largest_remainder() -> None:
    tenth = off("D", **percent(10))
    one = priced(cart(line("A", 4, 33)), tenth)
    four = priced(cart(*(line("A", 1, 33, id=str(n)) for n in range(4))), tenth)
    assert one.discount == four.discount == 13
    assert [entry.discount for entry in four.lines] == [4, 3, 3, 3]


def test_weighed_goods_are_rounded_once_per_item() -> None:
    halves = priced(cart(line("A", "0.5", 999, id="a"), line("A", "0.5", 999, id="b")))
    assert [entry.gross for entry in halves.lines] == [500, 499]
    assert halves.gross == priced(cart(line("A", "1.0", 999))).gross == 999


def test_weighed_amounts_and_discounts_keep_to_the_smallest_coin() -> None:
    francs = Currency("USD", 5)
    answer = priced(cart(line("A", "0.333", 1000), currency=francs), off("D", **percent(10)))
    assert (answer.gross, answer.discount, answer.net) == (335, 35, 300)


def test_different_prices_and_units_are_different_items() -> None:
    tenth = off("D", **percent(10))
    basket = cart(line("A", 1, 5), line("A", 1, 6), line("A", 1, 5, unit="box", id="box"))
    assert [entry.discount for entry in priced(basket, tenth).lines] == [1, 1, 1]


def test_sold_and_returned_units_are_netted_and_the_last_line_is_cancelled_first() -> None:
    tenth = off("D", **percent(10))
    basket = cart(line("A", 2, 1000, id="a"), line("A", 3, 1000, id="b"), line("A", -4, 1000))
    answer = priced(basket, tenth)
    assert answer.net == 900
    (entry,) = answer.lines[0].discounts
    assert (entry.amount, entry.quantity) == (100, Decimal(1))
    assert [line.discount for line in answer.lines] == [100, 0, 0]


def test_what_nets_to_nothing_gets_nothing() -> None:
    answer = priced(cart(line("A", 2, 999), line("A", -2, 999)), off("D", **percent(10)))
    assert (answer.gross, answer.discount, answer.net) == (0, 0, 0)


def test_sales_and_returns_of_different_items_keep_their_own_sign() -> None:
    answer = priced(cart(line("A", 1, 1000), line("B", -1, 500)), off("D", **percent(10)))
    assert [entry.discount for entry in answer.lines] == [100, -50]
    assert answer.lines[1].discounts[0].quantity == Decimal(-1)


def test_a_locked_line_keeps_its_net_and_takes_part_in_nothing() -> None:
    basket = cart(line("A", 1, 1000, locked_net=700, id="locked"), line("A", 1, 1000))
    answer = priced(basket, off("D", **percent(10)))
    locked, sold = answer.lines
    assert (locked.gross, locked.discount, locked.net, locked.discounts) == (1000, 300, 700, ())
    assert sold.discount == 100
    assert answer.discount == answer.upper_bound == 400


def test_lines_of_no_quantity_and_of_no_price_cost_nothing() -> None:
    answer = priced(cart(line("A", 0, 1000), line("B", 2, 0)), off("D", amount_off=100))
    assert (answer.gross, answer.discount, answer.net) == (0, 0, 0)


def test_delivery_stands_beside_the_goods() -> None:
    answer = priced(cart(line("A", 1, 1000), delivery=Delivery(mode="STANDARD", charge=500)))
    assert answer.net == 1000
    assert answer.delivery == PricedDelivery(charge=500, discount=0, net=500)


def test_a_discount_that_rounds_to_nothing_does_not_close_the_item() -> None:
    tiny, real = off("TINY", priority=1, **percent(1)), off("REAL", priority=0, **percent(50))
    answer = priced(cart(line("A", 1, 10)), tiny, real)
    assert given_by(answer) == {"REAL": 5}
    assert reasons(answer) == {"TINY": "gives_nothing"}


def test_a_percentage_with_many_decimals_is_exact() -> None:
    third = off("D", **percent("33.333333333"))
    assert priced(cart(line("A", 1, 30000)), third).discount == 10000
    assert priced(cart(line("A", 10**9, 300)), third).discount == 99_999_999_999
