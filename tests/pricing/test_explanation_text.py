"""A priced cart in words: the same figures in English, in Swedish and as data."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from kupong.kernel.reasons import Reason
from kupong.pricing.carts import (
    Applied,
    LinePart,
    NotApplied,
    PricedCart,
    PricedDelivery,
    PricedLine,
)
from kupong.pricing.explanation_text import (
    amount_off,
    explained,
    explanation,
    loss_text,
    money_text,
    part_texts,
    proof_text,
    quantity_text,
)


def applied(number: str, amount: int, quantity: int = 1, **more: Any) -> Applied:
    opened = {"coupon": None, "code": None} | more
    return Applied(discount=number, amount=amount, quantity=Decimal(quantity), **opened)


def line(*parts: LinePart, **more: Any) -> PricedLine:
    fields = {"id": "l1", "gross": 30000, "discount": 4300, "net": 25700} | more
    return PricedLine(parts=parts, **fields)


TWO = LinePart(
    quantity=Decimal(2),
    discount=4300,
    discounts=(
        applied("TEN", 2000, 2),
        applied("FIFTH", 1800, 2, coupon="SPRING", code="SPRING-A"),
    ),
    manual=500,
)
ONE = LinePart(quantity=Decimal("1.0"), discount=0)


def cart(**more: Any) -> PricedCart:
    fields: dict[str, Any] = {
        "currency": "USD",
        "gross": 30000,
        "discount": 4300,
        "net": 25700,
        "lines": (line(TWO, ONE),),
        "delivery": PricedDelivery(
            charge=500, discount=500, net=0, applied=applied("FREE", 500, 1)
        ),
        "not_applied": (
            NotApplied(
                discount="BP",
                reason=Reason.BEATEN,
                detail={"by": ["TEN"], "have": 1500, "need": 4300, "missing": 2800},
            ),
        ),
        "upper_bound": 4300,
    }
    return PricedCart(**fields | more)


def test_says_which_units_got_which_discounts_in_which_order() -> None:
    assert explanation(cart()) == (
        "l1: 300.00 USD before, 257.00 USD to pay\n"
        "  2 units: −20.00 USD TEN, then −18.00 USD FIFTH (coupon SPRING, code SPRING-A),"
        " then −5.00 USD by hand\n"
        "  1 unit: no discount\n"
        "Delivery: 5.00 USD before, 0.00 USD to pay\n"
        "  −5.00 USD FREE\n"
        "Total: 300.00 USD before, −43.00 USD, 257.00 USD to pay\n"
        "Gave nothing:\n"
        "  BP: Something else gives more: TEN. It would have taken off 15.00 USD;"
        " what applies takes off 43.00 USD, 28.00 USD more.\n"
        "Proven: no other combination of the discounts gives more.\n"
    )


def test_says_the_same_in_swedish() -> None:
    assert explanation(cart(), "sv") == (
        "l1: 300,00 USD före, 257,00 USD att betala\n"
        "  2 enheter: −20,00 USD TEN, sedan −18,00 USD FIFTH (kupong SPRING, kod SPRING-A),"
        " sedan −5,00 USD för hand\n"
        "  1 enhet: ingen rabatt\n"
        "Leverans: 5,00 USD före, 0,00 USD att betala\n"
        "  −5,00 USD FREE\n"
        "Summa: 300,00 USD före, −43,00 USD, 257,00 USD att betala\n"
        "Gav ingenting:\n"
        "  BP: Något annat ger mer: TEN. Den hade tagit av 15,00 USD;"
        " det som gäller tar av 43,00 USD, 28,00 USD mer.\n"
        "Bevisat: ingen annan kombination av rabatterna ger mer.\n"
    )


def test_an_unknown_language_reads_english() -> None:
    assert explanation(cart(), "fi") == explanation(cart())


def test_a_cart_without_delivery_and_losses_says_nothing_of_them() -> None:
    said = explanation(cart(delivery=None, not_applied=()))
    assert "Delivery" not in said
    assert "Gave nothing" not in said


def test_a_delivery_that_no_discount_lowered_is_told_with_its_charge_alone() -> None:
    said = explanation(cart(delivery=PricedDelivery(charge=500, discount=0, net=500)))
    assert "Delivery: 5.00 USD before, 5.00 USD to pay\nTotal" in said


def test_a_combination_that_is_not_proven_is_told_with_the_gap() -> None:
    open_ended = cart(proven_optimal=False, upper_bound=5000)
    assert proof_text(open_ended) == (
        "Not proven: another combination could take off at most 50.00 USD, 7.00 USD more."
    )
    assert proof_text(open_ended, "sv") == (
        "Inte bevisat: en annan kombination kunde ta av högst 50,00 USD, 7,00 USD mer."
    )


def test_a_line_that_was_priced_earlier_says_so() -> None:
    assert part_texts(line(), "USD") == ["priced earlier: −43.00 USD"]
    assert part_texts(line(discount=0, net=30000), "USD") == ["no discount"]


def test_a_line_without_parts_still_tells_its_discounts() -> None:
    told = line(discounts=(applied("TEN", 4300, 3),))
    assert part_texts(told, "USD") == ["−43.00 USD TEN"]


def test_goods_that_come_back_take_their_discount_with_them() -> None:
    part = LinePart(quantity=Decimal(-2), discount=-300, discounts=(applied("TEN", -300, -2),))
    assert part_texts(line(part), "USD") == ["−2 units: +3.00 USD TEN"]


def test_a_loss_without_figures_is_its_reason() -> None:
    lost = NotApplied(discount="OLD", reason=Reason.EXPIRED, detail={"until": "2026-03-01"})
    assert loss_text(lost, "USD") == "Expired on 2026-03-01."
    beaten = NotApplied(discount="BP", reason=Reason.BEATEN)
    assert loss_text(beaten, "USD") == "Something else gives more."


def test_a_threshold_tells_in_money_how_much_is_missing() -> None:
    detail = {"need": 10000, "have": 9999, "missing": 1}
    short = NotApplied(discount="T", reason=Reason.BELOW_THRESHOLD, detail=detail)
    assert loss_text(short, "USD") == (
        "The goods do not reach its threshold: needs 100.00 USD, has 99.99 USD, 0.01 USD missing."
    )
    assert loss_text(short, "USD", "sv") == (
        "Varorna når inte upp till tröskeln: behöver 100,00 USD, har 99,99 USD, 0,01 USD saknas."
    )
    assert "needs $10000," in loss_text(short, "USD", shown=lambda amount: f"${amount}")


def test_too_few_units_are_told_as_units() -> None:
    few = NotApplied(
        discount="Q", reason=Reason.NOT_ENOUGH_UNITS, detail={"need": 4, "have": 3, "missing": 1}
    )
    assert loss_text(few, "USD") == "Too few units for it: needs 4, has 3, 1 missing."
    assert loss_text(few, "USD", "sv") == "För få enheter: behöver 4, har 3, 1 saknas."


def test_as_data_it_is_the_priced_cart_with_a_message_for_each_loss() -> None:
    data = explained(cart(), "sv")
    assert data["lines"][0]["parts"][0]["discounts"][1] == {
        "discount": "FIFTH",
        "coupon": "SPRING",
        "code": "SPRING-A",
        "amount": 1800,
        "quantity": "2",
    }
    assert data["not_applied"][0].pop("message").startswith("Något annat ger mer: TEN. Den hade")
    assert msgspec.json.decode(msgspec.json.encode(data), type=PricedCart) == cart()


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(1250, "USD", "12.50 USD"), (105, "JPY", "105 JPY"), (-1500, "KWD", "−1.500 KWD")],
)
def test_money_has_the_decimals_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert money_text(amount, currency) == text
    assert money_text(amount, currency, "sv") == text.replace(".", ",")


def test_what_is_taken_off_carries_its_sign() -> None:
    off = [amount_off(amount, "USD") for amount in (800, 0, -800)]
    assert off == ["−8.00 USD", "0.00 USD", "+8.00 USD"]


def test_quantities_are_as_short_as_they_can_be() -> None:
    shown = [quantity_text(Decimal(text), "sv") for text in ("100", "0.750", "-2.0")]
    assert shown == ["100", "0,75", "−2"]
