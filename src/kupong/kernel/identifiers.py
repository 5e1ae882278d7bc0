"""Identifiers as people type them and as the system keeps them."""


def normalise_code(typed: str) -> str:
    """The form in which a coupon code is stored, compared and unique: trimmed and upper-cased."""
    return typed.strip().upper()
