"""Applies what a stage has decided, to the cent: each step is rounded before the next (specification 1.8).

A percentage, an amount per unit and a new price are rounded once per item group; what an application shares
out over its units is rounded once in all. Both are then handed down by largest remainder.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from fractions import Fraction

import msgspec

from kupong.kernel.money import Exact, allocate, round_to_step
from kupong.pricing.allocation import share_out
from kupong.pricing.bundles import Bundle, Member, gains
from kupong.pricing.candidates import Contender
from kupong.pricing.lots import Held, Lot, merged
from kupong.pricing.offers import gain
from kupong.pricing.picks import Rules, Step
from kupong.pricing.rules import Threshold, plain

Turn = tuple[int, int, str]  # the place of a discount in the order of application


class Use(msgspec.Struct, frozen=True):
    """One application of a bundle that shares its benefit out: (piece, slot) per unit."""

    contender: Contender
    members: tuple[tuple[int, int], ...]


class Piece(msgspec.Struct, frozen=True):
    """Units to be treated alike: `steps` they take by themselves, `holders` are in force on them besides."""

    lot: Lot
    steps: tuple[Step, ...] = ()
    holders: tuple[Contender, ...] = ()


def apply(
    pieces: Sequence[Piece],
    uses: Sequence[Use],
    blocked: Callable[[int], bool],
    rules: Rules,
    given: Mapping[str, int],
) -> list[Lot]:
    """The pieces as lots with their new discounts, merged. `blocked` tells of an item group that takes none;
    `given` is what each discount gave before, for caps per order."""
    return _Application(pieces, uses, blocked, rules, given).lots()


def apply_exact(
    lots: Sequence[Lot],
    contender: Contender,
    exact: Mapping[int, Exact],
    rules: Rules,
    given: Mapping[str, int],
    *,
    in_all: bool,
) -> list[Lot]:
    """The lots after one discount took `exact` off them, by place: rounded once in all, or per item group."""
    pieces = [
        Piece(lot, holders=(contender,) if place in exact else ()) for place, lot in enumerate(lots)
    ]
    run = _Application(pieces, (), lambda _: False, rules, given)
    run.take(contender, exact, in_all=in_all)
    return run.lots()


def turn_of(method: int, contender: Contender) -> Turn:
    """By method, priority, number (specification 1.5)."""
    return (method, -contender.discount.header.priority, contender.number)


class _Application:
    def __init__(
        self,
        pieces: Sequence[Piece],
        uses: Sequence[Use],
        blocked: Callable[[int], bool],
        rules: Rules,
        given: Mapping[str, int],
    ) -> None:
        self.pieces, self.uses, self.blocked, self.rules = pieces, uses, blocked, rules
        self.now = [piece.lot for piece in pieces]
        self.given = dict(given)
        self.took: dict[tuple[str, int], int] = {}

    def lots(self) -> list[Lot]:
        steps, uses = self._steps_by_turn(), self._uses_by_turn()
        for turn in sorted({*steps, *uses}):
            self._take_steps(steps.get(turn, []))
            self._take_uses(uses.get(turn, []))
        gave = {number for number, _ in self.took}
        return merged(self._held(place, gave) for place in range(len(self.pieces)))

    def _steps_by_turn(self) -> dict[Turn, list[tuple[int, Step]]]:
        found: dict[Turn, list[tuple[int, Step]]] = {}
        for place, piece in enumerate(self.pieces):
            for step in piece.steps:
                turn = turn_of(step.offer.method, step.contender)
                found.setdefault(turn, []).append((place, step))
        return found

    def _uses_by_turn(self) -> dict[Turn, list[Use]]:
        found: dict[Turn, list[Use]] = {}
        for use in self.uses:
            rule = use.contender.discount.rule
            assert isinstance(rule, Bundle)
            found.setdefault(turn_of(rule.method, use.contender), []).append(use)
        return found

    def _take_steps(self, steps: Sequence[tuple[int, Step]]) -> None:
        if steps:
            exact = {
                place: gain(step.offer, self.now[place].amounts, self.rules.on_original)
                for place, step in steps
            }
            self.take(steps[0][1].contender, exact, in_all=False)

    def _take_uses(self, uses: Sequence[Use]) -> None:
        if not uses:
            return
        contender = uses[0].contender
        rule = contender.discount.rule
        assert isinstance(rule, Bundle)
        exact: dict[int, Exact] = {}
        for use in uses:
            members = [self._member(place, slot) for place, slot in use.members]
            found = gains(rule, members, self.rules.on_original, self.rules.spread_cheapest)
            for (place, _), gained in zip(use.members, found, strict=True):
                exact[place] = exact.get(place, 0) + gained
        by_unit = rule.each is not None and rule.prices is None
        by_unit = by_unit or (rule.cheapest is not None and not self.rules.spread_cheapest)
        self.take(contender, exact, in_all=not by_unit)

    def _member(self, place: int, slot: int) -> Member:
        lot, amounts = self.now[place], self.now[place].amounts
        return Member(
            slot,
            plain(Fraction(amounts.running) / lot.quantity),
            lot.price,
            self.blocked(lot.group),
        )

    def _per_group(self, exact: Mapping[int, Exact]) -> dict[int, int]:
        """Each item group rounded by itself."""
        sums = self._sums(exact)
        return {group: round_to_step(total, self.rules.step) for group, total in sums.items()}

    def _in_all(self, exact: Mapping[int, Exact]) -> dict[int, int]:
        """Rounded once, and shared out to the item groups."""
        sums = self._sums(exact)
        total = round_to_step(sum(sums.values()), self.rules.step)
        if not total:
            return dict.fromkeys(sums, 0)
        room = [self._room(group) for group in sums]
        shares = share_out(min(total, sum(room)), list(sums.values()), room, self.rules.step)
        return dict(zip(sums, shares, strict=True))

    def _sums(self, exact: Mapping[int, Exact]) -> dict[int, Exact]:
        sums: dict[int, Exact] = {}
        for place in sorted(exact, key=lambda place: self.now[place].group):
            group = self.now[place].group
            sums[group] = sums.get(group, 0) + exact[place]
        return sums

    def _room(self, group: int) -> int:
        return sum(lot.room for lot in self.now if lot.group == group)

    def take(self, contender: Contender, exact: Mapping[int, Exact], *, in_all: bool) -> None:
        """Take so much off the pieces, as far as the cap per order lets it."""
        totals = self._capped(contender, (self._in_all if in_all else self._per_group)(exact))
        by_group: dict[int, list[int]] = {}
        for place in exact:
            by_group.setdefault(self.now[place].group, []).append(place)
        for group, total in totals.items():
            if total <= 0:
                continue
            places = by_group[group]
            room = [self.now[place].room for place in places]
            amount = min(total, sum(room))
            weights = [exact[place] for place in places]
            if amount <= 0:
                continue
            shares = share_out(amount, weights, room, self.rules.step)
            for place, share in zip(places, shares, strict=True):
                lot = self.now[place]
                mark = plain(Fraction(exact[place]) / lot.quantity)
                self.now[place] = lot.took(contender.number, share, mark)
            key = (contender.number, group)
            self.took[key] = self.took.get(key, 0) + amount
            self.given[contender.number] = self.given.get(contender.number, 0) + amount

    def _capped(self, contender: Contender, totals: Mapping[int, int]) -> Mapping[int, int]:
        cap = contender.discount.header.max_amount_per_order
        if cap is None:
            return totals
        cap -= cap % self.rules.step
        left = max(0, cap - self.given.get(contender.number, 0))
        if sum(totals.values()) <= left:
            return totals
        shares = allocate(left, list(totals.values()), self.rules.step)
        return dict(zip(totals, shares, strict=True))

    def _held(self, place: int, gave: Set[str]) -> Lot:
        """The piece with what is in force on it now: a discount that came to nothing holds nothing."""
        piece, lot = self.pieces[place], self.now[place]
        own = {
            step.contender.number: step.contender
            for step in piece.steps
            if self.took.get((step.contender.number, lot.group))
        }
        own |= {entry.number: entry for entry in piece.holders if entry.number in gave}
        return lot.holding(_held_by(own[number]) for number in sorted(own))


def _held_by(contender: Contender) -> Held:
    header = contender.discount.header
    threshold = isinstance(contender.discount.rule, Threshold)
    return Held(header.number, header.mode, header.priority, threshold)
