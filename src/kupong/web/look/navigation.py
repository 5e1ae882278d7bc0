"""The rooms that the main menu leads to, in the order in which they stand there.

A room is shown once its address exists (the `name` in `urls.py`). It is the current one on every page whose
address begins with one of its `places`.
"""

from collections.abc import Iterator

import msgspec
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Room(msgspec.Struct, frozen=True):
    """`address` is for what Django does not serve; any other room is found by its `name`."""

    name: str
    text: Promise
    places: tuple[str, ...] = ()
    address: str = ""


class Door(msgspec.Struct, frozen=True):
    """A link of the menu. `current` is what `aria-current` says: the page itself, or true within the room."""

    text: Promise
    address: str
    current: str


ROOMS = (
    Room("overview", _("Overview")),
    Room("coupons", _("Coupons"), ("/coupons/", "/codes/", "/redemptions/")),
    Room("try-cart", _("Try a cart")),
    Room("deliveries", _("Deliveries"), ("/deliveries/",)),
    Room("api", _("API"), address="/api/docs"),
)


def doors(path: str, rooms: tuple[Room, ...] = ROOMS) -> Iterator[Door]:
    """The links to the rooms that exist, seen from the page at `path`."""
    for room in rooms:
        address = room.address or _address(room.name)
        if address:
            yield Door(room.text, address, _current(room, address, path))


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _current(room: Room, address: str, path: str) -> str:
    if path == address:
        return "page"
    return "true" if path.startswith(room.places or ("\n",)) else ""
