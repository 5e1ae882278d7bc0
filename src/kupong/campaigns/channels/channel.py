"""What every message channel declares: whether it can be used, and a connection that hands messages over."""

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

import msgspec


class Parcel(msgspec.Struct, frozen=True):
    """One message to hand over. `reference` stays the same when it has to be tried again."""

    sender: str
    address: str
    subject: str
    html: str
    text: str
    reference: str


class Result(StrEnum):
    SENT = "sent"
    REFUSED = "refused"  # for good: it will not be taken tomorrow either
    BAD_ADDRESS = "address"  # nothing that could be an address
    LATER = "later"  # not now


class Handover(msgspec.Struct, frozen=True):
    """What became of a parcel, and what the other side said."""

    result: Result
    answer: str = ""


class Trouble(Exception):
    """Nothing can be handed over at all. `lasting`: it has to be mended here before another try makes sense."""

    def __init__(self, answer: str, *, lasting: bool) -> None:
        super().__init__(answer)
        self.answer = answer
        self.lasting = lasting


class Connection(Protocol):
    def hand_over(self, parcel: Parcel) -> Handover:
        """Errors: Trouble."""
        ...


class Channel(Protocol):
    @property
    def key(self) -> str: ...

    def missing(self) -> str | None:
        """The setting without which nothing can be sent; None when all is there."""
        ...

    def connection(self) -> AbstractContextManager[Connection]:
        """Errors, on entering: Trouble."""
        ...
