"""Money is an integer of minor units beside its currency; what lies between is a Fraction, never a float."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

Exact = int | Fraction

# Minor digits that differ from two (ISO 4217).
_EXPONENTS = {
    **dict.fromkeys(
        ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF").split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}


def minor_digits(currency: str) -> int:
    """How many decimals an amount in this ISO 4217 currency has: 0, 2 or 3."""
    return _EXPONENTS.get(currency, 2)


class Currency(msgspec.Struct, frozen=True):
    """A currency and its smallest payable step, in minor units (5 where the smallest coin is 0.05)."""

    code: str
    step: int = 1


def round_to_step(value: Exact, step: int = 1) -> int:
    """The multiple of `step` nearest to `value`, halves away from zero."""
    if step == 1 and isinstance(value, int):
        return value
    above, below = value.numerator, value.denominator * step
    magnitude = (2 * abs(above) + below) // (2 * below)
    return step * (magnitude if above >= 0 else -magnitude)


def allocate(total: int, weights: Sequence[Exact], step: int = 1) -> list[int]:
    """Share `total` in proportion to `weights`, each share floored to `step`.

    The steps that remain go to the largest remainders, ties to the earlier share; what is less than
    a step goes with the first of them. The shares always add up to `total`, and have its sign.
    Raises ValueError when there is something to share and no weight to share it by.
    """
    if total < 0:
        return [-share for share in allocate(-total, weights, step)]
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        if total == 0:
            return [0] * len(weights)
        raise ValueError("an amount can be shared only by weights that are positive in sum")
    exact = [Fraction(total) * weight / whole for weight in weights]
    shares = [int(share // step) * step for share in exact]
    steps_left, dust = divmod(total - sum(shares), step)
    by_remainder = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[:steps_left]:
        shares[i] += step
    shares[by_remainder[0]] += dust
    return shares
