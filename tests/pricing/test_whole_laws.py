"""What holds for every cart and every set of discounts of the whole engine, without a second opinion."""

from collections import defaultdict
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from kupong.kernel.money import Currency
from kupong.pricing.book import compile_book
from kupong.pricing.carts import Cart, CartLine, PricedCart
from kupong.pricing.discounts import CompoundOn, Concurrency, Discount, Settings
from kupong.pricing.engine import price
from tests.pricing import greedy, shelves
from tests.pricing.goods import NOON, given_by

brief = tuned(
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
MODES = ("exclusive", "best_price", "compounded")
rules_of_companies = st.builds(
    Settings,
    concurrency=st.sampled_from(Concurrency),
    compound_on=st.sampled_from(CompoundOn),
    count_non_discountable=st.booleans(),
    distribute_least_expensive=st.booleans(),
    split_lines_for_cents=st.booleans(),
    threshold_stacks_in_across_model=st.booleans(),
    exclusive_thresholds_compete=st.booleans(),
)
every_kind = st.one_of(
    shelves.simple(),
    shelves.quantity(slabs=True),
    shelves.bundle(),
    shelves.bundle(favor="retailer", least=True),
    shelves.threshold(),
)
books = shelves.discounts(most=5, kinds=every_kind, modes=MODES, priorities=(0, 1))
CENTS = 31_013  # What turns the whole amounts of the shelves into awkward cents.


def awkward(cart: Cart, discounts: list[Discount], step: int) -> tuple[Cart, list[Discount]]:
    """The same in cents that do not divide: 1 becomes 0.32, 2 becomes 0.64, 20 becomes 6.45."""
    lines = tuple(
        msgspec.structs.replace(line, price=line.price // CENTS // step * step)
        for line in cart.lines
    )
    return Cart(currency=Currency("USD", step), lines=lines), [
        msgspec.structs.replace(
            entry,
            params=in_cents(entry.params),
            max_amount_per_order=entry.max_amount_per_order
            and in_cents(entry.max_amount_per_order) // step * step,
            lines=tuple(
                msgspec.structs.replace(
                    line, amount_off=in_cents(line.amount_off), price=in_cents(line.price)
                )
                for line in entry.lines
            ),
        )
        for entry in discounts
    ]


def in_cents(value: Any) -> Any:
    """Every amount of the shelves, wherever it stands; a price of 0 stays 0."""
    if isinstance(value, dict):
        return {key: in_cents(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [in_cents(entry) for entry in value]
    return value // CENTS if isinstance(value, int) and value >= shelves.MILLION else value


@st.composite
def cases(
    draw: st.DrawFn, most: int = 8, sign: int | None = None
) -> tuple[Cart, list[Discount], Settings]:
    """In cents that do not divide; where `sign` is not given, sales and returns in one cart."""
    cart = draw(shelves.carts(most=most, sign=sign or 1, blocked=True))
    if sign is None:
        lines = tuple(
            msgspec.structs.replace(
                line, quantity=line.quantity * draw(st.sampled_from([1, 1, -1]))
            )
            for line in cart.lines
        )
        cart = msgspec.structs.replace(cart, lines=lines)
    step = draw(st.sampled_from([1, 1, 5]))
    return *awkward(cart, draw(books), step), draw(rules_of_companies)


Case = tuple[Cart, list[Discount], Settings]


def run(cart: Cart, discounts: list[Discount], rules: Settings) -> PricedCart:
    return price(cart, compile_book(discounts, rules), NOON)


@brief
@given(cases())
def test_cents_add_up_on_lines_parts_and_discounts(case: Case) -> None:
    answer = run(*case)
    for line, sold in zip(answer.lines, case[0].lines, strict=True):
        assert line.gross - line.discount == line.net
        assert sum(applied.amount for applied in line.discounts) == line.discount
        if line.parts or line.discount:  # A line that is netted away altogether has none.
            assert sum(part.quantity for part in line.parts) == sold.quantity
        assert sum(part.discount for part in line.parts) == line.discount
        of_parts: dict[str, int] = defaultdict(int)
        for part in line.parts:
            assert sum(applied.amount for applied in part.discounts) == part.discount
            for applied in part.discounts:
                of_parts[applied.discount] += applied.amount
        assert of_parts == {a.discount: a.amount for a in line.discounts if a.amount} | {
            number: 0 for number, amount in of_parts.items() if not amount
        }
    assert sum(line.gross for line in answer.lines) == answer.gross
    assert sum(line.discount for line in answer.lines) == answer.discount
    assert sum(given_by(answer).values()) == answer.discount
    assert answer.gross - answer.discount == answer.net


@brief
@given(cases())
def test_no_line_and_no_part_goes_below_zero_or_above_its_price(case: Case) -> None:
    answer = run(*case)
    for line, sold in zip(answer.lines, case[0].lines, strict=True):
        sign = 1 if sold.quantity > 0 else -1
        assert 0 <= line.net * sign <= line.gross * sign
        for part in line.parts:
            assert 0 <= part.discount * sign <= part.quantity * sold.price * sign
        assert all(
            0 < applied.quantity * sign <= sold.quantity * sign for applied in line.discounts
        )


@brief
@given(cases())
def test_amounts_are_whole_steps_of_the_currency_on_every_line(case: Case) -> None:
    step = case[0].currency.step
    for line in run(*case).lines:
        assert all(applied.amount % step == 0 for applied in line.discounts)


@brief
@given(cases(sign=1))
def test_the_bound_holds_and_a_proof_meets_it(case: Case) -> None:
    answer = run(*case)
    assert answer.discount <= answer.upper_bound
    if answer.proven_optimal:
        assert answer.discount == answer.upper_bound


@brief
@given(cases(sign=1))
def test_caps_per_order_are_kept(case: Case) -> None:
    answer = run(*case)
    given_ = given_by(answer)
    for discount in case[1]:
        cap, most = discount.max_amount_per_order, discount.max_quantity_per_order
        assert cap is None or given_.get(discount.number, 0) <= cap
        units = sum(
            (
                a.quantity
                for ln in answer.lines
                for a in ln.discounts
                if a.discount == discount.number
            ),
            Decimal(0),
        )
        assert most is None or units <= most


@brief
@given(cases(), st.randoms(use_true_random=False))
def test_neither_the_order_of_lines_nor_of_discounts_changes_anything(
    case: Case, shuffler: Random
) -> None:
    cart, discounts, rules = case
    lines, others = list(cart.lines), list(discounts)
    shuffler.shuffle(lines)
    shuffler.shuffle(others)
    turned = msgspec.structs.replace(cart, lines=tuple(lines))
    before, after = run(cart, discounts, rules), run(turned, others, rules)
    assert totals(after) == totals(before)


def totals(answer: PricedCart) -> object:
    return (
        answer.gross,
        answer.discount,
        answer.net,
        answer.proven_optimal,
        answer.upper_bound,
        given_by(answer),
        answer.not_applied,
    )


@brief
@given(cases())
def test_one_line_or_many_of_the_same_goods_cost_the_same(case: Case) -> None:
    cart, discounts, rules = case
    single = [
        msgspec.structs.replace(
            line, id=f"{line.id}-{n}", quantity=Decimal(1 if line.quantity > 0 else -1)
        )
        for line in cart.lines
        for n in range(int(abs(line.quantity)))
    ]
    split = msgspec.structs.replace(cart, lines=tuple(single))
    assert totals(run(split, discounts, rules)) == totals(run(cart, discounts, rules))


@brief
@given(cases())
def test_a_return_gives_back_what_the_sale_took(case: Case) -> None:
    cart, discounts, rules = case
    back = tuple(msgspec.structs.replace(ln, quantity=-ln.quantity) for ln in cart.lines)
    before = run(cart, discounts, rules)
    after = run(msgspec.structs.replace(cart, lines=back), discounts, rules)
    assert (after.gross, after.discount, after.net) == (
        -before.gross,
        -before.discount,
        -before.net,
    )
    assert given_by(after) == {number: -amount for number, amount in given_by(before).items()}


@brief
@given(cases())
def test_the_same_cart_twice_gives_the_same_answer(case: Case) -> None:
    assert run(*case) == run(*case)


@brief
@given(shelves.carts(most=8), books, rules_of_companies)
def test_a_hundred_times_the_money_is_a_hundred_times_the_discount(
    cart: Cart, discounts: list[Discount], rules: Settings
) -> None:
    """On amounts so large that what is rounded does not show."""
    more, dearer = times(cart, discounts, 100)
    before, after = run(cart, discounts, rules), run(more, dearer, rules)
    assert abs(after.discount - 100 * before.discount) <= 100 * shelves.NEAR


def times(cart: Cart, discounts: list[Discount], factor: int) -> tuple[Cart, list[Discount]]:
    def scaled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: scaled(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [scaled(entry) for entry in value]
        return value * factor if isinstance(value, int) and value >= shelves.MILLION else value

    lines = tuple(msgspec.structs.replace(ln, price=ln.price * factor) for ln in cart.lines)
    return msgspec.structs.replace(cart, lines=lines), [
        msgspec.structs.replace(
            entry,
            params=scaled(entry.params),
            max_amount_per_order=scaled(entry.max_amount_per_order),
            lines=tuple(
                msgspec.structs.replace(
                    ln, amount_off=scaled(ln.amount_off), price=scaled(ln.price)
                )
                for ln in entry.lines
            ),
        )
        for entry in discounts
    ]


@brief
@given(
    shelves.carts(most=10),
    shelves.discounts(modes=("best_price", "compounded")),
    shelves.discounts(most=1),
)
def test_one_more_best_price_discount_never_gives_less(
    cart: Cart, discounts: list[Discount], more: list[Discount]
) -> None:
    extra = [msgspec.structs.replace(entry, number="X") for entry in more]
    before = run(cart, discounts, Settings())
    after = run(cart, discounts + extra, Settings())
    if after.proven_optimal:
        assert after.discount >= before.discount - shelves.NEAR
    else:
        assert after.upper_bound >= before.discount - shelves.NEAR


@brief
@given(shelves.carts(most=10), shelves.discounts(), shelves.prices)
def test_one_more_unit_never_gives_less(cart: Cart, discounts: list[Discount], cents: int) -> None:
    line = CartLine(id="more", product="A", quantity=Decimal(1), price=cents, **shelves.SHELF["A"])
    larger = msgspec.structs.replace(cart, lines=(*cart.lines, line))
    before, after = run(cart, discounts, Settings()), run(larger, discounts, Settings())
    if after.proven_optimal:
        assert after.discount >= before.discount - shelves.NEAR


@brief
@given(shelves.carts(most=12), shelves.discounts(most=5, caps=False))
def test_no_heuristic_gives_more(cart: Cart, discounts: list[Discount]) -> None:
    answer = run(cart, discounts, Settings())
    units = greedy.sold_units(cart)
    for heuristic in greedy.HEURISTICS:
        assert answer.discount >= heuristic(units, discounts) - shelves.NEAR
