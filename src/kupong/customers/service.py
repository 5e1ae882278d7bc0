"""The use cases of customers: one use case is one transaction."""

from collections.abc import Sequence

from kupong.customers.models import Customer, CustomerAffiliation
from kupong.customers.shapes import CustomerDraft, CustomerRecord
from kupong.organisation.models import Affiliation
from kupong.organisation.records import Records, link, linked_numbers
from kupong.organisation.refusals import Problems, Refusals

_OWN = ("first_name", "name", "email", "email_opt_out", "language")


def _write_customer(row: Customer, draft: CustomerDraft) -> Refusals | None:
    problems = Problems()
    affiliations = problems.looked_up(
        "affiliations", Affiliation, row.company_id, draft.affiliations
    )
    if problems:
        return problems.refusals()
    for name in _OWN:
        setattr(row, name, getattr(draft, name))
    row.save()
    link(CustomerAffiliation, ("customer", row), "affiliation", affiliations)
    return None


def _read_customers(company_id: int, rows: Sequence[Customer]) -> list[CustomerRecord]:
    affiliations = linked_numbers(
        CustomerAffiliation, "customer", "affiliation", company_id, [row.id for row in rows]
    )
    return [
        CustomerRecord(
            number=row.number,
            affiliations=tuple(affiliations[row.id]),
            **{name: getattr(row, name) for name in _OWN},
        )
        for row in rows
    ]


customers = Records(
    model=Customer,
    reference="customer",
    draft=CustomerDraft,
    record=CustomerRecord,
    write=_write_customer,
    read=_read_customers,
)
