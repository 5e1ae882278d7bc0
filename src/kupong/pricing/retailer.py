"""Bundles that favour the retailer: after the search, over what is left, the dearest go with the cheapest.

They take as many applications as the goods allow, and of those the ones that give least (specification 1.4).
"""

from collections.abc import Sequence
from fractions import Fraction

from kupong.pricing.applying import Piece, Use, apply
from kupong.pricing.bundles import Bundle
from kupong.pricing.candidates import Contender
from kupong.pricing.lots import Lot, split
from kupong.pricing.picks import Step
from kupong.pricing.rounds import Entering, Field, canonical
from kupong.pricing.units import most_filled

Taken = tuple[
    int, int, bool
]  # the place of a lot, the slot, and whether the unit is one of the cheapest


def run_retailer(lots: Sequence[Lot], entering: Entering, number: str, field: Field) -> list[Lot]:
    """The lots after the bundle of that number took what is open to it."""
    met = {
        place: contender
        for place, contenders in entering.items()
        for contender in contenders
        if contender.number == number
    }
    filler = _Filler(lots, met, field)
    applications = filler.applications()
    if not applications:
        return list(lots)
    pieces, uses = _told(lots, met, applications, field)
    return apply(pieces, uses, field.blocked, field.rules, field.given)


class _Filler:
    """Takes units one by one, each only if the rest of all applications can still be filled."""

    def __init__(self, lots: Sequence[Lot], met: dict[int, Contender], field: Field) -> None:
        contender = next(iter(met.values()))
        rule = contender.discount.rule
        assert isinstance(rule, Bundle)
        self.rule, self.field, self.lots = rule, field, lots
        self.left = {place: int(lots[place].quantity) for place in met}
        self.covers = {
            place: frozenset(cover.place for cover in entry.covers) for place, entry in met.items()
        }
        self.dearest = sorted(
            met, key=lambda place: (-self._price(place), canonical(lots[place], field))
        )
        self.uses = contender.discount.header.max_uses_per_order

    def applications(self) -> list[list[Taken]]:
        count = 0
        while (
            (self.uses is None or count < self.uses)
            and self._can_fill([need * (count + 1) for need in self.rule.needs])
            and all(self._meeting(must) >= need * (count + 1) for must, need in self._conditions)
        ):
            count += 1
        found = []
        for done in range(count):
            application = self._application(count - done - 1)
            if application is None:
                break
            found.append(application)
        return found

    def _application(self, more: int) -> list[Taken] | None:
        """One application, while so many more are to follow; None where its conditions cannot be met together."""
        open_slots = list(self.rule.needs)
        taken: list[Taken] = []
        free = [place for place in reversed(self.dearest) if not self._blocked(place)]
        for _ in range(self.rule.count):
            if not self._take(free, open_slots, more, taken, free=True):
                return None
        while any(open_slots):
            if not self._take(self.dearest, open_slots, more, taken, free=False):
                return None
        return taken

    def _take(
        self,
        order: Sequence[int],
        open_slots: list[int],
        more: int,
        taken: list[Taken],
        *,
        free: bool,
    ) -> bool:
        """One more unit into a slot; False where none fits."""
        for place in order:
            for slot, group in enumerate(self.rule.groups):
                if open_slots[slot] and self.left[place] and group in self.covers[place]:
                    open_slots[slot] -= 1
                    self.left[place] -= 1
                    rest = zip(open_slots, self.rule.needs, strict=True)
                    if self._leaves_room(place, open_slots, more, taken) and self._can_fill(
                        [now + more * need for now, need in rest]
                    ):
                        taken.append((place, slot, free))
                        return True
                    open_slots[slot] += 1
                    self.left[place] += 1
        # Only blocked units are left to be among the cheapest: they fill the slot and take nothing.
        return free and self._take(self.dearest, open_slots, more, taken, free=False)

    def _leaves_room(
        self, place: int, open_slots: Sequence[int], more: int, taken: Sequence[Taken]
    ) -> bool:
        """Whether the conditions of this application, and of those that follow, can be met after this unit."""
        for must, need in self._conditions:
            missing = need - sum(must in self.covers[at] for at, _, _ in taken)
            if must not in self.covers[place]:
                if self._slots_for(must, open_slots) < missing:
                    return False
            elif missing <= 0 and self._meeting(must) < need * more:
                return False
        return True

    def _slots_for(self, must: int, open_slots: Sequence[int]) -> int:
        """How many open slots units that meet the condition fit into."""
        return sum(
            still
            for still, group in zip(open_slots, self.rule.groups, strict=True)
            if any(
                self.left[place] and {must, group} <= covers
                for place, covers in self.covers.items()
            )
        )

    @property
    def _conditions(self) -> list[tuple[int, int]]:
        """The mandatory groups, with how many units each asks for."""
        return list(zip(self.rule.mandatory, self.rule.conditions, strict=True))

    def _meeting(self, must: int) -> int:
        """How many units that fit into a slot meet a condition."""
        return sum(
            units
            for place, units in self.left.items()
            if must in self.covers[place] and not self.covers[place].isdisjoint(self.rule.groups)
        )

    def _can_fill(self, needs: Sequence[int]) -> bool:
        by_cover: dict[frozenset[int], int] = {}
        for place, units in self.left.items():
            by_cover[self.covers[place]] = by_cover.get(self.covers[place], 0) + units
        return most_filled(self.rule.groups, needs, by_cover) == sum(needs)

    def _price(self, place: int) -> Fraction:
        lot = self.lots[place]
        return Fraction(lot.amounts.running) / lot.quantity

    def _blocked(self, place: int) -> bool:
        return self.field.blocked(self.lots[place].group)


def _told(
    lots: Sequence[Lot],
    met: dict[int, Contender],
    applications: Sequence[Sequence[Taken]],
    field: Field,
) -> tuple[list[Piece], list[Use]]:
    """The lots in pieces: one of the cheapest, paid for in full, and not in any application."""
    treated: dict[int, dict[tuple[int, bool], int]] = {}
    for application in applications:
        for place, slot, free in application:
            counts = treated.setdefault(place, {})
            counts[slot, free] = counts.get((slot, free), 0) + 1
    pieces: list[Piece] = []
    piece_of: dict[Taken, int] = {}
    for place, lot in enumerate(lots):
        counts = treated.get(place, {})
        rest = lot.quantity - sum(counts.values())
        cut = split(lot, [*counts.values(), *([rest] if rest else [])], field.rules.step)
        for (slot, free), piece in zip(counts, cut, strict=False):
            piece_of[place, slot, free] = len(pieces)
            pieces.append(_piece(piece, met[place], field, free=free))
        if rest:
            pieces.append(Piece(cut[-1]))
    contender = next(iter(met.values()))
    uses = [
        Use(contender, tuple((piece_of[taken], taken[1]) for taken in application))
        for application in applications
        if field.rules.spread_cheapest
    ]
    return pieces, uses


def _piece(lot: Lot, contender: Contender, field: Field, *, free: bool) -> Piece:
    rule = contender.discount.rule
    assert isinstance(rule, Bundle)
    assert rule.cheapest is not None
    own = free and not field.rules.spread_cheapest
    steps = (Step(contender, rule.cheapest),) if own else ()
    return Piece(lot, steps, (contender,))
