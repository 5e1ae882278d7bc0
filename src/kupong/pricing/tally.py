"""The running account of one item group: what is left to pay, and what each discount took off it, in whole cents."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from kupong.kernel.money import Exact, round_to_step
from kupong.pricing.allocation import share_out
from kupong.pricing.groups import Basket, ItemGroup
from kupong.pricing.offers import Amounts, gain
from kupong.pricing.picks import Pick, Rules


class Taken(msgspec.Struct, frozen=True):
    """What one discount took: `shares` in minor units, beside the parts of the item group."""

    number: str
    shares: list[int]


class Tally:
    """`room` is what each part may still be reduced by; `closed_by` names who closed the group to others."""

    __slots__ = ("amounts", "closed_by", "group", "room", "taken")

    def __init__(self, group: ItemGroup, gross: Sequence[int]) -> None:
        original = _plain(group.price * group.quantity)
        self.group = group
        self.amounts = Amounts(group.quantity, original, original)
        self.room = _room(group, gross)
        self.taken: list[Taken] = []
        self.closed_by: tuple[str, ...] = ()

    def apply(self, pick: Pick, rules: Rules) -> tuple[str, ...]:
        """Apply the steps, each rounded before the next; the numbers of those that took something off."""
        applied = []
        for step in pick.steps:
            exact = gain(step.offer, self.amounts, rules.on_original)
            amount = min(round_to_step(exact, rules.step), sum(self.room))
            if amount > 0:
                self._take(step.contender.number, amount, rules.step)
                applied.append(step.contender.number)
        return tuple(applied)

    def _take(self, number: str, amount: int, step: int) -> None:
        weights = [part.quantity for part in self.group.parts]
        shares = share_out(amount, weights, self.room, step)
        self.room = [limit - share for limit, share in zip(self.room, shares, strict=True)]
        self.amounts = self.amounts.less(amount)
        self.taken.append(Taken(number, shares))


def open_tallies(basket: Basket) -> list[Tally]:
    return [Tally(group, basket.gross) for group in basket.groups]


def _room(group: ItemGroup, gross: Sequence[int]) -> list[int]:
    """Never more than the line's own gross, and of a line that was partly cancelled only the rest."""
    return [
        min(abs(gross[part.place]), round_to_step(group.price * part.quantity))
        if part.partial
        else abs(gross[part.place])
        for part in group.parts
    ]


def _plain(value: Exact) -> Exact:
    """A whole Fraction as an int: arithmetic on ints is many times faster."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value
