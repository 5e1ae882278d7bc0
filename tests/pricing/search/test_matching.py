"""Pairs of the greatest weight, against every way to pair."""

from functools import cache

from hypothesis import example, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from kupong.pricing.search.matching import heaviest_pairs

Weights = list[list[int]]


@st.composite
def graphs(draw: st.DrawFn, most: int = 9) -> Weights:
    """Few different weights, so that ties and odd cycles are common; a weight of zero is no edge."""
    size = draw(st.integers(0, most))
    largest = draw(st.sampled_from([1, 3, 10, 1000]))
    weights = [[0] * size for _ in range(size)]
    for one in range(size):
        for other in range(one):
            weights[one][other] = weights[other][one] = draw(st.integers(0, largest))
    return weights


def heaviest(weights: Weights) -> int:
    """The greatest weight, by trying every partner for the first vertex that is left."""

    @cache
    def best(left: frozenset[int]) -> int:
        if not left:
            return 0
        one = min(left)
        rest = left - {one}
        return max(best(rest), *(weights[one][other] + best(rest - {other}) for other in rest), 0)

    return best(frozenset(range(len(weights))))


def weight(weights: Weights, partners: list[int | None]) -> int:
    return sum(weights[one][other] for one, other in enumerate(partners) if other is not None) // 2


TRIANGLE = [[0, 5, 5], [5, 0, 5], [5, 5, 0]]
# Two triangles joined by one edge: each triangle is a blossom, and the way between them goes through both.
JOINED = [
    [0, 8, 8, 0, 0, 0],
    [8, 0, 8, 0, 0, 0],
    [8, 8, 0, 7, 0, 0],
    [0, 0, 7, 0, 8, 8],
    [0, 0, 0, 8, 0, 8],
    [0, 0, 0, 8, 8, 0],
]


@tuned(max_examples=400)
@given(graphs())
@example(TRIANGLE)
@example(JOINED)
def test_no_other_pairing_is_heavier(weights: Weights) -> None:
    assert weight(weights, heaviest_pairs(weights)) == heaviest(weights)


@given(graphs(most=14))
def test_partners_have_each_other_and_an_edge_between_them(weights: Weights) -> None:
    partners = heaviest_pairs(weights)
    for one, other in enumerate(partners):
        if other is not None:
            assert partners[other] == one != other
            assert weights[one][other] > 0


@given(graphs(most=14), st.integers(2, 1000))
def test_larger_money_makes_the_same_pairs_worth_as_much_more(weights: Weights, times: int) -> None:
    larger = [[times * value for value in row] for row in weights]
    assert weight(larger, heaviest_pairs(larger)) == times * weight(
        weights, heaviest_pairs(weights)
    )
