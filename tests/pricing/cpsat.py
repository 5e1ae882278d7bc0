"""A third opinion on the search, for carts too large to try everything: an integer program for CP-SAT.

It knows best price discounts of one priority: simple, quantity and mix and match, with limits and caps.
Amounts are divided by `GRAIN` first, so every amount in a cart and every unit discount must be a multiple of it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import msgspec
from ortools.sat.python import cp_model

from kupong.pricing.carts import Cart
from kupong.pricing.discounts import Discount
from kupong.pricing.kinds import mix_and_match, quantity
from tests.pricing import reference, worth
from tests.pricing.worth import Unit

GRAIN = 1000
Expression = Any  # A variable, a linear expression or a plain number: CP-SAT mixes them.


@dataclass
class Program:
    """`sorts` are the units that are alike, with how many there are; `holds` what discounts take of each."""

    model: cp_model.CpModel
    sorts: list[tuple[Unit, int]]
    holds: dict[int, list[Expression]] = field(default_factory=dict)

    def count(self, most: int) -> Expression:
        return self.model.new_int_var(0, max(0, most), "")

    def take(self, sort: int, most: int) -> Expression:
        """A new variable: how many units of a sort are held for some purpose."""
        taken = self.count(most)
        self.holds.setdefault(sort, []).append(taken)
        return taken


def best_total(cart: Cart, discounts: Sequence[Discount], effort: float = 0.5) -> tuple[int, int]:
    """The largest total discount of a sale that was found, and the most there can be, in minor units.

    They are equal where the solver came to the end within `effort`, its own deterministic measure of work.
    """
    sold, _ = reference.pieces(cart)
    counted: dict[Unit, int] = {}
    for piece in sold:
        counted[piece.unit] = counted.get(piece.unit, 0) + 1
    program = Program(cp_model.CpModel(), list(counted.items()))
    values = [capped(program, discount) for discount in discounts]
    for sort, taken in program.holds.items():
        program.model.add(sum(taken) <= program.sorts[sort][1])
    program.model.maximize(sum(values))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = 2  # Presolving does not count as work.
    status = solver.solve(program.model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    value = round(solver.objective_value) if found else 0
    return value * GRAIN, math.floor(solver.best_objective_bound + 1e-6) * GRAIN


def capped(program: Program, discount: Discount) -> Expression:
    value = {"simple": simple, "quantity": by_quantity, "mix_and_match": bundles}[discount.kind](
        program, discount
    )
    if discount.max_amount_per_order is None:
        return value
    given = program.count(discount.max_amount_per_order // GRAIN)
    program.model.add(given <= value)
    return given


def gain(source: Any, unit: Unit) -> int:
    """What a benefit gives on one unit, in grains."""
    found = worth.benefit(source)
    assert found is not None
    amount = Fraction(worth.each(*found)([unit.price])[0]) / GRAIN
    assert amount.denominator == 1
    return int(amount)


def simple(program: Program, discount: Discount) -> Expression:
    terms, taken, limited = [], [], {}
    for sort, (unit, count) in enumerate(program.sorts):
        for line in worth.covering(discount, unit):
            units = program.take(sort, count)
            taken.append(units)
            terms.append(units * gain(discount.lines[line], unit))
            limited.setdefault((line, unit.master or unit.product), []).append(units)
    for (line, _), units in limited.items():
        limit = discount.lines[line].quantity_limit
        if limit is not None:
            program.model.add(sum(units) <= int(limit))
    if discount.max_quantity_per_order is not None and taken:
        program.model.add(sum(taken) <= int(discount.max_quantity_per_order))
    return sum(terms)


def by_quantity(program: Program, discount: Discount) -> Expression:
    params = msgspec.convert(discount.params, quantity.Params)
    terms: list[Expression] = []
    taken: list[Expression] = []
    for line in range(len(discount.lines)):
        covered = [
            (sort, unit, count)
            for sort, (unit, count) in enumerate(program.sorts)
            if line in worth.covering(discount, unit)
        ]
        held = {sort: program.take(sort, count) for sort, _, count in covered}
        if not held:
            continue
        taken += held.values()
        serve = slabs if params.interval else unified
        for tier, sort, units in serve(program, params, held):
            terms.append(units * gain(tier, program.sorts[sort][0]))
    if discount.max_quantity_per_order is not None and taken:
        program.model.add(sum(taken) <= int(discount.max_quantity_per_order))
    return sum(terms)


Served = Iterator[tuple[quantity.Tier, int, Expression]]


def unified(program: Program, params: quantity.Params, held: dict[int, Expression]) -> Served:
    """One tier for all that is held. Tiers never get worse, so the choice is left to the solver."""
    chosen = []
    for tier in params.tiers:
        on = program.model.new_bool_var("")
        chosen.append(on)
        program.model.add(sum(held.values()) >= int(tier.min)).only_enforce_if(on)
        for sort, units in held.items():
            most = program.sorts[sort][1]
            given = program.count(most)
            program.model.add(given <= units)
            program.model.add(given <= most * on)
            yield tier, sort, given
    program.model.add(sum(chosen) <= 1)


def slabs(program: Program, params: quantity.Params, held: dict[int, Expression]) -> Served:
    """Of n units, those numbered from a tier's minimum on may have that tier or a lower one."""
    total = sum(held.values())
    above: list[Expression] = []
    for tier in sorted(params.tiers, key=lambda t: -t.min):
        for sort, units in held.items():
            given = program.count(program.sorts[sort][1])
            program.model.add(given <= units)
            above.append((sort, given))
            yield tier, sort, given
        reached = program.model.new_bool_var("")
        most = sum(count for _, count in program.sorts)
        program.model.add(sum(g for _, g in above) <= most * reached)
        program.model.add(sum(g for _, g in above) <= total - int(tier.min) + 1).only_enforce_if(
            reached
        )
    for sort, units in held.items():
        program.model.add(sum(g for at, g in above if at == sort) <= units)


def bundles(program: Program, discount: Discount) -> Expression:
    """One block of variables per application; applications are alike, so the used ones come first.

    Where what a unit gets does not depend on its neighbours, one block for all applications is enough.
    """
    params = msgspec.convert(discount.params, mix_and_match.Params)
    size = sum(group.need for group in params.groups if not group.mandatory)
    most = sum(count for _, count in program.sorts) // size
    if discount.max_uses_per_order is not None:
        most = min(most, discount.max_uses_per_order)
    if params.percent_off is not None or (
        params.line_spec and all(group.price is None for group in params.groups)
    ):
        return application(program, discount, params, program.count(most), most)
    values, before = [], None
    for _ in range(most):
        used = program.model.new_bool_var("")
        if before is not None:
            program.model.add(used <= before)
        before = used
        values.append(application(program, discount, params, used, 1))
    return sum(values)


def application(
    program: Program,
    discount: Discount,
    params: mix_and_match.Params,
    used: Expression,
    times: int,
) -> Expression:
    seats: dict[int, dict[int, Expression]] = {}
    for g, group in enumerate(params.groups):
        fitting = [
            sort
            for sort, (unit, _) in enumerate(program.sorts)
            if worth.covering(discount, unit, g)
        ]
        if group.mandatory:
            seats[g] = dict.fromkeys(fitting)
            continue
        seats[g] = {
            s: program.take(s, min(group.need * times, program.sorts[s][1])) for s in fitting
        }
        program.model.add(sum(seats[g].values()) == group.need * used)
    slots = {g: seated for g, seated in seats.items() if not params.groups[g].mandatory}
    inside = {
        sort: sum(seated[sort] for seated in slots.values() if sort in seated)
        for sort in {s for seated in slots.values() for s in seated}
    }
    for g, group in enumerate(params.groups):
        if group.mandatory:
            program.model.add(
                sum(inside[sort] for sort in seats[g] if sort in inside) >= group.need * used
            )
    return benefit(program, params, used, slots, inside)


def benefit(
    program: Program,
    params: mix_and_match.Params,
    used: Expression,
    slots: dict[int, dict[int, Expression]],
    inside: dict[int, Expression],
) -> Expression:
    cost = sum(units * grains(program, sort) for sort, units in inside.items())
    if params.deal_price is not None:
        return clamped(program, cost - params.deal_price // GRAIN * used, used)
    if params.amount_off is not None:
        value = program.count(params.amount_off // GRAIN)
        program.model.add(value <= params.amount_off // GRAIN * used)
        program.model.add(value <= cost)
        return value
    if params.percent_off is not None:
        return sum(units * gain(params, program.sorts[sort][0]) for sort, units in inside.items())
    if params.least_expensive is not None:
        return cheapest(program, params.least_expensive, used, inside)
    return sum(line_spec(program, params.groups[g], used, seated) for g, seated in slots.items())


def grains(program: Program, sort: int) -> int:
    return int(program.sorts[sort][0].price) // GRAIN


def clamped(program: Program, value: Expression, used: Expression) -> Expression:
    """At most `value`, and 0 where that is negative."""
    most = sum(grains(program, sort) * count for sort, (_, count) in enumerate(program.sorts))
    given, below = program.count(most), program.model.new_bool_var("")
    program.model.add(given <= value).only_enforce_if(~below)
    program.model.add(given == 0).only_enforce_if(below)
    program.model.add(given <= most * used)
    return given


def line_spec(
    program: Program, group: mix_and_match.Group, used: Expression, seated: dict[int, Expression]
) -> Expression:
    if group.price is None:
        return sum(units * gain(group, program.sorts[s][0]) for s, units in seated.items())
    cost = sum(units * grains(program, sort) for sort, units in seated.items())
    return clamped(program, cost - group.price // GRAIN * used, used)


def cheapest(
    program: Program,
    least: mix_and_match.LeastExpensive,
    used: Expression,
    inside: dict[int, Expression],
) -> Expression:
    """Units of a dearer sort are given something only where all of every cheaper sort are."""
    given = {sort: program.count(program.sorts[sort][1]) for sort in inside}
    program.model.add(sum(given.values()) == least.count * used)
    for sort, units in given.items():
        program.model.add(units <= inside[sort])
        some = program.model.new_bool_var("")
        program.model.add(units <= program.sorts[sort][1] * some)
        for other in inside:
            if grains(program, other) < grains(program, sort):
                program.model.add(given[other] == inside[other]).only_enforce_if(some)
    return sum(units * gain(least, program.sorts[sort][0]) for sort, units in given.items())
