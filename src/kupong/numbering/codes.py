"""Coupon codes from random bytes that the caller gives: unguessable when the bytes are."""

# Without look-alikes: no I, L, O, U, 0 and 1. Thirty characters.
UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def code_from(random_bytes: bytes, length: int, alphabet: str = UNAMBIGUOUS) -> str:
    """A code of `length` characters, each drawn uniformly from `alphabet` (at most 256 characters).

    Bytes that would favour some characters are passed over, so give about twice `length` of them.
    Raises ValueError when they run out.
    """
    fair = 256 - 256 % len(alphabet)
    drawn = [alphabet[byte % len(alphabet)] for byte in random_bytes if byte < fair][:length]
    if len(drawn) < length:
        raise ValueError(f"{len(random_bytes)} random bytes are too few for {length} characters")
    return "".join(drawn)
