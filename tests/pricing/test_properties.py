"""What holds for every cart and every set of discounts."""

from collections import defaultdict
from decimal import Decimal
from random import Random

import msgspec
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from kupong.kernel.money import Exact
from kupong.pricing.book import compile_book
from kupong.pricing.candidates import candidates
from kupong.pricing.carts import Cart, CartLine, PricedCart, Unlocked
from kupong.pricing.discounts import Discount, Settings
from kupong.pricing.engine import price, rules_of
from kupong.pricing.groups import merge
from kupong.pricing.lots import open_lots
from kupong.pricing.rounds import Field, run_round
from tests.pricing import strategies as some
from tests.pricing.goods import NOON, given_by
from tests.pricing.naive import right_totals

any_carts = st.one_of(some.carts(returns=True), some.carts(some.weighed_quantities, returns=True))


def run(cart: Cart, discounts: list[Discount], settings: Settings) -> PricedCart:
    return price(cart, compile_book(discounts, settings), NOON)


@given(any_carts, some.discounts(), some.settings_of_companies)
def test_cents_add_up(cart: Cart, discounts: list[Discount], settings: Settings) -> None:
    answer = run(cart, discounts, settings)
    for line in answer.lines:
        assert line.gross - line.discount == line.net
        assert sum(applied.amount for applied in line.discounts) == line.discount
    assert sum(line.gross for line in answer.lines) == answer.gross
    assert sum(line.discount for line in answer.lines) == answer.discount
    assert answer.gross - answer.discount == answer.net
    assert answer.proven_optimal
    assert answer.upper_bound == answer.discount


@given(
    st.one_of(any_carts, some.carts(prices=st.integers(1, 400))),
    some.discounts(),
    some.settings_of_companies,
)
def test_no_line_goes_below_zero_and_no_discount_raises_a_price(
    cart: Cart, discounts: list[Discount], settings: Settings
) -> None:
    for line, sold in zip(run(cart, discounts, settings).lines, cart.lines, strict=True):
        sign = 1 if sold.quantity > 0 else -1
        assert 0 <= line.net * sign <= line.gross * sign
        assert all(applied.amount * sign > 0 for applied in line.discounts)
        assert all(
            0 < applied.quantity * sign <= sold.quantity * sign for applied in line.discounts
        )


@given(any_carts, some.discounts(), some.settings_of_companies, st.randoms(use_true_random=False))
def test_the_order_of_discounts_changes_nothing(
    cart: Cart, discounts: list[Discount], settings: Settings, shuffler: Random
) -> None:
    shuffled = list(discounts)
    shuffler.shuffle(shuffled)
    assert run(cart, shuffled, settings) == run(cart, discounts, settings)


@given(any_carts, some.discounts(), some.settings_of_companies)
def test_the_order_of_lines_changes_no_total(
    cart: Cart, discounts: list[Discount], settings: Settings
) -> None:
    turned = msgspec.structs.replace(cart, lines=cart.lines[::-1])
    before, after = run(cart, discounts, settings), run(turned, discounts, settings)
    assert (after.gross, after.discount, after.net) == (before.gross, before.discount, before.net)
    assert given_by(after) == given_by(before)
    assert after.not_applied == before.not_applied


@given(
    any_carts, some.discounts(), some.settings_of_companies, st.integers(0, 3), st.integers(1, 999)
)
def test_splitting_a_line_changes_no_total(
    cart: Cart, discounts: list[Discount], settings: Settings, place: int, thousandths: int
) -> None:
    split = with_split_line(cart, place % len(cart.lines), thousandths)
    before, after = run(cart, discounts, settings), run(split, discounts, settings)
    assert (after.gross, after.discount, after.net) == (before.gross, before.discount, before.net)
    assert given_by(after) == given_by(before)
    assert after.not_applied == before.not_applied


def with_split_line(cart: Cart, place: int, thousandths: int) -> Cart:
    """One line as two: whole quantities stay whole, and the second half goes to the end."""
    line = cart.lines[place]
    part = (line.quantity * thousandths / 1000).quantize(
        Decimal(1) if line.quantity == int(line.quantity) else Decimal("0.001")
    )
    halves = [msgspec.structs.replace(line, quantity=part)] if part else []
    if line.quantity != part:
        rest = msgspec.structs.replace(line, id="rest", quantity=line.quantity - part)
        halves.append(rest)
    lines = [*cart.lines[:place], *halves[:1], *cart.lines[place + 1 :], *halves[1:]]
    return msgspec.structs.replace(cart, lines=tuple(lines))


@given(any_carts, some.discounts(), some.settings_of_companies)
def test_a_return_mirrors_the_sale(
    cart: Cart, discounts: list[Discount], settings: Settings
) -> None:
    back = msgspec.structs.replace(cart, lines=tuple(map(negated, cart.lines)))
    before, after = run(cart, discounts, settings), run(back, discounts, settings)
    assert (after.gross, after.discount, after.net) == (
        -before.gross,
        -before.discount,
        -before.net,
    )
    assert given_by(after) == {number: -amount for number, amount in given_by(before).items()}


def negated(line: CartLine) -> CartLine:
    return msgspec.structs.replace(line, quantity=-line.quantity)


@tuned(max_examples=300)
@given(some.carts(), some.discounts(most=4), some.settings_of_companies)
def test_equals_the_best_of_all_ways(
    cart: Cart, discounts: list[Discount], settings: Settings
) -> None:
    quantities: dict[tuple[str, int], int] = defaultdict(int)
    got: dict[tuple[str, int], int] = defaultdict(int)
    for line, answer in zip(cart.lines, run(cart, discounts, settings).lines, strict=True):
        quantities[line.product, line.price] += int(line.quantity)
        got[line.product, line.price] += answer.discount
    for (product, cents), quantity in quantities.items():
        categories = some.PRODUCTS[product]
        assert got[product, cents] in right_totals(
            discounts, product, categories, cents, quantity, settings, cart.currency.step
        )


@given(
    some.carts(),
    some.discounts(most=4),
    some.discounts(most=1, modes=("best_price",)),
    some.settings_of_companies,
)
def test_one_more_best_price_discount_never_lowers_what_a_stage_gives(
    cart: Cart, discounts: list[Discount], more: list[Discount], settings: Settings
) -> None:
    here = [msgspec.structs.replace(entry, priority=0) for entry in discounts]
    extra = [msgspec.structs.replace(entry, priority=0, number="X") for entry in more]
    assert stage_value(cart, here + extra, settings) >= stage_value(cart, here, settings)


def stage_value(cart: Cart, discounts: list[Discount], settings: Settings) -> Exact:
    """What a stage of all these discounts gives, before rounding."""
    book, basket = compile_book(discounts, settings), merge(cart, settings)
    contenders = dict(enumerate(candidates(cart, book, basket.groups, NOON).contenders))
    rules = rules_of(cart, settings)
    field = Field(basket.groups, rules, {})
    stacking = not rules.across_priorities
    return run_round(open_lots(basket), contenders, field, stacking=stacking).value


@given(some.carts(), some.gated(), some.settings_of_companies)
def test_sparing_uses_costs_the_customer_nothing(
    cart: Cart, gated: tuple[list[Discount], tuple[Unlocked, ...]], settings: Settings
) -> None:
    """At one priority, and where nothing is rounded: with several, what is spared may open a lower one."""
    discounts = [msgspec.structs.replace(entry, priority=0) for entry in gated[0]]
    limited = msgspec.structs.replace(cart, unlocked=gated[1])
    free = tuple(msgspec.structs.replace(entry, limited=False) for entry in gated[1])
    unlimited = msgspec.structs.replace(cart, unlocked=free)
    assert stage_value(limited, discounts, settings) == stage_value(unlimited, discounts, settings)


@given(some.carts(), some.gated(), some.settings_of_companies)
def test_every_unlocked_discount_is_answered(
    cart: Cart, gated: tuple[list[Discount], tuple[Unlocked, ...]], settings: Settings
) -> None:
    discounts, unlocked = gated
    answer = run(msgspec.structs.replace(cart, unlocked=unlocked), discounts, settings)
    refused = {entry.discount for entry in answer.not_applied}
    applied = given_by(answer).keys()
    assert not refused & applied
    assert {opened.discount for opened in unlocked} <= refused | applied


@given(some.carts(), some.discounts(), some.settings_of_companies)
def test_explaining_all_answers_for_the_whole_book_and_changes_no_price(
    cart: Cart, discounts: list[Discount], settings: Settings
) -> None:
    book = compile_book(discounts, settings)
    answer = price(cart, book, NOON)
    full = price(cart, book, NOON, explain_all=True)
    assert full.lines == answer.lines
    assert all(entry in full.not_applied for entry in answer.not_applied)
    named = {entry.discount for entry in full.not_applied} | given_by(full).keys()
    assert named == {entry.number for entry in discounts}
