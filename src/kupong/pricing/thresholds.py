"""Threshold discounts: once per cart, after all other discounts, when what they cover reaches an amount.

Where several thresholds of one priority want the same goods, every order of letting them choose is tried,
and the one that gives most is taken (specification 1.4 and 1.7).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import permutations

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.applying import apply_exact
from kupong.pricing.candidates import Contender
from kupong.pricing.discounts import Settings
from kupong.pricing.lots import Held, Lot, split
from kupong.pricing.offers import Method, Offer, gain
from kupong.pricing.rounds import Field
from kupong.pricing.rules import Threshold, plain

ORDERS = 5  # with more thresholds than this on the same goods, the largest chooses first

Identity = tuple[int, tuple[Held, ...]]  # a lot by its item group and what it holds
Covered = Mapping[str, Mapping[int, Contender]]  # per discount the item groups it covers


class Missed(msgspec.Struct, frozen=True):
    """A threshold that was not reached: minor units needed and there."""

    need: int
    have: Exact


class Outcome(msgspec.Struct, frozen=True):
    """`given` is the total in minor units, `missed` says which thresholds were not reached."""

    lots: list[Lot]
    given: int
    missed: dict[str, Missed]


class Turn(msgspec.Struct, frozen=True):
    """One stage: thresholds of one priority, and how a lot must stand to take part and to count."""

    covered: Covered
    field: Field
    settings: Settings
    eligible: Callable[[Lot, Contender], bool]

    def run(self, lots: Sequence[Lot], batches: Sequence[Sequence[str]]) -> Outcome:
        """The best outcome over the orders of the batches; those of one batch test their tiers together."""
        best: Outcome | None = None
        for order in self._orders(lots, batches):
            outcome = self._in_order(lots, order)
            if best is None or outcome.given > best.given:
                best = outcome
        assert best is not None
        return best

    def _orders(
        self, lots: Sequence[Lot], batches: Sequence[Sequence[str]]
    ) -> Iterator[Sequence[Sequence[str]]]:
        if len(batches) <= ORDERS:
            yield from permutations(batches)
            return
        worth = {tuple(batch): self._in_order(lots, [batch]).given for batch in batches}
        yield sorted(batches, key=lambda batch: -worth[tuple(batch)])

    def _in_order(self, lots: Sequence[Lot], batches: Sequence[Sequence[str]]) -> Outcome:
        before = sum(lot.room for lot in lots)
        now, missed = list(lots), dict[str, Missed]()
        for batch in batches:
            now = self._batch(now, batch, missed)
        return Outcome(now, before - sum(lot.room for lot in now), missed)

    def _batch(
        self, lots: list[Lot], numbers: Sequence[str], missed: dict[str, Missed]
    ) -> list[Lot]:
        """All of them test their tiers on the prices as they stand; then amounts apply before percentages."""
        reached: list[tuple[tuple[int, int, str], Contender, int]] = []
        for number in numbers:
            contender = next(iter(self.covered[number].values()))
            rule = contender.discount.rule
            assert isinstance(rule, Threshold)
            total = sum((lot.amounts.running for lot in self._counting(lots, number)), Fraction())
            tier = rule.tier(total)
            if tier is None:
                missed[number] = Missed(rule.low[0], plain(total))
            else:
                turn = (
                    int(rule.amounts[tier] is None),
                    -contender.discount.header.priority,
                    number,
                )
                reached.append((turn, contender, tier))
        takers = {number: self._takers(lots, number) for number in numbers}
        for _, contender, tier in sorted(reached, key=lambda entry: entry[0]):
            lots = self._apply(lots, contender, tier, takers[contender.number], numbers)
        return lots

    def _counting(self, lots: Sequence[Lot], number: str) -> Iterator[Lot]:
        """Those that may take it; with the switch also those that take no discount, or hold one that shuts it out."""
        for lot in lots:
            contender = self.covered[number].get(lot.group)
            if contender is None:
                continue
            if (not contender.blocked and self.eligible(lot, contender)) or (
                self.settings.count_non_discountable and (contender.blocked or _shut(lot))
            ):
                yield lot

    def _takers(self, lots: Sequence[Lot], number: str) -> set[Identity]:
        return {
            _identity(lot)
            for lot in lots
            if (contender := self.covered[number].get(lot.group)) is not None
            and not contender.blocked
            and self.eligible(lot, contender)
        }

    def _apply(
        self,
        lots: list[Lot],
        contender: Contender,
        tier: int,
        takers: set[Identity],
        batch: Sequence[str],
    ) -> list[Lot]:
        rule = contender.discount.rule
        assert isinstance(rule, Threshold)
        places = [place for place, lot in enumerate(lots) if _before(lot, batch) in takers]
        lots, places = self._limited(lots, places, contender)
        exact = self._exact(lots, places, rule, tier)
        in_all = rule.amounts[tier] is not None
        rules = self.field.rules
        return apply_exact(lots, contender, exact, rules, self.field.given, in_all=in_all)

    def _exact(
        self, lots: Sequence[Lot], places: Sequence[int], rule: Threshold, tier: int
    ) -> dict[int, Exact]:
        amount, rate = rule.amounts[tier], rule.rates[tier]
        left = {place: lots[place].amounts for place in places}
        if amount is not None:
            whole = sum((entry.running for entry in left.values()), Fraction())
            if not whole:
                return {}
            share = Fraction(min(amount, whole)) / whole
            return {place: entry.running * share for place, entry in left.items()}
        assert rate is not None
        offer, on_original = Offer(Method.PERCENT, rate), self.field.rules.on_original
        return {place: gain(offer, entry, on_original) for place, entry in left.items()}

    def _limited(
        self, lots: list[Lot], places: list[int], contender: Contender
    ) -> tuple[list[Lot], list[int]]:
        """At most so many units, the dearest first."""
        cap = contender.discount.header.max_quantity_per_order
        if cap is None:
            return lots, places
        left = Fraction(cap)
        dearest = sorted(
            places, key=lambda at: (-Fraction(lots[at].amounts.running) / lots[at].quantity, at)
        )
        kept, found = list(lots), []
        for place in dearest:
            lot = lots[place]
            if left >= lot.quantity:
                found.append(place)
                left -= lot.quantity
            elif left > 0:
                part, rest = split(
                    lot, [plain(left), plain(lot.quantity - left)], self.field.rules.step
                )
                kept[place] = part
                kept.append(rest)
                found.append(place)
                left = Fraction(0)
        return kept, found


def _shut(lot: Lot) -> bool:
    return any(held.mode in ("exclusive", "best_price") and not held.threshold for held in lot.held)


def _identity(lot: Lot) -> Identity:
    return (lot.group, lot.held)


def _before(lot: Lot, batch: Sequence[str]) -> Identity:
    """Which lot it was when the batch began."""
    return (lot.group, tuple(held for held in lot.held if held.number not in batch))
