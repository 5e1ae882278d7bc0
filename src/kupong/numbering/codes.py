"""Coupon codes from random bytes that the caller gives: unguessable when the bytes are."""

# Without look-alikes: no I, L, O, U, 0 and 1. Thirty characters.
UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def guesses_per_hit(codes: int, length: int, alphabet: str = UNAMBIGUOUS) -> int:
    """How many random texts of `length` characters one tries, on average, before one is among the `codes`."""
    return int(len(alphabet) ** length // codes)


def shortest_length(codes: int, guesses: int, alphabet: str = UNAMBIGUOUS) -> int:
    """The shortest length at which hitting one of the `codes` takes `guesses` on average."""
    length = 1
    while guesses_per_hit(codes, length, alphabet) < guesses:
        length += 1
    return length


def codes_from(random_bytes: bytes, length: int, alphabet: str = UNAMBIGUOUS) -> list[str]:
    """As many codes as the bytes are enough for: each character takes one, and some are passed over.

    The characters are drawn like those of `code_from`. The same code may come twice.
    """
    fair = 256 - 256 % len(alphabet)
    letters = bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))
    drawn = random_bytes.translate(letters, bytes(range(fair, 256))).decode("latin-1")
    return [drawn[at : at + length] for at in range(0, len(drawn) - length + 1, length)]


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
