"""docs/reference/api.md: its examples are carried out, its table of calls is complete."""

import json
import re
from typing import Any

from kupong.web.api.app import operations
from tests.house.rooms import ROOT
from tests.web.api.caller import Caller

MANUAL = (ROOT / "docs" / "reference" / "api.md").read_text()
BLOCK = re.compile(r"^```(http|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_are_accepted_and_answered_in_the_documented_shape(api: Caller) -> None:
    answer: Any = None
    carried_out = 0
    for kind, text in BLOCK.findall(MANUAL.partition("## Setting up")[2]):
        if kind == "http":
            call, _, body = text.partition("\n")
            method, path = call.split()
            answer = api.ok(method, path, json.loads(body) if body.strip() else None)
            carried_out += 1
        else:
            assert shape_of(json.loads(text)) <= shape_of(answer), text
            assert set(json.loads(text)) == set(answer), text
    assert carried_out >= 20


def test_the_example_of_an_error_is_how_errors_look(api: Caller) -> None:
    (example,) = [
        json.loads(text)
        for kind, text in BLOCK.findall(MANUAL.partition("## Setting up")[0])
        if kind == "json"
    ]
    draft = {"lines": [{"product": "NO", "percent_off": "10"}]}
    assert api.refused(422, "POST", "/discounts", draft) == example


def test_the_manual_lists_every_call_with_its_roles() -> None:
    listed = re.findall(r"^\| `([A-Z]+ /\S*)` \| ([a-z, ]+) \|$", MANUAL, re.MULTILINE)
    assert sorted(listed) == sorted(
        (f"{one.method} {one.path}", ", ".join(sorted(one.roles))) for one in operations()
    )


def shape_of(value: Any, path: str = "") -> set[str]:
    """The paths of all fields, items of a list taken together; empty lists and objects say nothing."""
    if isinstance(value, dict):
        inner = {one for name, item in value.items() for one in shape_of(item, f"{path}.{name}")}
        return inner | {f"{path}.{name}" for name in value}
    if isinstance(value, list):
        return {one for item in value for one in shape_of(item, f"{path}[]")}
    return set()
