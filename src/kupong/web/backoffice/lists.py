"""What the pages with lists share: reading what was asked for, and the way on by key."""

from collections.abc import Iterable
from datetime import date

import msgspec
from django.http import Http404, HttpRequest

PAGE_SIZE = 50
LONGEST = 200


class Pager(msgspec.Struct, frozen=True):
    """Addresses of other parts of the list; empty where there is none. No page counts what it does not show."""

    first: str
    following: str


def asked(request: HttpRequest, name: str) -> str:
    """A parameter of the address as text: trimmed, of bearable length, without signs no database takes."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:LONGEST]


def asked_for(request: HttpRequest, name: str, choices: Iterable[str]) -> str:
    """The same, where only these words mean something; anything else is as good as nothing."""
    word = asked(request, name)
    return word if word in choices else ""


def asked_day(request: HttpRequest, name: str) -> date | None:
    """A day as date fields send it; None when there is none, or none that can be read."""
    try:
        return date.fromisoformat(asked(request, name))
    except ValueError:
        return None


def asked_place(request: HttpRequest, *, is_id: bool) -> str | None:
    """Where the list goes on. 404 for what cannot be the key of a row."""
    after = asked(request, "after")
    if is_id and after and not (after.isascii() and after.isdecimal() and len(after) <= 18):
        raise Http404
    return after or None


def pager(request: HttpRequest, following: str | None) -> Pager:
    """The ways from this part of the list: its filters are kept."""
    kept = request.GET.copy()
    before = kept.pop("after", None)
    first = f"{request.path}?{kept.urlencode()}" if kept else request.path
    if following is not None:
        kept["after"] = following
    onwards = f"{request.path}?{kept.urlencode()}" if following is not None else ""
    return Pager(first if before else "", onwards)
