"""The mail server that an operator names by its address."""

from urllib.parse import unquote, urlsplit

import msgspec

from kupong.boot.failures import UsageError

# How the connection is made private, and the port where the address names none.
SCHEMES = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages are handed over. `security` is none, starttls or tls; no `user`: no sign-in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "none"

    @property
    def address(self) -> str:
        """As it may be shown: without the password."""
        scheme = next(name for name, (way, _) in SCHEMES.items() if way == self.security)
        user = f"{self.user}@" if self.user else ""
        return f"{scheme}://{user}{self.host}:{self.port}"


def read_mail_server(url: str) -> MailServer:
    """Errors: UsageError, without the text of the address: it may hold a password."""
    try:
        parts = urlsplit(url)
        security, usual_port = SCHEMES[parts.scheme]
        port, host = parts.port or usual_port, parts.hostname
    except (KeyError, ValueError):
        host = None
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageError(
            "KUPONG_SMTP_URL: smtp://, smtp+starttls:// or smtps://[user:password@]host[:port] is needed"
        )
    return MailServer(
        host=host,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=security,
    )
