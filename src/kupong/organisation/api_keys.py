"""API keys: `kp_<prefix>_<secret>`, 256 random bits, of which only the SHA-256 is kept."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Any

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.models import ApiKey, Channel
from kupong.organisation.plans import Plan, Statement
from kupong.organisation.records import Page
from kupong.organisation.shapes import ApiKeyRecord, IssuedKey, Role

_FORM = re.compile(r"kp_([0-9a-z]{12})_([A-Za-z0-9_-]{43})")


class Caller(msgspec.Struct, frozen=True):
    """Who calls: the company, what the key may do, and the channel it is bound to, if any."""

    company_id: int
    key_id: int
    role: Role
    channel: str | None


def issue(
    company_id: int, role: Role, channel: str | None = None, name: str = ""
) -> IssuedKey | Refused:
    """Make a key. Refused: a channel key without its channel, a channel that there is not."""
    found = Channel.objects.filter(company_id=company_id, number=channel).first()
    if channel is None and role == "channel":
        return Refused(Reason.MISSING, {"field": "channel"})
    if channel is not None and (found is None or role == "administrator"):
        reason = Reason.UNKNOWN_REFERENCE if found is None else Reason.INVALID
        return Refused(reason, {"field": "channel", "value": channel})
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = f"kp_{prefix}_{secret}"
    row = ApiKey.objects.create(
        company_id=company_id,
        name=name,
        role=role,
        channel=found,
        prefix=prefix,
        digest=_digest(key),
    )
    return IssuedKey(**msgspec.structs.asdict(_record(row)), key=key)


def authenticate(key: str) -> Plan[Caller | None]:
    """Who holds this key; None when nobody does. One indexed read, compared in constant time."""
    form = _FORM.fullmatch(key)
    if form is None:
        return None
    (rows,) = yield (Statement(_BY_PREFIX, (form[1],)),)
    for company_id, key_id, role, digest, channel in rows:
        if hmac.compare_digest(bytes(digest), _digest(key)):
            return Caller(company_id, key_id, role, channel)
    return None


_BY_PREFIX = """
SELECT k.company_id, k.id, k.role, k.digest, c.number
FROM organisation_apikey k
LEFT JOIN organisation_channel c ON (c.company_id, c.id) = (k.company_id, k.channel_id)
WHERE k.prefix = %s AND k.revoked_at IS NULL
"""


def revoke(company_id: int, key_id: int) -> ApiKeyRecord | None:
    """From now on nobody holds this key. Revoking again changes nothing; None: there is no such key."""
    keys = ApiKey.objects.filter(company_id=company_id, id=key_id)
    keys.filter(revoked_at=None).update(revoked_at=datetime.now(UTC))
    row = keys.select_related("channel").first()
    return _record(row) if row else None


def page(company_id: int, after: str | None = None, limit: int = 100) -> Page[ApiKeyRecord]:
    """All keys, the revoked ones too, in the order in which they were made; `after` is an id."""
    keys = ApiKey.objects.filter(company_id=company_id).select_related("channel").order_by("id")
    rows: list[Any] = list(keys.filter(id__gt=int(after or 0))[: limit + 1])
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=[_record(row) for row in rows[:limit]], next=following)


def count(company_id: int) -> int:
    return ApiKey.objects.filter(company_id=company_id).count()


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _record(row: ApiKey) -> ApiKeyRecord:
    return ApiKeyRecord(
        id=str(row.id),
        name=row.name,
        role=row.role,  # type: ignore[arg-type]  # the column holds no other
        channel=row.channel.number if row.channel else None,
        prefix=row.prefix,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
