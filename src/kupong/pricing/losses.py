"""Why a discount that met goods on the cart gave nothing: beaten, shut out, too few units, below its threshold."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kupong.kernel.money import Exact, round_to_step
from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.candidates import Contender
from kupong.pricing.losers import losers
from kupong.pricing.lots import Lot
from kupong.pricing.picks import Rules
from kupong.pricing.rounds import Entering, Field, Round
from kupong.pricing.thresholds import Outcome, Turn

# A discount may lose on several items for several reasons: the one that came nearest to winning is told.
_NEARNESS = (
    Reason.GIVES_NOTHING,
    Reason.NOT_ENOUGH_UNITS,
    Reason.BLOCKED_BY_PRIORITY,
    Reason.BLOCKED_BY_EXCLUSIVE,
    Reason.BELOW_THRESHOLD,
    Reason.BEATEN,
)


class Losses:
    """Collects the losses of every discount over all stages, in minor units."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._losses: dict[str, _Loss] = {}
        self._applied: set[str] = set()

    def applied(self, numbers: Iterable[str]) -> None:
        """These gave something, so whatever they lost elsewhere is of no interest."""
        self._applied.update(numbers)

    def shut_out(self, contenders: Iterable[Contender], lot: Lot) -> None:
        """The lot was closed to them, by an exclusive discount or at a higher priority."""
        exclusive = [held.number for held in lot.held if held.mode == "exclusive"]
        reason = Reason.BLOCKED_BY_EXCLUSIVE if exclusive else Reason.BLOCKED_BY_PRIORITY
        by = exclusive or [held.number for held in lot.held]
        for contender in contenders:
            self._note(contender.number, reason, by)

    def round(
        self,
        before: Sequence[Lot],
        entering: Entering,
        result: Round,
        field: Field,
        *,
        stacking: bool,
    ) -> None:
        """Who entered a round and was not applied: each is told what it could have given, and what was given."""
        gave = _gave(before, result.lots)
        self.applied({number for number, group in gave})
        by_group: dict[int, int] = {}
        for (_, group), amount in gave.items():
            by_group[group] = by_group.get(group, 0) + amount
        for number, short in result.short.items():
            figures = {"need": short.need, "have": short.have, "missing": short.need - short.have}
            self._note(number, Reason.NOT_ENOUGH_UNITS, (), **figures)
        found = losers(before, entering, result, by_group, self._applied, field, stacking=stacking)
        for number, loser in found.items():
            by = loser.by & self._applied
            if loser.used_up or not by:
                self._note(number, Reason.GIVES_NOTHING, by if loser.gives else ())
            else:
                self._note(number, Reason.BEATEN, by, have=loser.have, need=loser.need)

    def retailer(
        self, before: Sequence[Lot], entering: Entering, after: Sequence[Lot], number: str
    ) -> None:
        """A bundle that favours the retailer took its turn on what was left."""
        if any(name == number for name, _ in _gave(before, after)):
            self.applied([number])
        else:
            self._note(number, Reason.NOT_ENOUGH_UNITS, ())

    def thresholds(self, before: Sequence[Lot], turn: Turn, outcome: Outcome) -> None:
        """Thresholds had their turn: who was not reached, shut out by what is on the goods, or beaten."""
        gave = {number for number, _ in _gave(before, outcome.lots)}
        self.applied(gave)
        for number, covered in turn.covered.items():
            if number in gave:
                continue
            goods = [
                lot for lot in before if lot.group in covered and not covered[lot.group].blocked
            ]
            takers = [lot for lot in goods if turn.eligible(lot, covered[lot.group])]
            missed = outcome.missed.get(number)
            if goods and not takers:
                self._threshold_shut_out(number, next(iter(covered.values())), goods)
            elif missed is not None and turn.run(before, [[number]]).missed:
                have = round_to_step(missed.have)
                figures = {"need": missed.need, "have": have, "missing": missed.need - have}
                self._note(number, Reason.BELOW_THRESHOLD, (), **figures)
            else:
                have = turn.run(before, [[number]]).given
                reason = Reason.BEATEN if have and gave else Reason.GIVES_NOTHING
                self._note(number, reason, gave, have=have, need=outcome.given)

    def _threshold_shut_out(self, number: str, contender: Contender, goods: Sequence[Lot]) -> None:
        held = [entry for lot in goods for entry in lot.held]
        exclusive = {entry.number for entry in held if entry.mode == "exclusive"}
        above = {e.number for e in held if e.priority > contender.discount.header.priority}
        if exclusive:
            self._note(number, Reason.BLOCKED_BY_EXCLUSIVE, exclusive)
        elif above:
            self._note(number, Reason.BLOCKED_BY_PRIORITY, above)
        else:
            self._note(number, Reason.BEATEN, {entry.number for entry in held})

    def refusals(self) -> dict[str, Refused]:
        """Per discount its loss in figures; those that applied somewhere did not lose."""
        return {n: loss.refusal() for n, loss in self._losses.items() if n not in self._applied}

    def _note(self, number: str, reason: Reason, by: Iterable[str], **figures: Exact) -> None:
        loss = self._losses.get(number)
        if loss is None or _NEARNESS.index(reason) > _NEARNESS.index(loss.reason):
            loss = self._losses[number] = _Loss(reason)
        if reason is loss.reason:
            loss.add(by, figures)


class _Loss:
    """For one that was beaten, `have` is what the discount, or the stack it was in, would have given; `need`
    what the winners gave on the same goods."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        self._by: set[str] = set()
        self._figures: dict[str, Exact] = {}

    def add(self, by: Iterable[str], figures: Mapping[str, Exact]) -> None:
        self._by.update(by)
        for name, value in figures.items():
            if self.reason is Reason.BEATEN and name in self._figures:
                self._figures[name] += value
            else:
                self._figures[name] = value

    def refusal(self) -> Refused:
        detail: dict[str, Any] = {"by": sorted(self._by)} if self._by else {}
        if self.reason is Reason.BEATEN and self._figures:
            have = round_to_step(self._figures["have"])
            need = round_to_step(self._figures["need"])
            detail |= {"have": have, "need": need, "missing": need - have}
        elif self.reason is not Reason.GIVES_NOTHING:
            detail |= {name: _figure(value) for name, value in self._figures.items()}
        return Refused(self.reason, detail)


def _figure(value: Exact) -> int | str:
    """Whole figures as such; a part of a unit as its decimal text."""
    if isinstance(value, int) or value.denominator == 1:
        return int(value)
    return f"{Decimal(value.numerator) / value.denominator:f}"


def _gave(before: Sequence[Lot], after: Sequence[Lot]) -> dict[tuple[str, int], int]:
    """What each discount took off each item group in between."""
    found: dict[tuple[str, int], int] = {}
    for sign, lots in ((1, after), (-1, before)):
        for lot in lots:
            for number, amount in lot.taken:
                key = (number, lot.group)
                found[key] = found.get(key, 0) + sign * amount
    return {key: amount for key, amount in found.items() if amount}
