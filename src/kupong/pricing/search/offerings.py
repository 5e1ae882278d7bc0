"""Bundles as the search over whole applications wants them."""

from collections.abc import Sequence
from functools import partial

from kupong.pricing.bundles import Bundle
from kupong.pricing.candidates import Contender
from kupong.pricing.search.applications import Offering, Side
from kupong.pricing.search.model import Model
from kupong.pricing.search.worth import composition_worth


def offering(model: Model, place: int) -> Offering:
    """The bundle of that automaton, at the prices of units."""
    rule, contender = model.couplings.bundles[place]
    composed = place in model.couplings.composed
    cheapest = 0 if composed or rule.cheapest is None else rule.count
    slots = range(len(rule.needs))
    paid: list[dict[int, tuple[int, int]]] = [{} for _ in slots]
    free: list[dict[int, tuple[int, int]]] = [{} for _ in slots]
    flags: dict[int, tuple[bool, ...]] = {}
    for index, found in enumerate(model.drafts):
        for number, draft in enumerate(found):
            for part in draft.option.parts:
                if part.bundle == place:
                    move = next(m for at, m in part.moves if at == place)
                    flags[index] = move.flags
                    losses = free if move.free else paid
                    entry = (model.loss(index, draft), number)
                    losses[part.slot][index] = min(entry, losses[part.slot].get(index, entry))
    return Offering(
        bundle=place,
        needs=rule.needs,
        cheapest=cheapest,
        conditions=rule.conditions,
        flags=flags,
        paid=tuple(paid),
        free=tuple(free),
        uses=contender.discount.header.max_uses_per_order,
        use_price=model.uses.get(place, 0),
        floors=model.floors.get(place, {}),
        exact_loss=partial(_exact_loss, model, rule, contender) if composed else None,
    )


def _exact_loss(model: Model, rule: Bundle, contender: Contender, sides: Sequence[Side]) -> int:
    drafts = [model.drafts[side.cell][side.draft] for side in sides]
    members = [
        (side.slot, model.cells[side.cell], draft.option)
        for side, draft in zip(sides, drafts, strict=True)
    ]
    worth = model.whole(composition_worth(rule, contender, members, model.rules))
    ties = sum(model.tie(draft) for draft in drafts)
    return sum(model.potentials[side.cell] for side in sides) - worth + ties
