"""Templates in, text out. A template is read once and rendered for each recipient.

What can be wrong with a template is a value: reading says what stands in the text, rendering what
happened with these values. Nothing else is ever raised.
"""

from typing import Any

import msgspec
from liquid import BoundTemplate
from liquid.exceptions import LiquidError, OutputStreamLimitError, ResourceLimitError

from kupong.kernel.reasons import Reason, Refused
from kupong.personalization.fields import FIELDS, NAMES, Values
from kupong.personalization.sandbox import (
    FILTERS,
    MAX_OUTPUT_BYTES,
    MAX_TEMPLATE_CHARACTERS,
    environment,
)

_MAX_PROBLEM_CHARACTERS = 200


class Template(msgspec.Struct, frozen=True):
    """A template that was read. `uses` holds the fields that it names, such as "coupon.code"."""

    bound: BoundTemplate
    uses: frozenset[str]

    def render(self, values: Values) -> str | Refused:
        """The text for these values. Refused: `template_invalid`, `template_too_large`."""
        try:
            text = self.bound.render(**values)
            text.encode()  # half a surrogate pair is no text that could be sent
        except OutputStreamLimitError:
            return Refused(Reason.TEMPLATE_TOO_LARGE, {"limit": MAX_OUTPUT_BYTES})
        except Exception as error:
            # Whatever a template brings about, it is the template's fault and not a fault of ours.
            return _invalid(error)
        return text


def read(text: str, *, markup: bool) -> Template | Refused:
    """Read a template for HTML (`markup`: every value is escaped) or for plain text.

    Refused: `template_too_large`; `template_invalid` with the line and what is wrong in it; `unknown_field`
    with every field that there is not.
    """
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        return Refused(Reason.TEMPLATE_TOO_LARGE, {"limit": MAX_TEMPLATE_CHARACTERS})
    try:
        bound = environment(markup).from_string(text)
        found = bound.analyze()
    except Exception as error:
        return _invalid(error)
    no = _filter_problem(found.filters) or _shadow_problem(found.locals)
    if no:
        return no
    uses = frozenset(str(one) for places in found.globals.values() for one in places)
    if uses - FIELDS:
        return Refused(Reason.UNKNOWN_FIELD, {"value": sorted(uses - FIELDS)})
    return Template(bound, uses)


def _filter_problem(filters: Any) -> Refused | None:
    unknown = sorted(set(filters) - set(FILTERS))
    if not unknown:
        return None
    return Refused(Reason.TEMPLATE_INVALID, {"problem": f"unknown filter {', '.join(unknown)}"})


def _shadow_problem(names: Any) -> Refused | None:
    """A name of ours that is assigned to would hide the field, and which fields are used."""
    hidden = sorted(set(names) & set(NAMES))
    if not hidden:
        return None
    return Refused(Reason.TEMPLATE_INVALID, {"problem": f"cannot assign to {', '.join(hidden)}"})


def _invalid(error: Exception) -> Refused:
    if isinstance(error, LiquidError):
        figures: dict[str, Any] = {"problem": str(error.message)[:_MAX_PROBLEM_CHARACTERS]}
        line = None if isinstance(error, ResourceLimitError) else _line(error)
        return Refused(Reason.TEMPLATE_INVALID, figures | ({"line": line} if line else {}))
    return Refused(Reason.TEMPLATE_INVALID, {"problem": type(error).__name__})


def _line(error: LiquidError) -> int | None:
    try:
        place = error.context()
    except ValueError:  # an error at the very end of the text
        return None
    return place[0] if place else None
