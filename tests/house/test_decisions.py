"""A decision is one page, says why, and ends with the check that enforces it."""

import re
from pathlib import Path

import pytest

from tests.house.rooms import ROOT

FOLDER = ROOT / "docs" / "decisions"
FILES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
SECTIONS = ["Context", "Decision", "Consequences", "Check"]
PAGE_LINES, PAGE_WORDS = 60, 550


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_decision_is_one_page_with_its_four_sections_in_order(path: Path) -> None:
    text = path.read_text()
    assert re.match(r"# \d{4}: \S", text)
    assert text.startswith(f"# {path.stem[:4]}: ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert len(text.splitlines()) <= PAGE_LINES
    assert len(text.split()) <= PAGE_WORDS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_decision_ends_with_a_check_that_exists(path: Path) -> None:
    check = path.read_text().split("## Check")[1]
    files = re.findall(r"`(tests/[\w/.]+)`", check)
    contracts = re.findall(r"contract `(\w+)`", check)
    assert files or contracts
    assert [name for name in files if not (ROOT / name).exists()] == []
    settings = (ROOT / "pyproject.toml").read_text()
    assert [name for name in contracts if f'id = "{name}"' not in settings] == []


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    numbers = [int(path.name[:4]) for path in FILES]
    assert numbers == list(range(1, len(FILES) + 1))
    index = (FOLDER / "README.md").read_text()
    assert [path.name for path in FILES if path.name not in index] == []
