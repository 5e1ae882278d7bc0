"""The price book: what it refuses to hold, what a cart meets in it, and that changes equal a new compilation."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kupong.pricing import candidates
from kupong.pricing.book import Unsupported, compile_book
from kupong.pricing.discounts import Discount, DiscountLine, Settings
from tests.pricing import strategies as some
from tests.pricing.goods import cart, coupon, given_by, line, off, percent, priced


@st.composite
def mixed_discounts(draw: st.DrawFn) -> list[Discount]:
    return [
        msgspec.structs.replace(
            entry,
            number=draw(st.sampled_from("ABCDEFGH")),
            requires_code=draw(st.booleans()),
            enabled=draw(st.sampled_from([True, True, False])),
            price_groups=draw(st.frozensets(st.sampled_from(["ALL", "STAFF", "GOLD"]))),
            match_all_price_groups=draw(st.booleans()),
        )
        for entry in draw(some.discounts(most=6))
    ]


def by_number(discounts: list[Discount]) -> dict[str, Discount]:
    return {entry.number: entry for entry in discounts}


@given(mixed_discounts(), mixed_discounts(), st.sets(st.sampled_from("ABCDEFGHIJ")))
def test_a_changed_book_equals_one_compiled_from_scratch(
    before: list[Discount], changed: list[Discount], removed: set[str]
) -> None:
    first, changes = by_number(before), by_number(changed)
    book = compile_book(first.values(), Settings())
    kept = {number: entry for number, entry in first.items() if number not in removed}
    wanted = compile_book((kept | changes).values(), Settings())
    assert book.with_changes(changes.values(), removed) == wanted
    assert book == compile_book(first.values(), Settings())


def test_a_change_shares_what_it_does_not_touch() -> None:
    staff = frozenset({"STAFF"})
    book = compile_book(
        [off("A", **percent(5)), off("B", price_groups=staff, **percent(5))], Settings()
    )
    after = book.with_changes([off("B", price_groups=staff, **percent(9))])
    assert after.discounts["A"] is book.discounts["A"]
    assert after.open_to["ALL"] is book.open_to["ALL"]


@pytest.mark.parametrize(
    ("change", "feature"),
    [
        ({"kind": "wheel_of_fortune"}, "kind wheel_of_fortune"),
        ({"version": 2}, "kind simple version 2"),
        ({"params": {"tiers": []}}, "tiers of kind simple"),
        ({"kind": "threshold"}, "tiers of kind threshold"),
        (
            {"kind": "quantity", "params": {"tiers": [{"min": 4, "off": 1}]}},
            "tiers[0].off of kind quantity",
        ),
    ],
)
def test_refuses_to_hold_an_enabled_discount_that_it_could_not_price_in_full(
    change: dict[str, Any], feature: str
) -> None:
    with pytest.raises(Unsupported) as caught:
        compile_book([off("D", **change)], Settings())
    assert (caught.value.discount, caught.value.feature) == ("D", feature)
    with pytest.raises(Unsupported):
        compile_book([], Settings()).with_changes([off("D", **change)])


def test_holds_a_disabled_draft_of_any_kind() -> None:
    book = compile_book([off("D", kind="threshold", enabled=False)], Settings())
    assert book.discounts["D"].header.number == "D"
    assert book.open_to == {}


def test_refuses_a_number_that_is_given_twice() -> None:
    with pytest.raises(ValueError, match="D is given twice"):
        compile_book([off("D", **percent(1)), off("D", **percent(2))], Settings())


def test_refuses_weekly_hours_that_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="25:00"):
        compile_book([off("D", weekly={"mon": ("09:00", "25:00")}, **percent(1))], Settings())


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The numbers of the discounts that pricing looks at."""
    seen: list[str] = []
    real = candidates._header_refusal

    def noted(*arguments: Any) -> Any:
        seen.append(arguments[1].header.number)
        return real(*arguments)

    monkeypatch.setattr(candidates, "_header_refusal", noted)
    return seen


def test_a_cart_meets_only_the_discounts_that_can_reach_it(looked_at: list[str]) -> None:
    def on(product: str) -> list[DiscountLine]:
        return [DiscountLine(product=product, amount_off=10)]

    discounts = [
        *(off(f"GATED{n}", requires_code=True, lines=on("A")) for n in range(50)),
        *(off(f"OTHER{n}", lines=on(f"X{n}")) for n in range(50)),
        *(off(f"STAFF{n}", price_groups=frozenset({"STAFF"}), lines=on("A")) for n in range(50)),
        off("OPEN", lines=on("A")),
    ]
    answer = priced(cart(line("A", 1, 1000), unlocked=(coupon("GATED7"),)), *discounts)
    assert sorted(looked_at) == ["GATED7", "OPEN"]
    assert given_by(answer) == {"OPEN": 10}


def test_a_discount_for_all_its_price_groups_is_found_when_all_are_carried() -> None:
    both = off("D", price_groups=frozenset({"A", "B"}), match_all_price_groups=True, **percent(10))
    one = priced(cart(line("X", 1, 100), price_groups=frozenset({"A"})), both)
    two = priced(cart(line("X", 1, 100), price_groups=frozenset({"A", "B"})), both)
    assert (one.discount, two.discount) == (0, 10)


def test_everybody_carries_the_price_group_all() -> None:
    only = off("D", price_groups=frozenset({"ALL"}), match_all_price_groups=True, **percent(10))
    assert priced(cart(line("X", 1, 100)), only).discount == 10


def test_an_exclusion_by_a_category_that_no_discount_is_for_keeps_only_its_goods_out() -> None:
    lines = [
        DiscountLine(all_products=True, percent_off=Decimal(10)),
        DiscountLine(category="sale", exclude=True),
    ]
    basket = cart(line("A", 1, 1000), line("B", 1, 1000, categories=("sale",)))
    assert [entry.discount for entry in priced(basket, off("D", lines=lines)).lines] == [100, 0]
