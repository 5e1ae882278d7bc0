"""Lots in pieces and together again: no unit and no cent is lost, and what was treated differently stays apart."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kupong.kernel.money import Exact
from kupong.pricing.lots import Held, Lot, merged, split

TEN = Held("TEN", "best_price", 0)


def lot(quantity: Exact, price: int = 100, group: int = 0) -> Lot:
    return Lot(group, price, quantity, int(price * quantity))


def test_a_lot_in_pieces_shares_every_amount_by_quantity() -> None:
    pieces = split(lot(3).took("D", 100, Fraction(100, 3)), [1, 2], 1)
    assert [piece.quantity for piece in pieces] == [1, 2]
    assert [piece.gross for piece in pieces] == [100, 200]
    assert [piece.taken for piece in pieces] == [(("D", 33),), (("D", 67),)]
    assert [piece.marks for piece in pieces] == [(Fraction(100, 3),)] * 2


def test_pieces_share_in_steps_of_the_currency() -> None:
    pieces = split(lot(2).took("D", 15, Fraction(15, 2)), [1, 1], 5)
    assert [piece.taken for piece in pieces] == [(("D", 10),), (("D", 5),)]


def test_several_discounts_never_take_more_off_a_piece_than_it_costs() -> None:
    whole = lot(3, price=1).took("A", 2, Fraction(2, 3)).took("B", 1, Fraction(1, 3))
    pieces = split(whole, [1, 1, 1], 1)
    assert [piece.room for piece in pieces] == [0, 0, 0]


def test_a_piece_keeps_what_is_in_force_on_it_and_the_whole_lot_is_one_piece() -> None:
    whole = lot(2).holding([TEN])
    assert split(whole, [2], 1) == [whole]
    assert [piece.held for piece in split(whole, [1, 1], 1)] == [(TEN,), (TEN,)]


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.integers(1, 200),
    st.lists(st.integers(0, 300), max_size=3),
)
def test_pieces_add_up_and_come_together_again(
    quantities: list[int], price: int, amounts: list[int]
) -> None:
    whole = lot(sum(quantities), price)
    for place, amount in enumerate(amounts):
        taken = min(amount, whole.room)
        whole = whole.took(f"D{place}", taken, Fraction(taken, sum(quantities)))
    pieces = split(whole, quantities, 1)
    assert all(piece.room >= 0 for piece in pieces)
    assert merged(pieces) == [whole]


def test_only_units_that_were_treated_alike_come_together() -> None:
    alike = [lot(1).took("D", 10, 10), lot(2).took("D", 20, 10)]
    (together,) = merged(alike)
    assert (together.quantity, together.gross, together.taken) == (3, 300, (("D", 30),))
    apart = [
        lot(1).took("D", 10, 10),
        lot(1).took("D", 5, 5),
        lot(1).took("E", 10, 10),
        lot(1).took("D", 10, 10).holding([TEN]),
        lot(1, group=1).took("D", 10, 10),
    ]
    assert len(merged(apart)) == len(apart)


def test_lots_stand_in_the_order_of_their_groups() -> None:
    assert [found.group for found in merged([lot(1, group=2), lot(1), lot(1, group=1)])] == [
        0,
        1,
        2,
    ]
