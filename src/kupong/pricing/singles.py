"""The best for goods that depend on no others: one discount, or the stack of those that may stack."""

from collections.abc import Iterable, Sequence

from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts
from kupong.pricing.picks import NOTHING, Pick, Rules, Step, better, worth
from kupong.pricing.stack import line_ups


def best_single(contenders: Sequence[Contender], amounts: Amounts, rules: Rules) -> Pick:
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


def alone(contender: Contender, amounts: Amounts, rules: Rules) -> Pick:
    """The discount by itself: of its lines the one that gives most on the price as it stands."""
    best = NOTHING
    for offer in contender.offers:
        pick = worth([Step(contender, offer)], amounts, rules)
        if pick.value > best.value:
            best = pick
    return best


def _best_of(picks: Iterable[Pick], rules: Rules) -> Pick:
    best = NOTHING
    for pick in picks:
        if better(pick, best, rules):
            best = pick
    return best
