"""What a cart may not ask for by hand or by receipt, each with its field and its figures."""

from decimal import Decimal

import pytest

from kupong.kernel.money import Currency
from kupong.kernel.reasons import Reason
from kupong.pricing.cart_checks import cart_problems, is_quantity, line_problems
from kupong.pricing.carts import Cart, CartLine, Manual, Receipt


def line(quantity: str, **fields: object) -> CartLine:
    return CartLine(id="1", product="A", quantity=Decimal(quantity), price=100, **fields)  # type: ignore[arg-type]


def receipt(quantity: str, returned: str = "0", net: int = 100) -> Receipt:
    return Receipt(quantity=Decimal(quantity), returned=Decimal(returned), net=net)


def percent(written: str) -> Manual:
    return Manual(percent_off=Decimal(written))


@pytest.mark.parametrize(
    "manual",
    [
        Manual(amount_off=1),
        percent("100"),
        percent("0.000001"),
        Manual(amount_off=1, percent_off=Decimal("12.5")),
    ],
)
def test_an_amount_a_percentage_or_both_may_be_given_by_hand(manual: Manual) -> None:
    assert list(line_problems(line("1", manual=manual))) == []
    assert list(cart_problems(cart("1", "2", manual=manual))) == []


@pytest.mark.parametrize(
    ("manual", "field", "reason", "figures"),
    [
        (Manual(), "manual", Reason.MISSING, {"field": "amount_off, percent_off"}),
        (Manual(amount_off=0), "manual.amount_off", Reason.AMOUNT_NOT_POSITIVE, {"have": 0}),
        (Manual(amount_off=-5), "manual.amount_off", Reason.AMOUNT_NOT_POSITIVE, {"have": -5}),
        (percent("0"), "manual.percent_off", Reason.PERCENT_OUT_OF_RANGE, {"have": "0"}),
        (percent("-1"), "manual.percent_off", Reason.PERCENT_OUT_OF_RANGE, {"have": "-1"}),
        (percent("100.5"), "manual.percent_off", Reason.PERCENT_OUT_OF_RANGE, {"have": "100.5"}),
        (percent("NaN"), "manual.percent_off", Reason.PERCENT_OUT_OF_RANGE, {"have": "NaN"}),
        (percent("1E-30"), "manual.percent_off", Reason.PERCENT_OUT_OF_RANGE, {"have": "1E-30"}),
    ],
)
def test_a_discount_by_hand_that_makes_no_sense_is_named_by_its_field(
    manual: Manual, field: str, reason: Reason, figures: dict[str, object]
) -> None:
    for problems in (
        line_problems(line("1", manual=manual)),
        cart_problems(cart("1", manual=manual)),
    ):
        ((at, refused),) = problems
        assert (at, refused.reason, refused.detail) == (field, reason, figures)


def test_both_parts_of_a_discount_by_hand_are_looked_at() -> None:
    manual = Manual(amount_off=0, percent_off=Decimal(0))
    assert [at for at, _ in line_problems(line("1", manual=manual))] == [
        "manual.amount_off",
        "manual.percent_off",
    ]


@pytest.mark.parametrize(
    ("quantities", "refused"),
    [(("1", "2"), False), (("-1", "-2"), False), (("1", "-2"), True), ((), False)],
)
def test_a_total_discount_by_hand_needs_sales_alone_or_returns_alone(
    quantities: tuple[str, ...], refused: bool
) -> None:
    found = list(cart_problems(cart(*quantities, manual=percent("5"))))
    reasons = [(at, no.reason) for at, no in found]
    assert reasons == ([("manual", Reason.MIXED_WITH_RETURNS)] if refused else [])
    assert list(cart_problems(cart(*quantities))) == []


@pytest.mark.parametrize(
    "fields", [{"locked_net": 100}, {"quantity": "-1", "receipt": receipt("1")}]
)
def test_a_line_whose_price_stands_takes_no_discount_by_hand(fields: dict[str, object]) -> None:
    given = {"quantity": "1", "manual": percent("5")} | fields
    assert [(at, no.reason) for at, no in line_problems(line(**given))] == [  # type: ignore[arg-type]
        ("manual", Reason.INVALID)
    ]


@pytest.mark.parametrize(
    ("quantity", "given"),
    [("-1", receipt("1")), ("-1", receipt("3", "2")), ("-0.25", receipt("1", "0.75", net=0))],
)
def test_what_was_sold_may_come_back(quantity: str, given: Receipt) -> None:
    assert list(line_problems(line(quantity, receipt=given))) == []


@pytest.mark.parametrize(
    ("quantity", "given", "field", "reason"),
    [
        ("1", receipt("1"), "receipt", Reason.INVALID),
        ("NaN", receipt("1"), "receipt", Reason.INVALID),
        ("-1", receipt("0"), "receipt.quantity", Reason.INVALID),
        ("-1", receipt("-3"), "receipt.quantity", Reason.INVALID),
        ("-1", receipt("NaN"), "receipt.quantity", Reason.INVALID),
        ("-1", receipt("1e30"), "receipt.quantity", Reason.INVALID),
        ("-1", receipt("3", "-1"), "receipt.returned", Reason.INVALID),
        ("-1", receipt("3", "NaN"), "receipt.returned", Reason.INVALID),
        ("-1", receipt("3", net=-1), "receipt.net", Reason.INVALID),
        ("-2", receipt("3", "1.5"), "receipt.returned", Reason.MORE_THAN_SOLD),
    ],
)
def test_a_receipt_that_makes_no_sense_is_named_by_its_field(
    quantity: str, given: Receipt, field: str, reason: Reason
) -> None:
    ((at, refused),) = line_problems(line(quantity, receipt=given))
    assert (at, refused.reason) == (field, reason)


def test_what_comes_back_and_what_was_sold_are_told() -> None:
    ((_, refused),) = line_problems(line("-2", receipt=receipt("3", "1.5")))
    assert refused.detail == {"have": "3.5", "limit": "3"}


def test_a_locked_line_has_no_receipt() -> None:
    problems = line_problems(line("-1", receipt=receipt("1"), locked_net=-5))
    assert [at for at, _ in problems] == ["receipt"]


@pytest.mark.parametrize(
    ("quantity", "sensible"),
    [("1", True), ("-0.000001", True), ("999999999", True), ("1e3", True), ("0", False),
     ("0.0000001", False), ("1000000000", False), ("NaN", False), ("Infinity", False)],
)  # fmt: skip
def test_a_quantity_is_finite_and_of_bearable_size(quantity: str, sensible: bool) -> None:
    assert is_quantity(Decimal(quantity)) is sensible


def cart(*quantities: str, manual: Manual | None = None) -> Cart:
    lines = tuple(line(quantity) for quantity in quantities)
    return Cart(currency=Currency("USD", 1), lines=lines, manual=manual)
