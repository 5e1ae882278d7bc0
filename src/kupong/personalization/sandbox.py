"""The part of Liquid that templates may use: chosen tags and filters, each of them bounded.

What is not in the two lists does not exist, so that a template can neither read a clock or a file nor grow
without end. A filter's arguments come from the template's author: every result is measured.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

from liquid import Environment, Markup
from liquid.builtin.filters import string
from liquid.builtin.filters.misc import default, size
from liquid.exceptions import FilterArgumentError
from liquid.filter import string_filter

MAX_TEMPLATE_CHARACTERS = 200_000
MAX_OUTPUT_BYTES = 1_000_000
MAX_VALUE_CHARACTERS = 50_000

TAGS = (
    "content output illegal # assign break capture case comment continue echo for if raw unless"
).split()


class _Bounded(Environment):
    block_nesting_limit = 20
    context_depth_limit = 20
    loop_iteration_limit = 1_000
    local_namespace_limit = 200_000
    output_stream_limit = MAX_OUTPUT_BYTES


@cache
def environment(markup: bool) -> Environment:
    """For HTML (`markup`), where every value is escaped, or for plain text."""
    bounded = _Bounded(autoescape=markup)
    known = dict(bounded.tags)
    bounded.tags = {name: known[name] for name in TAGS if name in known}
    bounded.filters = {name: _measured(filter) for name, filter in FILTERS.items()}
    return bounded


def _measured(filter: Callable[..., Any]) -> Callable[..., Any]:
    def measured(*given: Any, **named: Any) -> Any:
        return _within(filter(*given, **named))

    for mark in ("with_environment", "with_context"):
        if hasattr(filter, mark):
            setattr(measured, mark, getattr(filter, mark))
    return measured


def _within(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_VALUE_CHARACTERS:
        raise FilterArgumentError(f"longer than {MAX_VALUE_CHARACTERS} characters", token=None)
    return value


@string_filter
def _replace(text: str, sought: object, put: object = "") -> str:
    """Measured before it is done: a chain of these would multiply its length with each."""
    old, new = str(sought), str(put)
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_VALUE_CHARACTERS:
        raise FilterArgumentError(f"longer than {MAX_VALUE_CHARACTERS} characters", token=None)
    return text.replace(old, put if isinstance(put, Markup) else new)


@string_filter
def _slice(text: str, start: object, length: object = 1) -> object:
    """Of text only: a part of a range could be any number of things."""
    return string.slice_(text, start, length)


def _date(value: object, form: object = "%Y-%m-%d") -> object:
    """A date or time as the data writes it, in another form; anything else stays as it is. No clock."""
    when = _read_date(str(value or ""))
    pattern = str(form)
    if when is None or len(pattern) > 100 or "\0" in pattern:
        return value
    return when.strftime(pattern)


def _read_date(text: str) -> date | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            pass
    return None


FILTERS: dict[str, Callable[..., Any]] = {
    "append": string.append,
    "capitalize": string.capitalize,
    "date": _date,
    "default": default,
    "downcase": string.downcase,
    "escape": string.escape,
    "prepend": string.prepend,
    "remove": string.remove,
    "replace": _replace,
    "size": size,
    "slice": _slice,
    "strip": string.strip,
    "strip_newlines": string.strip_newlines,
    "truncate": string.truncate,
    "truncatewords": string.truncatewords,
    "upcase": string.upcase,
    "url_encode": string.url_encode,
}
