"""The project speaks only of itself: no machine's folders, no download addresses, no unfinished business."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.house.rooms import ROOT

# Written in pieces, so that this file does not find itself.
MACHINES = re.compile(
    "/(" + "work|" + "farm" + ")/|[.][.]/" + "shared|/ro" + "ot/|/ho" + "me/[a-z]|[.]" + "library"
)
ADDRESSES = re.compile(
    "pypi"
    + r"[.]org|files[.]"
    + "pythonhosted|deb[.]"
    + "debian|--(extra-)?index-url|--find-links|https?://"
)
UNFINISHED = re.compile(
    r"\b(TO" + "DO|FIX" + "ME|XX" + "X|HA" + r"CK)\b|Not" + "ImplementedError|mark[.](skip|xfail)"
    "|type: " + r"ignore(?!\[)|no" + "qa(?!:)"
)


def tracked() -> list[str]:
    """Every file that is, or is about to be, in the repository."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return [name for name in names.split("\0") if name and (ROOT / name).is_file()]


def hits(pattern: re.Pattern[str], names: list[str]) -> Iterator[str]:
    for name in names:
        try:
            lines = (ROOT / name).read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if pattern.search(line):
                yield f"{name}:{number}: {line.strip()[:100]}"


def test_no_file_names_a_folder_of_some_machine() -> None:
    assert list(hits(MACHINES, tracked())) == []


def test_the_requirements_hold_no_download_address() -> None:
    names = [name for name in tracked() if name.startswith("requirements/")]
    assert len(names) >= 2
    assert list(hits(ADDRESSES, names)) == []


def test_every_requirement_is_pinned_and_hashed() -> None:
    for name in ("requirements/demo.txt", "requirements/dev.txt"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if re.match(r"\w", line)]
        assert len(lines) > 20
        assert [line for line in lines if "==" not in line or not line.endswith("\\")] == []


def test_nothing_is_left_unfinished_or_excused_without_a_code() -> None:
    names = [name for name in tracked() if name.endswith((".py", ".html", ".js", ".css"))]
    assert list(hits(UNFINISHED, names)) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINES, "see ../" + "shared/design"),
        (MACHINES, "cd /wo" + "rk/main"),
        (ADDRESSES, "--index" + "-url x"),
        (UNFINISHED, "x = 1  # no" + "qa"),
        (UNFINISHED, "# TO" + "DO: later"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)
