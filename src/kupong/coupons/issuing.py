"""Issues many random codes at once: set-based, and unguessable because the bytes come from the system."""

import os
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import F

from kupong.coupons.models import Coupon
from kupong.kernel.reasons import Reason, Refused
from kupong.numbering.codes import codes_from, guesses_per_hit, shortest_length
from kupong.organisation.numbers import free_numbers

# A guess at random may hit one of the codes once in so many times; shorter codes are refused.
GUESSES_PER_HIT = 1_000_000
_CHUNK = 10_000
# What is left of a chunk after so many rounds says that there are no codes of that length left.
_ROUNDS = 10

_TAKEN_NUMBERS = """
SELECT number FROM coupons_couponcode WHERE company_id = %s AND number = ANY(%s::text[])
"""

# A code that the company has already is passed over: its number goes to another one.
_INSERT = """
INSERT INTO coupons_couponcode (company_id, coupon_id, number, code, status)
SELECT %(company)s, %(coupon)s, number, code, 'active'
FROM unnest(%(numbers)s::text[], %(codes)s::text[]) AS made(number, code)
ON CONFLICT (company_id, code) DO NOTHING RETURNING number
"""


def guessable(count: int, length: int) -> Refused | None:
    """Why so many codes may not be so short: a random guess would hit one too often (see GUESSES_PER_HIT)."""
    have = guesses_per_hit(count, length)
    if have >= GUESSES_PER_HIT:
        return None
    need = shortest_length(count, GUESSES_PER_HIT)
    return Refused(Reason.GUESSABLE, {"have": have, "need": need})


def issue_codes(coupon: Coupon, count: int, length: int) -> Refused | None:
    """Give a locked coupon `count` random codes of `length` characters, in the caller's transaction.

    Refused: `guessable`, `numbers_exhausted` (of the sequence, or no codes of this length are left).
    """
    refused = guessable(count, length)
    for start in range(0, count, _CHUNK):
        refused = refused or _issue_chunk(coupon, min(_CHUNK, count - start), length)
    if refused:
        return refused
    rows = Coupon.objects.filter(company_id=coupon.company_id, id=coupon.id)
    rows.update(code_count=F("code_count") + count)
    coupon.code_count += count
    return None


def random_codes(count: int, length: int) -> list[str]:
    """Different codes, from bytes of the operating system."""
    codes: set[str] = set()
    while len(codes) < count:
        codes.update(codes_from(os.urandom(2 * length * (count - len(codes))), length))
    return list(codes)[:count]


def _issue_chunk(coupon: Coupon, count: int, length: int) -> Refused | None:
    numbers = free_numbers(coupon.company_id, "coupon_code", count, _taken_in(coupon.company_id))
    if isinstance(numbers, Refused):
        return numbers
    for _ in range(_ROUNDS):
        given = _insert(coupon, numbers, random_codes(len(numbers), length))
        numbers = [number for number in numbers if number not in given]
        if not numbers:
            return None
    return Refused(Reason.NUMBERS_EXHAUSTED, {"sequence": f"{length}"})


def _insert(coupon: Coupon, numbers: Sequence[str], codes: Sequence[str]) -> set[str]:
    """The numbers whose code was not there before."""
    figures = {"company": coupon.company_id, "coupon": coupon.id}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, figures | {"numbers": list(numbers), "codes": list(codes)})
        return {row[0] for row in cursor.fetchall()}


def _taken_in(company_id: int) -> Any:
    def taken(numbers: list[str]) -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute(_TAKEN_NUMBERS, [company_id, numbers])
            return {row[0] for row in cursor.fetchall()}

    return taken
