"""What a template may say of its reader, of the coupon and of the delivery. Anything else is an error."""

from collections.abc import Mapping

Value = str | None
Values = Mapping[str, Mapping[str, Value]]

# The one token for a code: it is the same for a code of one's own and for a code that all share.
CODE = "coupon.code"

NAMES: Mapping[str, tuple[str, ...]] = {
    "recipient": ("number", "first_name", "name", "email"),
    "coupon": ("code", "label", "valid_from", "valid_to"),
    "delivery": ("label",),
}
FIELDS = frozenset(f"{root}.{name}" for root, names in NAMES.items() for name in names)


def values(
    recipient: Mapping[str, Value], coupon: Mapping[str, Value], delivery: Mapping[str, Value]
) -> Values:
    """The values of all fields; one that is not given is empty."""
    given = {"recipient": recipient, "coupon": coupon, "delivery": delivery}
    return {root: {name: given[root].get(name) for name in names} for root, names in NAMES.items()}
