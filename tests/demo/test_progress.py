"""Progress is a bar for people and lines for logs."""

import io

from rich.console import Console

from kupong.demo.progress import Display


def shown(*, terminal: bool, total: int | None = 100) -> str:
    out = io.StringIO()
    display = Display(Console(file=out, force_terminal=terminal, width=100, highlight=False))
    with display.work("products", total) as work:
        for _ in range(10):
            work.advance(10)
    assert work.count == 100
    return out.getvalue()


def test_a_log_gets_plain_lines_as_the_work_moves() -> None:
    lines = shown(terminal=False).splitlines()
    assert lines[0] == "products           10 of 100"
    assert lines[8] == "products           90 of 100"
    assert lines[9].startswith("products          100 rows in ")
    assert len(lines) == 10
    assert "\x1b" not in "".join(lines)


def test_a_log_gets_one_line_when_the_total_is_not_known() -> None:
    assert len(shown(terminal=False, total=None).splitlines()) == 1


def test_a_terminal_gets_a_bar_and_keeps_the_last_line() -> None:
    text = shown(terminal=True)
    assert "━" in text
    assert "100 rows in" in text.splitlines()[-1]
