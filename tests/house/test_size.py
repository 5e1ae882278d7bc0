"""A file past 400 lines or a function past 60 is a sign that a room is missing: it needs a reason on record."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.rooms import ROOT, SOURCE

FILE_LINES, FUNCTION_LINES, TEST_FILE_LINES = 400, 60, 700

# What may be longer, and why: "path" or "path::function" → the reason.
RECORDED: dict[str, str] = {}


def source_files() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


def test_no_source_file_is_too_long_without_a_reason() -> None:
    long = {_name(path): n for path in source_files() if (n := _lines(path)) > FILE_LINES}
    assert {name: n for name, n in long.items() if name not in RECORDED} == {}


def test_no_test_file_is_too_long_without_a_reason() -> None:
    files = sorted((ROOT / "tests").rglob("*.py"))
    long = {_name(path): n for path in files if (n := _lines(path)) > TEST_FILE_LINES}
    assert {name: n for name, n in long.items() if name not in RECORDED} == {}


def test_no_function_is_too_long_without_a_reason() -> None:
    long = {
        f"{_name(path)}::{function}": n
        for path in source_files()
        for function, n in functions(path.read_text())
        if n > FUNCTION_LINES
    }
    assert {name: n for name, n in long.items() if name not in RECORDED} == {}


def test_recorded_reasons_are_still_needed() -> None:
    sizes = {_name(path): _lines(path) - FILE_LINES for path in source_files()}
    for path in source_files():
        for function, n in functions(path.read_text()):
            sizes[f"{_name(path)}::{function}"] = n - FUNCTION_LINES
    assert [name for name in RECORDED if sizes.get(name, 0) <= 0] == []
    assert all(reason.strip() for reason in RECORDED.values())


@pytest.mark.parametrize("lines", [FUNCTION_LINES, FUNCTION_LINES + 1])
def test_a_function_is_measured_from_its_name_to_its_last_line(lines: int) -> None:
    body = "\n".join("    x = 1" for _ in range(lines - 1))
    assert list(functions(f"class A:\n  pass\nasync def long():\n{body}\n")) == [("long", lines)]


def functions(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())
