"""Reads of the organisation, for the rooms above."""

import msgspec
from django.db import connection

from kupong.organisation.models import Company, Parameters
from kupong.organisation.shapes import ParametersRecord, PricingRules


def first_company_id() -> int | None:
    """The company of this installation; None before `ensure_installation`."""
    return Company.objects.order_by("id").values_list("id", flat=True).first()


def parameters(company_id: int) -> ParametersRecord:
    row = Parameters.objects.get(company_id=company_id)
    return ParametersRecord(
        currency=row.currency,
        rounding_step=row.rounding_step,
        pricing=msgspec.convert(row.pricing, PricingRules),
    )


def estimated_rows(table: str, company_id: int) -> int:
    """How many rows of the company the planner expects: fast for any size, exact for none."""
    query = "EXPLAIN (FORMAT JSON) SELECT 1 FROM {} WHERE company_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(query.format(connection.ops.quote_name(table)), (company_id,))
        plan = cursor.fetchone()[0]
    plan = msgspec.json.decode(plan) if isinstance(plan, str | bytes) else plan
    return int(plan[0]["Plan"]["Plan Rows"])
