"""Reads of the organisation, for the rooms above."""

import msgspec
from django.db import connection
from django.db.models import Q

from kupong.organisation.models import Affiliation, Channel, Company, Parameters
from kupong.organisation.shapes import ParametersRecord, PricingRules


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was searched for: its number and what it is called."""

    number: str
    name: str


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


def find_channels(company_id: int, typed: str, limit: int = 8) -> list[Found]:
    """The channels with this text in their number or name; the one with just this number first."""
    typed = typed.strip()
    rows = Channel.objects.filter(company_id=company_id)
    rows = rows.filter(Q(number__icontains=typed) | Q(name__icontains=typed))
    found = rows.annotate(is_other=~Q(number=typed)).order_by("is_other", "number")[:limit]
    return [Found(number=row.number, name=row.name) for row in found]


def find_affiliations(company_id: int, typed: str, limit: int = 8) -> list[Found]:
    """The affiliations with this text in their number."""
    rows = Affiliation.objects.filter(company_id=company_id, number__icontains=typed.strip())
    numbers = rows.order_by("number").values_list("number", flat=True)
    return [Found(number=number, name="") for number in numbers[:limit]]


def channel_name(company_id: int, number: str) -> str | None:
    """What the channel is called; None when there is no such channel."""
    rows = Channel.objects.filter(company_id=company_id, number=number)
    return rows.values_list("name", flat=True).first()


def currencies(company_id: int) -> list[str]:
    """Those that the company sells in, its own first."""
    own = parameters(company_id).currency
    rows = Channel.objects.filter(company_id=company_id).exclude(currency=own)
    return [own, *rows.order_by("currency").values_list("currency", flat=True).distinct()]


def carriers(company_id: int, groups: list[str]) -> list[str]:
    """The numbers of the channels and affiliations that carry one of these price groups."""
    held = {"groups__price_group__number__in": groups}
    numbers: list[str] = []
    for model in (Channel, Affiliation):
        rows = model._default_manager.filter(company_id=company_id, **held).order_by("number")
        numbers += rows.values_list("number", flat=True).distinct()
    return numbers
