"""One list of reasons: the key, what it says in each language, and what the manual says of it."""

import re

import pytest

from kupong.kernel.reason_texts import TEXTS
from kupong.kernel.reasons import Reason
from tests.house.rooms import ROOT

MANUAL = ROOT / "docs" / "reference" / "reasons.md"
ROW = re.compile(r"^\| `(\w+)` \| (\S.*?) \|(.*)\|$", re.MULTILINE)


def test_every_reason_has_its_texts_in_both_languages() -> None:
    assert set(TEXTS) == set(Reason)
    assert [reason for reason in Reason if set(TEXTS[reason]) != {"en", "sv"}] == []


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_text_is_a_sentence(language: str) -> None:
    odd = [
        text
        for texts in TEXTS.values()
        if not (text := texts[language])[:1].isupper() or not text.endswith(".")
    ]
    assert odd == []


def test_both_languages_speak_of_the_same_figures() -> None:
    figures = re.compile(r"\{(\w+)\}")
    unlike = [
        reason
        for reason, texts in TEXTS.items()
        if set(figures.findall(texts["en"])) != set(figures.findall(texts["sv"]))
    ]
    assert unlike == []


def test_the_manual_explains_every_reason_once_and_no_other() -> None:
    explained = [key for key, _, _ in ROW.findall(MANUAL.read_text())]
    assert sorted(explained) == sorted(reason.value for reason in Reason)


def test_the_manual_names_every_figure_that_a_text_uses() -> None:
    named = {
        key: set(re.findall(r"`(\w+)`", row)) for key, _, row in ROW.findall(MANUAL.read_text())
    }
    used = {
        reason.value: set(re.findall(r"\{(\w+)\}", texts["en"])) for reason, texts in TEXTS.items()
    }
    assert {key: used[key] - named[key] for key in used if used[key] - named[key]} == {}
