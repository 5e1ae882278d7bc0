"""Every scenario file: what is supported passes, and the list of what is not yet supported can only shrink."""

from collections import Counter
from pathlib import Path

import pytest

from kupong.boot.check import examine
from kupong.formats.scenarios import Scenario, read_scenarios

DIRECTORY = Path(__file__).parents[1] / "scenarios"

# How many scenarios of each file the engine cannot price yet. Lower a number when it learns more.
UNSUPPORTED = {
    "caps.yaml": 5,
    "concurrency.yaml": 14,
    "mix_and_match.yaml": 27,
    "optimal.yaml": 11,
    "pairs_sample.yaml": 5,
    "quantity.yaml": 17,
    "random_optimal_sample.yaml": 20,
    "rounding.yaml": 4,
    "simple.yaml": 1,
    "threshold.yaml": 23,
}
FEATURES = {
    "kind mix_and_match",
    "kind quantity",
    "kind shipping_threshold",
    "kind tender",
    "kind threshold",
    "max_amount_per_order",
    "max_quantity_per_order",
    "mode always",
    "mode exclusive",
    "quantity_limit",
}

SCENARIOS = [
    (path.name, scenario)
    for path in sorted(DIRECTORY.glob("*.yaml"))
    for scenario in read_scenarios(path.read_text())
]
RESULTS = {(file, scenario.id): examine(scenario, file) for file, scenario in SCENARIOS}


@pytest.mark.parametrize(
    ("file", "scenario"), SCENARIOS, ids=[f"{file}:{scenario.id}" for file, scenario in SCENARIOS]
)
def test_a_scenario_gives_its_figures_or_asks_for_what_is_not_supported(
    file: str, scenario: Scenario
) -> None:
    result = RESULTS[file, scenario.id]
    assert result.differences == []
    assert result.result == ("unsupported" if result.features else "passed")
    assert set(result.features) <= FEATURES


def test_no_scenario_slips_back_to_being_unsupported() -> None:
    unsupported = Counter(file for (file, _), r in RESULTS.items() if r.result == "unsupported")
    assert dict(unsupported) == UNSUPPORTED
    assert sum(result.result == "passed" for result in RESULTS.values()) == 58


def test_of_the_simple_scenarios_only_the_quantity_limit_is_open() -> None:
    open_ones = [
        key for key, r in RESULTS.items() if r.result != "passed" and key[0] == "simple.yaml"
    ]
    assert open_ones == [("simple.yaml", "W-49-s1")]
    assert RESULTS["simple.yaml", "W-49-s1"].features == ["quantity_limit"]
