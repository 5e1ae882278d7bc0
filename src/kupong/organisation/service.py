"""The use cases of the organisation: one use case is one transaction."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection, transaction

from kupong.kernel.reasons import Reason, Refused
from kupong.numbering import formats
from kupong.organisation import api_keys
from kupong.organisation.models import (
    Affiliation,
    AffiliationPriceGroup,
    Channel,
    ChannelPriceGroup,
    Company,
    NumberSequence,
    Parameters,
    PriceGroup,
)
from kupong.organisation.numbers import FORMATS
from kupong.organisation.queries import first_company_id, parameters
from kupong.organisation.records import Records, changes_in, link, linked_numbers
from kupong.organisation.refusals import Problems, Refusals
from kupong.organisation.shapes import (
    AffiliationDraft,
    AffiliationRecord,
    ChannelDraft,
    ChannelRecord,
    IssuedKey,
    ParametersPatch,
    ParametersRecord,
    PricingRules,
    Role,
)
from kupong.organisation.transactions import use_case

DEFAULT_COMPANY = "DEFAULT"
EVERYBODY = "ALL"


@transaction.atomic
def ensure_installation() -> int:
    """See that there is a company that can work; return its id. Repeating it changes nothing.

    A new company has parameters, the price group ALL and its number sequences; no channels, no products.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kupong installation'))")
    company_id = first_company_id()
    if company_id is None:
        company_id = Company.objects.create(number=DEFAULT_COMPANY, name="Kupong").id
    Parameters.objects.bulk_create([Parameters(company_id=company_id)], ignore_conflicts=True)
    PriceGroup.objects.bulk_create(
        [PriceGroup(company_id=company_id, number=EVERYBODY)], ignore_conflicts=True
    )
    NumberSequence.objects.bulk_create(
        [
            NumberSequence(
                company_id=company_id,
                reference=reference,
                format=format,
                largest=formats.largest(format),
            )
            for reference, format in FORMATS.items()
        ],
        ignore_conflicts=True,
    )
    return company_id


def create_api_key(
    role: Role, channel: str | None = None, name: str = "", company_id: int | None = None
) -> IssuedKey | Refused:
    """Make a key, for the first company when none is named. Its text stands in the answer, this once."""
    company_id = company_id or ensure_installation()
    return api_keys.issue(company_id, role, channel, name)


@use_case
def change_parameters(company_id: int, patch: ParametersPatch) -> ParametersRecord | Refusals:
    row = Parameters.objects.select_for_update().get(company_id=company_id)
    for name, value in changes_in(patch).items():
        setattr(row, name, _beside_defaults(value) if name == "pricing" else value)
    row.save()
    return parameters(company_id)


def _beside_defaults(rules: PricingRules) -> dict[str, Any]:
    chosen, usual = msgspec.to_builtins(rules), msgspec.to_builtins(PricingRules())
    return {name: value for name, value in chosen.items() if value != usual[name]}


def _write_affiliation(row: Affiliation, draft: AffiliationDraft) -> Refusals | None:
    problems = Problems()
    groups = problems.looked_up("price_groups", PriceGroup, row.company_id, draft.price_groups)
    if problems:
        return problems.refusals()
    row.save()
    link(AffiliationPriceGroup, ("affiliation", row), "price_group", groups)
    return None


def _write_channel(row: Channel, draft: ChannelDraft) -> Refusals | None:
    problems = Problems()
    if not is_time_zone(draft.time_zone):
        problems.add("time_zone", Reason.INVALID, value=draft.time_zone)
    groups = problems.looked_up("price_groups", PriceGroup, row.company_id, draft.price_groups)
    if problems:
        return problems.refusals()
    row.name, row.kind, row.currency = draft.name, draft.kind, draft.currency
    row.time_zone, row.order_completion = draft.time_zone, draft.order_completion
    row.save()
    link(ChannelPriceGroup, ("channel", row), "price_group", groups)
    return None


def is_time_zone(name: str) -> bool:
    """Whether this is the name of an IANA time zone that this installation knows."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # KeyError: there is no such zone. The others: not even a name of one.
        return False
    return True


def _read_affiliations(company_id: int, rows: Sequence[Affiliation]) -> list[AffiliationRecord]:
    groups = linked_numbers(
        AffiliationPriceGroup, "affiliation", "price_group", company_id, [row.id for row in rows]
    )
    return [
        AffiliationRecord(number=row.number, price_groups=tuple(groups[row.id])) for row in rows
    ]


def _read_channels(company_id: int, rows: Sequence[Channel]) -> list[ChannelRecord]:
    groups = linked_numbers(
        ChannelPriceGroup, "channel", "price_group", company_id, [row.id for row in rows]
    )
    return [
        ChannelRecord(
            number=row.number,
            name=row.name,
            kind=row.kind,  # type: ignore[arg-type]  # the column holds no other
            currency=row.currency,
            time_zone=row.time_zone,
            price_groups=tuple(groups[row.id]),
            order_completion=row.order_completion,
        )
        for row in rows
    ]


affiliations = Records(
    model=Affiliation,
    reference="affiliation",
    draft=AffiliationDraft,
    record=AffiliationRecord,
    write=_write_affiliation,
    read=_read_affiliations,
)

channels = Records(
    model=Channel,
    reference="channel",
    draft=ChannelDraft,
    record=ChannelRecord,
    write=_write_channel,
    read=_read_channels,
)
