"""Clusters in which every bundle takes two units: the heaviest matching is the best combination.

What a pair is worth is known exactly, whatever its benefit, so nothing has to be searched.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from kupong.pricing.bundles import Bundle
from kupong.pricing.candidates import Contender
from kupong.pricing.picks import Rules
from kupong.pricing.search.bundles import Slot
from kupong.pricing.search.cells import Cell, Part
from kupong.pricing.search.drafts import Draft
from kupong.pricing.search.matching import heaviest_pairs
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


class Pairs:
    """`worth` of a draft is its value in whole numbers less its tie, `whole` turns any value into such."""

    def __init__(
        self,
        cells: Sequence[Cell],
        drafts: Sequence[Sequence[Draft]],
        bundles: Mapping[int, tuple[Bundle, Contender]],
        rules: Rules,
        worth: Any,
        whole: Any,
    ) -> None:
        self.cells, self.drafts, self.bundles = cells, drafts, bundles
        self.rules, self.worth, self.whole = rules, worth, whole
        self.single = [
            max(
                (worth(draft), -number)
                for number, draft in enumerate(found)
                if all(part.bundle is None for part in draft.option.parts)
            )
            for found in drafts
        ]
        self.halves = [self._halves(found) for found in drafts]

    def best(self, places: Sequence[int]) -> tuple[list[int], list[Paired]]:
        """The draft of every unit, and the pairs; `places` holds the cell of each unit."""
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
        value: int = sum(self.worth(draft) for draft in drafts)
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
