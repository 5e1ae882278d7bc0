"""The second opinion itself: it gives the figures of the scenarios, most of them published or derived by hand."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from kupong.formats.scenarios import Scenario, read_scenarios
from kupong.pricing.carts import Cart
from kupong.pricing.discounts import CompoundOn, Discount, Settings
from tests.pricing import brute, reference, shelves
from tests.pricing.goods import cart, line, off, percent

DIRECTORY = Path(__file__).parents[1] / "scenarios"
FILES = "random_optimal_sample optimal caps mix_and_match quantity concurrency threshold simple"
KINDS = ("simple", "quantity", "mix_and_match", "threshold")
ELSEWHERE = {"T-XC-2"}  # A threshold that competes in the search.


def comparable() -> list[Scenario]:
    """Those of whole units, few enough, with nothing but the kinds that have a second opinion."""
    return [
        scenario
        for name in FILES.split()
        for scenario in read_scenarios((DIRECTORY / f"{name}.yaml").read_text())
        if all(d.kind in KINDS for d in scenario.discounts)
        and all(line.quantity == int(line.quantity) for line in scenario.cart.lines)
        and sum(abs(line.quantity) for line in scenario.cart.lines) <= 10
        and scenario.id not in ELSEWHERE
    ]


@pytest.mark.parametrize("scenario", comparable(), ids=lambda scenario: scenario.id)
def test_the_second_opinion_gives_the_figures_of_the_scenarios(scenario: Scenario) -> None:
    right = reference.right_discounts(scenario.cart, scenario.discounts, scenario.settings)
    stated = scenario.expected.discount
    if stated is None and scenario.expected.total is not None:
        gross = sum(int(entry.price * entry.quantity) for entry in scenario.cart.lines)
        stated = gross - scenario.expected.total
    assert stated is not None
    (one,) = right
    assert abs(one - stated) < 1  # Rounding at every step.


def test_enough_scenarios_are_compared() -> None:
    assert len(comparable()) >= 100


@tuned(max_examples=150)
@given(
    shelves.carts(most=4),
    shelves.discounts(most=3, modes=("compounded", "best_price")),
    st.sampled_from(CompoundOn),
)
def test_leaving_a_stacking_discount_out_is_never_better(
    cart: Cart, discounts: list[Discount], compound_on: CompoundOn
) -> None:
    """The brute force relies on it where it is not asked to be thorough."""
    state, _ = reference.pieces(cart)
    rules = Settings(compound_on=compound_on)
    places = brute.free(state, rules, 0, exclusive=False)
    stages = [
        brute.Stage(tuple(discounts), state, places, rules, True, 0, thorough)
        for thorough in (False, True)
    ]
    quick, thorough = (brute.best(stage)[0] for stage in stages)
    assert quick == thorough


def test_ties_are_all_followed() -> None:
    """Either may hold the unit, and what comes after depends on which."""
    basket = cart(line("A", 1, 100), line("B", 1, 100))
    one = off("ONE", **percent(10), max_quantity_per_order=Decimal(1), priority=1)
    rest = Discount(number="B", currency="USD", lines=off("", **percent(50)).lines, priority=0)
    assert reference.right_discounts(basket, [one, rest], Settings()) == {60}
