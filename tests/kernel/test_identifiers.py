"""Codes as people type them."""

from hypothesis import given
from hypothesis import strategies as st

from kupong.kernel.identifiers import normalise_code


def test_a_code_is_trimmed_and_upper_cased() -> None:
    assert normalise_code("  spring-a\t") == "SPRING-A"
    assert normalise_code("SPRING-A") == "SPRING-A"
    assert normalise_code("räksmörgås") == "RÄKSMÖRGÅS"


@given(st.text())
def test_normalising_twice_changes_nothing_more(typed: str) -> None:
    once = normalise_code(typed)
    assert normalise_code(once) == once


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1))
def test_how_a_code_is_typed_makes_no_difference(code: str) -> None:
    assert normalise_code(f" {code.lower()} ") == normalise_code(code)
