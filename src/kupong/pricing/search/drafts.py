"""The ways to treat one unit of a cell, with what each is worth before anything is known of other units."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts, Method
from kupong.pricing.picks import Pick, Rules, Step, worth
from kupong.pricing.search.cells import Cell, Option, Part
from kupong.pricing.search.couplings import Couplings
from kupong.pricing.singles import alone
from kupong.pricing.stack import in_order, line_ups

COMBINATIONS = 400  # ways to stack bundles on one unit that are looked at
VARIANTS = 32  # line-ups around one such way: the search tries all of them on every unit

Free = Callable[[Sequence[Contender], Amounts, Rules], Pick]


class Draft(msgspec.Struct, frozen=True):
    """`value` is what the unit brings (a promise, for a composed bundle), `base` the same without what it gets as
    one of the cheapest. `gains` is what each discount gives it."""

    option: Option
    value: Exact
    base: Exact
    gains: dict[str, Exact]
    composed: Part | None = None


def drafts(cell: Cell, couplings: Couplings, best_free: Free) -> list[Draft]:
    """Leaving the unit to the discounts that need no other unit comes first."""
    rules = couplings.rules
    free = [entry for entry in cell.contenders if not entry.couples]
    tied = [(entry, couplings.parts(entry, cell)) for entry in cell.contenders if entry.couples]
    pick = best_free(free, cell.amounts, rules)
    found = [_draft(cell, (), pick, rules)]
    for contender, parts in tied:
        if not (couplings.stacking and contender.compounded):
            found += [_alone(cell, part, rules) for part in parts]
    if couplings.stacking:
        stackable = [entry for entry in free if entry.compounded]
        stacked = [(entry, parts) for entry, parts in tied if entry.compounded and parts]
        for chosen in _mixes(stacked, couplings):
            for line_up in _variants(chosen, stackable, couplings):
                found += _stacked(cell, chosen, line_up, rules)
    return found


def _alone(cell: Cell, part: Part, rules: Rules) -> Draft:
    steps = (part.step,) if part.step is not None else ()
    return _draft(cell, (part,), worth(steps, cell.amounts, rules), rules)


def _mixes(
    stacked: Sequence[tuple[Contender, Sequence[Part]]], couplings: Couplings
) -> Iterator[tuple[Part, ...]]:
    """Every selection of parts of different discounts; two whose worth depends on other units ask for more."""
    count = 1
    for _, parts in stacked:
        count *= len(parts) + 1
    if count > COMBINATIONS:
        couplings.exact = False
        for _, parts in stacked:
            yield from ((part,) for part in parts)
        return
    for mix in product(*((None, *parts) for _, parts in stacked)):
        chosen = tuple(part for part in mix if part is not None)
        if sum(part.composed for part in chosen) > 1:
            couplings.exact = False
        if chosen:
            yield chosen


def _variants(
    chosen: tuple[Part, ...], free: Sequence[Contender], couplings: Couplings
) -> Iterator[Sequence[Contender]]:
    """Who stacks around the parts. Which line of a discount serves best under a bundle whose worth depends on
    other units is not known beforehand, so every one is tried."""
    if not any(part.composed for part in chosen):
        yield free
        return
    count = 1
    for entry in free:
        count *= len(entry.offers)
    if count > VARIANTS:
        couplings.exact = False
        yield free
        return
    for offers in product(*(entry.offers for entry in free)):
        yield [
            msgspec.structs.replace(entry, offers=(offer,))
            for entry, offer in zip(free, offers, strict=True)
        ]


def _stacked(
    cell: Cell, chosen: tuple[Part, ...], free: Sequence[Contender], rules: Rules
) -> Iterator[Draft]:
    """The best stack that holds the chosen parts; none where two of them set the price."""
    prices = sum(_sets_price(part) for part in chosen)
    if prices > 1:
        return
    forced = [part.step for part in chosen if part.step is not None]
    best: Pick | None = None
    for pick in line_ups(free, cell.amounts, rules, forced, priced=prices > 0):
        if best is None or pick.value > best.value:
            best = pick
    assert best is not None
    yield _draft(cell, chosen, best, rules, free)


def _sets_price(part: Part) -> bool:
    """With several new prices only the lowest counts (specification 1.5): a unit has one."""
    if part.takes_all:
        return True
    return part.step is not None and part.step.offer.method is Method.PRICE


def _draft(
    cell: Cell,
    parts: tuple[Part, ...],
    pick: Pick,
    rules: Rules,
    free: Sequence[Contender] = (),
) -> Draft:
    value, gains = pick.value, _gains(pick, cell.amounts, rules)
    composed = next((part for part in parts if part.composed), None)
    for part in parts:
        if part.takes_all and part.composed:
            value = cell.running
        elif part.takes_all:
            value = cell.running + part.constant
            gains = {part.contender.number: value}
        elif part.constant:
            value += part.constant
            number = part.contender.number
            gains = gains | {number: gains.get(number, 0) + part.constant}
    shared = {
        id(part.step) for part in parts if part.step is not None and (part.spread or part.composed)
    }
    idle = _idle(cell, parts, pick, rules, free)
    steps = in_order([*pick.steps, *idle]) if idle else pick.steps
    own = tuple(step for step in steps if id(step) not in shared)
    base = value
    cheap = [part.step for part in parts if _is_cheapest(part) and part.step is not None]
    if cheap and composed is None:
        base = _without(cell, pick, cheap, parts, rules, free)
    return Draft(Option(own, parts), value, base, gains, composed)


def _idle(
    cell: Cell, parts: tuple[Part, ...], pick: Pick, rules: Rules, free: Sequence[Contender]
) -> list[Step]:
    """Steps that find nothing left on this unit, and may find something where a cap stops one before them."""
    found = [part.step for part in parts if part.step is not None and part.step not in pick.steps]
    if any(part.contender.discount.header.max_amount_per_order is not None for part in parts):
        taking = {step.contender.number for step in pick.steps}
        for entry in free:
            if entry.number not in taking:
                best = alone(entry, cell.amounts, rules).steps
                found += [step for step in best if step.offer.method is not Method.PRICE]
    return found


def _without(
    cell: Cell,
    pick: Pick,
    cheap: Sequence[Step],
    parts: Sequence[Part],
    rules: Rules,
    free: Sequence[Contender],
) -> Exact:
    """What the unit would bring if it were not one of the cheapest."""
    forced = [part.step for part in parts if part.step is not None and not _is_cheapest(part)]
    if not free and not forced:
        return 0
    picks = line_ups(free, cell.amounts, rules, forced)
    return max((other.value for other in picks), default=0)


def _is_cheapest(part: Part) -> bool:
    rule = part.contender.discount.rule
    return part.bundle is not None and getattr(rule, "cheapest", None) is not None


def _gains(pick: Pick, amounts: Amounts, rules: Rules) -> dict[str, Exact]:
    gains: dict[str, Exact] = {}
    for step in pick.steps:
        gained = worth((step,), amounts, rules).value
        gains[step.contender.number] = gains.get(step.contender.number, 0) + gained
        amounts = amounts.less(gained)
    return gains
