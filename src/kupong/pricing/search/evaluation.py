"""What a whole combination on a cluster is worth, every rule counted: turns, shares, caps. Nothing is rounded."""

from collections.abc import Sequence
from fractions import Fraction

from kupong.kernel.money import Exact
from kupong.pricing.bundles import Bundle, Member, gains
from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts, gain
from kupong.pricing.picks import Rules
from kupong.pricing.search.cells import Application, Cell, Option
from kupong.pricing.search.worth import order_of

Turn = tuple[int, int, str]


def evaluate(
    cells: Sequence[Cell],
    units: Sequence[tuple[int, Option]],
    applications: Sequence[Application],
    rules: Rules,
) -> Exact:
    """The total: the discounts apply in their order, each on what the ones before it left."""
    amounts = [cells[index].amounts for index, _ in units]
    steps, uses = _turns(units, applications)
    given: dict[str, Exact] = {}
    for turn in sorted({*steps, *uses}):
        exact: dict[int, Exact] = {}
        for unit, gained in _stepped(steps.get(turn, ()), units, amounts, rules):
            exact[unit] = exact.get(unit, 0) + gained
        for application in uses.get(turn, ()):
            for unit, gained in _shared(application, cells, units, amounts, rules):
                exact[unit] = exact.get(unit, 0) + gained
        contender = _contender_of(turn, units)
        cap = contender.discount.header.max_amount_per_order
        total = sum(exact.values())
        if cap is not None and total:
            part = min(Fraction(1), Fraction(max(0, cap - given.get(turn[2], 0))) / total)
            exact = {unit: gained * part for unit, gained in exact.items()}
        for unit, gained in exact.items():
            amounts[unit] = amounts[unit].less(gained)
        given[turn[2]] = given.get(turn[2], 0) + sum(exact.values())
    return sum(given.values())


def _turns(
    units: Sequence[tuple[int, Option]], applications: Sequence[Application]
) -> tuple[dict[Turn, list[tuple[int, int]]], dict[Turn, list[Application]]]:
    """Per turn the steps of units (unit, place of the step) and the applications that share their benefit out."""
    steps: dict[Turn, list[tuple[int, int]]] = {}
    for unit, (_, option) in enumerate(units):
        for place, step in enumerate(option.steps):
            turn = order_of(step.offer.method, step.contender)
            steps.setdefault(turn, []).append((unit, place))
    uses: dict[Turn, list[Application]] = {}
    for application in applications:
        number = application.contender.number
        options = [units[unit][1] for unit, _ in application.members]
        if any(option.shares_out(number) for option in options):
            rule = application.contender.discount.rule
            assert isinstance(rule, Bundle)
            turn = order_of(rule.method, application.contender)
            uses.setdefault(turn, []).append(application)
    return steps, uses


def _stepped(
    steps: Sequence[tuple[int, int]],
    units: Sequence[tuple[int, Option]],
    amounts: Sequence[Amounts],
    rules: Rules,
) -> list[tuple[int, Exact]]:
    return [
        (unit, gain(units[unit][1].steps[place].offer, amounts[unit], rules.on_original))
        for unit, place in steps
    ]


def _shared(
    application: Application,
    cells: Sequence[Cell],
    units: Sequence[tuple[int, Option]],
    amounts: Sequence[Amounts],
    rules: Rules,
) -> list[tuple[int, Exact]]:
    rule = application.contender.discount.rule
    assert isinstance(rule, Bundle)
    members = [
        Member(slot, amounts[unit].running, amounts[unit].original, cells[units[unit][0]].blocked)
        for unit, slot in application.members
    ]
    found = gains(rule, members, rules.on_original, rules.spread_cheapest)
    return [(unit, gained) for (unit, _), gained in zip(application.members, found, strict=True)]


def _contender_of(turn: Turn, units: Sequence[tuple[int, Option]]) -> Contender:
    for _, option in units:
        for step in option.steps:
            if step.contender.number == turn[2]:
                return step.contender
        for part in option.parts:
            if part.contender.number == turn[2]:
                return part.contender
    raise KeyError(turn)
