"""What each loser of a round could have given, beside what others gave on the same goods."""

from collections.abc import Iterable, Mapping, Sequence, Set

from kupong.kernel.money import Exact
from kupong.pricing.candidates import Contender
from kupong.pricing.lots import Lot
from kupong.pricing.offers import Amounts, Method
from kupong.pricing.picks import Rules
from kupong.pricing.rounds import Entering, Field, Round, worth_alone
from kupong.pricing.singles import alone, best_stack


def losers(
    before: Sequence[Lot],
    entering: Entering,
    result: Round,
    given: Mapping[int, int],
    applied: Set[str],
    field: Field,
    *,
    stacking: bool,
) -> "dict[str, Loser]":
    """By number, who entered and was neither applied nor short of units.

    `given` is what the round gave per item group.
    """
    met: dict[str, list[tuple[Contender, _Alike]]] = {}
    for alike in _by_contenders(before, entering, result, given):
        for entry in alike.contenders:
            if entry.number not in applied and entry.number not in result.short:
                met.setdefault(entry.number, []).append((entry, alike))
    return {number: _loser(found, field, stacking) for number, found in met.items()}


class Loser:
    """`need` is what was given on all of its goods, `by` are those that gave it.

    `used_up`: it lost to nobody, because it gives nothing, or because a stack that it may join took all of the price.
    """

    __slots__ = ("_worths", "by", "need", "used_up")

    def __init__(self) -> None:
        self._worths: list[Exact] = []
        self.need = 0
        self.by: set[str] = set()
        self.used_up = True

    def could_give(self, worth: Exact, *, used_up: bool = False) -> None:
        if worth:
            self._worths.append(worth)
            self.used_up = self.used_up and used_up

    @property
    def gives(self) -> bool:
        """Whether it could have given anything."""
        return bool(self._worths)

    @property
    def have(self) -> Exact:
        """What it could have given, by itself or in the best stack; exact, so that many stacks take long to add."""
        first, *others = self._worths or [0]
        return sum(others, first)


def _by_contenders(
    before: Sequence[Lot], entering: Entering, result: Round, given: Mapping[int, int]
) -> "list[_Alike]":
    found: dict[int, _Alike] = {}
    for place, contenders in entering.items():
        alike = found.setdefault(id(contenders), _Alike(contenders))
        alike.put_in(place, before[place], result.applied.get(place, set()))
    for alike in found.values():
        groups = {lot.group for lot in alike.lots.values()}
        alike.need = sum(given.get(group, 0) for group in groups)
    return list(found.values())


class _Alike:
    """Lots that share one sequence of contenders, by their places; `running` is what is left of all together."""

    def __init__(self, contenders: Sequence[Contender]) -> None:
        self.contenders = contenders
        self.lots: dict[int, Lot] = {}
        self.amounts: dict[int, Amounts] = {}
        self.applied: dict[int, Set[str]] = {}
        self.by: set[str] = set()
        self.need = 0
        self.running: Exact = 0
        self.untouched = True
        self._stacks: dict[int, _Stack] = {}

    def put_in(self, place: int, lot: Lot, applied: Set[str]) -> None:
        amounts = lot.amounts
        self.lots[place], self.amounts[place], self.applied[place] = lot, amounts, applied
        self.by |= applied
        self.running += amounts.running
        self.untouched = self.untouched and amounts.running == amounts.original

    def stack(self, place: int, rules: Rules) -> "_Stack":
        if place not in self._stacks:
            amounts, applied = self.amounts[place], self.applied[place]
            self._stacks[place] = _Stack(self.contenders, amounts, applied, rules)
        return self._stacks[place]


class _Stack:
    """The best stack of one lot, and whether what won there is one that others may join."""

    def __init__(
        self, contenders: Iterable[Contender], amounts: Amounts, applied: Set[str], rules: Rules
    ) -> None:
        best = best_stack([entry for entry in contenders if not entry.couples], amounts, rules)
        self.value, self.numbers = best.value, frozenset(best.numbers)
        winners = [entry for entry in contenders if entry.number in applied]
        self._open = all(entry.compounded for entry in winners)
        self._priced = any(o.method is Method.PRICE for entry in winners for o in entry.offers)

    def used_up(self, contender: Contender) -> bool:
        """The contender may stack on what was taken, and yet found nothing to take; a second price may not."""
        only_prices = all(offer.method is Method.PRICE for offer in contender.offers)
        return self._open and not (self._priced and only_prices)


def _loser(met: Sequence[tuple[Contender, _Alike]], field: Field, stacking: bool) -> Loser:
    loser = Loser()
    for _, alike in met:
        loser.by |= alike.by
        loser.need += alike.need
    if any(entry.couples for entry, _ in met):
        places = [(at, lot, entry) for entry, alike in met for at, lot in alike.lots.items()]
        loser.could_give(worth_alone(places, field))
        return loser
    for entry, alike in met:
        if entry.compounded and stacking:
            _note_stacks(loser, entry, alike, field.rules)
        elif _is_rate(entry) and (alike.untouched or not field.rules.on_original):
            loser.could_give(alike.running * entry.offers[0].value)
        else:
            for amounts in alike.amounts.values():
                loser.could_give(alone(entry, amounts, field.rules).value)
    return loser


def _note_stacks(loser: Loser, entry: Contender, alike: _Alike, rules: Rules) -> None:
    """One that may stack is judged by the best stack it is in, if it adds to that, else by itself."""
    for place, amounts in alike.amounts.items():
        stack = alike.stack(place, rules)
        stacked = entry.number in stack.numbers
        worth = stack.value if stacked else alone(entry, amounts, rules).value
        loser.could_give(worth, used_up=stack.used_up(entry))


def _is_rate(entry: Contender) -> bool:
    """A single percentage gives its rate of all the goods together."""
    return len(entry.offers) == 1 and entry.offers[0].method is Method.PERCENT
