"""Item groups: the same product at one price in one unit is one quantity, however many lines it stands on."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from kupong.kernel.money import Exact, allocate, round_to_step
from kupong.pricing.book import EVERYTHING, Key
from kupong.pricing.carts import Cart, CartLine
from kupong.pricing.discounts import Settings


class Part(msgspec.Struct, frozen=True):
    """The share of an item group that stands on one line: `place` in the cart, `quantity` above zero.

    `partial` when the other sign cancelled some of the line.
    """

    place: int
    quantity: Exact
    partial: bool

    def signed(self, sign: int) -> Decimal:
        """The quantity as the line writes it: below zero on a return."""
        return Decimal(sign * self.quantity.numerator) / self.quantity.denominator


class ItemGroup(msgspec.Struct, frozen=True):
    """What the search sees. `quantity` is above zero; `sign` is -1 for goods that come back.

    `parts` holds the lines of that sign, less what the other sign cancelled (specification 1.3).
    `counted` is the product by which limits on units count: the master of a variant. `prevented` says what
    keeps discounts off it.
    """

    keys: tuple[Key, ...]
    unit: str
    price: int
    quantity: Exact
    sign: int
    parts: tuple[Part, ...]
    counted: str
    prevented: str | None = None
    prevents_tender: bool = False
    prevents_manual: bool = False


class Basket(msgspec.Struct, frozen=True):
    """A cart as item groups, beside the gross of each line in minor units."""

    groups: tuple[ItemGroup, ...]
    gross: tuple[int, ...]


def merge(cart: Cart, settings: Settings) -> Basket:
    """Merge lines into item groups and net sales against returns; locked lines take part in nothing."""
    gross = [0] * len(cart.lines)
    groups = []
    for places in _alike(cart.lines):
        quantities = [exact_quantity(cart.lines[place].quantity) for place in places]
        price = cart.lines[places[0]].price
        for place, amount in zip(
            places, _gross(quantities, price, cart.currency.step), strict=True
        ):
            gross[place] = amount
        group = _group(cart.lines[places[0]], places, quantities, settings)
        if group is not None:
            groups.append(group)
    return Basket(tuple(groups), tuple(gross))


def exact_quantity(quantity: Decimal) -> Exact:
    """A whole number as an int, because most are and ints are fast; others as a Fraction."""
    whole = int(quantity)
    return whole if whole == quantity else Fraction(quantity)


def _alike(lines: Sequence[CartLine]) -> list[list[int]]:
    """The places of the lines of each item group; a locked line is always alone."""
    alike: dict[object, list[int]] = {}
    for place, line in enumerate(lines):
        key: object = place
        if not is_locked(line):
            key = (
                line.product, line.price, line.unit, line.master, line.categories,
                line.prevent_discounts, line.prevent_retail_discounts, line.prevent_tender_discounts,
                line.prevent_manual_discounts, line.price_overridden, line.price_keyed_in,
            )  # fmt: skip
        alike.setdefault(key, []).append(place)
    return list(alike.values())


def _gross(quantities: Sequence[Exact], price: int, step: int) -> list[int]:
    """Gross per line. Weighed goods are rounded once per group and shared out, so splitting changes nothing."""
    if all(isinstance(quantity, int) for quantity in quantities):
        return [round_to_step(price * quantity) for quantity in quantities]
    sold = [max(quantity, 0) for quantity in quantities]
    back = [max(-quantity, 0) for quantity in quantities]
    pairs = zip(_shared(sold, price, step), _shared(back, price, step), strict=True)
    return [plus - minus for plus, minus in pairs]


def _shared(quantities: Sequence[Exact], price: int, step: int) -> list[int]:
    total = sum(quantities)
    return (
        allocate(round_to_step(price * total, step), quantities, step)
        if total
        else [0] * len(quantities)
    )


def is_locked(line: CartLine) -> bool:
    """Priced earlier: it takes part in nothing."""
    return line.locked_net is not None or line.receipt is not None


def _group(
    line: CartLine, places: Sequence[int], quantities: Sequence[Exact], settings: Settings
) -> ItemGroup | None:
    net = sum(quantities)
    if net == 0 or line.price <= 0 or is_locked(line):
        return None
    sign = 1 if net > 0 else -1
    return ItemGroup(
        keys=_keys(line),
        unit=line.unit,
        price=line.price,
        quantity=net * sign,
        sign=sign,
        parts=_parts(places, [quantity * sign for quantity in quantities]),
        counted=line.master or line.product,
        prevented=_prevented(line, settings),
        prevents_tender=line.prevent_discounts or line.prevent_tender_discounts,
        prevents_manual=line.prevent_discounts or line.prevent_manual_discounts,
    )


def _prevented(line: CartLine, settings: Settings) -> str | None:
    """What keeps the discounts of the price book off the line, by the name of its field."""
    if line.prevent_discounts:
        return "prevent_discounts"
    if line.prevent_retail_discounts:
        return "prevent_retail_discounts"
    if line.price_overridden and not settings.discount_overridden_prices:
        return "price_overridden"
    if line.price_keyed_in and not settings.discount_keyed_in_prices:
        return "price_keyed_in"
    return None


def _parts(places: Sequence[int], quantities: Sequence[Exact]) -> tuple[Part, ...]:
    """Lines of the group's own sign; the later ones are cancelled first by what goes the other way."""
    cancelled = -sum(quantity for quantity in quantities if quantity < 0)
    parts = []
    for place, quantity in sorted(zip(places, quantities, strict=True), reverse=True):
        if quantity > 0:
            taken = min(quantity, cancelled)
            cancelled -= taken
            if quantity > taken:
                parts.append(Part(place, quantity - taken, taken > 0))
    return tuple(reversed(parts))


def _keys(line: CartLine) -> tuple[Key, ...]:
    master: tuple[Key, ...] = () if line.master is None else (("master", line.master),)
    categories = tuple(("category", category) for category in line.categories)
    return (("product", line.product), *master, *categories, EVERYTHING)
