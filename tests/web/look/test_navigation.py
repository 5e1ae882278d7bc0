"""The main menu: rooms that exist, and the one that the reader is in."""

import pytest

from kupong.web.look.navigation import ROOMS, Room, doors

HERE = (
    Room("overview", ROOMS[0].text),
    Room("coupons", ROOMS[1].text, ("/coupons/", "/codes/")),
    Room("a-room-to-come", ROOMS[2].text, ("/to-come/",)),
    Room("api", ROOMS[-1].text, address="/api/docs"),
)


def test_a_room_without_an_address_has_no_door() -> None:
    assert [door.address for door in doors("/", HERE)] == ["/", "/coupons", "/api/docs"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", ["page", "", ""]),
        ("/coupons", ["", "page", ""]),
        ("/coupons/A", ["", "true", ""]),
        ("/codes/A-1", ["", "true", ""]),
        ("/couponsish", ["", "", ""]),
        ("/api/docs", ["", "", "page"]),
    ],
)
def test_the_room_of_the_page_is_marked(path: str, current: list[str]) -> None:
    assert [door.current for door in doors(path, HERE)] == current


def test_every_room_of_the_menu_is_named_once() -> None:
    names = [room.name for room in ROOMS]
    assert len(names) == len(set(names))
