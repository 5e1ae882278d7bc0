"""A cart by itself: one scenario, without a list around it, in YAML or in JSON."""

import pytest

from kupong.formats.scenarios import read_cart, read_scenarios
from kupong.formats.yaml_fields import FormatError

JSON = """{
\t"discounts": [{"id": "TEN", "kind": "simple", "lines": [{"all": true, "percent_off": 10}]}],
\t"cart": {
\t\t"at": "2026-03-10T12:00:00",
\t\t"lines": [{"id": "l1", "product": "A", "quantity": 2, "price": 50.00}]
\t}
}
"""


def test_reads_json_that_is_indented_by_tabs() -> None:
    scenario = read_cart(JSON)
    assert (scenario.id, scenario.cart.lines[0].price) == ("", 5000)
    assert [discount.number for discount in scenario.discounts] == ["TEN"]


def test_an_error_in_json_names_the_field_and_its_line() -> None:
    with pytest.raises(FormatError) as caught:
        read_cart(JSON.replace("50.00", '"fifty"'))
    assert caught.value.line == 5
    assert "price: 'fifty'" in caught.value.text


def test_a_scenario_of_a_list_needs_its_id() -> None:
    content = 'scenarios:\n  - cart: {at: 2026-03-10, lines: []}\n    title: "nameless"\n'
    with pytest.raises(FormatError, match="line 2: scenario: id is missing"):
        read_scenarios(content)
