"""The fields that the kinds bring to a discount, as people send them: drawn from the parameters that each declares.

A field that several kinds have is one field here, and so is a shape within them (a tier); what a kind
does not know in it is refused when it is sent. Percentages and quantities are decimal text.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from keyword import iskeyword
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kupong.organisation.fields import DecimalText, PercentText
from kupong.pricing.kinds import KINDS
from kupong.pricing.kinds.fields import Percent
from kupong.pricing.kinds.kind import Kind

MAX_ITEMS = 100

Fields = list[tuple[str, Any, Any]]
WholeOrDecimal = Annotated[int, Meta(ge=0, le=10**9)] | DecimalText

# The fields that each kind brings, by its key; the names are those in which they are sent.
KIND_FIELDS: Mapping[str, tuple[str, ...]] = {
    kind.key: tuple(field.encode_name for field in msgspec.structs.fields(kind.params))
    for kind in KINDS
}
ALL_KIND_FIELDS = tuple(dict.fromkeys(name for names in KIND_FIELDS.values() for name in names))


def with_kind_fields(
    header: type[msgspec.Struct], extra: Mapping[str, Fields]
) -> type[msgspec.Struct]:
    """`header` with the fields of every kind, each of which may be left out or null.

    `extra` are further fields of the shapes within them, by the name of the shape.
    """
    shapes = _shapes(extra)
    declared = _declared([kind.params for kind in KINDS])
    fields = [
        (name, Annotated[_as_sent(type_, shapes) | UnsetType | None, _about(name)], UNSET)
        for name, type_ in declared.items()
    ]
    return _defined(f"{header.__name__}OfKinds", fields, header)


def _about(name: str) -> Meta:
    kinds = [kind for kind, names in KIND_FIELDS.items() if name in names]
    return Meta(description=f"Only of kind {', '.join(kinds)}.")


def misplaced(kind: Kind[Any], sent: Mapping[str, Any]) -> Iterator[str]:
    """The paths of what is sent among the kind's fields and is none of them ("tiers[0].price")."""
    declared = _types(kind.params)
    for name, value in sent.items():
        if name not in declared:
            yield name
        else:
            yield from _misplaced_within(name, value, declared[name])


def _misplaced_within(path: str, value: Any, declared: Any) -> Iterator[str]:
    if isinstance(value, tuple | list):
        for place, item in enumerate(value):
            yield from _misplaced_within(f"{path}[{place}]", item, declared)
    elif isinstance(value, dict):
        (struct,) = _structs_in(declared)
        known = _types(struct)
        yield from (f"{path}.{name}" for name in value if name not in known)


def _shapes(extra: Mapping[str, Fields]) -> dict[type, type[msgspec.Struct]]:
    """A shape to send for each struct among the parameters; those of one name share theirs."""
    named: dict[str, list[type[msgspec.Struct]]] = {}
    for kind in KINDS:
        for declared in _types(kind.params).values():
            for struct in _structs_in(declared):
                named.setdefault(struct.__name__, []).append(struct)
    drawn: dict[type, type[msgspec.Struct]] = {}
    for name, structs in named.items():
        shape = _defined(name, _fields_within(structs) + extra.get(name, []))
        shape.__doc__ = structs[0].__doc__ if len(structs) == 1 else _SHARED
        drawn |= dict.fromkeys(structs, shape)
    return drawn


_SHARED = "Of several kinds, each of which takes only the fields that it knows."


def _fields_within(structs: list[type[msgspec.Struct]]) -> Fields:
    """What every kind needs is needed; the rest may be left out."""
    fields: Fields = []
    for name, declared in _declared(structs).items():
        needed = len(structs) == 1 and _is_needed(structs[0], name)
        sent = _as_sent(declared, {})
        fields.append((name, sent, msgspec.NODEFAULT) if needed else (name, *_optional(sent)))
    return sorted(fields, key=lambda field: field[2] is not msgspec.NODEFAULT)


def _optional(sent: Any) -> tuple[Any, Any]:
    return (sent, False) if sent is bool else (sent | None, None)


def _is_needed(struct: type[msgspec.Struct], name: str) -> bool:
    (field,) = (one for one in msgspec.structs.fields(struct) if one.encode_name == name)
    return field.required


def _declared(structs: list[type[msgspec.Struct]]) -> dict[str, Any]:
    """The fields of all of them, by the name in which they are sent."""
    found: dict[str, Any] = {}
    for struct in structs:
        found |= {name: declared for name, declared in _types(struct).items() if name not in found}
    return found


def _types(struct: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(struct, include_extras=True)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(struct)}


def _as_sent(declared: Any, shapes: Mapping[type, type[msgspec.Struct]]) -> Any:
    """The type in which a value of this type is sent, without the null that says that there is none."""
    if declared == Percent:
        return PercentText
    if get_origin(declared) is Annotated and get_args(declared)[0] is Decimal:
        return WholeOrDecimal
    if get_origin(declared) in (Union, UnionType):
        (value,) = (one for one in get_args(declared) if one is not type(None))
        return _as_sent(value, shapes)
    if get_origin(declared) is tuple:
        items = tuple.__class_getitem__((_as_sent(get_args(declared)[0], shapes), ...))
        return Annotated[items, Meta(max_length=MAX_ITEMS)]
    return shapes.get(declared, declared)


def _structs_in(declared: Any) -> list[type[msgspec.Struct]]:
    if isinstance(declared, type) and issubclass(declared, msgspec.Struct):
        return [declared]
    return [struct for part in get_args(declared) for struct in _structs_in(part)]


def _defined(
    name: str, fields: Fields, base: type[msgspec.Struct] | None = None
) -> type[msgspec.Struct]:
    """A struct of fields that are named as they are sent; `from` has an underscore in Python."""
    spelt = [
        (f"{key}_" if iskeyword(key) else key, type_, msgspec.field(default=default, name=key))
        for key, type_, default in fields
    ]
    return msgspec.defstruct(
        name,
        spelt,
        bases=(base,) if base else None,
        module=__name__,
        kw_only=True,
        forbid_unknown_fields=True,
        omit_defaults=base is None,
    )
