"""Every scenario file passes whole."""

from pathlib import Path

import pytest

from kupong.boot.check import examine
from kupong.formats.scenarios import Scenario, read_scenarios

DIRECTORY = Path(__file__).parents[1] / "scenarios"

SCENARIOS = [
    (path.name, scenario)
    for path in sorted(DIRECTORY.glob("*.yaml"))
    for scenario in read_scenarios(path.read_text())
]


@pytest.mark.parametrize(
    ("file", "scenario"), SCENARIOS, ids=[f"{file}:{scenario.id}" for file, scenario in SCENARIOS]
)
def test_a_scenario_gives_its_figures(file: str, scenario: Scenario) -> None:
    result = examine(scenario, file)
    assert result.differences == []
    assert result.result == "passed"


def test_no_scenario_has_gone_missing() -> None:
    assert len(SCENARIOS) >= 185
