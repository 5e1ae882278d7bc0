"""What units in one application of a bundle get in all, when that depends on who is in it."""

from collections.abc import Sequence

from kupong.kernel.money import Exact
from kupong.pricing.bundles import Bundle, Member, gains
from kupong.pricing.candidates import Contender
from kupong.pricing.offers import gain
from kupong.pricing.picks import Rules
from kupong.pricing.search.cells import Cell, Option


def composition_worth(
    rule: Bundle,
    contender: Contender,
    members: Sequence[tuple[int, Cell, Option]],
    rules: Rules,
) -> Exact:
    """What these units get in all: steps before the bundle, its benefit on what is left, steps after it."""
    turn = order_of(rule.method, contender)
    amounts = [cell.amounts for _, cell, _ in members]
    total: Exact = 0
    for late in (False, True):
        if late:
            found = gains(
                rule,
                [
                    Member(slot, left.running, left.original, cell.blocked)
                    for (slot, cell, _), left in zip(members, amounts, strict=True)
                ],
                rules.on_original,
                rules.spread_cheapest,
            )
            total += sum(found)
            amounts = [left.less(gained) for left, gained in zip(amounts, found, strict=True)]
        for place, (_, _, option) in enumerate(members):
            for step in option.steps:
                if (order_of(step.offer.method, step.contender) > turn) is late:
                    gained = gain(step.offer, amounts[place], rules.on_original)
                    total += gained
                    amounts[place] = amounts[place].less(gained)
    return total


def order_of(method: int, contender: Contender) -> tuple[int, int, str]:
    """The order in which discounts of one stage apply: by method, priority, number (specification 1.5)."""
    return (method, -contender.discount.header.priority, contender.number)
