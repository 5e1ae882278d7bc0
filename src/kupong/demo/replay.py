"""Replays 2017 at the tills: each chosen basket is quoted, and redeemed when codes have an effect.

It goes through the service that the API uses. Progress is kept in a job row: a replay that was cut short
goes on from there, and an order that is in the ledger already is counted as it was, never redeemed again.
"""

import time
from collections.abc import Sequence

import msgspec

from kupong.demo import bulk
from kupong.demo.baskets import EVERY, Basket, Line, baskets
from kupong.demo.journal import REPLAY, finished, note, noted, open_journal
from kupong.demo.names import coupon_number
from kupong.demo.progress import Display, Work
from kupong.demo.reconciliation import Reconciliation, fresh, line
from kupong.demo.source import CURRENCY, Source
from kupong.redemption import ledger, service
from kupong.redemption.shapes import (
    CodeAnswer,
    LineRequest,
    Quote,
    QuoteRequest,
    RedemptionRequest,
    Rejected,
)
from kupong.work.models import Job

NOTE_EVERY_SECONDS = 2.0


class ReplayError(Exception):
    """The product refused what it should not have refused, or its ledger does not add up."""


def replay(company_id: int, source: Source, display: Display, every: int = EVERY) -> str:
    """Beside days with a redemption, one in `every` basket is quoted. Gives the line that reconciles.

    Errors: ReplayError.
    """
    job = open_journal(company_id, REPLAY)
    if not finished(job):
        run = _Run(company_id, source, job, every)
        with display.work("replay", len(run.baskets), "baskets") as work:
            run.go_on(work)
        _check_ledger()
        run.close()
    return line(noted(job))


class _Run:
    """One start of the replay, which goes on where the last one stopped."""

    def __init__(self, company_id: int, source: Source, job: Job, every: int) -> None:
        self.company_id, self.job = company_id, job
        self.baskets = baskets(source, every)
        self.codes = _codes(company_id, source)
        self.answered = _answered(company_id)
        # A place is a place among these baskets only: other baskets are replayed from their first.
        same = job.total == len(self.baskets)
        before = noted(job) if same else {}
        self.done = job.done if same else 0
        outcomes = before.get("outcomes") or fresh(len(source.redemptions))
        self.reconciliation = Reconciliation(outcomes)
        self.seconds_before: float = before.get("seconds", 0.0)
        self.started = time.monotonic()

    def go_on(self, work: Work) -> None:
        work.advance(self.done)
        noted_at = time.monotonic()
        for place in range(self.done, len(self.baskets)):
            self._sell(self.baskets[place])
            work.advance(1)
            if time.monotonic() - noted_at > NOTE_EVERY_SECONDS:
                self._note(place + 1)
                noted_at = time.monotonic()
        self._note(len(self.baskets))

    def close(self) -> None:
        """Put the result where the pages read it, in place of the progress."""
        quoted = len(self.baskets)
        result = self.reconciliation.result() | {"quoted": quoted, "seconds": self._seconds()}
        note(self.job, done=quoted, total=quoted, result=result, finished=True)

    def _sell(self, basket: Basket) -> None:
        pending = self.reconciliation.pending(basket.redemptions)
        answers = self.answered.get((str(basket.store), str(basket.number)))
        if answers is None:
            answers = self._at_till(basket, [self.codes[place] for place in pending])
        by_code = {answer.code: answer for answer in answers}
        for place in pending:
            answer = by_code[self.codes[place]]
            self.reconciliation.settle(place, answer.status, answer.reason)

    def _at_till(self, basket: Basket, codes: list[str]) -> list[CodeAnswer]:
        """Quote the basket with these codes; when one has an effect, redeem it at the total that was quoted."""
        request = _request(basket, codes)
        quote = service.quote(self.company_id, request, basket.at)
        if not isinstance(quote, Quote):
            raise ReplayError(f"basket {basket.number} was not quoted: {quote}")
        if all(answer.status != "applied" for answer in quote.codes):
            return quote.codes
        redeemed = service.redeem(
            self.company_id, _completed(request, basket, quote.net), basket.at
        )
        if isinstance(redeemed, Rejected):
            raise ReplayError(f"basket {basket.number} was not redeemed: {redeemed}")
        return redeemed.quote.codes

    def _note(self, done: int) -> None:
        progress = {"outcomes": self.reconciliation.outcomes, "seconds": self._seconds()}
        note(self.job, done=done, total=len(self.baskets), result=progress)

    def _seconds(self) -> float:
        return round(self.seconds_before + time.monotonic() - self.started, 1)


def _request(basket: Basket, codes: Sequence[str]) -> QuoteRequest:
    return QuoteRequest(
        channel=str(basket.store),
        customer=str(basket.household),
        currency=CURRENCY,
        at=basket.at,
        lines=tuple(_line(place, line) for place, line in enumerate(basket.lines, start=1)),
        codes=tuple(codes),
    )


def _line(place: int, line: Line) -> LineRequest:
    """One unit at the amount of the line: its price per piece is not a whole number of cents.

    The quantity of the data stays in the line's name: "7x3" is the seventh line, of three pieces.
    """
    return LineRequest(id=f"{place}x{line.quantity}", product=str(line.product), price=line.cents)


def _completed(request: QuoteRequest, basket: Basket, net: int) -> RedemptionRequest:
    """A code that is refused is left out, as a till would; the others are redeemed all the same."""
    cart = msgspec.structs.asdict(request)
    return RedemptionRequest(**cart, order=str(basket.number), expected_net=net, partial=True)


def _codes(company_id: int, source: Source) -> dict[int, str]:
    """The code that each redemption of the data was made with, by its place."""
    wanted = [
        (place, coupon_number(one.campaign, one.upc), str(one.household))
        for place, one in enumerate(source.redemptions)
    ]
    places, coupons, holders = (list(column) for column in zip(*wanted, strict=True))
    return dict(bulk.fetch(_CODES, [places, coupons, holders, company_id]))


_CODES = """
SELECT wanted.place, c.code
FROM unnest(%s::int[], %s::text[], %s::text[]) AS wanted(place, coupon, holder)
JOIN coupons_coupon k ON k.company_id = %s AND k.number = wanted.coupon
JOIN customers_customer h ON h.company_id = k.company_id AND h.number = wanted.holder
JOIN coupons_couponcode c ON (c.company_id, c.coupon_id, c.holder_id) = (k.company_id, k.id, h.id)
"""


def _answered(company_id: int) -> dict[tuple[str, str], list[CodeAnswer]]:
    """What the codes did on each order that is in the ledger already, by channel and order."""
    return {
        (channel, order): msgspec.json.decode(codes, type=list[CodeAnswer])
        for channel, order, codes in bulk.fetch(_ANSWERED, [company_id])
    }


_ANSWERED = """
SELECT c.number, r."order", (r.quote -> 'codes')::text
FROM redemption_redemption r
JOIN organisation_channel c ON (c.company_id, c.id) = (r.company_id, r.channel_id)
WHERE r.company_id = %s
"""


def _check_ledger() -> None:
    differences = ledger.check()
    if differences:
        raise ReplayError("the ledger does not add up: " + "; ".join(differences[:5]))
