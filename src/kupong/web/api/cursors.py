"""Cursors of lists: opaque to callers, the key of the last row to us."""

import base64
import binascii


def write_cursor(key: str | None) -> str | None:
    if key is None:
        return None
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str | None:
    """The key; None when the cursor is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = base64.b64decode(padded.encode(), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        return None
    return key if key and "\x00" not in key else None


def is_identity(key: str) -> bool:
    """Whether the key can be the id of a row."""
    return key.isascii() and key.isdecimal() and len(key) <= 18
