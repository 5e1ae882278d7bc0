"""The list of deliveries, and the customers that one of them names, for the rooms above."""

from datetime import datetime

import msgspec
from django.db.models import Q

from kupong.campaigns.models import Delivery, DeliveryTarget
from kupong.campaigns.outcome import messages_of, redeemed_of
from kupong.campaigns.shapes import MessageCounts
from kupong.campaigns.states import State
from kupong.coupons.models import Coupon
from kupong.organisation.records import Page


class DeliveryLine(msgspec.Struct, kw_only=True, frozen=True):
    """One delivery of the list. `to_send` is None before an analysis; `coupon` is its coupon's number."""

    number: str
    label: str
    state: State
    coupon: str | None
    coupon_label: str
    contact_date: datetime | None
    created_at: datetime
    to_send: int | None
    messages: MessageCounts
    redeemed: int


def deliveries_page(
    company_id: int,
    search: str = "",
    coupon: str = "",
    after: int | None = None,
    limit: int = 100,
) -> Page[DeliveryLine]:
    """The newest first, in four statements however many they are; `after` is the `next` of the page before.

    `search` looks into number and label; `coupon` is the number of the coupon that they send out.
    """
    rows = Delivery.objects.filter(company_id=company_id).order_by("-id")
    if search:
        rows = rows.filter(Q(number__icontains=search) | Q(label__icontains=search))
    if coupon:
        coupons = Coupon.objects.filter(company_id=company_id, number=coupon)
        rows = rows.filter(coupon_id__in=coupons.values("id"))
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows[: limit + 1])
    following = str(found[limit - 1].id) if len(found) > limit else None
    return Page(items=_lines(company_id, found[:limit]), next=following)


def chosen_customers(company_id: int, number: str) -> list[str]:
    """The numbers of all customers that the delivery names."""
    rows = DeliveryTarget.objects.filter(company_id=company_id, delivery__number=number)
    return list(rows.order_by("customer_id").values_list("customer__number", flat=True))


def _lines(company_id: int, rows: list[Delivery]) -> list[DeliveryLine]:
    ids = [row.id for row in rows]
    coupons = Coupon.objects.filter(company_id=company_id, id__in={row.coupon_id for row in rows})
    names = {
        one: (number, label) for one, number, label in coupons.values_list("id", "number", "label")
    }
    messages, redeemed = messages_of(company_id, ids), redeemed_of(company_id, ids)
    return [
        _line(row, names.get(row.coupon_id or 0), messages[row.id], redeemed[row.id])
        for row in rows
    ]


def _line(
    row: Delivery, coupon: tuple[str, str] | None, messages: MessageCounts, redeemed: int
) -> DeliveryLine:
    number, label = coupon or (None, "")
    return DeliveryLine(
        number=row.number,
        label=row.label,
        state=State(row.state),
        coupon=number,
        coupon_label=label,
        contact_date=row.contact_date,
        created_at=row.created_at,
        to_send=row.to_send,
        messages=messages,
        redeemed=redeemed,
    )
