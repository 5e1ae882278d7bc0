"""What is read from the ledger: redemptions by any of their marks, and one code with its history."""

import base64
import binascii
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from kupong.kernel.identifiers import normalise_code
from kupong.kernel.periods import Bound
from kupong.kernel.reasons import Reason
from kupong.organisation.plans import Plan, Row, Statement
from kupong.redemption.facts import CodeFacts, codes_from, codes_statement
from kupong.redemption.rules import Sale, limit_refusal, state_refusal


class RedemptionFilter(msgspec.Struct, kw_only=True, frozen=True):
    """Every mark that is given must fit. `start` and `end` bound the sale's time, both ends included."""

    code: str | None = None
    coupon: str | None = None
    order: str | None = None
    customer: str | None = None
    channel: str | None = None
    start: datetime | None = None
    end: datetime | None = None


class UseRow(msgspec.Struct, kw_only=True):
    code: str
    coupon: str
    status: str
    amount: int


class RedemptionRow(msgspec.Struct, kw_only=True):
    id: str
    status: str
    order: str
    channel: str
    customer: str | None
    at: datetime
    currency: str
    gross: int
    discount: int
    net: int
    uses: list[UseRow]


class RedemptionPage(msgspec.Struct, kw_only=True):
    """Newest first; `next` asks for the rows after these, None when there are none."""

    items: list[RedemptionRow]
    next: str | None


class ScopeUses(msgspec.Struct, kw_only=True):
    """Uses in one scope: in all (`of` is None), in the channel or by the customer `of`; `limit` None: none."""

    scope: str
    of: str | None
    uses: int
    limit: int | None


class Event(msgspec.Struct, kw_only=True):
    at: datetime
    event: str
    redemption: str | None = None
    order: str | None = None
    channel: str | None = None
    customer: str | None = None
    amount: int | None = None
    currency: str | None = None


class CodePage(msgspec.Struct, kw_only=True):
    """One code as it stands, its uses per scope and its history, oldest first (the latest 1,000 uses)."""

    id: str
    code: str
    barcode: str | None
    coupon: str
    status: str
    valid_from: Bound
    valid_to: Bound
    holder: str | None
    segment: str
    usable: bool
    reason: Reason | None
    redeemed_on: datetime | None
    uses: list[ScopeUses]
    history: list[Event]


class BadCursor(ValueError):
    """The cursor was not made by a list of ours."""


_LIST = """
SELECT r.id, r.status, r."order", ch.number, cu.number, r.at, r.currency, r.gross, r.discount, r.net,
       coalesce((SELECT jsonb_agg(jsonb_build_object('code', coalesce(c.typed, c.code), 'coupon', k.number,
                                  'status', e.kind, 'amount', e.amount) ORDER BY e.id)
        FROM redemption_ledgerentry e
        JOIN coupons_couponcode c ON (c.company_id, c.id) = (e.company_id, e.code_id)
        JOIN coupons_coupon k ON (k.company_id, k.id) = (e.company_id, e.coupon_id)
        WHERE (e.company_id, e.redemption_id) = (r.company_id, r.id)), '[]')::text
FROM redemption_redemption r
JOIN organisation_channel ch ON (ch.company_id, ch.id) = (r.company_id, r.channel_id)
LEFT JOIN customers_customer cu ON (cu.company_id, cu.id) = (r.company_id, r.customer_id)
WHERE r.company_id = %s{conditions}
ORDER BY r.at DESC, r.id DESC LIMIT %s
"""

_BY_CODE = """ AND r.id IN (SELECT e.redemption_id FROM redemption_ledgerentry e
    JOIN coupons_couponcode c ON (c.company_id, c.id) = (e.company_id, e.code_id)
    WHERE c.company_id = r.company_id AND c.code = %s)"""

_BY_COUPON = """ AND r.id IN (SELECT e.redemption_id FROM redemption_ledgerentry e
    JOIN coupons_coupon k ON (k.company_id, k.id) = (e.company_id, e.coupon_id)
    WHERE k.company_id = r.company_id AND k.number = %s)"""

_CONDITIONS = {
    "code": _BY_CODE,
    "coupon": _BY_COUPON,
    "order": ' AND r."order" = %s',
    "customer": " AND cu.number = %s",
    "channel": " AND ch.number = %s",
    "start": " AND r.at >= %s",
    "end": " AND r.at <= %s",
}

_CODE = """
SELECT c.number, coalesce(c.typed, c.code), c.barcode, holder.number, c.segment, c.created_at, ARRAY(
    SELECT l.scope || ' ' || l.uses FROM coupons_usagelimit l
    WHERE (l.company_id, l.coupon_id) = (c.company_id, c.coupon_id))
FROM coupons_couponcode c
LEFT JOIN customers_customer holder ON (holder.company_id, holder.id) = (c.company_id, c.holder_id)
WHERE c.company_id = %s AND c.code = %s
"""

_USES = """
SELECT u.scope, coalesce(ch.number, cu.number), u.uses
FROM coupons_couponcode c
JOIN redemption_usagecounter u ON (u.company_id, u.code_id) = (c.company_id, c.id)
LEFT JOIN organisation_channel ch
  ON u.scope = 'channel' AND (ch.company_id, ch.id) = (u.company_id, u.scope_id)
LEFT JOIN customers_customer cu
  ON u.scope = 'customer' AND (cu.company_id, cu.id) = (u.company_id, u.scope_id)
WHERE c.company_id = %s AND c.code = %s
ORDER BY u.scope <> 'global', u.scope, u.uses DESC, 2 LIMIT 1000
"""

_HISTORY = """
SELECT e.at, e.kind, r.id, r."order", ch.number, cu.number, e.amount, e.currency
FROM coupons_couponcode c
JOIN redemption_ledgerentry e ON (e.company_id, e.code_id) = (c.company_id, c.id)
JOIN redemption_redemption r ON (r.company_id, r.id) = (e.company_id, e.redemption_id)
JOIN organisation_channel ch ON (ch.company_id, ch.id) = (e.company_id, e.channel_id)
LEFT JOIN customers_customer cu ON (cu.company_id, cu.id) = (e.company_id, e.customer_id)
WHERE c.company_id = %s AND c.code = %s
ORDER BY e.use_no DESC LIMIT 1000
"""


def redemptions(
    company_id: int, chosen: RedemptionFilter, limit: int, after: str | None
) -> Plan[RedemptionPage]:
    """A page of the ledger by key. Raises BadCursor when `after` is none of ours."""
    conditions, parameters = _conditions(chosen, after)
    sql = _LIST.format(conditions=conditions)
    (rows,) = yield (Statement(sql, (company_id, *parameters, limit + 1)),)
    items = [_redemption(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return RedemptionPage(items=items, next=_cursor(last.at, last.id) if last else None)


def code_page(company_id: int, typed: str, now: datetime) -> Plan[CodePage | None]:
    """Everything about one code; None when the company has no such code.

    `usable` is judged with no channel or customer: by status, dates (in UTC) and the limit in all.
    """
    code = normalise_code(typed)
    about, facts, uses, history = yield (
        Statement(_CODE, (company_id, code)),
        codes_statement(company_id, [(code, 0, None)]),
        Statement(_USES, (company_id, code)),
        Statement(_HISTORY, (company_id, code)),
    )
    if not about:
        return None
    return _code_page(about[0], codes_from(facts)[0], uses, history[::-1], now)


def _conditions(chosen: RedemptionFilter, after: str | None) -> tuple[str, list[Any]]:
    given = {name: value for name, value in msgspec.structs.asdict(chosen).items() if value}
    if chosen.code:
        given["code"] = normalise_code(chosen.code)
    sql, parameters = "".join(_CONDITIONS[name] for name in given), list(given.values())
    if after:
        sql += " AND (r.at, r.id) < (%s, %s)"
        parameters += _place(after)
    return sql, parameters


def _cursor(at: datetime, identity: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {identity}".encode()).decode()


def _place(cursor: str) -> tuple[datetime, int]:
    try:
        at, identity = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        place = datetime.fromisoformat(at), int(identity)
    except (ValueError, binascii.Error) as error:
        raise BadCursor(cursor) from error
    if place[0].tzinfo is None or not 0 <= place[1] < 2**63:
        raise BadCursor(cursor)
    return place


def _redemption(row: Row) -> RedemptionRow:
    identity, status, order, channel, customer, at, currency, gross, discount, net, uses = row
    return RedemptionRow(
        id=str(identity), status=status, order=order, channel=channel, customer=customer, at=at,
        currency=currency, gross=gross, discount=discount, net=net,
        uses=msgspec.json.decode(uses, type=list[UseRow]),
    )  # fmt: skip


def _code_page(
    about: Row, facts: CodeFacts, uses: list[Row], history: list[Row], now: datetime
) -> CodePage:
    number, shown, barcode, holder, segment, created_at, limits = about
    limit_of = {scope: int(limit) for scope, limit in (text.split() for text in limits)}
    sale = Sale(now, ZoneInfo("UTC"), None, True)
    no = state_refusal(facts, sale) or limit_refusal(facts.scopes[:1])
    taken = [_event(row) for row in history]
    return CodePage(
        id=number,
        code=shown,
        barcode=barcode,
        coupon=facts.coupon,
        status=facts.status,
        valid_from=facts.valid.start,
        valid_to=facts.valid.end,
        holder=holder,
        segment=segment,
        usable=no is None,
        reason=no.reason if no else None,
        redeemed_on=taken[0].at if taken else None,
        uses=[
            ScopeUses(scope=scope, of=of, uses=count, limit=limit_of.get(scope))
            for scope, of, count in uses
        ],
        history=[Event(at=created_at, event="issued"), *taken],
    )


def _event(row: Row) -> Event:
    at, kind, redemption, order, channel, customer, amount, currency = row
    return Event(
        at=at, event=kind, redemption=str(redemption), order=order, channel=channel,
        customer=customer, amount=amount, currency=currency,
    )  # fmt: skip
