"""Strings hide imports: a relation named by a string must follow the direction of the rooms all the same."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import ForeignObject, ManyToManyField

from tests.house import rooms


def relations() -> Iterator[tuple[str, str, Any]]:
    """Every relation of our models: the room it starts in, the package it points to, the field."""
    for model in apps.get_models():
        if not model.__module__.startswith("kupong."):
            continue
        for field in model._meta.get_fields(include_hidden=True):
            if isinstance(field, ForeignObject | ManyToManyField) and field.model is model:
                yield room_of(model), room_of(field.related_model), field


def room_of(model: Any) -> str:
    package, *rest = model.__module__.split(".")
    return str(rest[0]) if package == "kupong" else package


def test_our_models_have_relations_to_look_at() -> None:
    assert len({start for start, _, _ in relations()}) >= 5


def test_every_relation_points_to_its_own_room_or_a_lower_one() -> None:
    height = rooms.heights()
    upward = [
        str(field)
        for start, end, field in relations()
        if end in height and height[end] >= height[start] and end != start
    ]
    assert upward == []


def test_a_relation_that_crosses_rooms_has_no_reverse_name() -> None:
    named = [
        str(field)
        for start, end, field in relations()
        if end != start and not field.remote_field.hidden
    ]
    assert named == []
