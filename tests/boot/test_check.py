"""`kupong check`: files and directories, figures wanted and got, exit codes, JSON."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kupong.boot.check import differences, examine_files, given_by_discount
from kupong.boot.commands.check import run as check
from kupong.boot.main import app
from kupong.formats.scenarios import read_scenarios
from kupong.pricing import kinds
from kupong.pricing.carts import Applied, LinePart, PricedCart, PricedDelivery, PricedLine
from kupong.pricing.discounts import Discount

HEAD = "scenarios:\n"
ONE = """  - id: {id}
    title: three of [A]
    discounts:
      - id: D
        kind: {kind}
        lines: [{{all: true{benefit}}}]
    cart:
      at: 2026-03-10T12:00:00
      lines: [{{id: l1, product: A, quantity: 3, price: "10.00"}}]
    expect: {{{expect}}}
"""


def write(path: Path, *scenarios: str) -> Path:
    path.write_text(HEAD + "".join(scenarios))
    return path


def simple(identifier: str, expect: str) -> str:
    return ONE.format(id=identifier, kind="simple", benefit=', percent_off: "10"', expect=expect)


def quantity(identifier: str) -> str:
    text = ONE.format(id=identifier, kind="quantity", benefit="", expect='total: "1.00"')
    return text.replace(
        "        lines: [{all", "        tiers: [{min: 1, percent_off: 1}]\n        lines: [{all"
    )


def cells(out: str, wanted: str) -> list[str]:
    """The cells of the first row of a table in which a cell reads so."""
    rows = ([cell.strip() for cell in row.split("│")[1:-1]] for row in out.splitlines())
    return next(row for row in rows if wanted in row)


def test_exits_with_zero_when_all_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "a.yaml", simple("S", 'total: "27.00", optimal: true'))
    assert check([file], as_json=False) == 0
    assert "1 passed, 0 failed, 0 not supported yet" in capsys.readouterr().out


@pytest.fixture
def quantity_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the engine learns, here it cannot price quantity discounts."""

    def unsupported(discount: Discount) -> str | None:
        return "kind quantity" if discount.kind == "quantity" else None

    monkeypatch.setattr(kinds, "unsupported", unsupported)


@pytest.mark.usefixtures("quantity_is_unknown")
def test_json_holds_the_figures_expected_and_got(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = (
        'total: "26.00", discount: "4.00", by_discount: {D: "4.00"}, by_line: {l1: "26.00"},'
        ' unit_discounts: {l1: ["1.00", "1.00", "2.00"]}, delivery: "1.00",'
        " not_applied: {D: expired}, optimal: false"
    )
    file = write(tmp_path / "a.yaml", simple("S", wrong), quantity("Q"), simple("OK", ""))
    assert check([file], as_json=True) == 1
    report = json.loads(capsys.readouterr().out)
    assert report.keys() == {"passed", "failed", "unsupported", "scenarios"}
    assert (report["passed"], report["failed"], report["unsupported"]) == (1, 1, 1)
    failed, unsupported, passed = report["scenarios"]
    assert failed == {
        "file": str(file),
        "id": "S",
        "result": "failed",
        "differences": [
            {"key": "total", "expected": "26.00", "got": "27.00"},
            {"key": "discount", "expected": "4.00", "got": "3.00"},
            {"key": "by_discount D", "expected": "4.00", "got": "3.00"},
            {"key": "by_line l1", "expected": "26.00", "got": "27.00"},
            {"key": "delivery", "expected": "1.00", "got": "0.00"},
            {
                "key": "unit_discounts l1",
                "expected": "1.00, 1.00, 2.00",
                "got": "1.00, 1.00, 1.00",
            },
            {"key": "not_applied D", "expected": "expired", "got": "applied"},
            {"key": "optimal", "expected": "false", "got": "true"},
        ],
    }
    assert unsupported == {
        "file": str(file),
        "id": "Q",
        "result": "unsupported",
        "differences": [{"key": "kind quantity", "expected": "supported", "got": "not supported"}],
    }
    assert passed == {"file": str(file), "id": "OK", "result": "passed", "differences": []}


@pytest.mark.usefixtures("quantity_is_unknown")
def test_what_is_not_supported_is_never_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check([write(tmp_path / "q.yaml", quantity("Q"))], as_json=False) == 1
    out = capsys.readouterr().out
    assert "kind quantity" in out
    assert "0 passed, 0 failed, 1 not supported yet" in out


def test_people_see_the_figures_that_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check([write(tmp_path / "a.yaml", simple("S-1", 'total: "26.00"'))], as_json=False) == 1
    out = capsys.readouterr().out
    assert cells(out, "S-1") == ["a.yaml", "S-1", "three of [A]", "failed"]
    assert cells(out, "total") == ["total", "26.00", "27.00"]


def test_a_scenario_that_differs_is_explained_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(
        tmp_path / "a.yaml", simple("BAD", 'total: "26.00"'), simple("GOOD", 'total: "27.00"')
    )
    check([file], as_json=False)
    assert "before" not in capsys.readouterr().out
    check([file], as_json=False, explain=True)
    explained = capsys.readouterr().out.partition("BAD:\n")[2]
    assert "l1: 30.00 USD before, 27.00 USD to pay" in explained
    assert "−3.00 USD D" in explained
    assert "GOOD" not in explained


def test_an_explanation_leaves_the_json_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "a.yaml", simple("BAD", 'total: "26.00"'))
    check([file], as_json=True, explain=True)
    captured = capsys.readouterr()
    assert json.loads(captured.out)["failed"] == 1
    assert "l1: 30.00 USD before" in captured.err


def test_the_units_of_each_part_of_a_line_share_the_discount_of_that_part() -> None:
    scenario = read_scenarios(
        HEAD + simple("S", 'unit_discounts: {l1: ["6.00", "6.00", "6.00", "5.00"]}')
    )[0]
    priced = PricedCart(
        currency="USD",
        gross=12000,
        discount=2300,
        net=9700,
        lines=(
            PricedLine(
                id="l1",
                gross=12000,
                discount=2300,
                net=9700,
                parts=(
                    LinePart(quantity=Decimal(3), discount=1800),
                    LinePart(quantity=Decimal(1), discount=500),
                ),
            ),
        ),
    )
    assert list(differences(scenario, priced)) == []


def test_what_a_discount_gave_counts_goods_and_delivery() -> None:
    applied = Applied(discount="D", coupon=None, code=None, amount=300, quantity=Decimal(1))
    priced = PricedCart(
        currency="USD",
        gross=1000,
        discount=300,
        net=700,
        lines=(PricedLine(id="l1", gross=1000, discount=300, net=700, discounts=(applied,)),),
        delivery=PricedDelivery(charge=500, discount=300, net=200, applied=applied),
    )
    assert given_by_discount(priced) == {"D": 600}


def test_a_page_of_markdown_stands_for_the_scenarios_in_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    blocks = [HEAD + simple("A", 'total: "27.00"'), "other: true\n", HEAD + "  - titel: B\n"]
    page.write_text("Text\n\n" + "\nText\n\n".join(f"```yaml\n{one}```\n" for one in blocks))
    report = examine_files([page])
    line = page.read_text().splitlines().index("  - titel: B") + 1
    assert [(error.line, error.detail) for error in report.errors] == [
        (line, "scenario: unknown key 'titel'")
    ]
    page.write_text(
        page.read_text().replace("titel: B", "id: B\n    cart: {at: 2026-03-10, lines: []}")
    )
    assert [result.id for result in examine_files([page]).scenarios] == ["A", "B"]


def test_a_directory_stands_for_the_scenario_files_below_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep" / "b.yml", simple("B", ""))
    write(tmp_path / "a.yaml", simple("A", ""))
    (tmp_path / "notes.txt").write_text("not a scenario")
    assert check([tmp_path], as_json=True) == 0
    report = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in report["scenarios"]] == ["A", "B"]


@pytest.mark.parametrize("as_json", [True, False])
def test_a_file_that_cannot_be_read_is_wrong_usage_and_the_others_are_still_priced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    good = write(tmp_path / "good.yaml", simple("S", ""))
    bad = write(tmp_path / "bad.yaml", "  - id: S\n    titel: x\n")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe")
    missing, empty = tmp_path / "missing.yaml", tmp_path / "empty"
    empty.mkdir()
    assert check([bad, good, binary, missing, empty], as_json) == 2
    captured = capsys.readouterr()
    told = captured.err
    assert "unknown key 'titel'" in told
    assert "not UTF-8" in told
    assert "no such file" in told
    assert "no scenario file" in told
    assert f"{bad}:3: " in captured.err
    if as_json:
        assert json.loads(captured.out)["passed"] == 1
    else:
        assert "1 passed" in captured.out


def test_the_command_exits_with_the_verdict(tmp_path: Path) -> None:
    good = write(tmp_path / "good.yaml", simple("S", 'total: "27.00"'))
    bad = write(tmp_path / "bad.yaml", simple("S", 'total: "1.00"'))
    assert CliRunner().invoke(app, ["check", str(good)]).exit_code == 0
    assert CliRunner().invoke(app, ["check", "--json", str(bad)]).exit_code == 1
