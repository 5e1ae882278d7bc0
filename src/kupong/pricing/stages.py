"""One stage: every discount of one priority meets every item group it can reach, and the best wins.

Units do not depend on each other here, so the best pick of each item group is the best of the cart,
and the sum is proven: there is nothing left to search.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts
from kupong.pricing.picks import NOTHING, Pick, Rules, Step, better, worth
from kupong.pricing.stack import line_ups

# With more spare coupons than this on one cart, they are put back one by one instead of by best subset.
_SUBSETS = 10

Choose = Callable[[int, frozenset[str]], Pick]


def best_picks(
    contenders: Mapping[int, Sequence[Contender]], amounts: Mapping[int, Amounts], rules: Rules
) -> dict[int, Pick]:
    """The best pick for each place; of picks worth the same, those that spend the fewest limited uses."""

    def choose(place: int, spared: frozenset[str]) -> Pick:
        taking = [entry for entry in contenders[place] if entry.number not in spared]
        return _best(taking, amounts[place], rules)

    picks = {place: choose(place, frozenset()) for place in contenders}
    spared = _spared_uses(picks, choose, rules)
    if not spared:
        return picks
    return {
        place: choose(place, spared) if spared & {*pick.numbers} else pick
        for place, pick in picks.items()
    }


def _best(contenders: Sequence[Contender], amounts: Amounts, rules: Rules) -> Pick:
    """Within a priority best price meets the compounded stack; across priorities one of all wins."""
    lonely = [entry for entry in contenders if rules.across_priorities or not entry.compounded]
    picks = [alone(entry, amounts, rules) for entry in lonely]
    if len(lonely) < len(contenders):
        picks.append(best_stack(contenders, amounts, rules))
    return _best_of(picks, rules)


def best_stack(contenders: Sequence[Contender], amounts: Amounts, rules: Rules) -> Pick:
    """The best stack of those that may stack."""
    stacking = [entry for entry in contenders if entry.compounded]
    return _best_of(line_ups(stacking, amounts, rules), rules)


def _best_of(picks: Iterable[Pick], rules: Rules) -> Pick:
    best = NOTHING
    for pick in picks:
        if better(pick, best, rules):
            best = pick
    return best


def alone(contender: Contender, amounts: Amounts, rules: Rules) -> Pick:
    """The discount by itself: of its lines the one that gives most on the price as it stands."""
    best = NOTHING
    for offer in contender.offers:
        pick = worth([Step(contender, offer)], amounts, rules)
        if pick.value > best.value:
            best = pick
    return best


def _spared_uses(picks: Mapping[int, Pick], choose: Choose, rules: Rules) -> frozenset[str]:
    """The largest set of limited discounts without which the customer pays no more."""
    used = {number for pick in picks.values() for number in pick.numbers}
    spent = sorted(rules.limited & used)
    # Leaving out a set can only cost more than leaving out a part of it.
    spare = [number for number in spent if _costs_nothing([number], picks, choose)]
    if len(spare) < 2:
        return frozenset(spare)
    if len(spare) > _SUBSETS:
        return _put_back_singly(spare, picks, choose)
    for size in range(len(spare), 0, -1):
        # From the back: where it makes no difference, the lower numbers stay.
        for numbers in combinations(reversed(spare), size):
            if _costs_nothing(numbers, picks, choose):
                return frozenset(numbers)
    return frozenset()


def _put_back_singly(
    spare: Sequence[str], picks: Mapping[int, Pick], choose: Choose
) -> frozenset[str]:
    spared: list[str] = []
    for number in reversed(spare):
        if _costs_nothing([*spared, number], picks, choose):
            spared.append(number)
    return frozenset(spared)


def _costs_nothing(numbers: Iterable[str], picks: Mapping[int, Pick], choose: Choose) -> bool:
    spared = frozenset(numbers)
    return all(
        choose(place, spared).value == pick.value
        for place, pick in picks.items()
        if not spared.isdisjoint(pick.numbers)
    )
