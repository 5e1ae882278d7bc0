"""How codes stand right now: usable or not and why, and where they were first used. For lists of codes."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from kupong.kernel.identifiers import normalise_code
from kupong.kernel.reasons import Reason
from kupong.organisation.plans import Plan, Statement
from kupong.redemption.facts import codes_from, codes_statement
from kupong.redemption.rules import Sale, limit_refusal, state_refusal


class Standing(msgspec.Struct, kw_only=True, frozen=True):
    """`redeemed_on` and `channel` are those of the first use."""

    usable: bool
    reason: Reason | None
    redeemed_on: datetime | None
    channel: str | None


_FIRST_USES = """
SELECT DISTINCT ON (c.id) c.code, e.at, ch.number
FROM coupons_couponcode c
JOIN redemption_ledgerentry e ON (e.company_id, e.code_id) = (c.company_id, c.id)
JOIN organisation_channel ch ON (ch.company_id, ch.id) = (e.company_id, e.channel_id)
WHERE c.company_id = %s AND c.code = ANY(%s::text[])
ORDER BY c.id, e.use_no
"""


def standings(company_id: int, codes: Sequence[str], now: datetime) -> Plan[dict[str, Standing]]:
    """By normalised code. Judged with no channel or customer: status, dates (in UTC), the limit in all."""
    wanted = [normalise_code(code) for code in codes]
    facts, uses = yield (
        codes_statement(company_id, [(code, 0, None) for code in wanted]),
        Statement(_FIRST_USES, (company_id, wanted)),
    )
    used = {code: (at, channel) for code, at, channel in uses}
    sale = Sale(now, ZoneInfo("UTC"), None, True)
    found = {}
    for code in codes_from(facts).values():
        no = state_refusal(code, sale) or limit_refusal(code.scopes[:1])
        at, channel = used.get(code.code, (None, None))
        found[code.code] = Standing(
            usable=no is None, reason=no.reason if no else None, redeemed_on=at, channel=channel
        )
    return found
