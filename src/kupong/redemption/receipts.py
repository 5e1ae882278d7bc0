"""One redemption as it was answered: the quote that the sale was completed at, kept in the ledger."""

from datetime import datetime

import msgspec

from kupong.organisation.plans import Plan, Statement
from kupong.redemption.shapes import Quote


class Receipt(msgspec.Struct, kw_only=True, frozen=True):
    """A completed sale. `quote` is kept as it was answered, in the language that was asked for then."""

    id: str
    status: str
    order: str
    channel: str
    channel_name: str
    customer: str | None
    at: datetime
    quote: Quote


_RECEIPT = """
SELECT r.id, r.status, r."order", ch.number, ch.name, cu.number, r.at, r.quote::text
FROM redemption_redemption r
JOIN organisation_channel ch ON (ch.company_id, ch.id) = (r.company_id, r.channel_id)
LEFT JOIN customers_customer cu ON (cu.company_id, cu.id) = (r.company_id, r.customer_id)
WHERE r.company_id = %s AND r.id = %s
"""


def receipt(company_id: int, identity: int) -> Plan[Receipt | None]:
    """The redemption with this id; None when the company has no such redemption."""
    (rows,) = yield (Statement(_RECEIPT, (company_id, identity)),)
    if not rows:
        return None
    found, status, order, channel, name, customer, at, quote = rows[0]
    return Receipt(
        id=str(found), status=status, order=order, channel=channel, channel_name=name,
        customer=customer, at=at, quote=msgspec.json.decode(quote, type=Quote),
    )  # fmt: skip
