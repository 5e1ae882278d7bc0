"""Reads of customers, for the rooms above."""

from kupong.customers.models import Customer
from kupong.organisation.queries import Found


def find_customers(company_id: int, typed: str, limit: int = 8) -> list[Found]:
    """The customers whose number begins so."""
    rows = Customer.objects.filter(company_id=company_id, number__startswith=typed.strip())
    return [
        Found(number=row.number, name=f"{row.first_name} {row.name}".strip())
        for row in rows.order_by("number")[:limit]
    ]


def customer_name(company_id: int, number: str) -> str | None:
    """What the customer is called; None when there is no such customer."""
    row = Customer.objects.filter(company_id=company_id, number=number).first()
    return f"{row.first_name} {row.name}".strip() if row else None
