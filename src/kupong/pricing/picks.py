"""A pick: what one item group takes at one priority, its unrounded worth, and which of two is better."""

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts, Method, Offer, gain


class Rules(msgspec.Struct, frozen=True):
    """What a pricing run goes by. `limited` names the discounts whose use is counted.

    `spread_cheapest`: what the cheapest units of a bundle get is shared over all its units.
    """

    across_priorities: bool
    on_original: bool
    step: int
    limited: frozenset[str]
    spread_cheapest: bool = False


class Step(msgspec.Struct, frozen=True):
    contender: Contender
    offer: Offer


class Pick(msgspec.Struct, frozen=True):
    """Discounts in the order in which they apply. `value` is unrounded: comparisons come before cents."""

    value: Exact
    steps: tuple[Step, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(step.contender.number for step in self.steps)


NOTHING = Pick(0, ())


def single(step: Step, amounts: Amounts, rules: Rules) -> Pick:
    """The step by itself."""
    gained = gain(step.offer, amounts, rules.on_original)
    return Pick(gained, (step,)) if gained else NOTHING


def worth(steps: Iterable[Step], amounts: Amounts, rules: Rules) -> Pick:
    """The steps one after the other; those that find nothing left to take off are left out."""
    running = amounts.running
    # Percentages keep `kept / whole` of what is running. Many in a row make long numbers: they are reduced only once.
    kept = whole = 1
    taken = []
    for step in steps:
        if step.offer.method is Method.PERCENT and not rules.on_original:
            rate = step.offer.value
            if not (rate and kept and running):
                continue
            kept *= rate.denominator - rate.numerator
            whole *= rate.denominator
        else:
            running, kept, whole = running - _part(running, whole - kept, whole), 1, 1
            left = Amounts(amounts.quantity, amounts.original, running)
            gained = gain(step.offer, left, rules.on_original)
            if gained <= 0:
                continue
            running -= gained
        taken.append(step)
    value = amounts.running - running + _part(running, whole - kept, whole)
    return Pick(value, tuple(taken))


def _part(amount: Exact, part: int, whole: int) -> Exact:
    return amount * Fraction(part, whole) if part else 0


def better(pick: Pick, known: Pick, rules: Rules) -> bool:
    """More money; then fewer limited uses, fewer discounts, lower numbers: the same cart, the same answer."""
    if pick.value != known.value:
        return pick.value > known.value
    return _cost(pick, rules) < _cost(known, rules)


def _cost(pick: Pick, rules: Rules) -> tuple[int, int, tuple[str, ...]]:
    numbers = pick.numbers
    limited = sum(number in rules.limited for number in numbers)
    return limited, len(numbers), numbers
