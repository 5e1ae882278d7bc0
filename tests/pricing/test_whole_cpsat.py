"""Larger carts: the engine against an integer program, and the integer program against brute force."""

from hypothesis import HealthCheck, Phase, event, given
from hypothesis import settings as tuned

from kupong.pricing.book import compile_book
from kupong.pricing.carts import Cart
from kupong.pricing.discounts import Discount, Settings
from kupong.pricing.engine import price
from tests.pricing import cpsat, reference, shelves
from tests.pricing.goods import NOON

brief = tuned(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@tuned(brief, max_examples=60)
@given(shelves.carts(most=6), shelves.discounts())
def test_the_integer_program_agrees_with_brute_force(cart: Cart, discounts: list[Discount]) -> None:
    (right,) = reference.right_discounts(cart, discounts, Settings())
    found, most = cpsat.best_total(cart, discounts)
    assert found <= right <= most


@tuned(brief, max_examples=80)
@given(shelves.carts(most=25), shelves.discounts(most=5))
def test_carts_of_up_to_25_units_are_priced_best(cart: Cart, discounts: list[Discount]) -> None:
    answer = price(cart, compile_book(discounts, Settings()), NOON)
    found, most = cpsat.best_total(cart, discounts)
    event("solved" if found == most else "bounded")
    event(f"proven {answer.proven_optimal}")
    assert answer.discount <= most + shelves.NEAR
    assert answer.upper_bound >= found - shelves.NEAR
    if answer.proven_optimal:
        assert answer.discount >= found - shelves.NEAR
