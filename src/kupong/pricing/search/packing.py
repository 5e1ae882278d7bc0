"""A packing problem without whole numbers: the most value that fits, and a price for each thing that is scarce.

The simplex method on integers alone: the inverse of the basis is kept as whole numbers over one common
determinant, so prices are exact and the same on every machine.
"""

from collections.abc import Sequence

import msgspec

PIVOTS = 400  # more than this and the prices so far have to do


class Column(msgspec.Struct, frozen=True):
    """Something that may be packed any number of times: its value, and what it needs of each row."""

    value: int
    needs: tuple[tuple[int, int], ...]


class Packing:
    """Rows with room above zero; columns are added as they are found."""

    def __init__(self, room: Sequence[int]) -> None:
        size = len(room)
        self.room = list(room)
        self.determinant = 1
        self.inverse = [[int(row == at) for at in range(size)] for row in range(size)]
        self.values = [0] * size  # of the basis, at first what is left of each row
        self.filled = list(room)  # how much of each, over the determinant
        self.prices = [0] * size  # over the determinant
        self.pivots = 0

    def worth(self, column: Column) -> int:
        """How much the column is worth above what it needs, over the determinant."""
        prices = self.prices
        return column.value * self.determinant - sum(prices[row] * n for row, n in column.needs)

    def improve(self, columns: Sequence[Column]) -> bool:
        """Take in columns until none of these is worth more than it needs; False when the pivots are used up."""
        while self.pivots < PIVOTS:
            best = max(columns, key=self.worth, default=None)
            if best is None or self.worth(best) <= 0:
                return True
            self._pivot(best)
        return False

    def scaled_prices(self) -> list[int]:
        """Prices in whole numbers, never below the exact ones."""
        return [max(0, -(-price // self.determinant)) for price in self.prices]

    def _pivot(self, column: Column) -> None:
        self.pivots += 1
        size = len(self.room)
        entering = [sum(line[row] * n for row, n in column.needs) for line in self.inverse]
        leaving = min(
            (at for at in range(size) if entering[at] > 0),
            key=lambda at: _Ratio(self.filled[at], entering[at]),
        )
        pivot, old = entering[leaving], self.determinant
        line, amount = self.inverse[leaving], self.filled[leaving]
        for at in range(size):
            if at != leaving:
                factor = entering[at]
                self.inverse[at] = [
                    (pivot * value - factor * other) // old
                    for value, other in zip(self.inverse[at], line, strict=True)
                ]
                self.filled[at] = (pivot * self.filled[at] - factor * amount) // old
        self.determinant = pivot
        self.values[leaving] = column.value
        self.prices = [
            sum(
                value * row[at]
                for value, row in zip(self.values, self.inverse, strict=True)
                if value
            )
            for at in range(size)
        ]


class _Ratio:
    """Compares fractions of integers above zero without dividing."""

    __slots__ = ("below", "over")

    def __init__(self, over: int, below: int) -> None:
        self.over, self.below = over, below

    def __lt__(self, other: "_Ratio") -> bool:
        return self.over * other.below < other.over * self.below
