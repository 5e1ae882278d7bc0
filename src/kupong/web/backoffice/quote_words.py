"""A quote as people read it: what each number stands for, and every "no" with its figures."""

from typing import Any, Literal

import msgspec
from django.utils.translation import gettext as _

from kupong.catalog.queries import goods
from kupong.coupons.models import Coupon
from kupong.discounts.models import Discount
from kupong.discounts.queries import sentences
from kupong.kernel.reasons import Reason
from kupong.organisation.queries import carriers
from kupong.pricing.carts import NotApplied, PricedCart, PricedLine
from kupong.pricing.explanation_text import loss_text, part_texts, proof_text
from kupong.pricing.kinds.kind import Language
from kupong.redemption.shapes import (
    AppliedAnswer,
    AvailableAnswer,
    CodeAnswer,
    LineAnswer,
    NotAppliedAnswer,
    Quote,
    QuoteRequest,
)
from kupong.web.backoffice.words import Mark
from kupong.web.look.templatetags.look import money

Tone = Literal["good", "quiet", "warm", "bad"]
# More sentences than these are not read, and each costs a look at the lines of its discount.
MOST_SENTENCES = 50


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A discount on one line: `says` what it gives, by which coupon and code."""

    number: str
    says: str
    coupon: str | None
    label: str
    code: str | None
    amount: int


class ToldLine(msgspec.Struct, frozen=True, kw_only=True):
    """`units` says which units got what, where they were not all treated alike."""

    product: str
    name: str
    quantity: str
    gross: int
    discount: int
    net: int
    given: list[Given]
    units: list[str]


class ToldCode(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    coupon: str | None
    label: str
    mark: Mark
    why: str


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    says: str
    why: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What staff may apply without a code, and what it would take off besides."""

    coupon: str
    label: str
    says: str
    amount: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """`not_proven` says how much more there may be, if so; `delivery` is what lowered its charge."""

    lines: list[ToldLine]
    not_proven: str
    delivery: Given | None
    codes: list[ToldCode]
    losses: list[Loss]
    offers: list[Offer]


def told(company_id: int, asked: QuoteRequest, quote: Quote, language: Language) -> Told:
    """The quote of this request in words; amounts stay minor units of its currency."""
    known = _Known(company_id, quote, language)
    names = goods(company_id, [line.product for line in asked.lines])
    lines = [
        ToldLine(
            product=line.product,
            name=names[line.product].name,
            quantity=f"{line.quantity.normalize():f}",
            gross=answer.gross,
            discount=answer.discount,
            net=answer.net,
            given=[_given(one, known) for one in answer.discounts],
            units=known.units(answer),
        )
        for line, answer in zip(asked.lines, quote.lines, strict=True)
    ]
    on_delivery = quote.delivery.applied if quote.delivery else None
    return Told(
        lines=lines,
        not_proven="" if quote.proven_optimal else known.bound(quote),
        delivery=_given(on_delivery, known) if on_delivery else None,
        codes=[_code(one, known) for one in quote.codes],
        losses=[_loss(one, known) for one in quote.not_applied],
        offers=[_offer(one, known) for one in quote.available],
    )


class _Known:
    """What the numbers in the quote stand for, read once."""

    def __init__(self, company_id: int, quote: Quote, language: Language) -> None:
        self.company_id, self.currency, self.language = company_id, quote.currency, language
        applied = [one.discount for line in quote.lines for one in line.discounts]
        if quote.delivery and quote.delivery.applied:
            applied.append(quote.delivery.applied.discount)
        offered = [one.discount for one in quote.available]
        reached = applied + offered + [one.discount for one in quote.not_applied]
        rows = Discount.objects.filter(company_id=company_id, number__in=set(reached))
        self._names = dict(rows.values_list("number", "name"))
        first = list(dict.fromkeys(reached))[:MOST_SENTENCES]
        self._sentences = sentences(company_id, first, language)
        coupons = {one.coupon for one in quote.codes} | {one.coupon for one in quote.available}
        labels = Coupon.objects.filter(company_id=company_id, number__in=coupons - {None})
        self._carried: dict[tuple[str, ...], list[str]] = {}
        self._labels = dict(labels.values_list("number", "label"))

    def says(self, number: str) -> str:
        """The sentence of a discount; of the last of very many only the name."""
        return self._sentences.get(number) or self._names.get(number, "")

    def label(self, coupon: str | None) -> str:
        return self._labels.get(coupon or "", "")

    def units(self, line: LineAnswer) -> list[str]:
        """Which units of a line got what, if they were not all treated alike or staff gave some of it."""
        if len(line.parts) < 2 and not line.manual:
            return []
        priced = msgspec.convert(line, PricedLine, from_attributes=True)
        return part_texts(priced, self.currency, self.language, self._money)

    def bound(self, quote: Quote) -> str:
        priced = msgspec.convert(quote, PricedCart, from_attributes=True)
        return proof_text(priced, self.language, self._money)

    def why(self, reason: Reason | None, detail: dict[str, Any]) -> str:
        """The reason with its figures, and who may have what this cart may not."""
        if reason is None:
            return ""
        lost = NotApplied(discount="", reason=reason, detail=detail)
        said = loss_text(lost, self.currency, self.language, self._money)
        if reason is Reason.NOT_ELIGIBLE and detail.get("need"):
            who = self._carriers(tuple(detail["need"]))
            more = _("That is for: %s.") % ", ".join(who) if who else _("Nobody carries that.")
            return f"{said} {more}"
        return said

    def _money(self, amount: int) -> str:
        return money(amount, self.currency)

    def _carriers(self, groups: tuple[str, ...]) -> list[str]:
        if groups not in self._carried:
            self._carried[groups] = carriers(self.company_id, list(groups))
        return self._carried[groups]


def _given(applied: AppliedAnswer, known: _Known) -> Given:
    return Given(
        number=applied.discount,
        says=known.says(applied.discount),
        coupon=applied.coupon,
        label=known.label(applied.coupon),
        code=applied.code,
        amount=applied.amount,
    )


def _code(answer: CodeAnswer, known: _Known) -> ToldCode:
    marks: dict[str, tuple[str, Tone]] = {
        "applied": (_("Applied"), "good"),
        "no_effect": (_("No effect"), "warm"),
        "refused": (_("Refused"), "bad"),
    }
    why = known.why(answer.reason, answer.detail)
    return ToldCode(
        code=answer.code,
        coupon=answer.coupon,
        label=known.label(answer.coupon),
        mark=Mark(*marks[answer.status]),
        why=why,
    )


def _loss(answer: NotAppliedAnswer, known: _Known) -> Loss:
    why = known.why(answer.reason, answer.detail)
    return Loss(number=answer.discount, says=known.says(answer.discount), why=why)


def _offer(answer: AvailableAnswer, known: _Known) -> Offer:
    return Offer(
        coupon=answer.coupon,
        label=known.label(answer.coupon),
        says=known.says(answer.discount),
        amount=answer.amount,
    )
