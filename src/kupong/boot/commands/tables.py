"""Tables for people: as wide as the terminal, and no text in them is taken for markup."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Where there is no terminal, such as in the log of a build, tables are as wide as this.
WIDTH = 120


def console(*, stderr: bool = False) -> Console:
    found = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not found.is_terminal:
        found.width = WIDTH
    return found


def table(title: str, *columns: str, numbers: str = "") -> Table:
    """`numbers` has a letter r in the place of each column that holds numbers: "--r"."""
    made = Table(title=Text(title) if title else None, title_justify="left")
    for place, column in enumerate(columns):
        made.add_column(
            Text(column), justify="right" if numbers[place : place + 1] == "r" else "left"
        )
    return made


def add_row(to: Table, *cells: str, last: str = "") -> None:
    """`last` is the colour of the last cell."""
    texts = [Text(cell) for cell in cells]
    texts[-1].stylize(last)
    to.add_row(*texts)
