"""Owns the kinds of discounts: what each one is, checks on enabling, says in words and offers to the search.

Every room above may import it; the engine reads it through the functions below.
Add a kind as `<kind>.py` with one `Kind` in it, and that kind in `KINDS`.
"""

from kupong.kernel.reasons import Refused
from kupong.pricing.discounts import Discount
from kupong.pricing.kinds.kind import Kind, Language
from kupong.pricing.kinds.simple import SIMPLE

KINDS: tuple[Kind, ...] = (SIMPLE,)

_BY_KEY = {kind.key: kind for kind in KINDS}
_MODES = ("best_price", "compounded")


def kind_of(discount: Discount) -> Kind:
    """The kind a discount is of; KeyError when there is none (ask `unsupported` first)."""
    return _BY_KEY[discount.kind]


def unsupported(discount: Discount) -> str | None:
    """What the engine cannot price in this discount, in a few words; None when it can price all of it."""
    kind = _BY_KEY.get(discount.kind)
    if kind is None:
        return f"kind {discount.kind}"
    if discount.version != kind.version:
        return f"kind {discount.kind} version {discount.version}"
    if discount.mode not in _MODES:
        return f"mode {discount.mode}"
    for cap in ("max_amount_per_order", "max_quantity_per_order", "max_uses_per_order"):
        if getattr(discount, cap) is not None:
            return cap
    return kind.unsupported(discount)


def enabling_refusals(discount: Discount) -> tuple[Refused, ...]:
    """Everything that keeps a supported discount from being enabled; empty when nothing does."""
    return kind_of(discount).enabling_refusals(discount)


def sentence(discount: Discount, language: Language = "en") -> str:
    """What the discount does, in one sentence. KeyError for a kind that is not supported."""
    return kind_of(discount).sentence(discount, language)
