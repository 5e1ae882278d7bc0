"""The command line. Exit codes: 0 fine, 1 the answer is no, 2 wrong usage, 3 the outside world failed.

Commands import what they need when they are typed: `kupong --help` should not wait for a framework.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Kupong, the open coupon platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="Keys for programs.", no_args_is_help=True)
app.add_typer(keys, name="api-key")


class Language(StrEnum):
    EN = "en"
    SV = "sv"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON alone on standard output.")]


def main() -> None:
    from kupong.boot.failures import ExpectedError, is_unreachable_database

    try:
        app()
    except ExpectedError as error:
        _say_and_leave(str(error), error.exit_code)
    except Exception as error:
        if not is_unreachable_database(error):
            raise
        _say_and_leave(f"the database does not answer: {' '.join(str(error).split())}", 3)


@app.command()
def serve(as_json: AsJson = False) -> None:
    """Serve the pages and the API, with a worker and, unless DATABASE_URL is set, a database."""
    from kupong.boot.commands import serve

    serve.run(as_json)


@app.command()
def demo(as_json: AsJson = False) -> None:
    """Serve a year of a real grocery chain's coupons; the first start loads and replays it."""
    from kupong.boot.commands import serve

    serve.run_demo(as_json)


@app.command()
def worker(as_json: AsJson = False) -> None:
    """Run background jobs until SIGTERM or SIGINT."""
    from kupong.boot.commands import worker

    worker.run()


@app.command()
def migrate(as_json: AsJson = False) -> None:
    """Bring the tables of the database to the shape this version needs."""
    from kupong.boot.commands import migrate

    migrate.run(as_json)


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files or directories.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Explain the cart of each scenario that differs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Price the scenarios of the files and compare with what they expect."""
    from kupong.boot.commands import check

    raise typer.Exit(check.run(paths, as_json, explain))


@app.command()
def quote(
    cart: Annotated[Path, typer.Argument(metavar="CART.json", help="A cart, in JSON or YAML.")],
    lang: Annotated[Language, typer.Option(help="The language of the texts.")] = Language.EN,
    as_json: AsJson = False,
) -> None:
    """Price one cart: with the discounts it brings along, or with those of this installation."""
    from kupong.boot.commands import quote

    raise typer.Exit(quote.run(cart, str(lang), as_json))


@app.command()
def doctor(
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Compare the ledger with the counters.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell in words what is configured and what is wrong."""
    from kupong.boot.commands import doctor

    raise typer.Exit(doctor.run(ledger, as_json))


@app.command("sign-in-link")
def sign_in_link(as_json: AsJson = False) -> None:
    """Make a link that signs an administrator in once, within a day."""
    from kupong.boot.commands import sign_in_link

    sign_in_link.run(as_json)


@keys.command("create")
def create_key(
    role: Annotated[str, typer.Option(help="administrator, channel or public.")],
    channel: Annotated[str | None, typer.Option(help="The channel's number.")] = None,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a key for a program. It is shown once and cannot be shown again."""
    from kupong.boot.commands import api_key

    api_key.run(role, channel, name, as_json)


def _say_and_leave(text: str, code: int) -> None:
    print(f"kupong: {text}", file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
