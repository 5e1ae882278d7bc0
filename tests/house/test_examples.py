"""Every scenario in the documentation is carried out, by the code of `kupong check`: it gives the figures it states."""

import re
from pathlib import Path

import pytest

from kupong.boot.check import examine_files
from tests.house.rooms import ROOT

PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if "```yaml" in page.read_text()]


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_example_gives_its_figures(page: Path) -> None:
    report = examine_files([page])
    assert report.errors == []
    wrong = {one.id: one.differences for one in report.scenarios if one.result != "passed"}
    assert wrong == {}
    assert [one.id for one in report.scenarios if not figures(page, one.id)] == []


def figures(page: Path, identifier: str) -> bool:
    """Whether the scenario states anything at all."""
    block = re.search(rf"^  - id: {re.escape(identifier)}$.*?^```", page.read_text(), re.M | re.S)
    return block is not None and "\n    expect:" in block[0]


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_block_of_yaml_is_an_example(page: Path) -> None:
    """One that begins otherwise would not be carried out, and could say anything."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.M | re.S)
    assert [block for block in blocks if not block.startswith("scenarios:\n")] == []
    ids = re.findall(r"^  - id: (.+)$", "".join(blocks), re.M)
    assert len(ids) == len(set(ids)) >= len(blocks)


def test_the_page_on_pricing_has_an_example_for_every_kind_and_mode() -> None:
    page = (ROOT / "docs" / "explanation" / "pricing.md").read_text()
    kinds = "simple quantity mix_and_match threshold shipping_threshold tender".split()
    modes = "exclusive best_price compounded always".split()
    for word in [f"kind: {kind}" for kind in kinds] + [f"mode: {mode}" for mode in modes]:
        assert word in page, word
