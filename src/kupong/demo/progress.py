"""Shows how far the work has come: a bar on a terminal, plain lines anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Advance = Callable[[int], None]

_PLAIN_LINES = 10
_TITLE = "{:<11}"


class Work:
    """One piece of work: counts what it is told of, and shows it."""

    def __init__(self, show: Advance) -> None:
        self.count = 0
        self._show = show

    def advance(self, further: int) -> None:
        self.count += further
        self._show(further)


class Display:
    """Where progress is shown."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def work(self, title: str, total: int | None, unit: str = "rows") -> Iterator[Work]:
        """A piece of work of `total` units (None: not known before); at its end, how many and how fast."""
        started = time.monotonic()
        with self._shown(title, total) as show:
            work = Work(show)
            yield work
        seconds = time.monotonic() - started
        rate = work.count / max(seconds, 0.001)
        self.say(
            f"{_TITLE.format(title)} {work.count:>9,} {unit} in {seconds:6.1f} s ({rate:,.0f}/s)"
        )

    def _shown(self, title: str, total: int | None) -> AbstractContextManager[Advance]:
        return self._bar(title, total) if self.console.is_terminal else self._lines(title, total)

    @contextmanager
    def _bar(self, title: str, total: int | None) -> Iterator[Advance]:
        columns = (
            SpinnerColumn(),
            TextColumn(_TITLE.format(title)),
            BarColumn(),
            MofNCompleteColumn(),
        )
        times = (TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(*columns, *times, console=self.console, transient=True) as progress:
            task = progress.add_task(title, total=total)
            yield lambda further: progress.advance(task, further)

    @contextmanager
    def _lines(self, title: str, total: int | None) -> Iterator[Advance]:
        """A line at every tenth of long work, so that whoever reads a log sees it move."""
        shown, counted = 0, 0

        def show(further: int) -> None:
            nonlocal shown, counted
            counted += further
            tenths = _PLAIN_LINES * counted // total if total else 0
            if shown < tenths < _PLAIN_LINES and total:
                shown = tenths
                self.say(f"{_TITLE.format(title)} {counted:>9,} of {total:,}")

        yield show
