"""Takes the uses of codes: lock in key order, decide, write. No decision on a counter that is not held.

`claim` is a plan for a batch of attempts in one transaction; each is taken whole or refused whole.
Order locks come before code locks, both in key order, so that claims never wait for one another in a ring.
The counters are guarded twice: by the lock on the code's row, and by the constraints of the tables
(uses within the limit, every use numbered once).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

import msgspec

from kupong.kernel.reasons import Refused
from kupong.organisation.plans import Plan, Row, Statement
from kupong.redemption.facts import CodeFacts, codes_from, codes_statement
from kupong.redemption.rules import Sale, limit_refusal, state_refusal


class Wanted(msgspec.Struct, frozen=True):
    """A use of one code (normalised) and what it takes off, in minor units."""

    code: str
    amount: int


class Attempt(msgspec.Struct, frozen=True):
    """A completed sale that wants its uses. `quote` is kept as it was answered (JSON).

    `on_cart` holds every accepted code, also those that give nothing: all are locked at once, so that
    pricing again without a refused code never asks for another lock.
    """

    channel_id: int
    customer_id: int | None
    order: str
    sale: Sale
    at: datetime
    currency: str
    gross: int
    discount: int
    net: int
    on_cart: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    quote: bytes


class Taken(msgspec.Struct, frozen=True):
    """The attempt is in the ledger under this id."""

    redemption_id: int


class Refusals(msgspec.Struct, frozen=True):
    """Nothing was taken: why, by code."""

    by_code: dict[str, Refused]


def claim(company_id: int, attempts: Sequence[Attempt]) -> Plan[list[Taken | Refusals]]:
    """Take the uses of every attempt that can have all of its own. Run it inside a transaction.

    The caller holds the order locks (`lock_orders`) and knows that the orders are new.
    """
    wanted = [(attempt, use) for attempt in attempts for use in attempt.wanted]
    _, code_rows, id_rows = yield (
        _lock_codes(company_id, [code for one in attempts for code in one.on_cart]),
        codes_statement(
            company_id, [(use.code, one.channel_id, one.customer_id) for one, use in wanted]
        ),
        _new_ids(len(attempts)),
    )
    decided = _decide(attempts, codes_from(code_rows), id_rows)
    uses = [use for one in decided if isinstance(one, _Granted) for use in one.uses]
    granted = [one for one in decided if isinstance(one, _Granted)]
    if granted:
        yield (
            _insert_redemptions(company_id, granted),
            _raise_counters(company_id, uses),
            _insert_entries(company_id, uses),
            _tell(company_id, granted),
        )
    return [Taken(one.redemption_id) if isinstance(one, _Granted) else one for one in decided]


def lock_orders(company_id: int, orders: Iterable[tuple[int, str]]) -> tuple[Statement, Statement]:
    """Hold (channel, order) pairs until the transaction ends; then read those already in the ledger."""
    pairs = sorted(set(orders))
    channels, numbers = [channel for channel, _ in pairs], [number for _, number in pairs]
    keys = sorted({crc32(f"{company_id}/{channel}/{number}".encode()) for channel, number in pairs})
    return (
        Statement(
            "SELECT pg_advisory_xact_lock(%s, key) FROM unnest(%s::int[]) AS key",
            (_ORDER_LOCKS, [key - 2**31 for key in keys]),
        ),
        Statement(
            'SELECT r.channel_id, r."order", r.id, r.status FROM redemption_redemption r'
            " JOIN unnest(%s::bigint[], %s::text[]) AS wanted(channel_id, number)"
            ' ON r.channel_id = wanted.channel_id AND r."order" = wanted.number'
            " WHERE r.company_id = %s",
            (channels, numbers, company_id),
        ),
    )


_ORDER_LOCKS = 0x4B50  # the first half of the key space of our advisory locks on orders


class _Use(msgspec.Struct, frozen=True):
    redemption_id: int
    attempt: Attempt
    facts: CodeFacts
    use_no: int
    amount: int


class _Granted(msgspec.Struct, frozen=True):
    redemption_id: int
    attempt: Attempt
    uses: tuple[_Use, ...]


def _decide(
    attempts: Sequence[Attempt], facts: dict[int, CodeFacts], ids: list[Row]
) -> list[_Granted | Refusals]:
    """One after another, each seeing what those before it in the batch have taken."""
    taken: Counter[tuple[int, str, int]] = Counter()
    decided: list[_Granted | Refusals] = []
    place = 0
    for attempt, (redemption_id,) in zip(attempts, ids, strict=True):
        own = [facts[place + number] for number in range(len(attempt.wanted))]
        place += len(own)
        refused = {code.code: no for code in own if (no := _refusal(code, attempt.sale, taken))}
        if refused:
            decided.append(Refusals(refused))
            continue
        decided.append(_grant(redemption_id, attempt, own, taken))
    return decided


def _refusal(code: CodeFacts, sale: Sale, taken: Counter[tuple[int, str, int]]) -> Refused | None:
    return state_refusal(code, sale) or limit_refusal(
        [
            msgspec.structs.replace(scope, uses=scope.uses + taken[code.id, scope.name, scope.id])
            for scope in code.scopes
        ]
    )


def _grant(
    redemption_id: int,
    attempt: Attempt,
    codes: Sequence[CodeFacts],
    taken: Counter[tuple[int, str, int]],
) -> _Granted:
    uses = []
    for code, wanted in zip(codes, attempt.wanted, strict=True):
        for scope in code.scopes:
            taken[code.id, scope.name, scope.id] += 1
        use_no = code.last_use_no + taken[code.id, "global", 0]
        uses.append(_Use(redemption_id, attempt, code, use_no, wanted.amount))
    return _Granted(redemption_id, attempt, tuple(uses))


def _lock_codes(company_id: int, codes: list[str]) -> Statement:
    # ORDER BY makes the order of locking. NO KEY: foreign keys that point at the code need not wait for us.
    return Statement(
        "SELECT id FROM coupons_couponcode WHERE company_id = %s AND code = ANY(%s::text[])"
        " ORDER BY company_id, code FOR NO KEY UPDATE",
        (company_id, codes),
    )


def _new_ids(count: int) -> Statement:
    return Statement(
        "SELECT nextval(pg_get_serial_sequence('redemption_redemption', 'id'))"
        " FROM generate_series(1, %s)",
        (count,),
    )


def _insert_redemptions(company_id: int, granted: Sequence[_Granted]) -> Statement:
    columns = [
        (one.redemption_id, a.channel_id, a.order, a.customer_id, a.at, a.currency, a.gross, a.discount,
         a.net, a.quote.decode())
        for one in granted
        for a in (one.attempt,)
    ]  # fmt: skip
    return Statement(
        "INSERT INTO redemption_redemption"
        ' (company_id, status, id, channel_id, "order", customer_id, at, currency,'
        " gross, discount, net, quote)"
        " SELECT %s, 'redeemed', * FROM unnest(%s::bigint[], %s::bigint[], %s::text[],"
        " %s::bigint[], %s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],"
        " %s::jsonb[])",
        (company_id, *_arrays(columns)),
    )


def _raise_counters(company_id: int, uses: Sequence[_Use]) -> Statement:
    counted: Counter[tuple[int, str, int]] = Counter()
    limits: dict[tuple[int, str, int], int | None] = {}
    for use in uses:
        for scope in use.facts.scopes:
            counted[use.facts.id, scope.name, scope.id] += 1
            limits[use.facts.id, scope.name, scope.id] = scope.limit
    columns = [(*key, count, limits[key]) for key, count in sorted(counted.items())]
    return Statement(
        "INSERT INTO redemption_usagecounter AS held"
        " (company_id, code_id, scope, scope_id, uses, last_use_no, limit_in_force)"
        " SELECT %s, code_id, scope, scope_id, uses, uses, in_force FROM unnest("
        "%s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::int[])"
        " AS taken(code_id, scope, scope_id, uses, in_force)"
        " ON CONFLICT (company_id, code_id, scope, scope_id) DO UPDATE"
        " SET uses = held.uses + excluded.uses,"
        " last_use_no = held.last_use_no + excluded.uses,"
        " limit_in_force = excluded.limit_in_force",
        (company_id, *(_arrays(columns) or [[]] * 5)),
    )


def _insert_entries(company_id: int, uses: Sequence[_Use]) -> Statement:
    columns = [
        (use.redemption_id, use.facts.id, use.facts.coupon_id, use.attempt.channel_id,
         use.attempt.customer_id, use.use_no, use.amount, use.attempt.currency, use.attempt.at)
        for use in uses
    ]  # fmt: skip
    return Statement(
        "INSERT INTO redemption_ledgerentry (company_id, kind, redemption_id, code_id, coupon_id,"
        " channel_id, customer_id, use_no, amount, currency, at)"
        " SELECT %s, 'redeemed', * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[],"
        " %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::text[], %s::timestamptz[])",
        (company_id, *(_arrays(columns) or [[]] * 9)),
    )


def _tell(company_id: int, granted: Sequence[_Granted]) -> Statement:
    """The outbox learns of each redemption in the transaction in which it happens."""
    events = [
        msgspec.json.encode(
            {
                "redemption": str(one.redemption_id),
                "order": one.attempt.order,
                "codes": [use.facts.code for use in one.uses],
            }
        ).decode()
        for one in granted
    ]
    return Statement(
        "INSERT INTO work_outboxevent (company_id, type, data)"
        " SELECT %s, 'redemption.redeemed', event::jsonb FROM unnest(%s::text[]) AS event",
        (company_id, events),
    )


def _arrays(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
