"""docs/reference/discounts.md against the declarations of the kinds, and what is sent against both."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kupong.catalog.service import categories, products
from kupong.coupons.discounts import discounts
from kupong.discounts.book import forget_books
from kupong.discounts.checks import as_priced
from kupong.discounts.shapes import DiscountDraft
from kupong.pricing.kinds import KINDS, sentence
from tests.house.rooms import ROOT
from tests.managing import Managed

MANUAL = (ROOT / "docs" / "reference" / "discounts.md").read_text()
SECTIONS = dict(re.findall(r"^## `(\w+)`: (.*?)(?=^## |\Z)", MANUAL, re.MULTILINE | re.DOTALL))
EXAMPLES = re.findall(r"^> (.+?)$\n\n```json\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)


def schema() -> dict[str, Any]:
    (_,), shapes = msgspec.json.schema_components([DiscountDraft])
    return shapes


def parameters_of(name: str) -> Iterator[str]:
    """The paths of the parameters that a kind declares."""
    kind = next(kind for kind in KINDS if kind.key == name)
    (_,), shapes = msgspec.json.schema_components([kind.params])
    return paths(shapes, "Params")


def paths(shapes: dict[str, Any], shape: str, prefix: str = "") -> Iterator[str]:
    for field, declared in shapes[shape]["properties"].items():
        yield f"{prefix}{field}"
        inner = re.search(r"'#/\$defs/(\w+)'|schemas/(\w+)'", str(declared))
        if inner:
            is_list = "'array'" in str(declared)
            name = inner[1] or inner[2]
            yield from paths(shapes, name, f"{prefix}{field}{'[]' if is_list else ''}.")


def test_every_kind_has_its_section_under_its_name() -> None:
    assert list(SECTIONS) == [kind.key for kind in KINDS]
    for kind in KINDS:
        assert SECTIONS[kind.key].startswith(kind.name["en"] + "\n")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.key))
def test_a_section_lists_the_parameters_that_the_kind_declares(kind: Any) -> None:
    section = SECTIONS[kind.key]
    listed = re.findall(r"^\| `(\S+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(parameters_of(kind.key))
    assert ("Has no mode." in section) is not kind.has_mode
    assert ("without lines it covers all goods" in section) is kind.covers_all
    said = re.search(r"Its lines carry (.+?)\.", section)
    carried = re.findall(r"`(\w+)`", said[1]) if said else []
    assert carried == list(kind.line_values)


@pytest.mark.django_db
@pytest.mark.parametrize(("says", "text"), EXAMPLES, ids=[says for says, _ in EXAMPLES])
def test_an_example_is_enabled_and_says_what_stands_above_it(
    company: Managed, says: str, text: str
) -> None:
    forget_books()
    company.create(categories, number="clothing")
    company.create(products, number="S")
    fields = msgspec.json.decode(text)
    made = company.create(discounts, number="X", status="enabled", **fields)
    assert made.status == "enabled"
    assert sentence(as_priced(made, "USD")) == says


def test_there_is_an_example_of_every_kind() -> None:
    assert {msgspec.json.decode(text)["kind"] for _, text in EXAMPLES} == set(SECTIONS)


def test_what_is_sent_has_the_fields_that_the_kinds_declare_and_no_other() -> None:
    declared = {path for kind in KINDS for path in parameters_of(kind.key)}
    sent = set(paths(schema(), "DiscountDraft"))
    header = {path for path in sent if path.split(".")[0].split("[")[0] not in declared}
    # Lines of a group are sent within it, and kept as lines.
    lines_of_groups = {path for path in sent if path.startswith("groups[].lines")}
    assert sent - header - lines_of_groups == declared
    assert "lines" in header


def test_limits_of_the_declarations_are_in_the_document() -> None:
    shapes = schema()
    need = shapes["Group"]["properties"]["need"]
    assert (need["minimum"], need["maximum"]) == (1, 10**6)
    assert shapes["Group"]["required"] == ["need"]
    assert shapes["DiscountDraft"]["properties"]["tiers"]["description"] == (
        "Only of kind quantity, threshold, shipping_threshold, tender."
    )
