"""A cart in a file, priced: with the discounts that the file brings along, or with those of the installation.

A file with `cart` or `discounts` is one scenario and needs no database; any other is the body of a quote
as docs/reference/api.md has it.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import yaml

from kupong.boot import configuration
from kupong.boot.check import why_unreadable
from kupong.boot.database import connect_django, database
from kupong.boot.failures import ExpectedError, UsageError
from kupong.formats.scenarios import Scenario, read_cart
from kupong.formats.yaml_fields import FormatError, entries, line_of, parse
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Refused
from kupong.pricing.book import Unsupported, compile_book
from kupong.pricing.carts import PricedCart
from kupong.pricing.engine import price

if TYPE_CHECKING:
    from kupong.redemption.shapes import Quote, QuoteRequest

_FIELD = re.compile(r"field `([^`]+)`")


class Bought(msgspec.Struct, frozen=True):
    """What one line of the cart says of itself."""

    product: str
    quantity: Decimal


class CartQuote(msgspec.Struct, frozen=True, kw_only=True):
    """A cart and its price. `answer` is what programs get: the quote of the installation, else None.

    `codes` says of each code that has no effect or is refused why.
    """

    bought: list[Bought]
    priced: PricedCart
    codes: dict[str, str] = {}
    answer: "Quote | None" = None


def quote_file(path: Path, language: str) -> CartQuote:
    """Price the cart in this file. Changes nothing.

    Errors: UsageError that names file, line and field for what cannot be read; ExpectedError for a
    discount that cannot be priced and for a cart that is refused.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
        root = parse(content)
        if {"cart", "discounts"} & entries(root, "file").keys():
            return _quote_scenario(read_cart(content))
    except FormatError as error:
        raise UsageError(f"{path}:{error.line}: {error.text}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {why_unreadable(error)}") from error
    return _quote_request(path, content, root, language)


def _quote_scenario(scenario: Scenario) -> CartQuote:
    try:
        book = compile_book(scenario.discounts, scenario.settings)
    except Unsupported as error:
        raise ExpectedError(str(error)) from error
    return CartQuote(
        bought=[Bought(line.product, line.quantity) for line in scenario.cart.lines],
        priced=price(scenario.cart, book, scenario.at, explain_all=True),
    )


def _quote_request(path: Path, content: str, root: yaml.Node, language: str) -> CartQuote:
    from kupong.redemption.shapes import QuoteRequest

    try:
        asked = msgspec.json.decode(content, type=QuoteRequest)
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}:{_line_of(error, root)}: {error}") from error
    with database(configuration.from_environment()) as dsn:
        connect_django(dsn)
        answer = _answer(asked, path, root, language)
    return CartQuote(
        bought=[Bought(line.product, line.quantity) for line in asked.lines],
        priced=msgspec.convert(answer, PricedCart, from_attributes=True),
        codes={one.code: one.message for one in answer.codes if one.message},
        answer=answer,
    )


def _line_of(error: msgspec.DecodeError, root: yaml.Node) -> int:
    """The line of the field that the message names, at the end as "$.lines[0]" or in it as `price`."""
    text, _separator, path = str(error).partition(" - at `$")
    field = _FIELD.search(text)
    return line_of(root, f"{path.rstrip('`')}.{field[1] if field else ''}")


def _answer(asked: "QuoteRequest", path: Path, root: yaml.Node, language: str) -> "Quote":
    """Errors: as `quote_file`."""
    from kupong.boot.migration import pending
    from kupong.organisation.queries import first_company_id
    from kupong.redemption import service
    from kupong.redemption.shapes import Rejected

    company_id = None if pending() else first_company_id()
    if company_id is None:
        raise ExpectedError("the database lacks migrations: run kupong migrate, or kupong serve")
    answer = service.quote(company_id, asked, datetime.now(UTC), language, explain_all=True)
    if not isinstance(answer, Rejected):
        return answer
    if answer.errors:
        wrong = answer.errors[0]
        raise UsageError(f"{path}:{line_of(root, wrong.field)}: {wrong.field}: {wrong.detail}")
    raise ExpectedError(message(Refused(answer.reason, answer.detail), language))
