"""The engine against brute force: carts of up to eight units, every kind, mode and control model.

Amounts are multiples of a million minor units, so that rounding is far below every real difference.
"""

from collections.abc import Sequence

import msgspec
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from kupong.pricing.book import compile_book
from kupong.pricing.carts import Cart, PricedCart
from kupong.pricing.discounts import CompoundOn, Concurrency, Discount, DiscountLine, Settings
from kupong.pricing.engine import price
from tests.pricing import reference, shelves
from tests.pricing.goods import NOON, line, priced
from tests.pricing.goods import cart as cart_of

MODES = ("exclusive", "best_price", "compounded")
# Brute force is slow to draw and slower to explain; shrinking tells enough.
brief = tuned(
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
within = st.builds(Settings, compound_on=st.sampled_from(CompoundOn))
across = st.builds(
    Settings,
    concurrency=st.just(Concurrency.ACROSS_PRIORITIES),
    compound_on=st.sampled_from(CompoundOn),
)
both_models = st.one_of(within, across)


def one_cheapest(discounts: list[Discount]) -> bool:
    """Which of two equally cheap units a second stacking bundle takes is the engine's to say."""
    stacking = [d for d in discounts if d.mode == "compounded"]
    return sum("least_expensive" in d.params for d in stacking) <= 1


def is_right(
    cart: Cart, discounts: Sequence[Discount], rules: Settings, *, near: int = 0
) -> PricedCart:
    """Where the engine claims the best, it is the best; where not, it is honest about what could be."""
    answer = price(cart, compile_book(discounts, rules), NOON)
    right = reference.right_discounts(cart, discounts, rules, near=near)
    off = min(abs(answer.discount - total) for total in right)
    if answer.proven_optimal:
        assert off <= shelves.NEAR, told(cart, discounts, rules, answer, right)
    else:
        assert answer.discount <= max(right) + shelves.NEAR
    if not near:  # Where a tie decides what comes after, the least of what is right.
        assert answer.upper_bound >= min(right) - shelves.NEAR, told(
            cart, discounts, rules, answer, right
        )
    return answer


def told(*case: object) -> str:
    return "\n".join(map(str, case))


@brief
@given(shelves.carts(most=8), shelves.discounts())
def test_best_price_discounts_of_every_kind_with_limits_and_caps(
    cart: Cart, discounts: list[Discount]
) -> None:
    is_right(cart, discounts, Settings())


@brief
@given(shelves.carts(most=7), shelves.discounts(caps=False))
def test_without_caps_a_small_cart_is_always_proven(cart: Cart, discounts: list[Discount]) -> None:
    assert is_right(cart, discounts, Settings()).proven_optimal


@brief
@given(
    shelves.carts(most=5),
    shelves.discounts(most=3, modes=("compounded", "compounded", "best_price")).filter(
        one_cheapest
    ),
    within,
)
def test_stacks_beside_best_price(cart: Cart, discounts: list[Discount], rules: Settings) -> None:
    is_right(cart, discounts, rules)


@brief
@given(shelves.carts(most=6), shelves.discounts(modes=("exclusive", "best_price")))
def test_exclusive_discounts_go_first(cart: Cart, discounts: list[Discount]) -> None:
    is_right(cart, discounts, Settings())


@brief
@given(shelves.carts(most=5), shelves.discounts(modes=MODES, priorities=(0, 1), caps=False), within)
def test_a_unit_held_at_one_priority_is_closed_below(
    cart: Cart, discounts: list[Discount], rules: Settings
) -> None:
    is_right(cart, discounts, rules, near=shelves.NEAR)


@brief
@given(
    shelves.carts(most=5), shelves.discounts(modes=MODES, priorities=(0, 1, 2), caps=False), across
)
def test_across_priorities_one_winner_of_each_compounds(
    cart: Cart, discounts: list[Discount], rules: Settings
) -> None:
    """Bundles on the running price: what a unit has no room for on the original, others may take."""
    if any(discount.kind == "mix_and_match" for discount in discounts):
        rules = msgspec.structs.replace(rules, compound_on=CompoundOn.RUNNING_PRICE)
    is_right(cart, discounts, rules, near=shelves.NEAR)


@brief
@given(
    shelves.carts(most=6),
    shelves.discounts(most=1, kinds=shelves.bundle(favor="retailer", least=True), caps=False),
    shelves.discounts(most=2, least=0),
)
def test_a_bundle_in_favour_of_the_retailer_takes_the_leftovers(
    cart: Cart, retailer: list[Discount], more: list[Discount]
) -> None:
    named = [msgspec.structs.replace(d, number=f"R{d.number}") for d in retailer]
    is_right(cart, named + more, Settings(), near=shelves.NEAR)


def test_a_condition_that_no_slot_can_meet_keeps_such_a_bundle_out() -> None:
    """Units that meet the condition are there, but fit into no slot."""
    bundle = Discount(
        number="R",
        currency="USD",
        kind="mix_and_match",
        lines=(DiscountLine(product="C", group=0), DiscountLine(category="clothing", group=1)),
        params={
            "groups": [{"need": 3}, {"need": 1, "mandatory": True}],
            "least_expensive": {"count": 2, "amount_off": 100, "favor": "retailer"},
        },
    )
    basket = cart_of(line("C", 3, 400), line("B", 3, 2000, categories=("clothing",)))
    assert priced(basket, bundle).discount == 0


@st.composite
def with_thresholds(draw: st.DrawFn) -> list[Discount]:
    tiers = draw(
        shelves.discounts(
            most=2, kinds=shelves.threshold(), modes=MODES, priorities=(0, 1), caps=False
        )
    )
    others = draw(
        shelves.discounts(most=2, least=0, modes=MODES, priorities=(0, 1), caps=False).filter(
            one_cheapest
        )
    )
    return [msgspec.structs.replace(d, number=f"T{d.number}") for d in tiers] + others


@brief
@given(shelves.carts(most=5), with_thresholds(), both_models)
def test_thresholds_after_every_mode(
    cart: Cart, discounts: list[Discount], rules: Settings
) -> None:
    is_right(cart, discounts, rules, near=shelves.NEAR)


@brief
@given(
    shelves.carts(most=4),
    with_thresholds(),
    st.lists(st.one_of(shelves.simple(limits=False), shelves.threshold()), min_size=1, max_size=2),
    both_models,
)
def test_what_always_applies_comes_last_and_in_sequence(
    cart: Cart, discounts: list[Discount], always: list[dict[str, object]], rules: Settings
) -> None:
    last = [
        Discount(number=f"Z{n}", currency="USD", mode="always", sequence=9 - n, **shape)  # type: ignore[arg-type]
        for n, shape in enumerate(always)
    ]
    is_right(cart, discounts + last, rules, near=shelves.NEAR)


@brief
@given(
    shelves.carts(most=4, sign=-1),
    shelves.discounts(most=3, modes=MODES, caps=False).filter(one_cheapest),
    both_models,
)
def test_a_return_is_a_mirror_sale(cart: Cart, discounts: list[Discount], rules: Settings) -> None:
    is_right(cart, discounts, rules, near=shelves.NEAR)


@brief
@given(
    shelves.carts(most=6, blocked=True),
    shelves.discounts(caps=False),
    st.booleans(),
    st.booleans(),
)
def test_units_that_take_no_discount_fill_slots_only_with_the_switch(
    cart: Cart, discounts: list[Discount], fill: bool, spread: bool
) -> None:
    rules = Settings(count_non_discountable=fill, distribute_least_expensive=spread)
    is_right(cart, discounts, rules)
