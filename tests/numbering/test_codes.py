"""Codes from random bytes: fair, of the right length, and as hard to guess as they are said to be."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kupong.numbering.codes import (
    UNAMBIGUOUS,
    code_from,
    codes_from,
    guesses_per_hit,
    shortest_length,
)

ALPHABETS = st.sampled_from([UNAMBIGUOUS, "01", "ABC", "0123456789"])


@given(st.binary(max_size=400), st.integers(1, 12), ALPHABETS)
def test_many_codes_are_the_characters_of_one_long_code(
    random: bytes, length: int, alphabet: str
) -> None:
    codes = codes_from(random, length, alphabet)
    assert all(len(code) == length for code in codes)
    joined = "".join(codes)
    if joined:
        assert joined == code_from(random, len(joined), alphabet)


def test_every_character_is_as_likely_as_every_other() -> None:
    counted = Counter("".join(codes_from(bytes(range(256)) * 10, 1)))
    assert counted.keys() == set(UNAMBIGUOUS)
    assert len(set(counted.values())) == 1


def test_no_character_looks_like_another() -> None:
    assert not set(UNAMBIGUOUS) & set("ILOU01")


@pytest.mark.parametrize(
    ("codes", "length", "expected"), [(1, 1, 30), (3, 2, 300), (1000, 8, 656_100_000)]
)
def test_a_guess_hits_one_code_in_the_number_of_all_texts(
    codes: int, length: int, expected: int
) -> None:
    assert guesses_per_hit(codes, length) == expected


@given(st.integers(1, 10**7), st.integers(1, 10**9), ALPHABETS)
def test_the_shortest_length_is_long_enough_and_one_less_is_not(
    codes: int, guesses: int, alphabet: str
) -> None:
    length = shortest_length(codes, guesses, alphabet)
    assert guesses_per_hit(codes, length, alphabet) >= guesses
    assert length == 1 or guesses_per_hit(codes, length - 1, alphabet) < guesses
