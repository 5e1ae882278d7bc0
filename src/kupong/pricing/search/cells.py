"""What the search is asked: units that are alike, who meets them, and the ways to treat one of them."""

from typing import Any

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts
from kupong.pricing.picks import Step


class Cell(msgspec.Struct, frozen=True):
    """`count` units of one lot, each of `weight` (one, or less for the part of a unit that is left over).

    `running` and `original` are the price of one whole unit, now and at first. `counted` is the product
    by which a limit on units counts it: the master of a variant.
    """

    lot: int
    order: int
    count: int
    weight: Exact
    running: Exact
    original: Exact
    counted: str
    blocked: bool
    contenders: tuple[Contender, ...]

    @property
    def amounts(self) -> Amounts:
        return Amounts(self.weight, self.original * self.weight, self.running * self.weight)


class Part(msgspec.Struct, frozen=True):
    """What one discount may do with a unit.

    `step` is what it takes off by itself; `constant` is the unit's share of what the application as a whole
    gives or costs, `takes_all` that the whole price counts as given (against that constant). `share` is the
    potential that a unit has in a bundle whose benefit falls on others. `slot` is the slot of its bundle that
    the unit fills; `spread`, that its share of the benefit is known only with the whole application.
    """

    contender: Contender
    moves: tuple[tuple[int, Any], ...]
    step: Step | None = None
    constant: Exact = 0
    takes_all: bool = False
    share: Exact = 0
    bundle: int | None = None
    slot: int = 0
    spread: bool = False
    composed: bool = False


class Option(msgspec.Struct, frozen=True):
    """A choice in full: the steps that the unit takes by itself, and the slots it fills in bundles.

    `slots` holds (bundle, slot); `spreads` those of them whose benefit the application shares out.
    """

    steps: tuple[Step, ...]
    parts: tuple[Part, ...]

    def shares_out(self, number: str) -> bool:
        """Whether that discount's benefit on the unit is known only with a whole application."""
        return any(
            part.contender.number == number and (part.spread or part.composed)
            for part in self.parts
        )

    @property
    def numbers(self) -> tuple[str, ...]:
        """The discounts in it, each once."""
        named = [step.contender.number for step in self.steps]
        return tuple(dict.fromkeys([*named, *(part.contender.number for part in self.parts)]))


class Application(msgspec.Struct, frozen=True):
    """One use of a bundle: its units, by their place in the solution, each with the slot it fills."""

    contender: Contender
    members: tuple[tuple[int, int], ...]


class Solution(msgspec.Struct, frozen=True):
    """Per unit the place of its cell and how it is treated; `value` is unrounded, and at most `bound`."""

    value: Exact
    bound: Exact
    units: tuple[tuple[int, Option], ...]
    applications: tuple[Application, ...]

    @property
    def proven(self) -> bool:
        return self.value == self.bound

    @property
    def numbers(self) -> tuple[str, ...]:
        """The discounts that take part."""
        return tuple(dict.fromkeys(n for _, option in self.units for n in option.numbers))
