"""What every kind of discount declares: the shape that the engine, the checks, the API and the forms read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import msgspec

from kupong.kernel.reasons import Refused
from kupong.pricing.discounts import Discount

Language = Literal["en", "sv"]
Texts = Mapping[Language, str]
P = TypeVar("P", bound=msgspec.Struct)


@dataclass(frozen=True)
class Ask:
    """One thing that a form asks for, and where the answer goes in the discount.

    `path` is a place in the parameters ("tiers[0].min"), or "lines.…" for a value of every line. An answer of
    type percent is decimal text, an amount minor units, a count whole units, a name text. `typed` is
    what stands there at first.
    """

    name: str
    type: Literal["percent", "amount", "count", "name"]
    path: str
    text: Texts
    typed: str = ""


@dataclass(frozen=True)
class Form:
    """One way to make a discount of the kind that most people need: a few questions instead of all parameters."""

    key: str
    text: Texts
    asks: tuple[Ask, ...]


@dataclass(frozen=True)
class Kind(Generic[P]):
    """One kind of discount. `key` and `version` are stored with each record and never change meaning.

    `params` is the shape of the kind's own parameters, `line_values` what its lines may carry. Without
    `has_mode` it competes with nothing, and its mode says nothing. With `covers_all` it covers all goods when it
    has no lines. `sentence` says what a discount does, in either language; `enabling_refusals` are the
    checks on its parameters that stand between a draft and the till (their figure `field` is a path in
    the parameters); `forms` are what most people need of it, as a few questions.
    """

    key: str
    version: int
    params: type[P]
    name: Texts
    sentence: Callable[[Discount, P, Language], str]
    enabling_refusals: Callable[[Discount, P], Iterable[Refused]]
    line_values: tuple[str, ...] = ()
    has_mode: bool = True
    covers_all: bool = False
    forms: tuple[Form, ...] = ()
