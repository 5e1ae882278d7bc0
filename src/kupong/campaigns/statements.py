"""Runs one statement on Django's connection: the bulk work of this room is SQL over whole sets."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from kupong.organisation.plans import Row


def execute(sql: str, figures: Mapping[str, Any]) -> int:
    """How many rows the statement touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, figures)
        touched: int = cursor.rowcount
    return touched


def fetch(sql: str, figures: Mapping[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, figures)
        rows: list[Row] = cursor.fetchall()
    return rows
