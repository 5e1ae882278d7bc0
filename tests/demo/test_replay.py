"""The replay stops, and says so, when the product does what it should not."""

from datetime import datetime
from typing import Any

import pytest

from kupong.demo import replay
from kupong.demo.baskets import Basket, Line
from kupong.demo.source import ZONE
from kupong.redemption import ledger

BASKET = Basket(
    31198570044, 330, 900, datetime(2017, 1, 1, 11, 53, tzinfo=ZONE),
    (Line(1095275, 3, 50), Line(5978656, 0, 0)), (),
)  # fmt: skip


def test_a_difference_in_the_ledger_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "check", lambda: ["code …4HBT: the counter says 1, the ledger 2"])
    with pytest.raises(replay.ReplayError, match="counter says 1, the ledger 2"):
        replay._check_ledger()


def test_a_line_is_one_unit_at_its_amount_and_keeps_its_quantity_in_its_name() -> None:
    request: Any = replay._request(BASKET, ["A"])
    sold = [(line.id, line.product, line.quantity, line.price) for line in request.lines]
    assert sold == [("1x3", "1095275", 1, 50), ("2x0", "5978656", 1, 0)]
    assert (request.channel, request.customer, request.codes) == ("330", "900", ("A",))
    assert request.at.isoformat() == "2017-01-01T11:53:00-05:00"
