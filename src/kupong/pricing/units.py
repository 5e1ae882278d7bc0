"""How many units a discount needs, and how many of the goods on the cart could serve it."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import floor

import msgspec

from kupong.kernel.money import Exact
from kupong.pricing.bundles import Bundle
from kupong.pricing.candidates import Contender
from kupong.pricing.lots import Lot
from kupong.pricing.rules import Quantity, plain


class Short(msgspec.Struct, frozen=True):
    """Units needed for the first application or tier, and units there are for it."""

    need: Exact
    have: Exact


def without_short(
    lots: Sequence[Lot], entering: Mapping[int, Sequence[Contender]]
) -> tuple[Mapping[int, Sequence[Contender]], dict[str, Short]]:
    """Who enters, less the discounts (and lines of quantity discounts) that have too few units to fire at all."""
    covered: dict[str, list[tuple[Lot, Contender]]] = {}
    covering: dict[int, list[Contender]] = {}  # lots that look alike share their contenders
    for place, contenders in entering.items():
        if id(contenders) not in covering:
            covering[id(contenders)] = [entry for entry in contenders if entry.covers]
        for contender in covering[id(contenders)]:
            covered.setdefault(contender.number, []).append((lots[place], contender))
    short: dict[str, Short] = {}
    dead: set[tuple[str, int | None]] = set()
    for number, met in covered.items():
        rule = met[0][1].discount.rule
        if isinstance(rule, Bundle):
            have = most_units(rule, met)
            if have < rule.size or not _meets_conditions(rule, met):
                dead.add((number, None))
                short[number] = Short(rule.size, min(have, rule.size - (have >= rule.size)))
        elif isinstance(rule, Quantity):
            _note_lines(number, rule, met, dead, short)
    if not dead:
        return entering, short
    return {place: _alive(found, dead) for place, found in entering.items()}, short


def most_units(rule: Bundle, met: Sequence[tuple[Lot, Contender]]) -> int:
    """The most slots of one application that whole units can fill, by Hall's theorem over its groups."""
    by_cover: dict[frozenset[int], int] = {}
    for lot, contender in met:
        cover = frozenset(entry.place for entry in contender.covers)
        by_cover[cover] = by_cover.get(cover, 0) + floor(lot.quantity)
    return most_filled(rule.groups, rule.needs, by_cover)


def most_filled(
    groups: Sequence[int], needs: Sequence[int], by_cover: Mapping[frozenset[int], int]
) -> int:
    """The most slots that can be filled: the least, over all sets of groups, of units for them and slots outside."""
    found = sum(needs)
    for size in range(1, len(groups) + 1):
        for chosen in combinations(range(len(groups)), size):
            names = {groups[slot] for slot in chosen}
            inside = sum(units for cover, units in by_cover.items() if cover & names)
            outside = sum(need for slot, need in enumerate(needs) if slot not in chosen)
            found = min(found, inside + outside)
    return found


def _meets_conditions(rule: Bundle, met: Sequence[tuple[Lot, Contender]]) -> bool:
    return all(
        sum(floor(lot.quantity) for lot, c in met if any(e.place == must for e in c.covers)) >= need
        for must, need in zip(rule.mandatory, rule.conditions, strict=True)
    )


def _note_lines(
    number: str,
    rule: Quantity,
    met: Sequence[tuple[Lot, Contender]],
    dead: set[tuple[str, int | None]],
    short: dict[str, Short],
) -> None:
    """Lines of a quantity discount count apart; the discount is short when all of its lines are."""
    have: dict[int, Exact] = {}
    for lot, contender in met:
        for cover in contender.covers:
            units = floor(lot.quantity) if rule.interval else lot.quantity
            have[cover.place] = have.get(cover.place, 0) + units
    lacking = {place: units for place, units in have.items() if units < rule.low[0]}
    dead.update((number, place) for place in lacking)
    if len(lacking) == len(have):
        short[number] = Short(plain(rule.low[0]), plain(max(lacking.values())))


def _alive(contenders: Sequence[Contender], dead: set[tuple[str, int | None]]) -> list[Contender]:
    found = []
    for contender in contenders:
        if (contender.number, None) in dead:
            continue
        covers = tuple(c for c in contender.covers if (contender.number, c.place) not in dead)
        if len(covers) == len(contender.covers):
            found.append(contender)
        elif covers:
            found.append(msgspec.structs.replace(contender, covers=covers))
    return found
