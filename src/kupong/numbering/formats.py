"""The format language of number sequences: `#` is a digit, `&` a letter, anything else stands for itself.

Mixed radix from right to left; a format without `#` starts at AAA for 1 (specification 2.11, N1 to N10).
"""

_DIGIT, _LETTER = "#", "&"


def capacity(format: str) -> int:
    """How many different numbers the format can render."""
    numbers = 1
    for character in format:
        numbers *= {_DIGIT: 10, _LETTER: 26}.get(character, 1)
    return numbers


def largest(format: str) -> int:
    """The largest number the format renders; the smallest is 0, or 1 when it has no `#`."""
    return capacity(format) - (_DIGIT in format)


def render(format: str, number: int) -> str:
    """`number` in the format. Raises ValueError when it does not fit: a truncated number would repeat."""
    rest = number if _DIGIT in format else number - 1
    if rest < 0 or rest >= capacity(format):
        raise ValueError(f"{number} does not fit the format {format}")
    rendered = []
    for character in reversed(format):
        if character == _DIGIT:
            rest, place = divmod(rest, 10)
            rendered.append(str(place))
        elif character == _LETTER:
            rest, place = divmod(rest, 26)
            rendered.append(chr(ord("A") + place))
        else:
            rendered.append(character)
    return "".join(reversed(rendered))
