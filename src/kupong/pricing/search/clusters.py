"""One cluster: units that depend on each other, solved exactly, by the way that suits it best.

Pairs are matched. Everything else goes unit by unit through the automata; where that takes too long and
bundles are all there is, by whole applications. What a unit gets may depend on everything around it: then
every combination is evaluated, as long as they are few. What is not solved in the end is answered well, with
an honest bound.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kupong.kernel.money import Exact
from kupong.pricing.picks import Rules
from kupong.pricing.search.applications import (
    Combination,
    best_combination,
    greedy_combination,
)
from kupong.pricing.search.bundles import Cheapest, Composed, Fills
from kupong.pricing.search.cells import Application, Cell, Option, Solution
from kupong.pricing.search.drafts import Free
from kupong.pricing.search.evaluation import evaluate
from kupong.pricing.search.exhaustive import best_of_all
from kupong.pricing.search.model import TIES, Model
from kupong.pricing.search.offerings import offering
from kupong.pricing.search.pairs import Pairs, only_pairs
from kupong.pricing.search.paths import (
    NODES,
    Found,
    Problem,
    best_path,
    good_path,
    reached,
)

SMALL = 12  # units; with more a quick answer is not searched for
QUICK = 4_000  # steps of the search, where a quick answer is enough
# How much is looked at, in whole applications and unit by unit; more only where less was not enough.
EFFORTS = ((3_000, 4_000), (40_000, NODES))


def solve(
    cells: Sequence[Cell], rules: Rules, best_free: Free, *, stacking: bool, quick: bool = False
) -> Solution:
    """The best combination on these cells; a `quick` answer is good, and proven only where that is easy."""
    ordered = sorted(cells, key=lambda cell: (not cell.blocked, -cell.running, cell.order))
    model = Model(ordered, rules, best_free, stacking)
    if not model.couplings.exact:
        return _evaluated(model, quick)
    if only_pairs(model):
        return _paired(model)
    return _searched(model, quick)


def _searched(model: Model, quick: bool) -> Solution:
    if quick and model.only_bundles() and len(model.places) > SMALL:
        return _greedy(model)
    model.set_prices()
    problem = model.problem()
    growth = max(model.total() // 512, TIES)
    if not model.only_bundles():
        found, excluded = best_path(problem, growth, QUICK if quick else NODES)
        return _told(model, problem, found or good_path(problem), excluded)
    offerings = [offering(model, place) for place in model.couplings.bundles]
    alone = [model.alone(index) for index in range(len(model.cells))]
    counts, losses = [cell.count for cell in model.cells], [loss for loss, _ in alone]
    known = 0
    for effort, nodes in EFFORTS:
        combination, excluded = best_combination(counts, losses, offerings, growth, effort)
        if combination is not None:
            return _combined(model, combination, alone, combination.loss)
        known = max(known, excluded)
        found, excluded = best_path(problem, growth, nodes)
        if found is not None:
            return _told(model, problem, found, excluded)
        known = max(known, excluded)
    combination, narrow = greedy_combination(counts, losses, offerings), good_path(problem)
    if narrow.slack <= combination.loss:
        return _told(model, problem, narrow, known)
    return _combined(model, combination, alone, known)


def _greedy(model: Model) -> Solution:
    """A good combination at once, with no bound but the price of everything."""
    model.potentials = [0] * len(model.cells)
    offerings = [offering(model, place) for place in model.couplings.bundles]
    alone = [model.alone(index) for index in range(len(model.cells))]
    counts, losses = [cell.count for cell in model.cells], [loss for loss, _ in alone]
    found = greedy_combination(counts, losses, offerings)
    return _combined(model, found, alone, -model.whole(model.everything()))


# Solutions, from what the searches found.


def _solution(
    model: Model,
    slack: int,
    excluded: int,
    units: Sequence[tuple[int, Option]],
    applications: Sequence[Application],
) -> Solution:
    """`slack` is what the combination loses, `excluded` what every other one loses at least."""
    total, scale = model.total() // TIES, model.scale // TIES
    value = Fraction(total - slack // TIES, scale)
    bound = Fraction(total - min(slack, excluded) // TIES, scale)
    return Solution(value, bound, tuple(units), tuple(applications))


def _told(model: Model, problem: Problem, found: Found, excluded: int) -> Solution:
    starts = [entry.start for entry in problem.automata]
    way = list(reached(found, starts))
    picked = [problem.choices[unit][number] for unit, (number, _) in enumerate(way)]
    units = [(model.places[unit], choice.option) for unit, choice in enumerate(picked)]
    moves = [choice.moves for choice in picked]
    applications = _applications(model, problem.automata, moves, [after for _, after in way])
    return _solution(model, found.slack, excluded, units, applications)


def _applications(
    model: Model,
    automata: Sequence[Any],
    moves: Sequence[Sequence[tuple[int, Any]]],
    states: Sequence[dict[int, Any]],
) -> list[Application]:
    """Which units belong together, from the moves of all units and where the automata stood after each."""
    events: dict[int, list[tuple[int, Any, Any, Any]]] = {}
    before = {place: entry.start for place, entry in enumerate(automata)}
    for unit, (made, after) in enumerate(zip(moves, states, strict=True)):
        for place, move in made:
            events.setdefault(place, []).append((unit, move, before[place], after[place]))
        before = after
    found: list[Application] = []
    for place, (_, contender) in model.couplings.bundles.items():
        automaton = automata[place]
        assert isinstance(automaton, Fills | Cheapest | Composed)
        if place in events:
            grouped = automaton.applications(events[place])
            found += [Application(contender, tuple(members)) for members in grouped]
    return found


def _combined(
    model: Model, found: Combination, alone: Sequence[tuple[int, int]], excluded: int
) -> Solution:
    left: dict[int, list[int]] = {index: [] for index in range(len(model.cells))}
    for unit, index in enumerate(model.places):
        left[index].append(unit)
    drafts = [alone[index][1] for index in model.places]
    applications = []
    for one in found.applications:
        members = []
        for side in one.sides:
            unit = left[side.cell].pop(0)
            drafts[unit] = side.draft
            members.append((unit, side.slot))
        contender = model.couplings.bundles[one.bundle][1]
        applications.append(Application(contender, tuple(members)))
    return _solution(model, found.loss, excluded, _units(model, drafts), applications)


def _units(model: Model, drafts: Sequence[int]) -> list[tuple[int, Option]]:
    return [
        (index, model.drafts[index][number].option)
        for index, number in zip(model.places, drafts, strict=True)
    ]


def _paired(model: Model) -> Solution:
    numbers, found = Pairs(model).best()
    applications = [
        Application(
            model.couplings.bundles[pair.halves[0].bundle][1],
            ((pair.one, pair.halves[0].slot), (pair.other, pair.halves[1].slot)),
        )
        for pair in found
    ]
    units = _units(model, numbers)
    if model.couplings.composed:
        value = evaluate(model.cells, units, applications, model.rules)
    else:
        value = sum(
            model.drafts[index][number].value
            for index, number in zip(model.places, numbers, strict=True)
        )
    return Solution(value, value, tuple(units), tuple(applications))


# Clusters that only a full evaluation does justice.


def _evaluated(model: Model, quick: bool) -> Solution:
    """Every combination evaluated, if they are few; else a good one, and the most that units could bring."""
    automata = model.plain_automata()
    moves = [
        [model.plain_moves(index, draft) for draft in found]
        for index, found in enumerate(model.drafts)
    ]

    def units_of(way: Sequence[tuple[int, dict[int, Any]]]) -> list[tuple[int, Option]]:
        return _units(model, [draft for draft, _ in way])

    def applications_of(way: Sequence[tuple[int, dict[int, Any]]]) -> list[Application]:
        made = [moves[model.places[unit]][draft] for unit, (draft, _) in enumerate(way)]
        return _applications(model, automata, made, [after for _, after in way])

    def worth(way: Sequence[tuple[int, dict[int, Any]]]) -> Exact:
        return evaluate(model.cells, units_of(way), applications_of(way), model.rules)

    promises: list[list[Exact]] = [[draft.value for draft in found] for found in model.drafts]
    best = None if quick else best_of_all(model.places, promises, moves, automata, worth)
    if best is not None:
        return Solution(best[0], best[0], tuple(units_of(best[1])), tuple(applications_of(best[1])))
    most = sum(max(promises[index]) for index in model.places)
    model.set_prices()
    problem = model.problem()
    found = good_path(problem)
    told = _told(model, problem, found, 0)
    value = evaluate(model.cells, told.units, told.applications, model.rules)
    return Solution(value, max(value, min(most, model.everything())), told.units, told.applications)
