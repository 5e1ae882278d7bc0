"""`kupong quote`: a cart in a file, with the discounts it brings along or with those of the installation."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kupong.boot.commands.quote import run
from kupong.boot.failures import UsageError
from kupong.boot.main import app
from tests.boot.processes import run as command

KUPONG = ["-m", "kupong"]

CART = {
    "discounts": [
        {
            "id": "TEN",
            "kind": "simple",
            "mode": "compounded",
            "lines": [{"all": True, "percent_off": "10"}],
        },
        {"id": "FIVE", "kind": "simple", "lines": [{"product": "A", "amount_off": "1.00"}]},
    ],
    "cart": {
        "at": "2026-03-10T12:00:00",
        "delivery": {"mode": "STANDARD", "charge": "5.00"},
        "lines": [
            {"id": "l1", "product": "A", "quantity": 2, "price": "50.00"},
            {"id": "l2", "product": "[B]", "quantity": "0.750", "price": "20.00"},
        ],
    },
}


@pytest.fixture
def cart(tmp_path: Path) -> Path:
    path = tmp_path / "cart.json"
    path.write_text(json.dumps(CART, indent=2))
    return path


def rows(out: str) -> list[list[str]]:
    """The cells of every row of every table."""
    return [
        [cell.strip() for cell in row.split("│")[1:-1]] for row in out.splitlines() if "│" in row
    ]


def test_prints_a_receipt_and_why_the_others_gave_nothing(
    cart: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(cart, "en", as_json=False) == 0
    out = capsys.readouterr().out
    first, second, total, delivery, *losses = rows(out)
    assert first[:4] == ["l1", "A", "2", "100.00 USD"]
    assert "−10.00 USD TEN" in first[4]
    assert first[5] == "90.00 USD"
    assert second[:3] == ["l2", "[B]", "0.75"]
    assert total == ["total", "", "", "115.00 USD", "−11.50 USD", "103.50 USD"]
    assert delivery == ["delivery", "", "", "5.00 USD", "", "5.00 USD"]
    assert losses[0][:2] == ["FIVE", "beaten"]
    assert "It would have taken off 2.00 USD; what applies takes off 10.00 USD" in " ".join(
        row[2] for row in losses
    )
    assert "Proven: no other combination of the discounts gives more." in out


def test_speaks_swedish(cart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(cart, "sv", as_json=False)
    out = capsys.readouterr().out
    assert "Kvitto" in out
    assert ["summa", "", "", "115,00 USD", "−11,50 USD", "103,50 USD"] in rows(out)
    assert "Gav ingenting" in out
    assert "Något annat ger mer" in out


def test_json_is_the_priced_cart_in_minor_units(
    cart: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(cart, "en", as_json=True) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["gross"], answer["discount"], answer["net"]) == (11500, 1150, 10350)
    assert answer["lines"][0]["discounts"][0]["amount"] == 1000
    assert answer["not_applied"][0]["discount"] == "FIVE"
    assert answer["not_applied"][0]["message"].startswith("Something else gives more: TEN.")
    assert answer["proven_optimal"] is True


def test_takes_yaml_and_figures_without_quotes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cart.yaml"
    path.write_text(
        "discounts:\n"
        "  - {id: TEN, kind: simple, lines: [{all: true, percent_off: 10}]}\n"
        "cart:\n"
        "  at: 2026-03-10T12:00:00\n"
        "  lines: [{id: l1, product: A, quantity: 1, price: 19.90}]\n"
    )
    run(path, "en", as_json=True)
    assert json.loads(capsys.readouterr().out)["net"] == 1791


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"50.00"', '"fifty"', "price: 'fifty' is not a decimal number"),
        ('"percent_off"', '"percent"', "line: unknown key 'percent'"),
        ('"simple"', '"gift"', "kind: 'gift' is none of"),
        ('"cart"', '"basket"', "scenario: unknown key 'basket'"),
    ],
)
def test_what_cannot_be_read_is_named_with_file_line_and_field(
    cart: Path, old: str, new: str, said: str
) -> None:
    wrong = cart.read_text().replace(old, new, 1)
    cart.write_text(wrong)
    line = wrong[: wrong.index(new)].count("\n") + 1
    with pytest.raises(UsageError) as caught:
        run(cart, "en", as_json=False)
    assert str(caught.value).startswith(f"{cart}:{line}: ")
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("content", "said"), [(b"\xff\xfe", "not UTF-8"), (b"", "empty")])
def test_a_file_that_holds_nothing_readable_is_wrong_usage(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "cart.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        run(path, "en", as_json=False)


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        run(tmp_path / "cart.json", "en", as_json=False)


def test_the_body_of_a_request_is_checked_before_any_database_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "cart.json"
    path.write_text('{\n "channel": "HOUSTON",\n "lines": [\n  {"id": "1", "produkt": "J"}\n ]\n}')
    with pytest.raises(UsageError, match=r"cart.json:4: .*unknown field `produkt`"):
        run(path, "en", as_json=False)


def test_the_command_takes_the_language_and_exits_with_zero(cart: Path) -> None:
    done = CliRunner().invoke(app, ["quote", "--lang", "sv", str(cart)])
    assert done.exit_code == 0
    assert "Kvitto" in done.output
    assert CliRunner().invoke(app, ["quote", "--lang", "fi", str(cart)]).exit_code == 2


def test_a_file_of_neither_form_is_wrong_usage(cart: Path) -> None:
    cart.write_text("[]")
    with pytest.raises(UsageError, match="expected keys with values"):
        run(cart, "en", as_json=False)


HOUSE = """
from kupong.boot import configuration
from kupong.boot.database import connect_django, database

with database(configuration.from_environment()) as dsn:
    connect_django(dsn)
    from kupong.boot.migration import migrate
    from kupong.catalog.models import Product
    from kupong.organisation.models import Channel
    from kupong.organisation.service import ensure_installation

    migrate()
    company = ensure_installation()
    Channel.objects.create(
        company_id=company, number="HOUSTON", kind="pos", currency="USD", time_zone="America/Chicago"
    )
    Product.objects.create(company_id=company, number="J", name="Jacket", price=8000, currency="USD")
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that sells one product in one channel."""
    data = tmp_path_factory.mktemp("house")
    made = command(["-c", HOUSE], data)
    assert made.returncode == 0, made.stderr
    return data


def body(house: Path, **more: object) -> str:
    path = house / "body.json"
    asked = {"channel": "HOUSTON", "lines": [{"id": "1", "product": "J"}]} | more
    path.write_text(json.dumps(asked, indent=1))
    return str(path)


def test_an_installation_prices_the_body_of_a_request(house: Path) -> None:
    told = command([*KUPONG, "quote", body(house, codes=["NONE"])], house)
    assert told.returncode == 0, told.stderr
    first, total, code = rows(told.stdout)
    assert first[:4] == ["1", "J", "1", "80.00 USD"]
    assert first[4].endswith("no discount")
    assert first[5] == "80.00 USD"
    assert total == ["total", "", "", "80.00 USD", "0.00 USD", "80.00 USD"]
    assert code == ["NONE", "There is no such code."]


def test_its_json_is_the_quote_of_the_api(house: Path) -> None:
    told = command([*KUPONG, "quote", "--json", "--lang", "sv", body(house, codes=["NO"])], house)
    quote = json.loads(told.stdout)
    assert (quote["net"], quote["codes"][0]["message"]) == (8000, "Koden finns inte.")


def test_what_the_installation_does_not_know_is_named_with_its_line(house: Path) -> None:
    asked = body(house, lines=[{"id": "1", "product": "J"}, {"id": "2", "product": "X"}])
    told = command([*KUPONG, "quote", asked], house)
    assert told.returncode == 2
    assert told.stderr.startswith(f"kupong: {asked}:10: lines[1].product: ")
    assert told.stdout == ""


def test_an_installation_without_tables_says_what_to_do(tmp_path: Path) -> None:
    asked = body(tmp_path)
    told = command([*KUPONG, "quote", asked], tmp_path / "data")
    assert told.returncode == 1
    assert "kupong migrate" in told.stderr
