"""Reads of deliveries and of what became of codes, for the rooms above."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from kupong.campaigns import journal
from kupong.campaigns.models import Delivery
from kupong.campaigns.outcome import messages_of, redeemed_of
from kupong.campaigns.service import deliveries
from kupong.campaigns.shapes import DeliveryPage, MessageRow
from kupong.campaigns.statements import fetch
from kupong.coupons.models import Coupon
from kupong.kernel.identifiers import normalise_code
from kupong.organisation.plans import Plan, Row, Statement
from kupong.organisation.records import Page
from kupong.redemption.queries import CodePage, Event, code_page

IssueState = Literal["available", "reserved", "sent", "undelivered"]


class Pool(msgspec.Struct, kw_only=True, frozen=True):
    """Where all codes of a coupon are: the six add up to `total`, at any time (specification 2.2).

    A code that was used, or withdrawn, counts as that whatever its issue says. `inactive` says how many of the
    available ones are switched off, so that no analysis gives them out.
    """

    available: int
    reserved: int
    sent: int
    undelivered: int
    redeemed: int
    void: int
    total: int
    inactive: int


class StoryEvent(Event, kw_only=True):
    """An event in the life of a code: at a till, or on its way to a recipient."""

    delivery: str | None = None
    address: str | None = None


class Issue(msgspec.Struct, kw_only=True, frozen=True):
    """Where a code is on its way to a recipient; `channel` is the one that carries its message."""

    issue_state: IssueState = "available"
    channel: str | None = None
    address: str | None = None
    sent_at: datetime | None = None
    delivery: str | None = None


class CodeStory(msgspec.Struct, kw_only=True, frozen=True):
    """Everything about one code, and what happened to it from its making to the till, oldest first."""

    page: CodePage
    issue: Issue
    history: list[StoryEvent]


def delivery_page(company_id: int, number: str, language: str = "en") -> DeliveryPage | None:
    """Everything about one delivery, its log in this language; None: there is no such delivery."""
    row = Delivery.objects.filter(company_id=company_id, number=number).first()
    record = deliveries.find(company_id, number)
    if row is None or record is None:
        return None
    return DeliveryPage(
        **msgspec.structs.asdict(record),
        messages=messages_of(company_id, [row.id])[row.id],
        redeemed=redeemed_of(company_id, [row.id])[row.id],
        log=journal.read(row, language),
    )


def messages_page(
    company_id: int, number: str, after: int = 0, limit: int = 100
) -> Page[MessageRow] | None:
    """The messages of a delivery; `after` is the `next` of the page before. None: no such delivery."""
    row = Delivery.objects.filter(company_id=company_id, number=number).first()
    if row is None:
        return None
    figures = {"company": company_id, "delivery": row.id, "after": after, "most": limit + 1}
    rows = fetch(_MESSAGES, figures)
    following = str(rows[limit - 1][0]) if len(rows) > limit else None
    return Page(items=[_message(one) for one in rows[:limit]], next=following)


def pool(company_id: int, coupon: str) -> Pool | None:
    """Where the codes of this coupon are; None: there is no such coupon."""
    row = Coupon.objects.filter(company_id=company_id, number=coupon).first()
    if row is None:
        return None
    ((available, reserved, sent, undelivered, redeemed, void, total, inactive),) = fetch(
        _POOL, {"company": company_id, "coupon": row.id}
    )
    return Pool(
        available=available,
        reserved=reserved,
        sent=sent,
        undelivered=undelivered,
        redeemed=redeemed,
        void=void,
        total=total,
        inactive=inactive,
    )


def code_story(company_id: int, typed: str, now: datetime) -> Plan[CodeStory | None]:
    """Everything about one code; None when the company has no such code."""
    page = yield from code_page(company_id, typed, now)
    if page is None:
        return None
    code = normalise_code(typed)
    issued, events = yield (
        Statement(_ISSUES, (company_id, [code])),
        Statement(_ISSUE_EVENTS, (company_id, code)),
    )
    taken = [StoryEvent(**msgspec.structs.asdict(event)) for event in page.history]
    history = sorted(taken + [_issue_event(row) for row in events[::-1]], key=lambda e: e.at)
    return CodeStory(page=page, issue=_issues(issued).get(code, Issue()), history=history)


def issues(company_id: int, codes: Sequence[str]) -> Plan[dict[str, Issue]]:
    """The live issues among these codes, by normalised code; a code that is not there is available."""
    wanted = [normalise_code(code) for code in codes]
    (rows,) = yield (Statement(_ISSUES, (company_id, wanted)),)
    return _issues(rows)


def _issues(rows: list[Row]) -> dict[str, Issue]:
    return {
        code: Issue(
            issue_state=state, channel=channel, address=address, sent_at=sent_at, delivery=delivery
        )
        for code, state, channel, address, sent_at, delivery in rows
    }


def _message(row: Row) -> MessageRow:
    _, recipient, address, status, code, cause, sent_at, attempts, answer = row
    return MessageRow(
        recipient=recipient,
        address=address,
        status=status,
        code=code,
        cause=cause or None,
        sent_at=sent_at,
        attempts=attempts,
        answer=answer or None,
    )


def _issue_event(row: Row) -> StoryEvent:
    at, kind, delivery, address = row
    return StoryEvent(at=at, event=kind, delivery=delivery, address=address)


# By the customer's id, which the unique key on delivery and customer keeps in order.
_MESSAGES = """
SELECT m.customer_id, p.number, m.address, m.status, coalesce(c.typed, c.code), m.cause, m.sent_at,
       m.attempts, m.answer
FROM campaigns_message m
JOIN customers_customer p ON (p.company_id, p.id) = (m.company_id, m.customer_id)
LEFT JOIN coupons_couponcode c ON (c.company_id, c.id) = (m.company_id, m.code_id)
WHERE m.company_id = %(company)s AND m.delivery_id = %(delivery)s AND m.customer_id > %(after)s
ORDER BY m.customer_id LIMIT %(most)s
"""

_POOL = """
SELECT count(*) FILTER (WHERE place = 'available'), count(*) FILTER (WHERE place = 'reserved'),
       count(*) FILTER (WHERE place = 'sent'), count(*) FILTER (WHERE place = 'undelivered'),
       count(*) FILTER (WHERE place = 'redeemed'), count(*) FILTER (WHERE place = 'void'),
       count(*), count(*) FILTER (WHERE place = 'available' AND status = 'inactive')
FROM (
    SELECT c.status, CASE WHEN u.uses > 0 THEN 'redeemed' WHEN c.status = 'voided' THEN 'void'
                          ELSE coalesce(i.state, 'available') END AS place
    FROM coupons_couponcode c
    LEFT JOIN campaigns_codeissue i ON (i.company_id, i.code_id) = (c.company_id, c.id)
    LEFT JOIN redemption_usagecounter u
      ON (u.company_id, u.code_id, u.scope, u.scope_id) = (c.company_id, c.id, 'global', 0)
    WHERE c.company_id = %(company)s AND c.coupon_id = %(coupon)s) AS placed
"""

_ISSUES = """
SELECT c.code, i.state, d.channel, i.address, m.sent_at, d.number
FROM coupons_couponcode c
JOIN campaigns_codeissue i ON (i.company_id, i.code_id) = (c.company_id, c.id)
JOIN campaigns_message m ON (m.company_id, m.id) = (i.company_id, i.message_id)
JOIN campaigns_delivery d ON (d.company_id, d.id) = (m.company_id, m.delivery_id)
WHERE c.company_id = %s AND c.code = ANY(%s::text[])
"""

_ISSUE_EVENTS = """
SELECT e.at, e.kind, d.number, e.address
FROM coupons_couponcode c
JOIN campaigns_issueevent e ON (e.company_id, e.code_id) = (c.company_id, c.id)
JOIN campaigns_delivery d ON (d.company_id, d.id) = (e.company_id, e.delivery_id)
WHERE c.company_id = %s AND c.code = %s
ORDER BY e.id DESC LIMIT 1000
"""
