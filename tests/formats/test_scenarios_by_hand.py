"""What staff do to a cart, in scenario files: prices and discounts by hand, returns by receipt."""

from decimal import Decimal

import pytest

from kupong.formats.scenarios import Scenario, read_scenarios
from kupong.formats.yaml_fields import FormatError
from kupong.pricing.carts import Manual, Receipt

FULL = """
scenarios:
  - id: HAND
    settings: {manual_replaces: true, discount_overridden_prices: true, discount_keyed_in_prices: true}
    products:
      A: {prevent_retail_discounts: true, prevent_tender_discounts: false}
      B: {prevent_tender_discounts: true, prevent_manual_discounts: true}
    cart:
      at: 2026-03-10T12:00:00
      manual: {amount_off: "2.50"}
      lines:
        - {id: l1, product: A, quantity: 1, price: "10.00", price_overridden: true,
           manual: {amount_off: "1.00", percent_off: "12.5"}}
        - {id: l2, product: B, quantity: 1, price: "10.00", price_keyed_in: true}
"""
RETURN = """
scenarios:
  - id: BACK
    settings: {currency: JPY}
    cart:
      at: 2026-03-10T12:00:00
      lines:
        - id: l1
          product: A
          quantity: "-0.5"
          price: 10
          RECEIPT
"""


def only(content: str) -> Scenario:
    (scenario,) = read_scenarios(content)
    return scenario


def test_reads_what_is_given_by_hand() -> None:
    scenario = only(FULL)
    first, second = scenario.cart.lines
    assert scenario.cart.manual == Manual(amount_off=250)
    assert first.manual == Manual(amount_off=100, percent_off=Decimal("12.5"))
    assert (first.price_overridden, first.price_keyed_in) == (True, False)
    assert (second.price_overridden, second.price_keyed_in, second.manual) == (False, True, None)


def test_reads_which_layers_a_product_keeps_away() -> None:
    def flags(place: int) -> tuple[bool, ...]:
        line = only(FULL).cart.lines[place]
        return (
            line.prevent_discounts,
            line.prevent_retail_discounts,
            line.prevent_tender_discounts,
            line.prevent_manual_discounts,
        )

    assert flags(0) == (False, True, False, False)
    assert flags(1) == (False, False, True, True)


@pytest.mark.parametrize(
    "switch", ["manual_replaces", "discount_overridden_prices", "discount_keyed_in_prices"]
)
def test_reads_the_switches_of_the_company(switch: str) -> None:
    assert getattr(only(FULL).settings, switch) is True
    without = only(FULL.replace(f"{switch}: true", f"{switch}: false"))
    assert getattr(without.settings, switch) is False


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            'receipt: {quantity: "3", net: "65"}',
            Receipt(quantity=Decimal(3), net=65, returned=Decimal(0)),
        ),
        (
            "receipt: {quantity: 3, net: 65, returned: 2.5}",
            Receipt(quantity=Decimal(3), net=65, returned=Decimal("2.5")),
        ),
        ("receipt: null", None),
    ],
)
def test_reads_the_receipt_of_a_return(written: str, read: Receipt | None) -> None:
    assert only(RETURN.replace("RECEIPT", written)).cart.lines[0].receipt == read


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (FULL.replace('"12.5"}', '"120"}'), 13, "manual.percent_off: A percentage must be above 0"),
        (FULL.replace('{amount_off: "2.50"}', "{}"), 10, "manual: A value is missing"),
        (FULL.replace('"2.50"', '"-2.50"'), 10, "manual.amount_off: An amount must be above zero"),
        (FULL.replace('"2.50"', '"2.505"'), 10, "2.505 has 3 decimals"),
        (FULL.replace("id: l2, product: B, quantity: 1", "id: l2, product: B, quantity: -1"), 10,
         "manual: A discount by hand on the whole cart"),
        (FULL.replace("manual: {amount_off: \"2", "manual: {amount: \"2"), 10, "unknown key 'amount'"),
        (FULL.replace("price_keyed_in: true", "price_keyed_in: 1"), 14, "neither true nor false"),
        (FULL.replace("price_keyed_in", "keyed_in"), 14, "unknown key 'keyed_in'"),
        (FULL.replace("prevent_retail_discounts: true", "prevent_retail: true"), 6,
         "unknown key 'prevent_retail'"),
        (RETURN.replace("RECEIPT", "receipt: {quantity: 1, net: 5, returned: 0.6}"), 12,
         "receipt.returned: More comes back than was sold: 1.1 of 1."),
        (RETURN.replace("RECEIPT", "receipt: {net: 5}"), 12, "quantity is missing"),
        (RETURN.replace("RECEIPT", "receipt: {quantity: 1, net: 0.5}"), 12, "0.5 has 1 decimals"),
        (RETURN.replace('"-0.5"', '"0.5"').replace("RECEIPT", "receipt: {quantity: 1, net: 5}"), 12,
         "receipt: "),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_an_error_that_names_the_line(
    content: str, line: int, problem: str
) -> None:
    with pytest.raises(FormatError) as error:
        read_scenarios(content)
    assert (error.value.line, problem in error.value.text) == (line, True), error.value
