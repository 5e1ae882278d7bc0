"""Why a discount that met a line of the cart gave nothing: beaten, blocked, or nothing left to take off."""

from collections.abc import Iterable, Sequence
from typing import Any

from kupong.kernel.money import Exact, round_to_step
from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts, Method
from kupong.pricing.picks import Pick, Rules
from kupong.pricing.stages import alone, best_stack

# A discount may lose on several items for several reasons: the one that came nearest to winning is told.
_NEARNESS = (Reason.GIVES_NOTHING, Reason.BLOCKED_BY_PRIORITY, Reason.BEATEN)


class Losses:
    """Collects the losses of every discount over all item groups and stages."""

    def __init__(self) -> None:
        self._losses: dict[str, _Loss] = {}

    def blocked(self, contenders: Iterable[Contender], by: Sequence[str]) -> None:
        """The item group was closed at a higher priority, by these discounts."""
        for contender in contenders:
            self._note(contender.number, Reason.BLOCKED_BY_PRIORITY, by)

    def lost(
        self,
        contenders: Sequence[Contender],
        amounts: Amounts,
        pick: Pick,
        applied: Sequence[str],
        rules: Rules,
    ) -> None:
        """The item group took `pick` on these `amounts`, and of that `applied` came to something."""
        for contender in contenders:
            if contender.number not in applied:
                have = _could_have_given(contender, contenders, amounts, rules)
                if have == 0 or not applied or _price_used_up(contender, pick, rules):
                    self._note(contender.number, Reason.GIVES_NOTHING, applied)
                else:
                    self._note(contender.number, Reason.BEATEN, applied, have, pick.value)

    def refusals(self, but: Iterable[str]) -> dict[str, Refused]:
        """Per discount its loss in figures; those in `but` applied somewhere, and so did not lose."""
        won = set(but)
        return {n: loss.refusal() for n, loss in self._losses.items() if n not in won}

    def _note(
        self, number: str, reason: Reason, by: Iterable[str], have: Exact = 0, need: Exact = 0
    ) -> None:
        loss = self._losses.get(number)
        if loss is None or _NEARNESS.index(reason) > _NEARNESS.index(loss.reason):
            loss = self._losses[number] = _Loss(reason)
        if reason is loss.reason:
            loss.add(by, have, need)


class _Loss:
    """`have` is what the discount, or the stack it was in, would have given; `need` what the winners gave."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        self._by: set[str] = set()
        self._have: Exact = 0
        self._need: Exact = 0

    def add(self, by: Iterable[str], have: Exact, need: Exact) -> None:
        self._by.update(by)
        self._have += have
        self._need += need

    def refusal(self) -> Refused:
        detail: dict[str, Any] = {"by": sorted(self._by)} if self._by else {}
        if self.reason is Reason.BEATEN:
            detail["have"] = round_to_step(self._have)
            detail["need"] = round_to_step(self._need)
        return Refused(self.reason, detail)


def _could_have_given(
    contender: Contender, contenders: Sequence[Contender], amounts: Amounts, rules: Rules
) -> Exact:
    """A discount that may stack is judged by the best stack it is in, if it adds to that, else by itself."""
    own = alone(contender, amounts, rules)
    if contender.compounded and not rules.across_priorities and own.value:
        stack = best_stack(contenders, amounts, rules)
        if contender.number in stack.numbers:
            return stack.value
    return own.value


def _price_used_up(contender: Contender, pick: Pick, rules: Rules) -> bool:
    """It may stack on what was taken, and yet found nothing to take: it lost to nobody."""
    if rules.across_priorities or not contender.compounded:
        return False
    stacks = all(step.contender.compounded for step in pick.steps)
    sets_price = any(step.offer.method is Method.PRICE for step in pick.steps)
    only_price = all(offer.method is Method.PRICE for offer in contender.offers)
    return stacks and not (only_price and sets_price)
