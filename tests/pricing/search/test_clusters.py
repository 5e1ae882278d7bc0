"""The ways to solve a cluster agree: whichever finds the best combination, it is worth the same."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from kupong.kernel.money import Currency
from kupong.pricing.book import compile_book
from kupong.pricing.carts import Cart, CartLine
from kupong.pricing.discounts import Discount, DiscountLine, Settings
from kupong.pricing.engine import price
from kupong.pricing.search import clusters
from kupong.pricing.search.model import Model
from tests.pricing.goods import NOON

GOODS = ("A", "B", "C", "D")


@st.composite
def bundles(draw: st.DrawFn, number: str) -> Discount:
    needs = draw(st.lists(st.integers(1, 2), min_size=1, max_size=2))
    if sum(needs) == 1:
        needs = [2]
    benefit: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"percent_off": "20"},
                {"amount_off": 300},
                {"deal_price": 1500},
                {"least_expensive": {"percent_off": "100"}},
            ]
        )
    )
    lines = tuple(
        DiscountLine(product=name, group=group)
        for group in range(len(needs))
        for name in sorted(draw(st.sets(st.sampled_from(GOODS), min_size=1)))
    )
    params = {"groups": [{"need": need} for need in needs], **benefit}
    uses = draw(st.sampled_from([None, None, 1]))
    return Discount(
        number=number,
        kind="mix_and_match",
        currency="USD",
        lines=lines,
        params=params,
        max_uses_per_order=uses,
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Cart, list[Discount]]:
    lines = tuple(
        CartLine(
            id=name,
            product=name,
            quantity=Decimal(draw(st.integers(1, 3))),
            price=draw(st.integers(1, 40)) * 50,
        )
        for name in GOODS
    )
    found = [draw(bundles(f"B{place}")) for place in range(draw(st.integers(1, 4)))]
    return Cart(currency=Currency("USD"), lines=lines), found


def only_walking(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(clusters, "only_pairs", lambda model: False)
    patched.setattr(clusters, "best_combination", lambda *args: (None, 0))


def only_applications(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(clusters, "only_pairs", lambda model: False)
    patched.setattr(clusters, "EFFORTS", ((10**6, 10**6),))


def only_evaluation(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(clusters, "only_pairs", lambda model: False)

    def inexact(*args: Any) -> Model:
        made = Model(*args)
        made.couplings.exact = False
        return made

    patched.setattr(clusters, "Model", inexact)


@pytest.mark.parametrize("way", [only_walking, only_applications, only_evaluation])
@tuned(max_examples=40)
@given(cases())
def test_every_way_that_proves_its_answer_comes_to_the_same(
    way: Callable[[pytest.MonkeyPatch], None], case: tuple[Cart, list[Discount]]
) -> None:
    cart, discounts = case
    book = compile_book(discounts, Settings())
    answer = price(cart, book, NOON)
    with pytest.MonkeyPatch.context() as patched:
        way(patched)
        other = price(cart, book, NOON)
    assert other.discount <= answer.upper_bound
    assert answer.discount <= other.upper_bound
    if answer.proven_optimal and other.proven_optimal:
        # Cents are rounded per item group, and ties may be broken otherwise.
        assert abs(other.discount - answer.discount) <= len(GOODS)
