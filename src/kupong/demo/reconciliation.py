"""What became of each redemption of the data: every one ends in exactly one place, so that they add up."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

REDEEMED, NO_EFFECT, NO_BASKET = "redeemed", "no_effect", "no_basket"
_REFUSED = "refused: "


def fresh(total: int) -> list[str]:
    """The outcomes before the first basket."""
    return [NO_BASKET] * total


class Reconciliation:
    """The outcome of each redemption, by its place in the data."""

    def __init__(self, outcomes: Iterable[str]) -> None:
        self.outcomes = list(outcomes)

    def pending(self, places: Iterable[int]) -> list[int]:
        """Those that had no effect yet: they are handed in again on the next basket of their day."""
        return [place for place in places if self.outcomes[place] != REDEEMED]

    def settle(self, place: int, status: str, reason: str | None) -> None:
        """What a basket said of a code: applied, no_effect or refused. The best of its day's baskets stays."""
        if status == "applied":
            self.outcomes[place] = REDEEMED
        elif status == "refused" and self.outcomes[place] != REDEEMED:
            self.outcomes[place] = f"{_REFUSED}{reason}"
        elif self.outcomes[place] == NO_BASKET:
            self.outcomes[place] = NO_EFFECT

    def result(self) -> dict[str, Any]:
        """{"total", "redeemed", "no_effect", "no_basket", "refused": {reason: how many}}."""
        counted = Counter(self.outcomes)
        refused = {
            outcome.removeprefix(_REFUSED): counted[outcome]
            for outcome in sorted(counted)
            if outcome.startswith(_REFUSED)
        }
        known = {name: counted[name] for name in (REDEEMED, NO_EFFECT, NO_BASKET)}
        return {"total": len(self.outcomes), **known, "refused": refused}


def line(result: dict[str, Any]) -> str:
    """The one line that `kupong demo` ends with."""
    return (
        f"reconciled {result['total']} redemptions: {result['redeemed']} redeemed,"
        f" {result['no_effect']} no effect, {result['no_basket']} no basket,"
        f" {sum(result['refused'].values())} refused"
    )
