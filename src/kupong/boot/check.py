"""Scenarios of files, priced with the pure engine and compared with what they expect."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec

from kupong.formats.scenarios import Scenario, read_scenarios
from kupong.formats.yaml_fields import FormatError
from kupong.kernel.money import Exact, minor_digits
from kupong.pricing import kinds
from kupong.pricing.allocation import unit_discounts
from kupong.pricing.book import compile_book
from kupong.pricing.carts import LinePart, PricedCart
from kupong.pricing.engine import price

# A block of a page of Markdown that holds scenarios.
_EXAMPLE = re.compile(r"^```yaml\n(scenarios:\n.*?)^```$", re.MULTILINE | re.DOTALL)

Verdict = Literal["passed", "failed", "unsupported"]


class Difference(msgspec.Struct, frozen=True):
    """One figure that is not as the scenario expects it; money in major units."""

    key: str
    expected: str
    got: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`features` names what an unsupported scenario asks of the engine; `priced` is the answer to the others."""

    file: str
    id: str
    title: str
    result: Verdict
    differences: list[Difference]
    features: list[str] = []
    priced: PricedCart | None = None

    def data(self) -> dict[str, Any]:
        """What programs are told of it."""
        told = self.differences or [
            Difference(feature, "supported", "not supported") for feature in self.features
        ]
        differences = msgspec.to_builtins(told)
        return {
            "file": self.file,
            "id": self.id,
            "result": self.result,
            "differences": differences,
        }


class Unreadable(msgspec.Struct, frozen=True):
    file: str
    line: int | None
    detail: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    passed: int
    failed: int
    unsupported: int
    scenarios: list[Result]
    errors: list[Unreadable]

    @property
    def exit_code(self) -> int:
        """0 when all passed, 1 when one did not, 2 when something could not be read."""
        if self.errors:
            return 2
        return 1 if self.failed or self.unsupported else 0

    def data(self) -> dict[str, Any]:
        counted = {"passed": self.passed, "failed": self.failed, "unsupported": self.unsupported}
        return {**counted, "scenarios": [result.data() for result in self.scenarios]}


def examine_files(paths: Iterable[Path]) -> Report:
    """Price every scenario of these files, and of the YAML files below these directories.

    A page of Markdown that is named stands for the scenarios in its blocks of YAML.
    """
    results: list[Result] = []
    errors: list[Unreadable] = []
    for path in paths:
        files = list(_files(path))
        if not files:
            errors.append(Unreadable(str(path), None, "there is no scenario file here"))
        for file in files:
            try:
                scenarios = _scenarios(file)
            except FormatError as error:
                errors.append(Unreadable(str(file), error.line, error.text))
            except (OSError, UnicodeDecodeError) as error:
                errors.append(Unreadable(str(file), None, why_unreadable(error)))
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


def _scenarios(file: Path) -> list[Scenario]:
    """Those of a scenario file, or of the examples in a page of Markdown; lines count from its top."""
    content = file.read_text(encoding="utf-8")
    if file.suffix != ".md":
        return read_scenarios(content)
    return [scenario for example in _examples(content) for scenario in read_scenarios(example)]


def _examples(page: str) -> Iterator[str]:
    for found in _EXAMPLE.finditer(page):
        yield "\n" * page.count("\n", 0, found.start(1)) + found[1]


def why_unreadable(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "this is not UTF-8 text"
    return (error.strerror or str(error)).lower()


def examine(scenario: Scenario, file: str = "") -> Result:
    """Price one scenario and compare. What the engine cannot price in full is unsupported, never passed."""
    features = unsupported_features(scenario)
    if features:
        return _result(scenario, file, "unsupported", features=features)
    book = compile_book(scenario.discounts, scenario.settings)
    priced = price(scenario.cart, book, scenario.at, explain_all=True)
    different = list(differences(scenario, priced))
    verdict: Verdict = "failed" if different else "passed"
    return _result(scenario, file, verdict, different, priced=priced)


def _result(
    scenario: Scenario,
    file: str,
    verdict: Verdict,
    differences: Sequence[Difference] = (),
    *,
    features: Sequence[str] = (),
    priced: PricedCart | None = None,
) -> Result:
    return Result(
        file=file,
        id=scenario.id,
        title=scenario.title,
        result=verdict,
        differences=list(differences),
        features=list(features),
        priced=priced,
    )


def unsupported_features(scenario: Scenario) -> list[str]:
    """What the discounts that are switched on ask of the engine in vain, in order."""
    features = {kinds.unsupported(entry) for entry in scenario.discounts if entry.enabled} - {None}
    return sorted(str(feature) for feature in features)


def differences(scenario: Scenario, priced: PricedCart) -> Iterator[Difference]:
    """Every figure of the answer that is not as the scenario expects it."""
    digits = minor_digits(priced.currency)
    for key, want, got in _amounts(scenario, priced):
        if want is not None and want != got:
            yield Difference(key, _shown(want, digits), _shown(got, digits))
    for line, wanted in scenario.expected.unit_discounts.items():
        units = sorted(_unit_discounts(scenario, priced, line))
        if units != sorted(wanted):
            key = f"unit_discounts {line}"
            yield Difference(key, _list(sorted(wanted), digits), _list(units, digits))
    reasons = {entry.discount: str(entry.reason) for entry in priced.not_applied}
    for discount, reason in scenario.expected.not_applied.items():
        if reasons.get(discount) != reason:
            yield Difference(f"not_applied {discount}", reason, reasons.get(discount, "applied"))
    optimal = scenario.expected.optimal
    if optimal is not None and optimal != priced.proven_optimal:
        yield Difference("optimal", str(optimal).lower(), str(priced.proven_optimal).lower())


def _amounts(scenario: Scenario, priced: PricedCart) -> Iterator[tuple[str, int | None, int]]:
    """Every amount: its name, what is expected (None when the scenario is silent), what came out."""
    expected = scenario.expected
    yield "total", expected.total, priced.net
    yield "discount", expected.discount, priced.discount
    yield from _each("by_discount", expected.by_discount, given_by_discount(priced))
    yield from _each("by_line", expected.by_line, {line.id: line.net for line in priced.lines})
    yield "delivery", expected.delivery, priced.delivery.net if priced.delivery else 0


def given_by_discount(priced: PricedCart) -> Counter[str]:
    """What each discount gave, on goods and on the delivery, in minor units."""
    given: Counter[str] = Counter()
    for line in priced.lines:
        for applied in line.discounts:
            given[applied.discount] += applied.amount
    if priced.delivery is not None and priced.delivery.applied is not None:
        given[priced.delivery.applied.discount] += priced.delivery.applied.amount
    return given


def _each(
    name: str, wanted: Mapping[str, int], got: Mapping[str, int]
) -> Iterator[tuple[str, int, int]]:
    for key, want in wanted.items():
        yield f"{name} {key}", want, got.get(key, 0)


def _unit_discounts(scenario: Scenario, priced: PricedCart, line: str) -> list[Exact]:
    """What each unit of the line got: the units of a part share the discount of that part."""
    place = next(at for at, entry in enumerate(priced.lines) if entry.id == line)
    whole = LinePart(
        quantity=scenario.cart.lines[place].quantity, discount=priced.lines[place].discount
    )
    return [
        share
        for part in priced.lines[place].parts or (whole,)
        for share in unit_discounts(
            part.discount,
            part.quantity,
            scenario.cart.currency.step,
            split_lines=scenario.settings.split_lines_for_cents,
        )
    ]


def _shown(amount: Exact, digits: int) -> str:
    """An amount in major units; a share that is no whole number of minor units as a fraction of them."""
    if isinstance(amount, int) or amount.denominator == 1:
        return f"{Decimal(int(amount)).scaleb(-digits):f}"
    return f"{amount}/{10**digits}"


def _list(amounts: Iterable[Exact], digits: int) -> str:
    return ", ".join(_shown(amount, digits) for amount in amounts)
