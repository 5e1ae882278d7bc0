"""A priced cart in words and as data: which units got which discounts, in which order, and why the others did not.

English and Swedish say the same figures: those of the PricedCart, and no others. `shown` writes an amount
where a page does it otherwise than `money_text`.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from kupong.kernel.money import minor_digits
from kupong.kernel.reason_texts import LANGUAGES, message, sentence
from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.carts import Applied, LinePart, NotApplied, PricedCart, PricedLine

_WORDS = {
    "en": {
        "line": "{id}: {gross} before, {net} to pay",
        "unit": "{quantity} unit: {gave}",
        "units": "{quantity} units: {gave}",
        "then": ", then ",
        "nothing": "no discount",
        "earlier": "priced earlier: {amount}",
        "manual": "{amount} by hand",
        "code": "code {code}",
        "coupon": "coupon {coupon}",
        "delivery": "Delivery: {gross} before, {net} to pay",
        "total": "Total: {gross} before, {amount}, {net} to pay",
        "losses": "Gave nothing:",
        "proven": "Proven: no other combination of the discounts gives more.",
        "bound": "Not proven: another combination could take off at most {bound}, {gap} more.",
    },
    "sv": {
        "line": "{id}: {gross} före, {net} att betala",
        "unit": "{quantity} enhet: {gave}",
        "units": "{quantity} enheter: {gave}",
        "then": ", sedan ",
        "nothing": "ingen rabatt",
        "earlier": "prissatt tidigare: {amount}",
        "manual": "{amount} för hand",
        "code": "kod {code}",
        "coupon": "kupong {coupon}",
        "delivery": "Leverans: {gross} före, {net} att betala",
        "total": "Summa: {gross} före, {amount}, {net} att betala",
        "losses": "Gav ingenting:",
        "proven": "Bevisat: ingen annan kombination av rabatterna ger mer.",
        "bound": "Inte bevisat: en annan kombination kunde ta av högst {bound}, {gap} mer.",
    },
}
# The figures of a loss that the text of its reason leaves out.
_FIGURES = {
    Reason.BEATEN: {
        "en": "[It would have taken off {have}; what applies takes off {need}, {missing} more.]",
        "sv": "[Den hade tagit av {have}; det som gäller tar av {need}, {missing} mer.]",
    },
}
_IN_MONEY = (Reason.BEATEN, Reason.BELOW_THRESHOLD)  # their figures are amounts
_AMOUNTS = {"need", "have", "missing"}

Shown = Callable[[int], str]


def explanation(priced: PricedCart, language: str = "en") -> str:
    """The whole answer as lines of text in `language` (en or sv; anything else reads English)."""
    return "\n".join(_explanation(priced, language)) + "\n"


def explained(priced: PricedCart, language: str = "en") -> dict[str, Any]:
    """The whole answer as plain data for JSON: money in minor units, each loss with its `message`."""
    data: dict[str, Any] = msgspec.to_builtins(priced)
    for entry, lost in zip(data["not_applied"], priced.not_applied, strict=True):
        entry["message"] = loss_text(lost, priced.currency, language)
    return data


def _explanation(priced: PricedCart, language: str) -> Iterator[str]:
    words, currency = _words(language), priced.currency
    for line in priced.lines:
        amounts = _before_and_after(line.gross, line.net, currency, language)
        yield words["line"].format(id=line.id, **amounts)
        yield from (f"  {text}" for text in part_texts(line, currency, language))
    if priced.delivery is not None:
        amounts = _before_and_after(priced.delivery.charge, priced.delivery.net, currency, language)
        yield words["delivery"].format(**amounts)
        if priced.delivery.applied is not None:
            yield f"  {applied_text(priced.delivery.applied, currency, language)}"
    taken = amount_off(priced.discount, currency, language)
    yield words["total"].format(
        amount=taken, **_before_and_after(priced.gross, priced.net, currency, language)
    )
    if priced.not_applied:
        yield words["losses"]
    for lost in priced.not_applied:
        yield f"  {lost.discount}: {loss_text(lost, currency, language)}"
    yield proof_text(priced, language)


def part_texts(
    line: PricedLine, currency: str, language: str = "en", shown: Shown | None = None
) -> list[str]:
    """One text for each part of the line: its units, and what they got in the order in which it applied."""
    if line.parts:
        return [_part_text(part, currency, language, shown) for part in line.parts]
    if line.discounts or line.discount == 0:
        return [_gave_text(line, currency, language, shown)]
    earlier = amount_off(line.discount, currency, language, shown)
    return [_words(language)["earlier"].format(amount=earlier)]


def _part_text(part: LinePart, currency: str, language: str, shown: Shown | None) -> str:
    name = "unit" if abs(part.quantity) == 1 else "units"
    gave = _gave_text(part, currency, language, shown)
    return _words(language)[name].format(quantity=quantity_text(part.quantity, language), gave=gave)


def _gave_text(
    treated: LinePart | PricedLine, currency: str, language: str, shown: Shown | None
) -> str:
    words = _words(language)
    gave = [applied_text(applied, currency, language, shown) for applied in treated.discounts]
    if treated.manual:
        by_hand = amount_off(treated.manual, currency, language, shown)
        gave.append(words["manual"].format(amount=by_hand))
    return words["then"].join(gave) or words["nothing"]


def applied_text(
    applied: Applied, currency: str, language: str = "en", shown: Shown | None = None
) -> str:
    """For example "−8.00 USD TEN (coupon SPRING, code SPRING-A)"."""
    words = _words(language)
    opened = [
        words[name].format(**{name: value})
        for name, value in (("coupon", applied.coupon), ("code", applied.code))
        if value
    ]
    by = f" ({', '.join(opened)})" if opened else ""
    return f"{amount_off(applied.amount, currency, language, shown)} {applied.discount}{by}"


def loss_text(
    lost: NotApplied, currency: str, language: str = "en", shown: Shown | None = None
) -> str:
    """Why a discount gave nothing, with its figures."""
    detail = dict(lost.detail)
    if lost.reason in _IN_MONEY:
        for name in _AMOUNTS & detail.keys():
            amount = detail[name]
            detail[name] = shown(amount) if shown else money_text(amount, currency, language)
    said = message(Refused(lost.reason, detail), language)
    more = _FIGURES.get(lost.reason)
    return f"{said} {sentence(more, detail, language)}".strip() if more else said


def proof_text(priced: PricedCart, language: str = "en", shown: Shown | None = None) -> str:
    """Whether the combination is proven best, else how much the best one could give at most."""
    words = _words(language)
    if priced.proven_optimal:
        return words["proven"]
    amounts = (priced.upper_bound, priced.upper_bound - priced.discount)
    bound, gap = (
        shown(amount) if shown else money_text(amount, priced.currency, language)
        for amount in amounts
    )
    return words["bound"].format(bound=bound, gap=gap)


def _before_and_after(gross: int, net: int, currency: str, language: str) -> dict[str, str]:
    return {
        "gross": money_text(gross, currency, language),
        "net": money_text(net, currency, language),
    }


def amount_off(amount: int, currency: str, language: str = "en", shown: Shown | None = None) -> str:
    """What is taken off, with its sign: "−8.00 USD" on a sale, "+8.00 USD" on goods that come back."""
    sign = "" if amount == 0 else "+" if amount < 0 else "−"
    size = abs(amount)
    return sign + (shown(size) if shown else money_text(size, currency, language))


def money_text(amount: int, currency: str, language: str = "en") -> str:
    """Minor units as people write them: 1250 is "12.50 USD", in Swedish "12,50 USD"."""
    major = Decimal(amount).scaleb(-minor_digits(currency))
    return f"{_decimal(major, language)} {currency}"


def quantity_text(quantity: Decimal, language: str = "en") -> str:
    """As short as it can be: 2, 0.75, in Swedish 0,75; goods that come back with a minus."""
    return _decimal(quantity.normalize(), language)


def _decimal(value: Decimal, language: str) -> str:
    text = f"{value:f}".replace("-", "−")
    return text.replace(".", ",") if language == "sv" else text


def _words(language: str) -> dict[str, str]:
    return _WORDS[language if language in LANGUAGES else "en"]
