"""The price book: a company's discounts, compiled once and indexed so that a cart meets only what can reach it."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import msgspec

from kupong.pricing import kinds
from kupong.pricing.discounts import Discount, DiscountLine, Settings
from kupong.pricing.kinds import simple
from kupong.pricing.offers import Cover, Offer
from kupong.pricing.rules import Quantity, Rule, Threshold, rule_of
from kupong.pricing.validity import Hours, opening_hours

Key = tuple[str, str]  # level and id: ("product", "A"), ("master", "TEE"), ("category", "shirts")
Units = frozenset[str | None]

EVERYTHING: Key = ("all", "")


class Unsupported(Exception):
    """A discount is enabled that the engine cannot price: `feature` says in a few words what it asks for."""

    def __init__(self, discount: str, feature: str) -> None:
        super().__init__(f"discount {discount}: {feature} is not supported")
        self.discount = discount
        self.feature = feature


class Compiled(msgspec.Struct, frozen=True):
    """One discount ready for pricing. `header` is the discount without its lines.

    `rule` is what its kind made of the parameters; without one, every line gives by itself.
    """

    header: Discount
    hours: Hours | None
    offers: dict[Key, tuple[Offer | Cover, ...]]
    excluded: dict[Key, Units]
    rule: Rule = None

    @property
    def kind(self) -> str:
        return self.header.kind


class PriceBook(msgspec.Struct, frozen=True):
    """Immutable: a change gives a new book that shares what did not change.

    `open_to` lists, per price group and key, the numbers of the discounts that need no code. A discount
    that needs one is reached by its number only, so that any number of them costs a cart nothing.
    `excluded` holds the keys that some discount excludes.
    """

    settings: Settings
    discounts: dict[str, Compiled]
    open_to: dict[str, dict[Key, tuple[str, ...]]]
    excluded: frozenset[Key] = frozenset()

    def with_changes(self, changed: Iterable[Discount], removed: Iterable[str] = ()) -> "PriceBook":
        """The book with these discounts put in place and those numbers taken out (unknown ones ignored).

        Raises `Unsupported` like `compile_book`. Costs the keys of the discounts named, not of the book, but where
        one of them excluded something.
        """
        compiled = _compiled(changed)
        discounts = dict(self.discounts)
        index = _Index(self.open_to)
        named = {*removed, *compiled}
        for number in named:
            old = discounts.pop(number, None)
            if old is not None:
                index.take_out(old)
        for number, new in compiled.items():
            discounts[number] = new
            index.put_in(new)
        gone = any(number in self.discounts and self.discounts[number].excluded for number in named)
        known, more = (frozenset(), discounts) if gone else (self.excluded, compiled)
        excluded = known.union(*(entry.excluded for entry in more.values()))
        return PriceBook(self.settings, discounts, index.finished(), excluded)

    def open_numbers(self, keys: Iterable[Key], price_groups: Iterable[str]) -> set[str]:
        """The discounts without a code that may reach an item with these keys in these price groups."""
        found: set[str] = set()
        for price_group in price_groups:
            by_key = self.open_to.get(price_group)
            if by_key:
                for key in keys:
                    found.update(by_key.get(key, ()))
        return found


def compile_book(discounts: Iterable[Discount], settings: Settings) -> PriceBook:
    """A book of these discounts; numbers are unique.

    Raises `Unsupported` for an enabled discount that the engine cannot price in full, ValueError for a
    number given twice and for weekly hours that cannot be read.
    """
    return PriceBook(settings, {}, {}).with_changes(discounts)


def _compiled(discounts: Iterable[Discount]) -> dict[str, Compiled]:
    compiled: dict[str, Compiled] = {}
    for discount in discounts:
        if discount.number in compiled:
            raise ValueError(f"discount {discount.number} is given twice")
        compiled[discount.number] = _compile(discount)
    return compiled


def _compile(discount: Discount) -> Compiled:
    header = msgspec.structs.replace(discount, lines=())
    if not discount.enabled:
        return Compiled(header, None, {}, {})
    feature = kinds.unsupported(discount)
    if feature is not None:
        raise Unsupported(discount.number, feature)
    hours = opening_hours(discount.weekly)
    rule = rule_of(kinds.parameters(discount))
    return Compiled(header, hours, _offers(discount, rule), _excluded(discount.lines), rule)


def _offers(discount: Discount, rule: Rule) -> dict[Key, tuple[Offer | Cover, ...]]:
    shared: dict[tuple[Offer | Cover, ...], tuple[Offer | Cover, ...]] = {}
    by_key: dict[Key, tuple[Offer | Cover, ...]] = {}
    for place, line in enumerate(discount.lines):
        if not line.exclude:
            key, given = line_key(line), _given(line, place, rule)
            given = by_key[key] + given if key in by_key else given
            # A coupon may give one benefit on thousands of products: they share one tuple.
            by_key[key] = shared.setdefault(given, given)
    return by_key


def _given(line: DiscountLine, place: int, rule: Rule) -> tuple[Offer | Cover, ...]:
    """A benefit by the line; or that it covers: for the whole discount, for itself, or for its line group."""
    if rule is None:
        found = simple.offers(line)
        if line.quantity_limit is None:
            return found
        limit = Fraction(line.quantity_limit)
        return tuple(msgspec.structs.replace(offer, limit=limit, line=place) for offer in found)
    if isinstance(rule, Quantity):
        return (Cover(place, line.unit),)
    if isinstance(rule, Threshold):
        return (Cover(0, line.unit),)
    return (Cover(line.group or 0, line.unit),)


def _excluded(lines: Iterable[DiscountLine]) -> dict[Key, Units]:
    by_key: dict[Key, Units] = {}
    for line in lines:
        if line.exclude:
            key = line_key(line)
            by_key[key] = by_key.get(key, frozenset()) | {line.unit}
    return by_key


def line_key(line: DiscountLine) -> Key:
    """What the line picks, as the index knows it."""
    if line.product is not None:
        return ("product", line.product)
    if line.master is not None:
        return ("master", line.master)
    if line.category is not None:
        return ("category", line.category)
    return EVERYTHING


class _Index:
    """The index of a book in the making: only keys that are touched are opened and written again."""

    def __init__(self, open_to: dict[str, dict[Key, tuple[str, ...]]]) -> None:
        self._before = open_to
        self._touched: dict[str, dict[Key, set[str]]] = {}

    def put_in(self, compiled: Compiled) -> None:
        for numbers in self._opened(compiled):
            numbers.add(compiled.header.number)

    def take_out(self, compiled: Compiled) -> None:
        for numbers in self._opened(compiled):
            numbers.discard(compiled.header.number)

    def finished(self) -> dict[str, dict[Key, tuple[str, ...]]]:
        after = dict(self._before)
        for price_group, touched in self._touched.items():
            listed = dict(after.pop(price_group, {}))
            for key, numbers in touched.items():
                listed.pop(key, None)
                if numbers:
                    listed[key] = tuple(sorted(numbers))
            if listed:
                after[price_group] = listed
        return after

    def _opened(self, compiled: Compiled) -> Iterator[set[str]]:
        for price_group in _listed_under(compiled):
            before = self._before.get(price_group, {})
            touched = self._touched.setdefault(price_group, {})
            for key in compiled.offers:
                if key not in touched:
                    touched[key] = set(before.get(key, ()))
                yield touched[key]


def _listed_under(compiled: Compiled) -> Iterable[str]:
    """The price groups it is listed under: one is enough where all of them must be present."""
    header = compiled.header
    if header.requires_code or not header.enabled or not header.price_groups:
        return ()
    if header.match_all_price_groups:
        return (min(header.price_groups - {"ALL"}, default="ALL"),)
    return header.price_groups
