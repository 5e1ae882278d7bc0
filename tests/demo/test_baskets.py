"""Which baskets of the year are replayed."""

from collections import Counter
from datetime import UTC
from functools import cache
from itertools import pairwise

from kupong.demo.baskets import Basket, baskets
from kupong.demo.source import Source
from tests.demo.facts import Facts


@cache
def chosen() -> list[Basket]:
    return baskets(Source())


def test_every_basket_of_a_day_with_a_redemption_is_replayed_with_all_its_lines() -> None:
    expected = {
        basket: [line[:3] for line in lines]
        for of_day in Facts().baskets.values()
        for basket, lines in of_day.items()
    }
    replayed = {one.number: list(one.lines) for one in chosen() if one.redemptions}
    assert len(replayed) == 1238
    assert replayed == expected


def test_at_least_twenty_thousand_others_are_spread_over_the_year() -> None:
    others = [basket for basket in chosen() if not basket.redemptions]
    assert len(others) >= 20_000
    by_month = Counter(basket.at.month for basket in others if basket.at.year == 2017)
    assert len(by_month) == 12
    assert min(by_month.values()) > 1_000


def test_they_come_in_the_order_in_which_they_were_paid_and_each_once() -> None:
    order = [(basket.at.astimezone(UTC), basket.number) for basket in chosen()]
    # The clock in the store strikes one hour twice in November.
    assert sum(a > b for a, b in pairwise(order)) <= 1
    assert len({number for _, number in order}) == len(order)


def test_a_basket_knows_all_redemptions_of_its_household_on_its_day() -> None:
    source = Source()
    for basket in chosen():
        of_day = {
            (source.redemptions[place].household, source.redemptions[place].day)
            for place in basket.redemptions
        }
        assert of_day <= {(basket.household, basket.at.date())}


def test_the_choice_is_the_same_on_every_start() -> None:
    again = baskets(Source())
    assert [basket.number for basket in again] == [basket.number for basket in chosen()]
