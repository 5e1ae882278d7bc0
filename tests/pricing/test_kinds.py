"""Kinds of discounts: what keeps one from being enabled, and what it says of itself."""

from decimal import Decimal
from typing import Any

import pytest

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing import kinds
from kupong.pricing.discounts import DiscountLine
from tests.pricing.goods import off, percent

A: dict[str, Any] = {"product": "A"}


def test_kinds_have_keys_of_their_own() -> None:
    keys = [kind.key for kind in kinds.KINDS]
    assert len(keys) == len(set(keys))
    assert all(kinds.kind_of(off("D", kind=key)).key == key for key in keys)


def test_a_sound_discount_may_be_enabled() -> None:
    lines = [
        DiscountLine(**A, percent_off=Decimal(100)),
        DiscountLine(master="TEE", amount_off=1),
        DiscountLine(category="shirts", price=0),
        DiscountLine(all_products=True, exclude=True),
    ]
    assert kinds.enabling_refusals(off("D", lines=lines)) == ()


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        (
            {**A, "percent_off": Decimal(0)},
            Refused(Reason.PERCENT_OUT_OF_RANGE, {"line": 1, "have": "0"}),
        ),
        (
            {**A, "percent_off": Decimal("100.01")},
            Refused(Reason.PERCENT_OUT_OF_RANGE, {"line": 1, "have": "100.01"}),
        ),
        (
            {**A, "percent_off": Decimal("NaN")},
            Refused(Reason.PERCENT_OUT_OF_RANGE, {"line": 1, "have": "NaN"}),
        ),
        ({**A, "amount_off": 0}, Refused(Reason.AMOUNT_NOT_POSITIVE, {"line": 1, "have": 0})),
        ({**A, "price": -1}, Refused(Reason.AMOUNT_NOT_POSITIVE, {"line": 1, "have": -1})),
        (
            A,
            Refused(Reason.MISSING, {"line": 1, "need": "percent_off, amount_off, price"}),
        ),
        (
            {**A, "price": 1, "amount_off": 1},
            Refused(Reason.INVALID, {"line": 1, "field": "price"}),
        ),
        (
            {"amount_off": 1},
            Refused(Reason.INVALID, {"line": 1, "need": "product, master, category or all"}),
        ),
        (
            {**A, "all_products": True, "amount_off": 1},
            Refused(Reason.INVALID, {"line": 1, "need": "product, master, category or all"}),
        ),
    ],
)
def test_a_line_that_makes_no_sense_keeps_a_discount_from_being_enabled(
    line: dict[str, Any], refused: Refused
) -> None:
    assert kinds.enabling_refusals(off("D", lines=[DiscountLine(**line)])) == (refused,)


def test_an_excluded_line_gives_nothing() -> None:
    lines = [DiscountLine(**A, price=1), DiscountLine(product="B", exclude=True, price=1)]
    assert kinds.enabling_refusals(off("D", lines=lines)) == (
        Refused(Reason.INVALID, {"line": 2, "field": "price"}),
    )


def test_a_discount_needs_a_line_and_a_price_group() -> None:
    only_excluded = [DiscountLine(**A, exclude=True)]
    assert kinds.enabling_refusals(off("D", lines=only_excluded, price_groups=frozenset())) == (
        Refused(Reason.NO_LINES),
        Refused(Reason.NO_PRICE_GROUP),
    )
    assert kinds.enabling_refusals(off("D")) == (Refused(Reason.NO_LINES),)


def test_what_is_supported_has_no_unsupported_feature() -> None:
    assert kinds.unsupported(off("D", mode="compounded", **percent(10))) is None


def test_says_in_one_sentence_what_it_does() -> None:
    lines = [
        DiscountLine(product="A", percent_off=Decimal("12.50")),
        DiscountLine(product="B", percent_off=Decimal("12.50")),
        DiscountLine(category="c", percent_off=Decimal("12.50")),
        DiscountLine(master="m", amount_off=400),
        DiscountLine(all_products=True, price=1990),
        DiscountLine(product="X", exclude=True),
    ]
    several = off("D", lines=lines)
    assert kinds.sentence(several) == (
        "12.5 % off on 2 products and 1 category; 4.00 USD off each unit on 1 product family;"
        " 19.90 USD per unit on everything, except 1 product"
    )
    assert kinds.sentence(several, "sv") == (
        "12,5 % rabatt på 2 artiklar och 1 kategori; 4,00 USD i rabatt per styck på 1 artikelfamilj;"
        " 19,90 USD per styck på allt, utom 1 artikel"
    )


def test_a_draft_without_lines_says_so() -> None:
    assert kinds.sentence(off("D")) == "Nothing yet"
    assert kinds.sentence(off("D"), "sv") == "Ingenting än"


def test_whole_hundreds_are_not_written_as_powers() -> None:
    assert kinds.sentence(off("D", **percent("100"))) == "100 % off on everything"
