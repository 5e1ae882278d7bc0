"""Hands out numbers: each sequence is one row, and one conditional update draws a block of it."""

from collections.abc import Callable, Collection

from django.db import connection, transaction

from kupong.kernel.reasons import Reason, Refused
from kupong.numbering import formats

# What a new company numbers, and how: room for 10^9 of each.
FORMATS = {
    "coupon": "CPN#########",
    "coupon_code": "CODE-#########",
    "discount": "D#########",
    "product": "P#########",
    "customer": "C#########",
    "channel": "CH#########",
    "price_group": "PG#########",
    "affiliation": "AF#########",
    "category": "CAT#########",
    "delivery": "DLV#########",
}

_DRAW = """
UPDATE organisation_numbersequence SET next = next + %(count)s
WHERE company_id = %(company)s AND reference = %(reference)s AND next + %(count)s - 1 <= largest
RETURNING next - %(count)s
"""


def draw_numbers(company_id: int, reference: str, count: int) -> range | Refused:
    """A block of `count` numbers that nobody else gets; `sequence_format` renders them.

    Inside a transaction the sequence stays locked until its end. Refused with `numbers_exhausted` when
    fewer are left, `parameters_missing` when there is no such sequence.
    """
    figures: dict[str, int | str] = {
        "company": company_id,
        "reference": reference,
        "count": count,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DRAW, figures)
        drawn = cursor.fetchone()
    if drawn is not None:
        return range(drawn[0], drawn[0] + count)
    if sequence_format(company_id, reference) is None:
        return Refused(Reason.PARAMETERS_MISSING, {"missing": f"number sequence {reference}"})
    return Refused(Reason.NUMBERS_EXHAUSTED, {"sequence": reference})


def sequence_format(company_id: int, reference: str) -> str | None:
    """How the numbers of this sequence are written (see `numbering.formats`); None: no such sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format FROM organisation_numbersequence"
            " WHERE company_id = %s AND reference = %s",
            (company_id, reference),
        )
        found = cursor.fetchone()
    return str(found[0]) if found else None


def free_numbers(
    company_id: int,
    reference: str,
    count: int,
    taken: Callable[[list[str]], Collection[str]],
) -> list[str] | Refused:
    """`count` new numbers, passing over those that `taken` says were given by hand."""
    free: list[str] = []
    while len(free) < count:
        drawn = draw_numbers(company_id, reference, count - len(free))
        if isinstance(drawn, Refused):
            return drawn
        format = sequence_format(company_id, reference) or ""
        numbers = [formats.render(format, number) for number in drawn]
        used = set(taken(numbers))
        free.extend(number for number in numbers if number not in used)
    return free
