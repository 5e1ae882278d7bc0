"""Check digits, modulus 10 with weights 3, 1, 3, 1 … from the right of the body (GS1; specification 2.10)."""


def modulus_10(body: str) -> str:
    """The check digit of `body`, digits only, without its check digit: UPC-A, EAN-13, EAN-8.

    Raises ValueError when `body` holds anything but digits.
    """
    if not body.isascii() or not body.isdigit():
        raise ValueError("a modulus 10 check digit is computed over digits only")
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return str((10 - weighted % 10) % 10)
