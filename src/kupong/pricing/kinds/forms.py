"""From the answers to a form's few questions to the whole of what they leave open."""

import re
from collections.abc import Mapping
from typing import Any

from kupong.pricing.kinds.kind import Ask, Form

_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")
_LINES = "lines."


def filled(form: Form, answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The kind's parameters and the values of every line; what is not answered is left out."""
    params: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for ask in form.asks:
        answer = answers.get(ask.name)
        if answer is None:
            continue
        if ask.path.startswith(_LINES):
            values[ask.path.removeprefix(_LINES)] = answer
        else:
            _put(params, ask.path, answer)
    return params, values


def asked_at(form: Form, path: str) -> Ask | None:
    """The question whose answer goes to this place of a discount ("tiers[0].min", "lines[3].price"), or to its list."""
    wanted = re.sub(r"^lines\[\d+\]", "lines", path)
    for ask in form.asks:
        if wanted in (ask.path, re.sub(r"\[\d+\]$", "", ask.path)):
            return ask
    return None


def _put(params: dict[str, Any], path: str, answer: Any) -> None:
    """Put the answer at its place; the lists on the way have one item."""
    *way, last = path.split(".")
    for step in way:
        params = _entered(params, step)
    name, place = _parts(last)
    params[name] = answer if place is None else [answer]


def _entered(params: dict[str, Any], step: str) -> dict[str, Any]:
    name, place = _parts(step)
    held = params.setdefault(name, {} if place is None else [{}])
    inner: dict[str, Any] = held if place is None else held[place]
    return inner


def _parts(step: str) -> tuple[str, int | None]:
    found = _STEP.fullmatch(step)
    assert found is not None, step
    return found[1], None if found[2] is None else int(found[2])
