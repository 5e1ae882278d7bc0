"""What PostgreSQL holds: keys and foreign keys lead with the company, so that a row cannot leave its own."""

from typing import NamedTuple

import pytest
from django.apps import apps
from django.db import connection

from tests.house import rooms

pytestmark = pytest.mark.django_db

# The companies themselves; tables of other packages are not ours to shape.
GLOBAL_TABLES = {"organisation_company"}

TABLES = """
    SELECT c.relname,
           (SELECT count(*) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attname = 'company_id' AND a.attnotnull AND NOT a.attisdropped)
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
"""
UNIQUE = """
    SELECT t.relname, i.relname, x.indisprimary, array(
        SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY AS k (attnum, n)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum ORDER BY k.n)
    FROM pg_index x
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indisunique AND t.relnamespace = current_schema()::regnamespace
"""
FOREIGN = """
    SELECT t.relname, f.conname, r.relname, array(
        SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY AS k (attnum, n)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum ORDER BY k.n)
    FROM pg_constraint f
    JOIN pg_class t ON t.oid = f.conrelid
    JOIN pg_class r ON r.oid = f.confrelid
    WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace
"""


class UniqueKey(NamedTuple):
    table: str
    name: str
    primary: bool
    columns: list[str]


class ForeignKey(NamedTuple):
    table: str
    name: str
    target: str
    columns: list[str]


def test_every_table_of_ours_has_its_company() -> None:
    tables = dict(_rows(TABLES))
    ours = {table for table in tables if _is_ours(table)}
    assert len(ours) > 10
    assert {table for table in ours if not tables[table]} == set()


def test_every_unique_key_leads_with_the_company() -> None:
    assert unique_keys_astray() == []


def test_every_foreign_key_carries_the_company() -> None:
    assert foreign_keys_astray() == []


def test_keys_without_the_company_are_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE coupons_astray (id bigint PRIMARY KEY, company_id bigint NOT NULL,"
            " number text UNIQUE, coupon_id bigint REFERENCES coupons_coupon (id),"
            " UNIQUE (company_id, number))"
        )
    assert {tuple(key.columns) for key in unique_keys_astray()} == {("id",), ("number",)}
    assert [key.columns for key in foreign_keys_astray()] == [["coupon_id"]]


def test_every_relation_between_our_tables_is_a_foreign_key_in_the_database() -> None:
    held = {(key.table, tuple(key.columns)) for key in map(ForeignKey._make, _rows(FOREIGN))}
    wanted = {
        (model._meta.db_table, ("company_id", field.column))
        for model in apps.get_models()
        for field in model._meta.local_fields
        if _is_ours(model._meta.db_table)
        and field.many_to_one
        and _is_ours(field.related_model._meta.db_table)
    }
    assert wanted - held == set()


def unique_keys_astray() -> list[UniqueKey]:
    """A plain `id` may be the primary key where (company_id, id) is unique beside it."""
    keys = [UniqueKey(*row) for row in _rows(UNIQUE) if _is_ours(row[0])]
    with_company_and_id = {key.table for key in keys if key.columns == ["company_id", "id"]}
    return [
        key
        for key in keys
        if key.columns[0] != "company_id"
        and not (key.primary and key.columns == ["id"] and key.table in with_company_and_id)
    ]


def foreign_keys_astray() -> list[ForeignKey]:
    keys = [ForeignKey(*row) for row in _rows(FOREIGN) if _is_ours(row[0])]
    return [
        key
        for key in keys
        if (key.target in GLOBAL_TABLES and key.columns != ["company_id"])
        or (_is_ours(key.target) and (len(key.columns) != 2 or key.columns[0] != "company_id"))
    ]


def _is_ours(table: str) -> bool:
    return table.split("_")[0] in rooms.existing() and table not in GLOBAL_TABLES


def _rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
