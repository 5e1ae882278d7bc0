"""What every kind of discount declares: the shape that the engine, the checks and the forms read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from kupong.kernel.reasons import Refused
from kupong.pricing.discounts import Discount, DiscountLine
from kupong.pricing.offers import Offer

Language = Literal["en", "sv"]


@dataclass(frozen=True)
class Kind:
    """One kind of discount. `key` and `version` are stored with each record and never change meaning.

    `params` is the shape of the kind's own parameters; `sentence` says what a discount does;
    `enabling_refusals` are the checks that stand between a draft and the till; `unsupported` names
    what the engine cannot price yet; `offers` is what one line gives to the search.
    """

    key: str
    version: int
    params: type[msgspec.Struct]
    sentence: Callable[[Discount, Language], str]
    enabling_refusals: Callable[[Discount], tuple[Refused, ...]]
    unsupported: Callable[[Discount], str | None]
    offers: Callable[[DiscountLine], tuple[Offer, ...]]
