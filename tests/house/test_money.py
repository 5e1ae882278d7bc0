"""No float touches money: not in the rooms that compute it, not in the tables that keep it."""

import ast

import pytest
from django.db import connection

from tests.house import rooms

COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type IN ('real', 'double precision', 'money')
"""


@pytest.mark.parametrize("room", rooms.PURE)
def test_a_pure_room_has_no_float(room: str) -> None:
    found = [
        f"{path.name}:{node.lineno}"
        for path in (rooms.SOURCE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if is_float(node)
    ]
    assert found == []


@pytest.mark.django_db
def test_no_table_of_ours_has_a_column_that_rounds() -> None:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        columns = cursor.fetchall()
    assert [row for row in columns if row[0].split("_")[0] in rooms.existing()] == []


@pytest.mark.parametrize(
    ("code", "expected"), [("0.1", True), ("float(x)", True), ("1", False), ("Fraction(1)", False)]
)
def test_a_float_is_recognised(code: str, expected: bool) -> None:
    assert any(is_float(node) for node in ast.walk(ast.parse(code))) is expected


def is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return isinstance(node, ast.Name) and node.id == "float"
