"""`kupong check`: a table of the scenarios, and what differs of each that does."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from kupong.boot.check import Report, Result, examine_files
from kupong.boot.commands.output import print_json
from kupong.boot.commands.tables import add_row, console, table
from kupong.pricing.explanation_text import explanation

_COLOURS = {"passed": "green", "failed": "red", "unsupported": "yellow"}


def run(paths: Sequence[Path], as_json: bool, explain: bool = False) -> int:
    """Show how the scenarios of these files and directories came out; the exit code.

    With `explain`, each scenario that differs is explained. What cannot be read is always said on
    standard error, and what is meant for people too when standard output holds JSON.
    """
    report = examine_files(paths)
    out, err = console(stderr=as_json), console(stderr=True)
    if as_json:
        print_json(report.data())
    else:
        _show_scenarios(report, out)
    for result in report.scenarios:
        if result.result == "failed":
            _show_differences(result, out, tables=not as_json, explain=explain)
    if not as_json:
        _show_count(report, out)
    for error in report.errors:
        place = error.file if error.line is None else f"{error.file}:{error.line}"
        err.print(f"{place}: {error.detail}", soft_wrap=True)
    return report.exit_code


def _show_scenarios(report: Report, out: Console) -> None:
    if report.scenarios:
        made = table("Scenarios", "file", "scenario", "title", "result")
        for result in report.scenarios:
            cells = (Path(result.file).name, result.id, result.title, result.result)
            add_row(made, *cells, last=_COLOURS[result.result])
        out.print(made)


def _show_differences(result: Result, out: Console, *, tables: bool, explain: bool) -> None:
    if tables:
        out.print(_table_of_differences(result))
    if explain and result.priced is not None:
        out.print(f"{result.id}:\n{explanation(result.priced)}", soft_wrap=True)


def _table_of_differences(result: Result) -> Table:
    made = table(f"{Path(result.file).name}, {result.id}", "key", "expected", "got")
    for entry in result.differences:
        add_row(made, entry.key, entry.expected, entry.got)
    return made


def _show_count(report: Report, out: Console) -> None:
    unsupported = [result for result in report.scenarios if result.result == "unsupported"]
    if unsupported:
        out.print(_table_of_unsupported(unsupported))
    out.print(
        f"{report.passed} passed, {report.failed} failed, {report.unsupported} not supported yet"
    )


def _table_of_unsupported(unsupported: Iterable[Result]) -> Table:
    made = table("Not supported yet", "file", "scenario", "asks for")
    for result in unsupported:
        add_row(made, Path(result.file).name, result.id, ", ".join(result.features))
    return made
