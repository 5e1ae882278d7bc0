"""One-time links: whoever holds one signs in as administrator, once, within a day."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from kupong.organisation.models import Company, SignInLink

TOKEN_BYTES = 32
LINK_HOURS = 24
ADMINISTRATOR = "administrator"

# One statement decides and takes: of two clicks at once, one finds the link unused.
_TAKE = """
UPDATE organisation_signinlink SET used_at = %s
WHERE digest = %s AND used_at IS NULL AND expires_at > %s
RETURNING company_id
"""


def create_link(now: datetime | None = None) -> str:
    """Make a link and return its token (256 random bits); only the token's SHA-256 is kept.

    It opens the company that was there first. Errors: Company.DoesNotExist on an empty installation.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = (now or timezone.now()) + timedelta(hours=LINK_HOURS)
    company = Company.objects.earliest("id")
    SignInLink.objects.create(company=company, digest=_digest(token), expires_at=expires_at)
    return token


def is_open(token: str, now: datetime) -> bool:
    """Whether the link could be redeemed now; reading it uses nothing up."""
    links = SignInLink.objects.filter(digest=_digest(token), used_at=None, expires_at__gt=now)
    return links.exists()


def redeem_link(token: str, now: datetime) -> int | None:
    """Use the link up and return its company's id; None when it is unknown, used or expired."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [now, _digest(token), now])
        taken = cursor.fetchone()
    return taken[0] if taken else None


def administrator() -> User:
    """The user whom a link signs in, made when missing. There is no password to sign in with."""
    user, is_new = User.objects.get_or_create(
        username=ADMINISTRATOR, defaults={"is_staff": True, "is_superuser": True}
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
