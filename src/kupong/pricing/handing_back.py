"""Hands what lots got back to the lines of the cart: exact size first, then smaller lines, else a line is split.

Specification 1.3: of equal lines that one has to be split of, it is the later.
"""

from collections.abc import Sequence

from kupong.kernel.money import Exact
from kupong.pricing.allocation import share_out
from kupong.pricing.groups import ItemGroup
from kupong.pricing.lots import Lot, room_of
from kupong.pricing.rules import plain


class Share:
    """Units of one line that were treated alike, with what each discount took off them, in minor units.

    `manual` is what staff took off, `sign` -1 for goods that come back, `order` the place of the item group.
    """

    __slots__ = ("gross", "group", "manual", "order", "place", "quantity", "sign", "taken")

    def __init__(self, place: int, group: ItemGroup, quantity: Exact, gross: int) -> None:
        self.place, self.group, self.quantity, self.gross = place, group, quantity, gross
        self.sign = group.sign
        self.taken: list[tuple[str, int]] = []
        self.manual = 0
        self.order = 0

    @property
    def room(self) -> int:
        """What is left to pay."""
        return self.gross - self.manual - sum(amount for _, amount in self.taken)


def hand_back(
    group: ItemGroup, lots: Sequence[Lot], gross: Sequence[int], step: int
) -> list[Share]:
    """The shares of all lines of one item group; they add up to its lots, in quantity and in every amount."""
    room = room_of(group, gross)
    lines = {part.place: part.quantity for part in group.parts}
    limits = dict(zip(lines, room, strict=True))
    shares = []
    for lot in sorted(lots, key=lambda lot: -lot.quantity):
        taken = _lines_for(lot.quantity, lines)
        for place, quantity in taken:
            lines[place] = plain(lines[place] - quantity)
        shares += _shared(lot, taken, group, lines, limits, step)
    return sorted(shares, key=lambda share: share.place)


def _lines_for(quantity: Exact, lines: dict[int, Exact]) -> list[tuple[int, Exact]]:
    """Which lines serve so many units, and with how many each."""
    left = {place: units for place, units in lines.items() if units}
    exact = [place for place, units in left.items() if units == quantity]
    if exact:
        return [(exact[0], quantity)]
    found: list[tuple[int, Exact]] = []
    for place, units in sorted(left.items(), key=lambda item: -item[1]):
        if units <= quantity:
            found.append((place, units))
            quantity -= units
    if quantity:
        whole = {place for place, _ in found}
        rest = [(units, -place) for place, units in left.items() if place not in whole]
        found.append((-min(rest)[1], quantity))
    return found


def _shared(
    lot: Lot,
    taken: Sequence[tuple[int, Exact]],
    group: ItemGroup,
    lines: dict[int, Exact],
    limits: dict[int, int],
    step: int,
) -> list[Share]:
    """One lot's money over its lines; a line that is used up gives all that is left of its gross."""
    shares = []
    open_gross = lot.gross - sum(limits[place] for place, _ in taken if not lines[place])
    for place, quantity in taken:
        amount = min(limits[place], max(0, open_gross)) if lines[place] else limits[place]
        limits[place] -= amount
        shares.append(Share(place, group, quantity, amount))
    quantities = [share.quantity for share in shares]
    for number, amount in lot.taken:
        parts = share_out(amount, quantities, [share.room for share in shares], step)
        for share, part in zip(shares, parts, strict=True):
            share.taken.append((number, part))
    return shares
