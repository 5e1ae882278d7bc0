"""However baskets answer, every redemption ends in exactly one place."""

import re

from hypothesis import given
from hypothesis import strategies as st

from kupong.demo.reconciliation import Reconciliation, fresh, line

ANSWERS = st.one_of(
    st.just(("applied", None)),
    st.just(("no_effect", "no_matching_lines")),
    st.tuples(st.just("refused"), st.sampled_from(["expired", "exhausted"])),
)


@given(st.lists(st.tuples(st.integers(0, 9), ANSWERS)))
def test_the_figures_add_up_to_all_redemptions(answers: list[tuple[int, tuple[str, str]]]) -> None:
    reconciliation = Reconciliation(fresh(10))
    for place, (status, reason) in answers:
        reconciliation.settle(place, status, reason)
    result = reconciliation.result()
    figures = [int(figure) for figure in re.findall(r"\d+", line(result))]
    assert figures[0] == result["total"] == 10
    assert sum(figures[1:]) == 10
    assert result["no_basket"] == 10 - len({place for place, _ in answers})


def test_one_effect_on_a_basket_of_the_day_is_enough() -> None:
    reconciliation = Reconciliation(fresh(1))
    for status in ("no_effect", "applied", "no_effect", "refused"):
        reconciliation.settle(0, status, None)
    assert reconciliation.result()["redeemed"] == 1
    assert reconciliation.pending([0]) == []


def test_a_code_without_effect_is_handed_in_again() -> None:
    reconciliation = Reconciliation(fresh(3))
    reconciliation.settle(0, "no_effect", "gives_nothing")
    reconciliation.settle(1, "applied", None)
    assert reconciliation.pending([0, 1, 2]) == [0, 2]


def test_a_refusal_is_counted_by_its_reason() -> None:
    reconciliation = Reconciliation(fresh(3))
    reconciliation.settle(0, "refused", "expired")
    reconciliation.settle(1, "refused", "expired")
    reconciliation.settle(2, "refused", "exhausted")
    result = reconciliation.result()
    assert result["refused"] == {"expired": 2, "exhausted": 1}
    assert line(result) == (
        "reconciled 3 redemptions: 0 redeemed, 0 no effect, 0 no basket, 3 refused"
    )


def test_it_goes_on_from_outcomes_that_were_kept() -> None:
    before = Reconciliation(fresh(2))
    before.settle(0, "applied", None)
    after = Reconciliation(before.outcomes)
    after.settle(1, "no_effect", None)
    assert (after.result()["redeemed"], after.result()["no_effect"]) == (1, 1)
