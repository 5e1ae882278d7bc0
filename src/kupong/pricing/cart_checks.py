"""What a cart may not ask for: discounts by hand and returns by receipt that make no sense.

A problem is the path of the field ("manual.percent_off") and why. Whoever takes in carts asks here first;
the engine relies on it.
"""

from collections.abc import Iterator
from decimal import Decimal

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.carts import Cart, CartLine, Manual, Receipt

Problem = tuple[str, Refused]

_MOST_DECIMALS = 6
_ABOVE_ANY_QUANTITY = Decimal(10**9)


def cart_problems(cart: Cart) -> Iterator[Problem]:
    """What is wrong with the cart as a whole; of its lines see `line_problems`."""
    if cart.manual is None:
        return
    yield from _manual_problems(cart.manual)
    if len({line.quantity > 0 for line in cart.lines}) > 1:
        yield "manual", Refused(Reason.MIXED_WITH_RETURNS)


def line_problems(line: CartLine) -> Iterator[Problem]:
    if line.manual is not None:
        yield from _manual_problems(line.manual)
        if line.receipt is not None or line.locked_net is not None:
            # Its price stands: there is nothing left to discount.
            yield "manual", Refused(Reason.INVALID)
    if line.receipt is not None:
        yield from _receipt_problems(line, line.receipt)


def is_quantity(quantity: Decimal) -> bool:
    """A finite number other than zero, of at most six decimals and nine whole digits."""
    return quantity.is_finite() and quantity != 0 and _is_bearable(quantity)


def _manual_problems(manual: Manual) -> Iterator[Problem]:
    amount, percent = manual.amount_off, manual.percent_off
    if amount is None and percent is None:
        yield "manual", Refused(Reason.MISSING, {"field": "amount_off, percent_off"})
    if amount is not None and amount <= 0:
        yield "manual.amount_off", Refused(Reason.AMOUNT_NOT_POSITIVE, {"have": amount})
    if percent is not None and not (
        percent.is_finite() and 0 < percent <= 100 and _is_bearable(percent)
    ):
        figures = {"have": str(percent)}
        yield "manual.percent_off", Refused(Reason.PERCENT_OUT_OF_RANGE, figures)


def _receipt_problems(line: CartLine, receipt: Receipt) -> Iterator[Problem]:
    if not (line.quantity.is_finite() and line.quantity < 0) or line.locked_net is not None:
        yield "receipt", Refused(Reason.INVALID)
        return
    if not is_quantity(receipt.quantity) or receipt.quantity < 0:
        yield "receipt.quantity", Refused(Reason.INVALID)
    elif not (receipt.returned == 0 or is_quantity(receipt.returned)) or receipt.returned < 0:
        yield "receipt.returned", Refused(Reason.INVALID)
    elif receipt.returned - line.quantity > receipt.quantity:
        figures = {
            "have": f"{receipt.returned - line.quantity:f}",
            "limit": f"{receipt.quantity:f}",
        }
        yield "receipt.returned", Refused(Reason.MORE_THAN_SOLD, figures)
    if receipt.net < 0:
        yield "receipt.net", Refused(Reason.INVALID)


def _is_bearable(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return (
        isinstance(exponent, int)
        and -_MOST_DECIMALS <= exponent <= 9
        and abs(number) < _ABOVE_ANY_QUANTITY
    )
