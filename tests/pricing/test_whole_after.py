"""What comes after the goods are priced: delivery, the means of payment, discounts by hand, and returns by receipt."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kupong.kernel.money import Currency
from kupong.pricing.book import compile_book
from kupong.pricing.carts import Cart, CartLine, Delivery, Receipt, Tender
from kupong.pricing.discounts import Discount, DiscountLine, Settings
from kupong.pricing.engine import price
from tests.pricing import reference, shelves
from tests.pricing.goods import NOON, USD, cart, given_by, line, off, percent, priced

brief = tuned(max_examples=100)


class Returns(RuleBasedStateMachine):
    """A sold line comes back in parts, in any number of carts: what is refunded is always its exact share."""

    def __init__(self) -> None:
        super().__init__()
        self.sold = self.returned = self.unit = Decimal(1)
        self.net = self.refunded = 0
        self.step = 1

    @precondition(lambda self: self.returned == self.sold)
    @rule(
        sold=st.integers(1, 9),
        weighed=st.booleans(),
        cents=st.integers(0, 1000),
        step=st.sampled_from([1, 5]),
    )
    def sell(self, sold: int, weighed: bool, cents: int, step: int) -> None:
        self.unit = Decimal(1) / (8 if weighed else 1)
        self.sold, self.returned = sold * self.unit, Decimal(0)
        self.net, self.refunded, self.step = cents * step, 0, step

    @precondition(lambda self: self.returned < self.sold)
    @rule(share=st.integers(1, 9))
    def bring_back(self, share: int) -> None:
        most = int((self.sold - self.returned) / self.unit)
        quantity = min(share, most) * self.unit
        receipt = Receipt(quantity=self.sold, net=self.net, returned=self.returned)
        back = CartLine(id="r", product="A", quantity=-quantity, price=1000, receipt=receipt)
        goods = CartLine(id="g", product="B", quantity=Decimal(1), price=1000)
        basket = Cart(currency=Currency("USD", self.step), lines=(back, goods))
        answer = price(basket, compile_book([off("X", **percent(10))], Settings()), NOON)
        assert answer.lines[0].net <= 0
        assert answer.lines[1].net == 900
        self.refunded -= answer.lines[0].net
        self.returned += quantity

    @invariant()
    def the_refunds_are_the_share_of_what_was_paid(self) -> None:
        if self.returned == self.sold:
            assert self.refunded == self.net
        exact = Fraction(self.net) * Fraction(self.returned) / Fraction(self.sold)
        assert abs(self.refunded - exact) <= Fraction(self.step, 2)


Returns.TestCase.settings = tuned(max_examples=60, stateful_step_count=10)
test_any_sequence_of_partial_returns_adds_up_to_what_was_paid = Returns.TestCase


tender_rates = st.sampled_from([Decimal(text) for text in ("5", "10", "12.5", "20", "50", "100")])


@brief
@given(shelves.carts(most=5), tender_rates, st.integers(1, 300), st.integers(0, 80))
def test_a_tender_discount_reaches_the_goods_that_the_tender_pays(
    basket: Cart, rate: Decimal, paid: int, start: int
) -> None:
    discount = Discount(
        number="CASH",
        currency="USD",
        kind="tender",
        lines=(DiscountLine(all_products=True),),
        params={
            "tender": "CASH",
            "tiers": [{"from": start * shelves.MILLION, "percent_off": rate}],
        },
    )
    tenders = (Tender(tender="CASH", amount=paid * shelves.MILLION),)
    answer = price(
        Cart(currency=USD, lines=basket.lines, tenders=tenders),
        compile_book([discount], Settings()),
        NOON,
    )
    right = reference.tender_discount(Fraction(answer.gross), discount, tenders[0].amount)
    assert abs(answer.discount - right) <= shelves.NEAR


@brief
@given(st.integers(1, 200), st.integers(0, 100), st.integers(0, 100), st.integers(0, 1000))
def test_delivery_is_lowered_when_the_goods_as_paid_reach_the_amount(
    dollars: int, rate: int, start: int, charge: int
) -> None:
    ship = Discount(
        number="SHIP",
        currency="USD",
        kind="shipping_threshold",
        lines=(DiscountLine(all_products=True),),
        params={
            "delivery_modes": ["STANDARD"],
            "tiers": [{"from": start * 100, "percent_off": Decimal(rate or 1)}],
        },
    )
    basket = cart(line("A", 1, dollars * 100), delivery=Delivery(mode="STANDARD", charge=charge))
    answer = priced(basket, ship, off("TEN", **percent(10)))
    reached = dollars * 90 >= start * 100
    right = Fraction(charge * (rate or 1), 100) if reached else 0
    assert answer.delivery is not None
    assert abs(answer.delivery.discount - right) <= Fraction(1, 2)
    assert answer.delivery.charge - answer.delivery.discount == answer.delivery.net
    assert "SHIP" not in given_by(answer)
