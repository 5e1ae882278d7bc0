"""What every exclusion declares."""

import msgspec


class Exclusion(msgspec.Struct, frozen=True):
    """Leaves people out of a target for one cause.

    `where` is a condition in SQL on a row `t` of analysis_target (customer_id, number, address, opted_out,
    cause), where `cause` is null for everybody still in. It may name %(seed)s and %(limit)s of the delivery.
    """

    key: str
    where: str
