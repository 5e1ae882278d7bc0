"""Which discounts may take part in a cart, on which item groups, and why the others may not."""

from collections.abc import Sequence, Set
from datetime import datetime

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.book import Compiled, Key, PriceBook
from kupong.pricing.carts import Cart
from kupong.pricing.groups import ItemGroup
from kupong.pricing.offers import Cover, Offer
from kupong.pricing.validity import validity_refusal

# How near a discount came to a line of the cart, nearest last.
_NEARNESS = (Reason.NO_MATCHING_LINES, Reason.UNIT_MISMATCH, Reason.DISCOUNTS_PREVENTED)
_COUNTING = ("mix_and_match", "threshold")
_NO_MATCH = Refused(Reason.NO_MATCHING_LINES)


class Contender(msgspec.Struct, frozen=True):
    """A discount with what it offers one item group: a benefit by each line, or only that it covers it.

    `blocked`: the item takes no discount, but may fill a slot or count towards a threshold.
    """

    discount: Compiled
    offers: tuple[Offer, ...] = ()
    covers: tuple[Cover, ...] = ()
    blocked: bool = False

    @property
    def number(self) -> str:
        return self.discount.header.number

    @property
    def couples(self) -> bool:
        """Whether what it gives one unit depends on other units."""
        header = self.discount.header
        return (
            self.discount.rule is not None
            or header.max_amount_per_order is not None
            or header.max_quantity_per_order is not None
            or any(offer.limit is not None for offer in self.offers)
        )

    @property
    def compounded(self) -> bool:
        return self.discount.header.mode == "compounded"


class Field(msgspec.Struct, frozen=True):
    """Who takes part. `contenders` stands beside the item groups; `refused` holds the others that were asked.

    Item groups that look alike to discounts share one tuple, so that what is found out about it serves them all.
    """

    contenders: tuple[tuple[Contender, ...], ...]
    refused: dict[str, Refused]


def candidates(cart: Cart, book: PriceBook, groups: Sequence[ItemGroup], at: datetime) -> Field:
    """Ask every unlocked discount, and every discount without a code that the index finds for an item."""
    asked = _Asked(cart, book, at)
    unlocked = {opened.discount for opened in cart.unlocked}
    known: dict[_Sight, tuple[Contender, ...]] = {}
    contenders = []
    for group in groups:
        sight = asked.sight(group, unlocked)
        if sight not in known:
            numbers = unlocked | book.open_numbers(sight.keys, asked.price_groups)
            met = (asked.contender(number, sight) for number in sorted(numbers))
            known[sight] = tuple(contender for contender in met if contender)
        contenders.append(known[sight])
    for number in unlocked:
        asked.note_unlocked(number)
    return Field(tuple(contenders), asked.refused())


def refusal_of_others(cart: Cart, book: PriceBook, at: datetime, number: str) -> Refused:
    """Why a discount that was not asked took no part. It costs little, but is asked of the whole book."""
    header = book.discounts[number].header
    refused = _header_refusal(cart, book.discounts[number], carried_price_groups(cart), at)
    if refused is None and header.requires_code:
        return Refused(Reason.CODE_REQUIRED)
    return refused or Refused(Reason.NO_MATCHING_LINES)


def ineligible(number: str, book: PriceBook, cart: Cart, at: datetime) -> Refused | None:
    """Why the discount takes no part in such a sale whatever its lines; None when it may.

    For callers that judge a coupon code before the cart is priced with it.
    """
    compiled = book.discounts.get(number)
    if compiled is None:
        return Refused(Reason.DISABLED)
    return _header_refusal(cart, compiled, carried_price_groups(cart), at)


def carried_price_groups(cart: Cart) -> frozenset[str]:
    """Every transaction carries ALL."""
    return cart.price_groups | {"ALL"}


class _Sight(msgspec.Struct, frozen=True):
    """All that discounts see of an item group: of its keys those that any discount knows."""

    keys: tuple[Key, ...]
    unit: str
    prevented: str | None
    prevents_tender: bool


class _Asked:
    """Remembers the answer of each discount's header, and how near its lines came."""

    def __init__(self, cart: Cart, book: PriceBook, at: datetime) -> None:
        self.price_groups = carried_price_groups(cart)
        self._cart, self._book, self._at = cart, book, at
        self._headers: dict[str, Refused | None] = {}
        self._nearest: dict[str, Refused] = {}
        self._takes_part: set[str] = set()

    def sight(self, group: ItemGroup, unlocked: Set[str]) -> _Sight:
        """The item group as discounts see it."""
        keys = tuple(key for key in group.keys if self._is_known(key, unlocked))
        return _Sight(keys, group.unit, group.prevented, group.prevents_tender)

    def _is_known(self, key: Key, unlocked: Set[str]) -> bool:
        book = self._book
        return (
            any(key in book.open_to.get(name, ()) for name in self.price_groups)
            or key in book.excluded
            or any(
                key in book.discounts[number].offers
                for number in unlocked
                if number in book.discounts
            )
        )

    def contender(self, number: str, group: _Sight) -> Contender | None:
        """The discount as a contender for such an item group, or None: the reason is remembered."""
        if self._header(number) is not None:
            return None
        compiled = self._book.discounts[number]
        offers, refused = _offers(compiled, group)
        if refused is None:
            self._takes_part.add(number)
            return _contender(compiled, offers, blocked=False)
        if refused.reason is Reason.DISCOUNTS_PREVENTED and self._counts_anyway(compiled):
            self._come_near(number, refused)
            return _contender(compiled, offers, blocked=True)
        if refused.reason is not Reason.NO_MATCHING_LINES:
            self._come_near(number, refused)
        return None

    def _counts_anyway(self, compiled: Compiled) -> bool:
        """Whether items that take no discount count: they fill slots of bundles, and towards thresholds."""
        return compiled.kind in _COUNTING and self._book.settings.count_non_discountable

    def note_unlocked(self, number: str) -> None:
        """An unlocked discount always gets an answer, also when the cart holds nothing for it."""
        if self._header(number) is None:
            self._come_near(number, _NO_MATCH)

    def refused(self) -> dict[str, Refused]:
        headers = {number: no for number, no in self._headers.items() if no is not None}
        lines = {n: no for n, no in self._nearest.items() if n not in self._takes_part}
        return headers | lines

    def _header(self, number: str) -> Refused | None:
        if number not in self._headers:
            compiled = self._book.discounts.get(number)
            self._headers[number] = (
                Refused(Reason.NO_DISCOUNT)
                if compiled is None
                else _header_refusal(self._cart, compiled, self.price_groups, self._at)
            )
        return self._headers[number]

    def _come_near(self, number: str, refused: Refused) -> None:
        known = self._nearest.setdefault(number, refused)
        if _NEARNESS.index(refused.reason) > _NEARNESS.index(known.reason):
            self._nearest[number] = refused


def _header_refusal(
    cart: Cart, compiled: Compiled, price_groups: frozenset[str], at: datetime
) -> Refused | None:
    """The filters of specification 1.2 that do not depend on lines, in the order of the reasons."""
    header = compiled.header
    if not header.enabled:
        return Refused(Reason.DISABLED)
    refused = validity_refusal(header.valid, compiled.hours, at)
    if refused is not None:
        return refused
    if header.currency != cart.currency.code:
        return Refused(Reason.WRONG_CURRENCY, {"need": header.currency, "have": cart.currency.code})
    missing = header.price_groups - price_groups
    if missing if header.match_all_price_groups else missing == header.price_groups:
        return Refused(Reason.NOT_ELIGIBLE, {"need": sorted(missing)})
    return None


def _contender(compiled: Compiled, found: tuple[Offer | Cover, ...], *, blocked: bool) -> Contender:
    if compiled.rule is None:
        return Contender(compiled, offers=found, blocked=blocked)  # type: ignore[arg-type]
    return Contender(compiled, covers=found, blocked=blocked)  # type: ignore[arg-type]


def _offers(compiled: Compiled, group: _Sight) -> tuple[tuple[Offer | Cover, ...], Refused | None]:
    """What the discount offers the item; exclude wins, whatever the level it stands on."""
    found: tuple[Offer | Cover, ...] = ()
    for key in group.keys:
        units = compiled.excluded.get(key) if compiled.excluded else None
        if units and (None in units or group.unit in units):
            return (), _NO_MATCH
        found += compiled.offers.get(key, ())
    if not found:
        return (), _NO_MATCH
    fitting = tuple(offer for offer in found if offer.unit in (None, group.unit))
    if not fitting:
        need = sorted({offer.unit for offer in found if offer.unit is not None})
        return (), Refused(Reason.UNIT_MISMATCH, {"need": need, "have": group.unit})
    if compiled.kind == "tender":
        prevented = "prevent_tender_discounts" if group.prevents_tender else None
    else:
        prevented = group.prevented
    if prevented:
        return fitting, Refused(Reason.DISCOUNTS_PREVENTED, {"by": prevented})
    return fitting, None
