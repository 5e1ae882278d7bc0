"""The compounded stack: of all discounts that may stack on one item group, the line of each that serves best.

Inside a stack a new price comes first, then amounts, then percentages (specification 1.5), so which of
its lines a discount uses decides where it stands. The best line-up is found exactly: one discount at
most sets the price, and those that could give an amount or a percentage go by the ratio of the two.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from kupong.pricing.candidates import Contender
from kupong.pricing.offers import Amounts, Method, Offer, gain
from kupong.pricing.picks import Pick, Rules, Step, worth

Menu = dict[Method, Offer]  # the best offer of each method


def line_ups(
    contenders: Sequence[Contender],
    amounts: Amounts,
    rules: Rules,
    forced: Sequence[Step] = (),
    *,
    priced: bool = False,
) -> Iterator[Pick]:
    """Every line-up among which the best stack is, each with its unrounded worth.

    `forced` steps are in all of them; where something is `priced` already, nobody else sets the price.
    """
    menus = [(contender, _menu(contender.offers)) for contender in contenders]
    unpriced = [(contender, rest) for contender, menu in menus if (rest := _unpriced(menu))]
    priced = priced or any(step.offer.method is Method.PRICE for step in forced)
    for holder in [None] if priced else _price_holders(menus):
        settled = list(forced) if holder is None else [*forced, holder]
        flexible: list[tuple[Contender, Menu]] = []
        for contender, menu in unpriced:
            if holder is not None and contender is holder.contender:
                continue
            if len(menu) == 1:
                settled.append(Step(contender, *menu.values()))
            elif rules.on_original:
                best = max(menu.values(), key=lambda offer: gain(offer, amounts, True))
                settled.append(Step(contender, best))
            else:
                flexible.append((contender, menu))
        for chosen in _mixes(flexible):
            yield worth(in_order(settled + chosen), amounts, rules)


def _menu(offers: Sequence[Offer]) -> Menu:
    menu: Menu = {}
    for offer in offers:
        known = menu.get(offer.method)
        if known is None or _better(offer, known):
            menu[offer.method] = offer
    return menu


def _better(offer: Offer, known: Offer) -> bool:
    lower = offer.value < known.value
    return lower if offer.method is Method.PRICE else offer.value > known.value


def _unpriced(menu: Menu) -> Menu:
    return {method: offer for method, offer in menu.items() if method is not Method.PRICE}


def _price_holders(menus: Sequence[tuple[Contender, Menu]]) -> list[Step | None]:
    """Who may set the price: with several prices only the lowest counts, so one does, or none."""
    holders = [Step(entry, menu[Method.PRICE]) for entry, menu in menus if Method.PRICE in menu]
    return [None, *holders]


def _mixes(flexible: Sequence[tuple[Contender, Menu]]) -> Iterator[list[Step]]:
    """Amount or percentage for each: the first ones by ratio give amounts, the others percentages.

    What is left to pay is (price - amounts) × Π(1 - rate). Its logarithm is concave in the sum of the
    amounts and the sum of -log(1 - rate), so it is least at a corner of what these sums can reach; and
    the corners are the line-ups that split the discounts by the ratio of the two.
    """
    if not flexible:
        yield []
        return
    by_ratio = sorted(flexible, key=lambda entry: (-_ratio(entry[1]), entry[0].number))
    for cut in range(len(by_ratio) + 1):
        yield [
            Step(contender, menu[Method.AMOUNT if place < cut else Method.PERCENT])
            for place, (contender, menu) in enumerate(by_ratio)
        ]


def _ratio(menu: Menu) -> Decimal:
    """The amount over -log(1 - rate), with so many digits that only equal ratios look equal."""
    kept = 1 - Fraction(menu[Method.PERCENT].value)
    if kept <= 0:
        return Decimal(0)
    amount = Fraction(menu[Method.AMOUNT].value)
    with localcontext() as context:
        context.prec = 60
        log = -(Decimal(kept.numerator) / kept.denominator).ln()
        return Decimal(amount.numerator) / amount.denominator / log if log else Decimal("Infinity")


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Price, amount, percentage; within a method by priority, then by number."""
    return sorted(
        steps,
        key=lambda step: (
            step.offer.method,
            -step.contender.discount.header.priority,
            step.contender.number,
        ),
    )
