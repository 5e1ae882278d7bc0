"""Clusters in which every bundle takes two units: the heaviest matching is the best combination.

What a pair is worth is known exactly, whatever its benefit, so nothing has to be searched.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from kupong.pricing.bundles import Bundle
from kupong.pricing.candidates import Contender
from kupong.pricing.search.bundles import Slot
from kupong.pricing.search.cells import Part
from kupong.pricing.search.drafts import Draft
from kupong.pricing.search.matching import heaviest_pairs
from kupong.pricing.search.model import Model
from kupong.pricing.search.worth import composition_worth

LARGEST = 160  # units; the matching takes a fraction of a second for so many


class Half(NamedTuple):
    """One unit's side of a pair: which draft of its cell, in which slot of which bundle."""

    draft: int
    bundle: int
    slot: int


class Paired(NamedTuple):
    """Two units by place, each with its side."""

    one: int
    other: int
    halves: tuple[Half, Half]


def only_pairs(model: Model) -> bool:
    """Whether bundles of two units are all that couples: then the heaviest matching is best."""
    bundles = model.couplings.bundles.values()
    return (
        len(model.places) <= LARGEST
        and model.only_bundles()
        and all(
            rule.size == 2
            and rule.count <= 1
            and contender.discount.header.max_uses_per_order is None
            for rule, contender in bundles
        )
    )


class Pairs:
    """What units are worth alone, and in pairs, in the model's whole numbers less ties."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.cells, self.drafts, self.rules = model.cells, model.drafts, model.rules
        self.bundles, self.whole = model.couplings.bundles, model.whole
        self.single = [
            max(
                (self._worth(draft), -number)
                for number, draft in enumerate(found)
                if all(part.bundle is None for part in draft.option.parts)
            )
            for found in self.drafts
        ]
        self.halves = [self._halves(found) for found in self.drafts]

    def best(self) -> tuple[list[int], list[Paired]]:
        """The draft of every unit, and the pairs."""
        places = self.model.places
        gains: dict[tuple[int, int], tuple[int, tuple[Half, Half]]] = {}
        weights = [[0] * len(places) for _ in places]
        for one, here in enumerate(places):
            for other in range(one + 1, len(places)):
                key = (here, places[other])
                if key not in gains:
                    gains[key] = self._pair(*key)
                weights[one][other] = weights[other][one] = max(0, gains[key][0])
        drafts = [-self.single[index][1] for index in places]
        pairs = []
        for one, partner in enumerate(heaviest_pairs(weights)):
            if partner is not None and one < partner:
                halves = gains[places[one], places[partner]][1]
                drafts[one], drafts[partner] = halves[0].draft, halves[1].draft
                pairs.append(Paired(one, partner, halves))
        return drafts, pairs

    def _worth(self, draft: Draft) -> int:
        return self.model.whole(draft.value) - self.model.tie(draft)

    def _halves(self, drafts: Sequence[Draft]) -> dict[int, list[tuple[Half, Part]]]:
        found: dict[int, list[tuple[Half, Part]]] = {}
        for number, draft in enumerate(drafts):
            for part in draft.option.parts:
                if part.bundle is not None:
                    half = Half(number, part.bundle, part.slot)
                    found.setdefault(part.bundle, []).append((half, part))
        return found

    def _pair(self, one: int, other: int) -> tuple[int, tuple[Half, Half]]:
        """What the best pair of two units gives beyond treating each by itself; the first is not the cheaper."""
        alone = self.single[one][0] + self.single[other][0]
        best = (0, (Half(0, 0, 0), Half(0, 0, 0)))
        for bundle in self.halves[one].keys() & self.halves[other].keys():
            rule, contender = self.bundles[bundle]
            for (left, mine), (right, yours) in product(
                self.halves[one][bundle], self.halves[other][bundle]
            ):
                if _fit(rule, mine, yours):
                    value = self._value(rule, contender, (one, left, mine), (other, right, yours))
                    if value - alone > best[0]:
                        best = (value - alone, (left, right))
        return best

    def _value(
        self,
        rule: Bundle,
        contender: Contender,
        one: tuple[int, Half, Part],
        other: tuple[int, Half, Part],
    ) -> int:
        drafts = [self.drafts[index][half.draft] for index, half, _ in (one, other)]
        value: int = sum(self._worth(draft) for draft in drafts)
        if one[2].composed:
            members = [
                (half.slot, self.cells[index], draft.option)
                for (index, half, _), draft in zip((one, other), drafts, strict=True)
            ]
            exact = composition_worth(rule, contender, members, self.rules)
            value += self.whole(exact) - sum(self.whole(draft.value) for draft in drafts)
        return value


def _fit(rule: Bundle, one: Part, other: Part) -> bool:
    """Whether the two make one application: the slots, the conditions, and the cheapest where it must be."""
    if len(rule.needs) == 2 and one.slot == other.slot:
        return False
    mine, yours = _slot(one), _slot(other)
    for place, need in enumerate(rule.conditions):
        if mine.flags[place] + yours.flags[place] < need:
            return False
    if rule.cheapest is None or one.composed:
        return True
    return yours.free and not mine.free


def _slot(part: Part) -> Slot:
    return next(move for _, move in part.moves if isinstance(move, Slot))
