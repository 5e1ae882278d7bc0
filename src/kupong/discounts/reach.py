"""The price group through which a discount reaches exactly one channel, or one affiliation.

One that only it carries is used again; otherwise a new one is made and given to it.
"""

from django.db import models

from kupong.discounts.service import price_groups
from kupong.discounts.shapes import PriceGroupDraft
from kupong.kernel.reasons import Reason
from kupong.organisation.models import (
    Affiliation,
    AffiliationPriceGroup,
    Channel,
    ChannelPriceGroup,
    PriceGroup,
)
from kupong.organisation.refusals import Refusals, refuse
from kupong.organisation.service import EVERYBODY
from kupong.organisation.transactions import use_case


@use_case
def group_of_channel(company_id: int, number: str) -> str | Refusals:
    """The number of the group. Refused with `unknown_reference` in "channel"."""
    return _own_group(company_id, Channel, "channel", number)


@use_case
def group_of_affiliation(company_id: int, number: str) -> str | Refusals:
    """The number of the group. Refused with `unknown_reference` in "affiliation"."""
    return _own_group(company_id, Affiliation, "affiliation", number)


def _own_group(
    company_id: int, model: type[models.Model], name: str, number: str
) -> str | Refusals:
    # Held, so that two who ask at once do not make a group each.
    rows = model._default_manager.select_for_update(no_key=True)
    carrier_id = rows.filter(company_id=company_id, number=number).values_list("id", flat=True)
    carrier = carrier_id.first()
    if carrier is None:
        return refuse(Reason.UNKNOWN_REFERENCE, name, value=number)
    return _held_alone(company_id, name, carrier) or _given_new(company_id, name, carrier)


def _held_alone(company_id: int, name: str, carrier: int) -> str | None:
    """A group that nothing else carries. Which of several is by their numbers."""
    links: dict[str, type[models.Model]] = {
        "channel": ChannelPriceGroup,
        "affiliation": AffiliationPriceGroup,
    }
    groups = PriceGroup.objects.filter(company_id=company_id).exclude(number=EVERYBODY)
    for carried_by, link in links.items():
        held = link._default_manager.filter(
            company_id=company_id, price_group=models.OuterRef("pk")
        )
        if carried_by == name:
            groups = groups.filter(models.Exists(held.filter(**{name: carrier})))
            held = held.exclude(**{name: carrier})
        groups = groups.exclude(models.Exists(held))
    return groups.order_by("number").values_list("number", flat=True).first()


def _given_new(company_id: int, name: str, carrier: int) -> str | Refusals:
    made = price_groups.create(company_id, PriceGroupDraft())
    if isinstance(made, Refusals):
        return made
    number = str(made.number)
    group = PriceGroup.objects.get(company_id=company_id, number=number)
    link = ChannelPriceGroup if name == "channel" else AffiliationPriceGroup
    link._default_manager.create(
        company_id=company_id, **{f"{name}_id": carrier}, price_group_id=group.id
    )
    return number
