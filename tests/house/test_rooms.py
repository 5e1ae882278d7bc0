"""The rooms: what the import contracts cannot say. Direction itself is checked by import-linter (pyproject.toml)."""

import ast
import re
import sys

import grimp
import pytest

from tests.house import rooms

# What a room below the line may import beside the standard library.
ALLOWED = {
    "kernel": {"msgspec"},
    "numbering": {"msgspec"},
    "personalization": {"msgspec", "liquid"},
    "pricing": {"msgspec"},
    "formats": {"msgspec", "yaml"},
}

# Parts of the standard library that see, or do, something outside the process.
OUTSIDE = set(
    "asyncio ctypes http io logging multiprocessing os pathlib random secrets shutil signal socket sqlite3 ssl"
    " subprocess tempfile threading time urllib".split()
)


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("kupong", include_external_packages=True)


@pytest.mark.parametrize("room", [room for room in ALLOWED if room in rooms.existing()])
def test_a_room_without_tables_imports_only_what_it_is_allowed(
    room: str, graph: grimp.ImportGraph
) -> None:
    outside = external_imports(graph, room)
    assert outside - set(sys.stdlib_module_names) - ALLOWED[room] == set()


@pytest.mark.parametrize("room", rooms.PURE)
def test_a_pure_room_neither_sees_nor_does_anything_outside(
    room: str, graph: grimp.ImportGraph
) -> None:
    assert external_imports(graph, room) & OUTSIDE == set()


def test_every_room_has_its_place_in_the_contract_and_on_the_map() -> None:
    chart = (rooms.ROOT / "docs" / "architecture.md").read_text()
    on_the_map = set(re.findall(r"^\| `(\w+)` \|", chart, re.MULTILINE))
    assert set(rooms.existing()) <= set(rooms.heights())
    assert set(rooms.existing()) <= on_the_map


@pytest.mark.parametrize("room", rooms.existing())
def test_every_room_says_what_it_owns_who_may_import_it_and_where_to_add(room: str) -> None:
    tree = ast.parse((rooms.SOURCE / room / "__init__.py").read_text())
    lines = [line for line in (ast.get_docstring(tree) or "").splitlines() if line.strip()]
    assert lines[0].startswith("Owns "), lines
    assert "import" in lines[1], lines
    assert lines[2].startswith("Add "), lines


def external_imports(graph: grimp.ImportGraph, room: str) -> set[str]:
    """The top-level packages outside kupong that any module of the room imports."""
    modules = {f"kupong.{room}"} | graph.find_descendants(f"kupong.{room}")
    imported = {name for m in modules for name in graph.find_modules_directly_imported_by(m)}
    return {name.split(".")[0] for name in imported} - {"kupong"}
