"""Reading YAML strictly: every error names the field and its line, and no key is ever ignored.

Scalars are read from their text as written, so "0.10" is ten hundredths and never passes through a float.
"""

import re
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import TypeVar

import yaml

from kupong.kernel.money import minor_digits

T = TypeVar("T")
Reader = Callable[[yaml.Node, str], T]

_NULL = "tag:yaml.org,2002:null"
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_STEP = re.compile(r"\[([0-9]+)\]|([^.\[\]$]+)")
_WHOLE = re.compile(r"[+-]?[0-9]+")


class FormatError(Exception):
    """The file does not say what it should: `line` counts from 1, `text` is for people."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")
        self.line = line
        self.text = text


def parse(text: str) -> yaml.Node:
    """The root of the one document in `text`. Raises FormatError when it is no YAML or empty.

    JSON is YAML but for tabs, which YAML does not take as blanks between its tokens.
    """
    if text.lstrip().startswith("{"):
        text = text.replace("\t", " ")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "this is not YAML"
        raise FormatError(mark.line + 1 if mark else 1, problem) from None
    if root is None:
        raise FormatError(1, "the file is empty")
    return root


def error_at(node: yaml.Node, text: str) -> FormatError:
    return FormatError(node.start_mark.line + 1, text)


def line_of(root: yaml.Node, path: str) -> int:
    """The line of what stands at `path` ("lines[0].price"), or of the nearest thing around it that is there."""
    node = root
    line = node.start_mark.line
    for place, name in _STEP.findall(path):
        if isinstance(node, yaml.MappingNode) and name in _key_nodes(node):
            line = _key_nodes(node)[name].start_mark.line
            node = entries(node, path)[name]
        elif isinstance(node, yaml.SequenceNode) and place and int(place) < len(node.value):
            node = node.value[int(place)]
            line = node.start_mark.line
        else:
            break
    return line + 1


class Fields:
    """A mapping whose keys must be among `allowed`; each key is given once."""

    def __init__(self, node: yaml.Node, name: str, allowed: Collection[str]) -> None:
        self.node = node
        self.name = name
        self.nodes = entries(node, name)
        self.keys = _key_nodes(node)
        for key in self.nodes:
            if key not in allowed:
                raise self.error(key, f"{name}: unknown key {key!r}")

    def optional(self, key: str, reader: Reader[T], default: T) -> T:
        """The value at `key`; the default when the key is missing or null."""
        node = self.nodes.get(key)
        if node is None or node.tag == _NULL:
            return default
        return reader(node, key)

    def maybe(self, key: str, reader: Reader[T]) -> T | None:
        node = self.nodes.get(key)
        return None if node is None or node.tag == _NULL else reader(node, key)

    def required(self, key: str, reader: Reader[T]) -> T:
        if key not in self.nodes:
            raise error_at(self.node, f"{self.name}: {key} is missing")
        return reader(self.nodes[key], key)

    def given(self, keys: Collection[str]) -> list[str]:
        """Those of the keys that have a value, in the order in which they stand in the file."""
        return [key for key, node in self.nodes.items() if key in keys and node.tag != _NULL]

    def exactly_one(self, keys: Collection[str]) -> str:
        given = self.given(keys)
        listed = ", ".join(keys)
        if not given:
            raise error_at(self.node, f"{self.name}: one of {listed} is missing")
        if len(given) > 1:
            raise self.error(given[1], f"{self.name}: only one of {listed} may be given")
        return given[0]

    def error(self, key: str, text: str) -> FormatError:
        return error_at(self.keys.get(key, self.node), text)


def entries(node: yaml.Node, name: str) -> dict[str, yaml.Node]:
    """A mapping's values by key, in order."""
    if not isinstance(node, yaml.MappingNode):
        raise error_at(node, f"{name}: expected keys with values")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise error_at(key, f"{name}: a key must be a plain text")
        if key.value in found:
            raise error_at(key, f"{name}: {key.value!r} is given twice")
        found[key.value] = value
    return found


def _key_nodes(node: yaml.Node) -> dict[str, yaml.Node]:
    return {key.value: key for key, _ in node.value}


def text(node: yaml.Node, name: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.tag == _NULL:
        raise error_at(node, f"{name}: expected a text")
    return str(node.value)


def flag(node: yaml.Node, name: str) -> bool:
    written = text(node, name)
    if written not in ("true", "false"):
        raise error_at(node, f"{name}: {written!r} is neither true nor false")
    return written == "true"


def decimal(node: yaml.Node, name: str) -> Decimal:
    written = text(node, name)
    if not _DECIMAL.fullmatch(written):
        raise error_at(node, f"{name}: {written!r} is not a decimal number such as 12.5")
    return Decimal(written)


def whole(node: yaml.Node, name: str) -> int:
    written = text(node, name)
    if not _WHOLE.fullmatch(written):
        raise error_at(node, f"{name}: {written!r} is not a whole number")
    return int(written)


def money(currency: str) -> Reader[int]:
    """Reads an amount in major units as minor units; more decimals than the currency has are an error."""
    digits = minor_digits(currency)

    def read(node: yaml.Node, name: str) -> int:
        amount = decimal(node, name)
        decimals = len(text(node, name).partition(".")[2])
        if decimals > digits:
            raise error_at(
                node, f"{name}: {node.value} has {decimals} decimals, {currency} has {digits}"
            )
        return int(amount.scaleb(digits))

    return read


def one_of(choices: Collection[str]) -> Reader[str]:
    def read(node: yaml.Node, name: str) -> str:
        written = text(node, name)
        if written not in choices:
            raise error_at(node, f"{name}: {written!r} is none of {', '.join(choices)}")
        return written

    return read


def list_of(reader: Reader[T]) -> Reader[list[T]]:
    def read(node: yaml.Node, name: str) -> list[T]:
        if not isinstance(node, yaml.SequenceNode):
            raise error_at(node, f"{name}: expected a list")
        return [reader(item, name) for item in node.value]

    return read


def map_of(reader: Reader[T]) -> Reader[dict[str, T]]:
    def read(node: yaml.Node, name: str) -> dict[str, T]:
        return {key: reader(value, f"{name} {key}") for key, value in entries(node, name).items()}

    return read
