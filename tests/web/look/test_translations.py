"""Every text has its Swedish, and the catalogue that is read is the one that was written."""

import ast
import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

import kupong

SOURCE = Path(kupong.__file__).parent
CATALOGUE = SOURCE / "web" / "locale" / "sv" / "LC_MESSAGES" / "django.po"
TEXT = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
# _("…"), gettext('…') and, in what Django makes of a template, _(u'…').
CALL = re.compile(r"\b(?:_|gettext|gettext_lazy)\(\s*u?" + TEXT)


def written() -> dict[str, str]:
    """The texts of the .po file and their translations."""
    entry = re.compile(r'^msgid ((?:".*"\s*)+)^msgstr ((?:".*"\s*)+)', re.MULTILINE)
    return {
        joined(found[1]): joined(found[2]) for found in entry.finditer(CATALOGUE.read_text("utf-8"))
    }


def joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.strip().splitlines())


def compiled() -> dict[str, str]:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        return dict(GNUTranslations(file)._catalog)  # type: ignore[attr-defined]


def used() -> set[str]:
    sources = [path.read_text() for path in SOURCE.rglob("*.py")]
    sources += [templatize(path.read_text()) for path in SOURCE.rglob("templates/**/*.html")]
    return {ast.literal_eval(text) for source in sources for text in CALL.findall(source)}


def test_the_compiled_catalogue_is_the_written_one() -> None:
    assert compiled() == written()


def test_every_text_of_the_pages_is_in_the_catalogue_and_nothing_else() -> None:
    assert len(used()) > 50
    assert used() == set(written()) - {""}


@pytest.mark.parametrize(("text", "swedish"), [pair for pair in written().items() if pair[0]])
def test_a_translation_is_there_and_keeps_the_figures(text: str, swedish: str) -> None:
    assert swedish
    figure = re.compile(r"%\(\w+\)s|%s")
    assert sorted(figure.findall(text)) == sorted(figure.findall(swedish))
