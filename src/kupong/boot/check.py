"""`kupong check`: prices the scenarios of files with the pure engine and compares them with what they expect."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table

from kupong.formats.scenarios import Scenario, read_scenarios
from kupong.formats.yaml_fields import FormatError
from kupong.kernel.money import Exact, minor_digits
from kupong.pricing import kinds
from kupong.pricing.allocation import unit_discounts
from kupong.pricing.book import compile_book
from kupong.pricing.carts import PricedCart
from kupong.pricing.engine import price

Verdict = Literal["passed", "failed", "unsupported"]


class Difference(msgspec.Struct, frozen=True):
    """One figure that is not as the scenario wants it; money in major units."""

    figure: str
    want: str
    got: str


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`features` names what an unsupported scenario asks of the engine."""

    file: str
    id: str
    result: Verdict
    differences: list[Difference]
    features: list[str] = []


class Unreadable(msgspec.Struct, frozen=True):
    file: str
    line: int | None
    detail: str


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    passed: int
    failed: int
    unsupported: int
    scenarios: list[Result]
    errors: list[Unreadable] = []

    @property
    def exit_code(self) -> int:
        """0 when all passed, 1 when one did not, 2 when something could not be read."""
        if self.errors:
            return 2
        return 1 if self.failed or self.unsupported else 0


def check(paths: Sequence[Path], as_json: bool) -> int:
    """Price every scenario of these files, and of the YAML files below these directories; the exit code."""
    report = examine_files(paths)
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _print(report)
    return report.exit_code


def examine_files(paths: Iterable[Path]) -> Report:
    results: list[Result] = []
    errors: list[Unreadable] = []
    for path in paths:
        files = list(_files(path))
        if not files:
            errors.append(Unreadable(str(path), None, "there is no scenario file here"))
        for file in files:
            try:
                scenarios = read_scenarios(file.read_text(encoding="utf-8"))
            except FormatError as error:
                errors.append(Unreadable(str(file), error.line, error.text))
            except (OSError, UnicodeDecodeError) as error:
                errors.append(Unreadable(str(file), None, _because(error)))
            else:
                results += [examine(scenario, str(file)) for scenario in scenarios]
    counted = Counter(result.result for result in results)
    return Report(
        passed=counted["passed"],
        failed=counted["failed"],
        unsupported=counted["unsupported"],
        scenarios=results,
        errors=errors,
    )


def _files(path: Path) -> Iterator[Path]:
    """The file itself, or the YAML files of a directory in order of their names."""
    if not path.is_dir():
        return iter([path])
    return iter(sorted(found for found in path.rglob("*") if found.suffix in (".yaml", ".yml")))


def _because(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "this is not UTF-8 text"
    return (error.strerror or str(error)).lower()


def examine(scenario: Scenario, file: str = "") -> Result:
    """Price one scenario and compare. What the engine cannot price in full is unsupported, never passed."""
    features = {kinds.unsupported(entry) for entry in scenario.discounts if entry.enabled} - {None}
    if features:
        named = sorted(str(feature) for feature in features)
        return Result(
            file=file, id=scenario.id, result="unsupported", differences=[], features=named
        )
    book = compile_book(scenario.discounts, scenario.settings)
    priced = price(scenario.cart, book, scenario.at, explain_all=True)
    differences = list(_differences(scenario, priced))
    verdict: Verdict = "failed" if differences else "passed"
    return Result(file=file, id=scenario.id, result=verdict, differences=differences)


def _differences(scenario: Scenario, priced: PricedCart) -> Iterator[Difference]:
    digits = minor_digits(priced.currency)
    for figure, want, got in _amounts(scenario, priced):
        if want is not None and want != got:
            yield Difference(figure, _shown(want, digits), _shown(got, digits))
    for line, wanted in scenario.expected.unit_discounts.items():
        units = sorted(_unit_discounts(scenario, priced, line))
        if units != sorted(wanted):
            figure = f"unit_discounts {line}"
            yield Difference(figure, _list(sorted(wanted), digits), _list(units, digits))
    reasons = {entry.discount: str(entry.reason) for entry in priced.not_applied}
    for discount, reason in scenario.expected.not_applied.items():
        if reasons.get(discount) != reason:
            yield Difference(f"not_applied {discount}", reason, reasons.get(discount, "applied"))
    optimal = scenario.expected.optimal
    if optimal is not None and optimal != priced.proven_optimal:
        yield Difference("optimal", str(optimal).lower(), str(priced.proven_optimal).lower())


def _amounts(scenario: Scenario, priced: PricedCart) -> Iterator[tuple[str, int | None, int]]:
    """Every amount: its name, what is wanted (None when the scenario is silent), what came out."""
    expected = scenario.expected
    yield "total", expected.total, priced.net
    yield "discount", expected.discount, priced.discount
    by_discount: Counter[str] = Counter()
    for line in priced.lines:
        for applied in line.discounts:
            by_discount[applied.discount] += applied.amount
    yield from _each("by_discount", expected.by_discount, by_discount)
    yield from _each("by_line", expected.by_line, {line.id: line.net for line in priced.lines})
    yield "delivery", expected.delivery, priced.delivery.net if priced.delivery else 0


def _each(
    figure: str, wanted: Mapping[str, int], got: Mapping[str, int]
) -> Iterator[tuple[str, int, int]]:
    for key, want in wanted.items():
        yield f"{figure} {key}", want, got.get(key, 0)


def _unit_discounts(scenario: Scenario, priced: PricedCart, line: str) -> list[Exact]:
    place = next(at for at, entry in enumerate(priced.lines) if entry.id == line)
    return unit_discounts(
        priced.lines[place].discount,
        scenario.cart.lines[place].quantity,
        scenario.cart.currency.step,
        split_lines=scenario.settings.split_lines_for_cents,
    )


def _shown(amount: Exact, digits: int) -> str:
    """An amount in major units; a share that is no whole number of minor units as a fraction of them."""
    if isinstance(amount, int) or amount.denominator == 1:
        return f"{Decimal(int(amount)).scaleb(-digits):f}"
    return f"{amount}/{10**digits}"


def _list(amounts: Iterable[Exact], digits: int) -> str:
    return ", ".join(_shown(amount, digits) for amount in amounts)


def _print(report: Report) -> None:
    """What differs and what is not supported as a table, then the count; what cannot be read on stderr."""
    out, err = Console(highlight=False), Console(stderr=True, highlight=False)
    failed = [result for result in report.scenarios if result.result == "failed"]
    unsupported = [result for result in report.scenarios if result.result == "unsupported"]
    if failed:
        out.print(_table_of_differences(failed))
    if unsupported:
        out.print(_table_of_unsupported(unsupported))
    out.print(
        f"{report.passed} passed, {report.failed} failed, {report.unsupported} not supported yet"
    )
    for error in report.errors:
        place = error.file if error.line is None else f"{error.file}:{error.line}"
        err.print(f"{place}: {error.detail}", markup=False, soft_wrap=True)


def _table_of_differences(failed: Iterable[Result]) -> Table:
    table = Table("file", "scenario", "figure", "wanted", "got", title="Different")
    for result in failed:
        for place, entry in enumerate(result.differences):
            where = ("", "") if place else (Path(result.file).name, result.id)
            table.add_row(*where, entry.figure, entry.want, entry.got)
    return table


def _table_of_unsupported(unsupported: Iterable[Result]) -> Table:
    table = Table("file", "scenario", "asks for", title="Not supported yet")
    for result in unsupported:
        table.add_row(Path(result.file).name, result.id, ", ".join(result.features))
    return table
