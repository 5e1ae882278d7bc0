"""`kupong check`: files and directories, figures wanted and got, exit codes, JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kupong.boot.check import check
from kupong.boot.main import app

HEAD = "scenarios:\n"
ONE = """  - id: {id}
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
    return text.replace("        lines: [{all", "        tiers: []\n        lines: [{all")


def test_exits_with_zero_when_all_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "a.yaml", simple("S", 'total: "27.00", optimal: true'))
    assert check([file], as_json=False) == 0
    assert "1 passed, 0 failed, 0 not supported yet" in capsys.readouterr().out


def test_json_holds_the_figures_wanted_and_got(
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
    assert (report["passed"], report["failed"], report["unsupported"]) == (1, 1, 1)
    failed, unsupported, passed = report["scenarios"]
    assert failed == {
        "file": str(file),
        "id": "S",
        "result": "failed",
        "differences": [
            {"figure": "total", "want": "26.00", "got": "27.00"},
            {"figure": "discount", "want": "4.00", "got": "3.00"},
            {"figure": "by_discount D", "want": "4.00", "got": "3.00"},
            {"figure": "by_line l1", "want": "26.00", "got": "27.00"},
            {"figure": "delivery", "want": "1.00", "got": "0.00"},
            {
                "figure": "unit_discounts l1",
                "want": "1.00, 1.00, 2.00",
                "got": "1.00, 1.00, 1.00",
            },
            {"figure": "not_applied D", "want": "expired", "got": "applied"},
            {"figure": "optimal", "want": "false", "got": "true"},
        ],
    }
    assert unsupported["result"] == "unsupported"
    assert unsupported["features"] == ["kind quantity"]
    assert passed == {"file": str(file), "id": "OK", "result": "passed", "differences": []}


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
    row = next(text for text in capsys.readouterr().out.splitlines() if "S-1" in text)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "a.yaml",
        "S-1",
        "total",
        "26.00",
        "27.00",
    ]


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
    told = captured.out if as_json else captured.err
    assert "unknown key 'titel'" in told
    assert "not UTF-8" in told
    assert "no such file" in told
    assert "no scenario file" in told
    if as_json:
        report = json.loads(captured.out)
        assert report["passed"] == 1
        assert report["errors"][0]["line"] == 3
    else:
        assert f"{bad}:3: " in told
        assert "1 passed" in captured.out


def test_the_command_exits_with_the_verdict(tmp_path: Path) -> None:
    good = write(tmp_path / "good.yaml", simple("S", 'total: "27.00"'))
    bad = write(tmp_path / "bad.yaml", simple("S", 'total: "1.00"'))
    assert CliRunner().invoke(app, ["check", str(good)]).exit_code == 0
    assert CliRunner().invoke(app, ["check", "--json", str(bad)]).exit_code == 1
