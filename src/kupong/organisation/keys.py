"""Keys that lead with the company: every row belongs to one, and reaches only rows of its own.

Django sees a plain `id`; the database has (company_id, id) unique in every table, and every foreign key
is composite, so that a row cannot point into another company and tables can be distributed by company.
"""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.expressions import Col
from django.db.models.lookups import Exact


class CompanyKey(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key that joins and fetches within the company; `CompanyReference` is its constraint.

    It makes no index of its own: those that reads need lead with the company and stand in Meta.
    """

    def __init__(self, to: Any, on_delete: Any, **options: Any) -> None:
        options |= {"db_constraint": False, "db_index": False}
        super().__init__(to, on_delete, **options)

    def get_extra_restriction(self, alias: str, related_alias: str) -> Any:
        there: Any = self.remote_field.model._meta.get_field("company")
        here: Any = self.model._meta.get_field("company")
        return Exact(Col(alias, there), Col(related_alias, here))

    def get_extra_descriptor_filter(self, instance: models.Model) -> Any:
        return {"company_id": instance.company_id}  # type: ignore[attr-defined]


class CompanyReference(models.BaseConstraint):
    """FOREIGN KEY (company_id, <column>) REFERENCES <table> (company_id, id), checked at commit."""

    def __init__(self, *, field: str, to: str, name: str) -> None:
        super().__init__(name=name)
        self.field, self.to = field, to

    def constraint_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert schema_editor is not None
        quote = schema_editor.quote_name
        table = self.to.lower().replace(".", "_")
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY (company_id, {quote(self.field + '_id')})"
            f" REFERENCES {quote(table)} (company_id, id) DEFERRABLE INITIALLY DEFERRED"
        )

    def create_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert schema_editor is not None
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert schema_editor is not None
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, *args: Any, **options: Any) -> None:
        """The database checks it; a form has nothing to add."""

    def deconstruct(self) -> Any:
        path, args, options = super().deconstruct()
        return path, args, options | {"field": self.field, "to": self.to}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompanyReference):
            return NotImplemented
        return (self.name, self.field, self.to) == (other.name, other.field, other.to)

    __hash__ = None  # type: ignore[assignment]


def reference(field: str, to: str) -> CompanyReference:
    """The composite foreign key behind `field`, a `CompanyKey` to the model `to` ("room.Model")."""
    return CompanyReference(field=field, to=to, name=f"%(class)s_{field}_fk")


class CompanyRow(models.Model):
    """A row of one company."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(
        "organisation.Company", models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="%(class)s_company_key")
        ]


class NumberedRow(CompanyRow):
    """A row that people know by its number: text, unique in the company."""

    number = models.TextField()

    class Meta(CompanyRow.Meta):
        abstract = True
        constraints = [
            *CompanyRow.Meta.constraints,
            models.UniqueConstraint(fields=["company", "number"], name="%(class)s_number_key"),
        ]

    def __str__(self) -> str:
        return self.number
