"""One stage: every discount of one priority meets every item group it can reach, and the best wins.

Units do not depend on each other here, so the best pick of each item group is the best of the cart,
and the sum is proven: there is nothing left to search.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import combinations

from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts
from kupong.pricing.picks import NOTHING, Pick, Rules, Step, better, worth
from kupong.pricing.stack import line_ups

# With more dispensable coupons than this on one cart, they are left out one by one, not by best subset.
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
    met = {entry.number for entries in contenders.values() for entry in entries}
    spared = _spared_uses(picks, choose, rules.limited & met)
    return {
        place: pick if spared.isdisjoint(pick.numbers) else choose(place, spared)
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


def _spared_uses(
    picks: Mapping[int, Pick], choose: Choose, limited: frozenset[str]
) -> frozenset[str]:
    """The limited discounts that can be left out, so that as few as possible are spent, at no cost."""
    used = limited.intersection(number for pick in picks.values() for number in pick.numbers)
    # A single one is never in vain: each pick already prefers what spends nothing.
    if len(used) < 2:
        return frozenset()
    needed = frozenset(number for number in used if not _costs_nothing({number}, picks, choose))
    if needed == used:
        return frozenset()
    others = sorted(limited - needed)
    if len(others) > _SUBSETS:
        return _left_out_singly(limited - used, sorted(used - needed), picks, choose)
    for size in range(len(used) - len(needed)):
        for kept in combinations(others, size):
            spared = limited - needed - {*kept}
            if _costs_nothing(spared, picks, choose):
                return spared
    return frozenset()


def _left_out_singly(
    spared: frozenset[str], spare: Sequence[str], picks: Mapping[int, Pick], choose: Choose
) -> frozenset[str]:
    """Leave out one after the other, from the back; what remains is enough, and none of it is in vain."""
    for number in reversed(spare):
        if _costs_nothing(spared | {number}, picks, choose):
            spared |= {number}
    return spared


def _costs_nothing(spared: Set[str], picks: Mapping[int, Pick], choose: Choose) -> bool:
    return all(
        choose(place, frozenset(spared)).value == pick.value
        for place, pick in picks.items()
        if not spared.isdisjoint(pick.numbers)
    )
