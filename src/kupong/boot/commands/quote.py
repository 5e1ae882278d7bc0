"""`kupong quote`: the receipt of one cart, with every discount that lost and why."""

from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from kupong.boot.commands.output import print_json
from kupong.boot.commands.tables import add_row, console, table
from kupong.boot.quote import CartQuote, quote_file
from kupong.pricing.carts import PricedCart
from kupong.pricing.explanation_text import (
    amount_off,
    applied_text,
    explained,
    loss_text,
    money_text,
    part_texts,
    proof_text,
    quantity_text,
)

_WORDS = {
    "en": {
        "receipt": "Receipt",
        "columns": "line,product,units,before,discounts,to pay",
        "delivery": "delivery",
        "total": "total",
        "losses": "Gave nothing",
        "loss_columns": "discount,reason,why",
        "codes": "Codes",
        "code_columns": "code,why",
    },
    "sv": {
        "receipt": "Kvitto",
        "columns": "rad,artikel,enheter,före,rabatter,att betala",
        "delivery": "leverans",
        "total": "summa",
        "losses": "Gav ingenting",
        "loss_columns": "rabatt,orsak,varför",
        "codes": "Koder",
        "code_columns": "kod,varför",
    },
}


def run(path: Path, language: str, as_json: bool) -> int:
    """Print the receipt of the cart in this file, or the answer as JSON. Errors: see `quote_file`."""
    quoted = quote_file(path, language)
    if as_json:
        print_json(quoted.answer or explained(quoted.priced, language))
        return 0
    out = console()
    for made in _tables(quoted, language):
        out.print(made)
    out.print(proof_text(quoted.priced, language))
    return 0


def _tables(quoted: CartQuote, language: str) -> Iterator[Table]:
    words = _WORDS[language]
    yield _receipt(quoted, language)
    if quoted.codes:
        made = table(words["codes"], *words["code_columns"].split(","))
        for code, why in quoted.codes.items():
            add_row(made, code, why)
        yield made
    if quoted.priced.not_applied:
        yield _losses(quoted.priced, language)


def _receipt(quoted: CartQuote, language: str) -> Table:
    words, priced = _WORDS[language], quoted.priced
    currency = priced.currency
    made = table(words["receipt"], *words["columns"].split(","), numbers="--rr-r")
    for bought, line in zip(quoted.bought, priced.lines, strict=True):
        gross, net = (money_text(amount, currency, language) for amount in (line.gross, line.net))
        parts = "\n".join(part_texts(line, currency, language))
        units = quantity_text(bought.quantity, language)
        add_row(made, line.id, bought.product, units, gross, parts, net)
    made.add_section()
    gross, net = (money_text(amount, currency, language) for amount in (priced.gross, priced.net))
    add_row(
        made, words["total"], "", "", gross, amount_off(priced.discount, currency, language), net
    )
    if priced.delivery is not None:
        charge, applied = priced.delivery, priced.delivery.applied
        gross, net = (money_text(sum_, currency, language) for sum_ in (charge.charge, charge.net))
        gave = applied_text(applied, currency, language) if applied else ""
        add_row(made, words["delivery"], "", "", gross, gave, net)
    return made


def _losses(priced: PricedCart, language: str) -> Table:
    words = _WORDS[language]
    made = table(words["losses"], *words["loss_columns"].split(","))
    for lost in priced.not_applied:
        why = loss_text(lost, priced.currency, language)
        add_row(made, lost.discount, str(lost.reason), why)
    return made
