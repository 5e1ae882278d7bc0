"""A redemption's page: the sale as it was answered to the till, line by line."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kupong.catalog.queries import goods
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Refused
from kupong.organisation.models import Company
from kupong.organisation.plans import run
from kupong.redemption.receipts import receipt
from kupong.redemption.service import django_connection
from kupong.redemption.shapes import CodeAnswer, LineAnswer
from kupong.web.backoffice import words
from kupong.web.backoffice.access import signed_in
from kupong.web.backoffice.words import Mark

LARGEST = 2**63 - 1


class SoldLine(msgspec.Struct, frozen=True):
    """A line with what its product is called now, if there still is one."""

    answer: LineAnswer
    name: str

    @property
    def quantity(self) -> str:
        """As it is read: 2, 0.75 kg; nothing in a quote that was kept without it."""
        if self.answer.quantity is None:
            return ""
        quantity = f"{self.answer.quantity.normalize():f}"
        return quantity if self.answer.unit in (None, "ea") else f"{quantity} {self.answer.unit}"


class CodeLine(msgspec.Struct, frozen=True):
    """What became of a code on the sale; `why` is empty for one that was applied."""

    answer: CodeAnswer
    mark: Mark
    why: str


@require_safe
@never_cache
@signed_in
def page(request: HttpRequest, company: Company, identity: int) -> HttpResponseBase:
    found = None
    if identity <= LARGEST:
        found = run(django_connection(), receipt(company.id, identity))
    if found is None:
        raise Http404
    context: Mapping[str, Any] = {
        "company": company,
        "sale": found,
        "quote": found.quote,
        "lines": _sold(company, found.quote.lines),
        "codes": [_code_line(answer) for answer in found.quote.codes],
    }
    return render(request, "backoffice/redemption.html", context)


def _sold(company: Company, lines: list[LineAnswer]) -> list[SoldLine]:
    known = goods(company.id, [line.product for line in lines if line.product])
    names = {number: product.name for number, product in known.items()}
    return [SoldLine(line, names.get(line.product or "", "")) for line in lines]


def _code_line(answer: CodeAnswer) -> CodeLine:
    """In the reader's language: the words that were kept are in the one that the till had asked for."""
    no = Refused(answer.reason, answer.detail) if answer.reason else None
    return CodeLine(answer, _mark(answer.status), message(no, words.language()) if no else "")


def _mark(status: str) -> Mark:
    if status == "applied":
        return Mark(_("Applied"), "good")
    return Mark(_("No effect"), "quiet") if status == "no_effect" else Mark(_("Refused"), "bad")
