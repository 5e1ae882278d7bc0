"""Scenario files: what is written is read exactly, and what is not understood is an error with its line."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kupong.formats.scenarios import Scenario, read_scenarios
from kupong.formats.yaml_fields import FormatError
from kupong.kernel.money import Currency
from kupong.kernel.periods import Period
from kupong.pricing import kinds
from kupong.pricing.carts import CartLine, Delivery, Tender, Unlocked
from kupong.pricing.discounts import CompoundOn, Concurrency, DiscountLine, Settings

FULL = """
scenarios:
  - id: FULL
    title: everything at once
    source: here
    settings:
      currency: KWD
      rounding_step: "0.005"
      concurrency: across_priorities
      compound_on: original_price
      threshold_stacks_in_across_model: true
      count_non_discountable: true
      exclusive_thresholds_compete: true
      distribute_least_expensive: true
      split_lines_for_cents: false
      time_zone: Europe/Stockholm
    products:
      A: {master: M, category: [x, y], unit: box, prevent_discounts: true}
    discounts:
      - id: NO
        kind: simple
        name: Off
        mode: compounded
        priority: -3
        sequence: 7
        currency: JPY
        price_groups: [GOLD]
        match_all_price_groups: true
        codes: [spring-a]
        coupon: CPN1
        max_amount_per_order: "100"
        max_quantity_per_order: "2.5"
        max_uses_per_order: 4
        valid: {from: 2026-03-01, to: 2026-03-31T12:00:00+00:00, weekly: {fri: ["22:00", 02:00]}}
        lines:
          - {product: A, amount_off: "25", unit: ea, quantity_limit: "3"}
          - {master: M, percent_off: "12.5"}
          - {category: x, price: 0}
          - {all: true, exclude: true}
    cart:
      at: 2026-03-10T12:00:00
      channel: HOUSTON
      price_groups: [GOLD]
      codes: [" Spring-A", OTHER]
      delivery: {mode: STANDARD, charge: "5"}
      tenders: [{tender: CASH, amount: "45.500"}]
      lines:
        - {id: l1, product: A, quantity: "1.250", price: "0.105"}
        - {id: l2, product: B, quantity: -1, price: 2.5, unit: kg, locked_net: "-2.000"}
    expect:
      total: "1.000"
      discount: "-0.1"
      by_discount: {NO: "0.005"}
      by_line: {l1: "1"}
      unit_discounts: {l1: ["0.001", "0.002"]}
      delivery: "5.000"
      not_applied: {NO: below_threshold}
      optimal: false
"""


def only(content: str) -> Scenario:
    (scenario,) = read_scenarios(content)
    return scenario


@pytest.fixture(scope="module")
def full() -> Scenario:
    return only(FULL)


def test_reads_the_settings(full: Scenario) -> None:
    assert full.settings == Settings(
        concurrency=Concurrency.ACROSS_PRIORITIES,
        compound_on=CompoundOn.ORIGINAL_PRICE,
        threshold_stacks_in_across_model=True,
        count_non_discountable=True,
        exclusive_thresholds_compete=True,
        distribute_least_expensive=True,
        split_lines_for_cents=False,
    )
    assert full.cart.currency == Currency("KWD", 5)


def test_reads_a_discount_in_the_money_of_its_own_currency(full: Scenario) -> None:
    (discount,) = full.discounts
    assert (discount.number, discount.name, discount.mode) == ("NO", "Off", "compounded")
    assert (discount.priority, discount.sequence, discount.currency) == (-3, 7, "JPY")
    assert discount.price_groups == frozenset({"GOLD"})
    assert discount.match_all_price_groups
    assert discount.requires_code
    assert discount.max_amount_per_order == 100
    assert discount.max_quantity_per_order == Decimal("2.5")
    assert discount.max_uses_per_order == 4
    assert discount.valid == Period(date(2026, 3, 1), datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert discount.weekly == {"fri": ("22:00", "02:00")}
    assert discount.lines == (
        DiscountLine(product="A", amount_off=25, unit="ea", quantity_limit=Decimal(3)),
        DiscountLine(master="M", percent_off=Decimal("12.5")),
        DiscountLine(category="x", price=0),
        DiscountLine(all_products=True, exclude=True),
    )


def test_reads_the_cart_with_what_is_known_of_its_products(full: Scenario) -> None:
    first, second = full.cart.lines
    assert first == CartLine(
        id="l1",
        product="A",
        quantity=Decimal("1.250"),
        price=105,
        unit="box",
        master="M",
        categories=("x", "y"),
        prevent_discounts=True,
    )
    assert (second.unit, second.price, second.locked_net) == ("kg", 2500, -2000)
    assert full.cart.price_groups == frozenset({"ALL", "GOLD"})
    assert full.cart.delivery == Delivery(mode="STANDARD", charge=5000)
    assert full.cart.tenders == (Tender(tender="CASH", amount=45500),)


def test_a_code_unlocks_the_discount_that_lists_it_however_it_is_typed(full: Scenario) -> None:
    assert full.cart.unlocked == (Unlocked(discount="NO", coupon="CPN1", code="SPRING-A"),)


def test_reads_what_is_expected_exactly(full: Scenario) -> None:
    wanted = full.expected
    assert (wanted.total, wanted.discount, wanted.delivery) == (1000, -100, 5000)
    assert (wanted.by_discount, wanted.by_line) == ({"NO": 5}, {"l1": 1000})
    assert wanted.unit_discounts == {"l1": [1, 2]}
    assert wanted.not_applied == {"NO": "below_threshold"}
    assert wanted.optimal is False


def test_a_time_without_an_offset_is_local_to_the_channel(full: Scenario) -> None:
    assert full.at == datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("Europe/Stockholm"))


def test_a_time_with_an_offset_is_moved_to_the_wall_clock_of_the_channel() -> None:
    text = 'cart: {at: "2026-04-01T01:30:00+00:00", lines: []}'
    at = only(scenario(f"settings: {{time_zone: America/New_York}}\n    {text}")).at
    assert (at.day, at.hour, str(at.tzinfo)) == (31, 21, "America/New_York")


def test_says_nothing_where_nothing_is_expected() -> None:
    silent = only(scenario("cart: {at: 2026-03-10T12:00:00, lines: []}"))
    assert silent.expected.total is None
    assert silent.settings == Settings()
    assert silent.cart.currency == Currency("USD", 1)
    assert silent.discounts == ()


def scenario(body: str) -> str:
    return f"scenarios:\n  - id: S\n    {body}\n"


def discount(body: str) -> str:
    """A scenario whose only discount begins on line 4."""
    cart = "cart: {at: 2026-03-10T12:00:00, lines: [{id: l1, product: A, quantity: 1, price: 1}]}"
    return f"scenarios:\n  - id: S\n    discounts:\n      - {{id: D, {body}}}\n    {cart}\n"


@pytest.mark.parametrize(
    ("body", "params"),
    [
        (
            'kind: quantity, interval: true, tiers: [{min: 4, percent_off: "20"}], lines: [{all: true}]',
            {"tiers": [{"min": Decimal(4), "percent_off": Decimal(20)}], "interval": True},
        ),
        (
            'kind: threshold, tiers: [{from: "100.00", amount_off: "20.00"}], lines: [{all: true}]',
            {"tiers": [{"from": 10000, "amount_off": 2000}]},
        ),
        (
            "kind: shipping_threshold, delivery_modes: [STANDARD],"
            ' tiers: [{from: "50.00", percent_off: 100}]',
            {
                "tiers": [{"from": 5000, "percent_off": Decimal(100)}],
                "delivery_modes": ["STANDARD"],
            },
        ),
        (
            'kind: tender, tender: CASH, tiers: [{from: "0", percent_off: "5"}]',
            {"tiers": [{"from": 0, "percent_off": Decimal(5)}], "tender": "CASH"},
        ),
        (
            'kind: mix_and_match, deal_price: "25.00", groups: [{need: 3, lines: [{all: true}]}]',
            {"groups": [{"need": 3, "mandatory": False}], "deal_price": 2500},
        ),
        (
            "kind: mix_and_match, groups: [{need: 1, mandatory: true, lines: [{all: true}]}],"
            ' least_expensive: {count: 2, price: "1.00", favor: retailer}',
            {
                "groups": [{"need": 1, "mandatory": True}],
                "least_expensive": {"count": 2, "favor": "retailer", "price": 100},
            },
        ),
        (
            "kind: mix_and_match, line_spec: true,"
            ' groups: [{need: 1, percent_off: "0", lines: [{all: true}]}]',
            {
                "groups": [{"need": 1, "mandatory": False, "percent_off": Decimal(0)}],
                "line_spec": True,
            },
        ),
        (
            "kind: mix_and_match, line_spec: true,"
            " groups: [{need: 1, mandatory: true, lines: [{all: true}]}]",
            {"groups": [{"need": 1, "mandatory": True}], "line_spec": True},
        ),
    ],
)
def test_reads_every_kind_as_pricing_declares_it(body: str, params: dict[str, object]) -> None:
    (read,) = only(discount(body)).discounts
    assert read.params == params
    assert kinds.unsupported(read) is None
    group = 0 if read.kind == "mix_and_match" else None
    assert read.lines == (DiscountLine(all_products=True, group=group),)


SIMPLE = "kind: simple, lines: [{product: A, %s}]"


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        ("", 1, "empty"),
        ("scenarios: [", 1, "expected"),
        ("- a", 1, "expected keys"),
        ("scenario: []", 1, "unknown key 'scenario'"),
        ("scenarios: 3", 1, "scenarios: expected a list"),
        (scenario("titel: x"), 3, "unknown key 'titel'"),
        (scenario("title: x\n    title: y"), 4, "'title' is given twice"),
        (scenario("title: x"), 2, "cart is missing"),
        (scenario("title: [x]"), 3, "title: expected a text"),
        (scenario("? [a]\n    : b"), 3, "a key must be a plain text"),
        (scenario("settings: {currency: dollars}"), 3, "not a currency code"),
        (scenario('settings: {rounding_step: "0.001"}'), 3, "0.001 has 3 decimals, USD has 2"),
        (scenario('settings: {rounding_step: "0"}'), 3, "above zero"),
        (scenario("settings: {concurrency: both}"), 3, "'both' is none of within_priority"),
        (scenario("settings: {count_non_discountable: yes}"), 3, "neither true nor false"),
        (scenario("settings: {time_zone: Mars/Olympus}"), 3, "not a known time zone"),
        (scenario("products: {A: {categories: [x]}}"), 3, "unknown key 'categories'"),
        (discount("lines: []"), 4, "kind is missing"),
        (discount("kind: simpel, lines: []"), 4, "'simpel' is none of simple"),
        (discount("kind: simple, liens: []"), 4, "unknown key 'liens'"),
        (discount("kind: simple"), 4, "lines is missing"),
        (discount("kind: simple, tiers: [], lines: []"), 4, "unknown key 'tiers'"),
        (discount("kind: tender, mode: always, tender: C, tiers: []"), 4, "unknown key 'mode'"),
        (discount("kind: simple, mode: best, lines: []"), 4, "'best' is none of exclusive"),
        (discount("kind: simple, priority: 1.5, lines: []"), 4, "priority: '1.5' is not a whole"),
        (discount(SIMPLE % 'amount_off: "1.005"'), 4, "amount_off: 1.005 has 3 decimals"),
        (discount(SIMPLE % 'amount_off: "1,00"'), 4, "amount_off: '1,00' is not a decimal"),
        (discount(SIMPLE % "amount_off: 1e2"), 4, "amount_off: '1e2' is not a decimal"),
        (discount(SIMPLE % "amount_of: 1"), 4, "unknown key 'amount_of'"),
        (discount(SIMPLE % "price: 1, percent_off: 1"), 4, "only one of percent_off"),
        (discount(SIMPLE % "unit: ea"), 4, "one of percent_off, amount_off, price is missing"),
        (discount(SIMPLE % "master: M, price: 1"), 4, "only one of product"),
        (discount(SIMPLE % "exclude: true, price: 1"), 4, "what is excluded gives nothing"),
        (discount("kind: simple, lines: [{price: 1}]"), 4, "one of product, master"),
        (discount("kind: simple, lines: [{all: false, price: 1}]"), 4, "all: write true"),
        (discount("kind: threshold, tiers: [], lines: [{all: true, price: 1}]"), 4, "'price'"),
        (discount("kind: quantity, tiers: [{min: 1}], lines: []"), 4, "one of percent_off"),
        (discount("kind: mix_and_match, groups: []"), 4, "one of deal_price"),
        (
            discount(
                "kind: mix_and_match, deal_price: 1, groups: [{need: 1, price: 1, lines: []}]"
            ),
            4,
            "unknown key 'price'",
        ),
        (discount("kind: mix_and_match, line_spec: false, groups: []"), 4, "write true"),
        (
            discount(
                "kind: mix_and_match, line_spec: true,"
                " groups: [{need: 1, mandatory: true, price: 1, lines: []}]"
            ),
            4,
            "a mandatory group is a condition",
        ),
        (discount("kind: simple, valid: {from: march}, lines: []"), 4, "'march' is not a time"),
        (discount("kind: simple, valid: {weekly: {mon: [9]}}, lines: []"), 4, "two times"),
        (
            discount('kind: simple, valid: {weekly: {mon: ["9", "10"]}}, lines: []'),
            4,
            "time of day",
        ),
        (
            discount('kind: simple, valid: {weekly: {may: ["9:00", "10:00"]}}, lines: []'),
            4,
            "'may'",
        ),
        (scenario("cart: {lines: []}"), 3, "at is missing"),
        (scenario("cart: {at: noon, lines: []}"), 3, "'noon' is not a time"),
        (
            scenario("cart: {at: 2026-03-10, lines: [{id: l1, product: A, price: 1}]}"),
            3,
            "quantity is missing",
        ),
    ],
)
def test_says_what_is_wrong_and_on_which_line(content: str, line: int, text: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_scenarios(content)
    assert (caught.value.line, text in caught.value.text) == (line, True), caught.value.text


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("totals: 1", "unknown key 'totals'"),
        ("by_discount: {E: 1}", "the scenario has no discount E"),
        ("by_line: {l2: 1}", "the scenario has no line l2"),
        ("unit_discounts: {l2: []}", "the scenario has no line l2"),
        ("not_applied: {D: becuase}", "'becuase' is none of"),
        ('total: "1.001"', "total: 1.001 has 3 decimals"),
    ],
)
def test_refuses_an_expectation_that_could_never_be_checked(expected: str, text: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_scenarios(discount(SIMPLE % "price: 1") + f"    expect: {{{expected}}}\n")
    assert caught.value.line == 6
    assert text in caught.value.text


def test_ids_are_unique_in_a_file_and_in_a_scenario() -> None:
    body = "\n    cart: {at: 2026-03-10, lines: []}"
    with pytest.raises(FormatError, match="line 4: scenario S is given twice"):
        read_scenarios(f"scenarios:\n  - id: S{body}\n  - id: S{body}\n")
    lines = "{id: a, product: A, quantity: 1, price: 1}"
    with pytest.raises(FormatError, match="lines: a is given twice"):
        read_scenarios(scenario(f"cart: {{at: 2026-03-10, lines: [{lines}, {lines}]}}"))
    two = "[{id: D, kind: simple, lines: []}, {id: D, kind: simple, lines: []}]"
    with pytest.raises(FormatError, match="discounts: D is given twice"):
        read_scenarios(scenario(f"discounts: {two}{body}"))
