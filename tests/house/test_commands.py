"""The two commands of the README, and the one that every other place calls."""

import re
import subprocess

from tests.house.rooms import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


def test_make_help_lists_every_target_that_people_type() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True)
    listed = re.findall(r"^  make (\w+) +\w", told.stdout, re.MULTILINE)
    assert listed == ["help", "demo", "serve", "test", "check", "mutants", "clean"]


def test_continuous_integration_runs_the_readmes_test_command_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in script if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make test"]
    assert "make test" in (ROOT / "README.md").read_text()
    assert re.search(r"^test: .*\bcheck\b", MAKEFILE, re.MULTILINE)


def test_the_gate_runs_every_tool_and_ends_with_the_tests() -> None:
    gate = MAKEFILE.split("\ncheck:")[1].split("\n\n")[0]
    tools = re.findall(r"\$\(BIN\)/([\w-]+)", gate)
    assert tools == ["ruff", "ruff", "mypy", "lint-imports", "djlint", "deptry", "pytest"]
