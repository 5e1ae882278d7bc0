"""Lots: the units of one item group that were treated alike so far, with what each discount took off them.

A stage splits lots into pieces, each with its own discounts, applies them to the cent, and puts together
again what came to be alike (specification 1.3 and 1.8).
"""

from collections.abc import Iterable, Sequence

import msgspec

from kupong.kernel.money import Exact, round_to_step
from kupong.pricing.allocation import share_out
from kupong.pricing.groups import Basket, ItemGroup
from kupong.pricing.offers import Amounts
from kupong.pricing.rules import plain


class Held(msgspec.Struct, frozen=True):
    """A discount on a unit, also one that gives this unit nothing (the paid one of "buy one, get one")."""

    number: str
    mode: str
    priority: int
    threshold: bool = False


class Lot(msgspec.Struct, frozen=True):
    """`gross` and `taken` (per discount, in the order in which they applied) are minor units.

    `marks` stands beside `taken`: what each unit was to get before rounding, by which units are told apart.
    """

    group: int
    price: int
    quantity: Exact
    gross: int
    taken: tuple[tuple[str, int], ...] = ()
    marks: tuple[Exact, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def room(self) -> int:
        """What it may still be reduced by."""
        return self.gross - sum(amount for _, amount in self.taken)

    @property
    def amounts(self) -> Amounts:
        """Its money now: what is left is exact where the units are weighed."""
        original = plain(self.price * self.quantity)
        left = original - sum(amount for _, amount in self.taken)
        return Amounts(self.quantity, original, max(0, left))

    def took(self, number: str, amount: int, mark: Exact) -> "Lot":
        taken, marks = (*self.taken, (number, amount)), (*self.marks, mark)
        return msgspec.structs.replace(self, taken=taken, marks=marks)

    def holding(self, held: Iterable[Held]) -> "Lot":
        return msgspec.structs.replace(self, held=(*self.held, *held))


def open_lots(basket: Basket) -> list[Lot]:
    """One lot per item group; of a line that was partly cancelled only the rest."""
    return [
        Lot(place, group.price, group.quantity, sum(room_of(group, basket.gross)))
        for place, group in enumerate(basket.groups)
    ]


def room_of(group: ItemGroup, gross: Sequence[int]) -> list[int]:
    """The gross of each of the group's parts."""
    return [
        min(abs(gross[part.place]), round_to_step(group.price * part.quantity))
        if part.partial
        else abs(gross[part.place])
        for part in group.parts
    ]


def split(lot: Lot, quantities: Sequence[Exact], step: int) -> list[Lot]:
    """The lot in pieces of these quantities, which add up to its own; every cent goes with one of them."""
    if len(quantities) == 1:
        return [lot]
    room = share_out(lot.gross, quantities, [lot.gross] * len(quantities), 1)
    pieces = [
        msgspec.structs.replace(lot, quantity=quantity, gross=gross, taken=(), marks=())
        for quantity, gross in zip(quantities, room, strict=True)
    ]
    for (number, amount), mark in zip(lot.taken, lot.marks, strict=True):
        shares = share_out(amount, quantities, room, step)
        room = [limit - share for limit, share in zip(room, shares, strict=True)]
        pieces = [
            piece.took(number, share, mark) for piece, share in zip(pieces, shares, strict=True)
        ]
    return pieces


def merged(lots: Iterable[Lot]) -> list[Lot]:
    """Lots of one group whose units were treated alike become one; groups keep their order."""
    alike: dict[object, Lot] = {}
    for lot in lots:
        key = (lot.group, lot.held, tuple(number for number, _ in lot.taken), lot.marks)
        known = alike.get(key)
        alike[key] = lot if known is None else _together(known, lot)
    return sorted(alike.values(), key=lambda lot: lot.group)


def _together(one: Lot, other: Lot) -> Lot:
    return msgspec.structs.replace(
        one,
        quantity=plain(one.quantity + other.quantity),
        gross=one.gross + other.gross,
        taken=tuple(
            (number, amount + more)
            for (number, amount), (_, more) in zip(one.taken, other.taken, strict=True)
        ),
    )
