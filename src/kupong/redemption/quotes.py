"""Prices a cart: read the facts, judge the codes, price, answer. Changes nothing."""

from datetime import datetime

import msgspec

from kupong.kernel.money import Currency
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.plans import Plan
from kupong.pricing.candidates import ineligible
from kupong.pricing.cart_checks import cart_problems, is_quantity, line_problems
from kupong.pricing.carts import Cart, CartLine, Delivery, Manual, Receipt, Tender, Unlocked
from kupong.pricing.engine import price
from kupong.redemption.answers import answer
from kupong.redemption.facts import CartFacts, Setting, read_cart, read_setting
from kupong.redemption.rules import Sale, Verdict, judge_codes
from kupong.redemption.shapes import (
    FieldError,
    LineRequest,
    ManualRequest,
    Quote,
    QuoteRequest,
    Rejected,
)
from kupong.redemption.staff import available


class Priced(msgspec.Struct, frozen=True):
    """A quote with what the claim needs beside it."""

    quote: Quote
    setting: Setting
    sale: Sale
    verdicts: list[Verdict]


def quote_cart(
    company_id: int,
    request: QuoteRequest,
    now: datetime,
    language: str,
    *,
    explain_all: bool = False,
) -> Plan[Priced | Rejected]:
    """The priced cart, or what is wrong with the request. `explain_all`: see `pricing.engine.price`."""
    setting = yield from read_setting(company_id, request)
    errors = _quote_errors(setting, request)
    if errors:
        return invalid(errors, language)
    cart_facts = yield from read_cart(setting, request)
    errors = _line_errors(request, cart_facts, setting)
    if errors:
        return invalid(errors, language)
    cart = _cart(setting, cart_facts, request)
    errors = _sense_errors(cart)
    if errors:
        return invalid(errors, language)
    return (yield from _price(setting, cart_facts, cart, request, now, language, explain_all))


def _price(
    setting: Setting,
    facts: CartFacts,
    cart: Cart,
    request: QuoteRequest,
    now: datetime,
    language: str,
    explain_all: bool,
) -> Plan[Priced]:
    """Judge the codes, price the cart with what they open, and see what staff could apply besides."""
    sale = sale_of(setting, request.at or now)
    local = sale.at.astimezone(sale.zone)

    def not_here(discount: str) -> Refused | None:
        return ineligible(discount, facts.book, cart, local)

    verdicts = judge_codes(request.codes, facts.codes, sale, not_here)
    opened = msgspec.structs.replace(cart, unlocked=_unlocked(verdicts))
    priced = price(opened, facts.book, local, explain_all=explain_all)
    quote = answer(opened, priced, verdicts, language)
    quote.available = yield from available(setting, facts, opened, verdicts, sale, not_here)
    return Priced(quote, setting, sale, verdicts)


def _unlocked(verdicts: list[Verdict]) -> tuple[Unlocked, ...]:
    return tuple(
        Unlocked(
            discount=code.discount,
            coupon=code.coupon,
            code=code.code,
            limited=any(scope.limit is not None for scope in code.scopes),
        )
        for verdict in verdicts
        if (code := verdict.facts) and code.discount and not verdict.refused
    )


def sale_of(setting: Setting, at: datetime) -> Sale:
    assert setting.channel is not None
    customer_id = setting.customer.id if setting.customer else None
    return Sale(at, setting.channel.zone, customer_id, setting.channel.order_completion)


def empty_cart(setting: Setting) -> Cart:
    """A sale in this setting before anything is in it."""
    assert setting.channel is not None
    currency = Currency(setting.channel.currency, setting.rounding_step)
    return Cart(currency=currency, price_groups=setting.price_groups, lines=())


def invalid(errors: list[tuple[str, Refused]], language: str) -> Rejected:
    """The input is at fault: which fields, and why."""
    return Rejected(
        reason=Reason.INVALID,
        errors=[
            FieldError(field=field, code=no.reason, detail=message(no, language))
            for field, no in errors
        ],
    )


def reference_errors(
    setting: Setting, channel: str, customer: str | None
) -> list[tuple[str, Refused]]:
    """References to a channel or customer that the company does not have."""
    errors = []
    if setting.channel is None:
        errors.append(("channel", Refused(Reason.UNKNOWN_REFERENCE, {"value": channel})))
    if customer is not None and setting.customer is None:
        errors.append(("customer", Refused(Reason.UNKNOWN_REFERENCE, {"value": customer})))
    return errors


def _quote_errors(setting: Setting, request: QuoteRequest) -> list[tuple[str, Refused]]:
    errors = reference_errors(setting, request.channel, request.customer)
    for place, number in enumerate(request.affiliations):
        if number not in setting.affiliations:
            no = Refused(Reason.UNKNOWN_REFERENCE, {"value": number})
            errors.append((f"affiliations[{place}]", no))
    if setting.channel and request.currency not in (None, setting.channel.currency):
        figures = {"need": setting.channel.currency, "have": request.currency}
        errors.append(("currency", Refused(Reason.WRONG_CURRENCY, figures)))
    return errors


def _line_errors(
    request: QuoteRequest, facts: CartFacts, setting: Setting
) -> list[tuple[str, Refused]]:
    channel = setting.channel
    assert channel is not None
    errors: list[tuple[str, Refused]] = []
    seen: set[str] = set()
    for place, line in enumerate(request.lines):
        at = f"lines[{place}]"
        product = facts.products.get(line.product)
        if line.id in seen:
            errors.append((f"{at}.id", Refused(Reason.DUPLICATE, {"value": line.id})))
        seen.add(line.id)
        if product is None:
            no = Refused(Reason.UNKNOWN_REFERENCE, {"value": line.product})
            errors.append((f"{at}.product", no))
        elif (
            line.price is None
            and not line.locked
            and (product.price is None or product.currency != channel.currency)
        ):
            errors.append((f"{at}.price", Refused(Reason.MISSING)))
        if line.locked != (line.net is not None):
            reason = Reason.MISSING if line.locked else Reason.INVALID
            errors.append((f"{at}.net", Refused(reason)))
        if not is_quantity(line.quantity):
            errors.append((f"{at}.quantity", Refused(Reason.INVALID)))
    return errors


def _sense_errors(cart: Cart) -> list[tuple[str, Refused]]:
    errors = list(cart_problems(cart))
    for place, line in enumerate(cart.lines):
        errors += [(f"lines[{place}].{field}", no) for field, no in line_problems(line)]
    return errors


def _cart(setting: Setting, facts: CartFacts, request: QuoteRequest) -> Cart:
    return msgspec.structs.replace(
        empty_cart(setting),
        lines=tuple(_line(line, facts) for line in request.lines),
        delivery=Delivery(mode=request.delivery.mode, charge=request.delivery.charge)
        if request.delivery
        else None,
        tenders=tuple(Tender(tender=one.tender, amount=one.amount) for one in request.tenders),
        manual=_manual(request.manual),
    )


def _line(line: LineRequest, facts: CartFacts) -> CartLine:
    product = facts.products[line.product]
    given = line.price if line.price is not None else product.price
    return CartLine(
        id=line.id,
        product=line.product,
        quantity=line.quantity,
        price=given or 0,
        unit=line.unit or product.unit,
        master=product.master,
        categories=product.categories,
        prevent_discounts=product.prevent_discounts,
        prevent_retail_discounts=product.prevent_retail_discounts,
        prevent_tender_discounts=product.prevent_tender_discounts,
        prevent_manual_discounts=product.prevent_manual_discounts,
        price_overridden=line.price_overridden,
        price_keyed_in=line.price_keyed_in,
        manual=_manual(line.manual),
        receipt=Receipt(**msgspec.structs.asdict(line.receipt)) if line.receipt else None,
        locked_net=line.net,
    )


def _manual(given: ManualRequest | None) -> Manual | None:
    return Manual(**msgspec.structs.asdict(given)) if given else None
