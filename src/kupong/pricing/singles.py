"""The best for goods that depend on no others: one discount, or the stack of those that may stack."""

from collections.abc import Iterable, Sequence, Set

from kupong.kernel.money import Exact
from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts, Method
from kupong.pricing.picks import NOTHING, Pick, Rules, Step, better, single
from kupong.pricing.stack import line_ups


class Singles:
    """Finds the best pick for one lot after the other.

    Lots that look alike share one sequence of contenders, and what holds for all amounts is found out once
    for each: of the discounts that stand alone only the best of each method can win, unless two take all that is left.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._known: dict[int, _Known] = {}

    def best(self, contenders: Sequence[Contender], amounts: Amounts) -> Pick:
        known = self._of(contenders)
        picks = [single(step, amounts, self.rules) for step in known.leading]
        best = _best_of(picks, self.rules)
        if best.value == amounts.running:
            return best_single(contenders, amounts, self.rules)
        if known.stacking and not self.rules.across_priorities:
            return _best_of([best, best_stack(known.stacking, amounts, self.rules)], self.rules)
        return best

    def numbers(self, contenders: Sequence[Contender]) -> Set[str]:
        return self._of(contenders).numbers

    def coupling(self, contenders: Sequence[Contender]) -> Sequence[Contender]:
        """Those that tie units together."""
        return self._of(contenders).coupling

    def _of(self, contenders: Sequence[Contender]) -> "_Known":
        known = self._known.get(id(contenders))
        if known is None:
            known = self._known[id(contenders)] = _Known(contenders, self.rules)
        return known


class _Known:
    """What is known of contenders whatever the amounts are. It holds them, so that their identity stays theirs."""

    def __init__(self, contenders: Sequence[Contender], rules: Rules) -> None:
        self.contenders = contenders
        self.numbers = frozenset(entry.number for entry in contenders)
        self.coupling = [entry for entry in contenders if entry.couples]
        self.stacking = [entry for entry in contenders if entry.compounded]
        self.leading = _leading(_lonely(contenders, rules), rules)


def _lonely(contenders: Sequence[Contender], rules: Rules) -> Sequence[Contender]:
    if rules.across_priorities:
        return contenders
    return [entry for entry in contenders if not entry.compounded]


def _leading(contenders: Iterable[Contender], rules: Rules) -> list[Step]:
    """The best offer of each method; of equal ones the one whose discount wins ties."""
    leading: dict[Method, tuple[tuple[Exact, bool, str], Step]] = {}
    for contender in contenders:
        number = contender.number
        for offer in contender.offers:
            value = offer.value if offer.method is Method.PRICE else -offer.value
            rank = (value, number in rules.limited, number)
            known = leading.get(offer.method)
            if known is None or rank < known[0]:
                leading[offer.method] = (rank, Step(contender, offer))
    return [step for _, step in leading.values()]


def best_single(contenders: Sequence[Contender], amounts: Amounts, rules: Rules) -> Pick:
    """Within a priority best price meets the compounded stack; across priorities one of all wins."""
    lonely = _lonely(contenders, rules)
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
    picks = (single(Step(contender, offer), amounts, rules) for offer in contender.offers)
    return max(picks, key=lambda pick: pick.value, default=NOTHING)


def _best_of(picks: Iterable[Pick], rules: Rules) -> Pick:
    best = NOTHING
    for pick in picks:
        if better(pick, best, rules):
            best = pick
    return best
