"""Mix and match: so many units of each line group together, for a benefit."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.pricing.discounts import Discount, DiscountLine
from kupong.pricing.kinds import checks, words
from kupong.pricing.kinds.fields import Minor, Percent, Units
from kupong.pricing.kinds.kind import Ask, Form, Kind, Language, Texts

BENEFITS = ("deal_price", "percent_off", "amount_off", "least_expensive", "line_spec")
_OWN = ("percent_off", "price")

_WHOLE = Decimal(100)
_OF: Texts = {"en": "{} of {}", "sv": "{} av {}"}
_ANY: Texts = {"en": "Any {}", "sv": "Valfria {}"}
_BUY: Texts = {"en": "Buy {}, {}", "sv": "Köp {}, {}"}
_TOGETHER: Texts = {"en": "Together: {}", "sv": "Tillsammans: {}"}
_AMONG: Texts = {"en": " (among them {})", "sv": " (bland dem {})"}
_DEAL: Texts = {"en": "{} together for {}", "sv": "{} tillsammans för {}"}
_GIVES: Texts = {"en": "{}: {}", "sv": "{}: {}"}
_FULL_PRICE: Texts = {"en": "{} at full price", "sv": "{} till fullt pris"}
_FREE: Texts = {"en": "{} free", "sv": "{} gratis"}
_AT: Texts = {"en": "{} with {}", "sv": "{} med {}"}
_FOR: Texts = {"en": "{} for {}", "sv": "{} för {}"}
_RETAILER: Texts = {
    "en": ", units grouped in the shop's favour",
    "sv": ", varorna grupperas till butikens fördel",
}
_CHEAPEST: dict[Language, tuple[str, str]] = {
    "en": ("the cheapest {}", "the {} cheapest {}"),
    "sv": ("den billigaste {}", "de {} billigaste {}"),
}
_CHEAPEST_GETS: dict[str, dict[Language, tuple[str, str]]] = {
    "free": {"en": ("is free", "are free"), "sv": ("är gratis", "är gratis")},
    "percent_off": {"en": ("at {} % off",) * 2, "sv": ("med {} % rabatt",) * 2},
    "amount_off": {"en": ("at {} off", "at {} off each"), "sv": ("med {} i rabatt", "med {} i rabatt styck")},
    "price": {"en": ("for {}", "for {} each"), "sv": ("för {}", "för {} styck")},
}  # fmt: skip


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`need` units of what the group's lines pick. A `mandatory` group is a condition on the same units.

    With `line_spec` each group that is not mandatory has its own percentage, or a price for its units together.
    """

    need: Units
    mandatory: bool = False
    percent_off: Percent | None = None
    price: Minor | None = None


class LeastExpensive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On the `count` cheapest units of an application, each: one of the three benefits."""

    count: Units = 1
    percent_off: Percent | None = None
    amount_off: Minor | None = None
    price: Minor | None = None
    favor: Literal["customer", "retailer"] = "customer"


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one benefit. Lines of the discount carry the place of their group, from 0, in `group`."""

    groups: tuple[Group, ...]
    deal_price: Minor | None = None
    percent_off: Percent | None = None
    amount_off: Minor | None = None
    least_expensive: LeastExpensive | None = None
    line_spec: bool = False


def enabling_refusals(discount: Discount, params: Params) -> Iterator[Refused]:
    """Groups with lines, exactly one benefit in its range, mandatory groups that can be met."""
    yield from _group_refusals(discount, params)
    yield from _mandatory_refusals(params.groups)
    yield from _benefit_refusals(params)
    if params.least_expensive is not None:
        yield from _least_expensive_refusals(params.least_expensive, params.groups)
    if params.line_spec:
        yield from _line_spec_refusals(params.groups)
    else:
        yield from _unwanted_in_groups(params.groups)


def _group_refusals(discount: Discount, params: Params) -> Iterator[Refused]:
    if not params.groups:
        yield Refused(Reason.MISSING, {"field": "groups"})
    filled = {line.group for line in discount.lines if not line.exclude}
    for place in range(len(params.groups)):
        if place not in filled:
            yield Refused(Reason.GROUP_WITHOUT_LINES, {"field": f"groups[{place}].lines"})
    for place, line in enumerate(discount.lines, start=1):
        # What is taken out may be taken out of all groups at once.
        if line.group not in range(len(params.groups)) and not (
            line.exclude and line.group is None
        ):
            yield Refused(Reason.INVALID, {"line": place, "need": "a group"})


def _mandatory_refusals(groups: tuple[Group, ...]) -> Iterator[Refused]:
    counted = _units(groups)
    if groups and not counted:
        yield Refused(Reason.ONLY_MANDATORY, {"field": "groups"})
    for place, group in enumerate(groups):
        if group.mandatory and counted and group.need > counted:
            figures = {"need": group.need, "have": counted}
            yield Refused(Reason.MANDATORY_TOO_MANY, {"field": f"groups[{place}].need", **figures})


def _units(groups: tuple[Group, ...]) -> int:
    """How many units one application takes."""
    return sum(group.need for group in groups if not group.mandatory)


def _benefit_refusals(params: Params) -> Iterator[Refused]:
    values = {name: getattr(params, name) for name in BENEFITS}
    given = [name for name, value in values.items() if value is not None and value is not False]
    if len(given) != 1:
        figures = {"need": ", ".join(BENEFITS), "have": ", ".join(given)}
        yield Refused(Reason.ONE_BENEFIT, {"field": given[1] if given else "", **figures})
    for name in given:
        if name in ("percent_off", "amount_off"):
            yield from checks.value_refusals(name, values[name], name)


def _least_expensive_refusals(
    least: LeastExpensive, groups: tuple[Group, ...]
) -> Iterator[Refused]:
    yield from checks.one_benefit(least, "least_expensive")
    units = _units(groups)
    if units and least.count >= units:
        figures = {"limit": units - 1, "have": least.count}
        yield Refused(Reason.COUNT_TOO_LARGE, {"field": "least_expensive.count", **figures})


def _line_spec_refusals(groups: tuple[Group, ...]) -> Iterator[Refused]:
    """Each group has its own benefit; a percentage may be 0, but not everywhere (pay for one, get another)."""
    for place, group in enumerate(groups):
        path = f"groups[{place}]"
        if group.mandatory:
            yield from _unwanted(group, path)
            continue
        given = [name for name in _OWN if getattr(group, name) is not None]
        if len(given) != 1:
            figures = {"need": ", ".join(_OWN), "have": ", ".join(given)}
            field = f"{path}.{given[1]}" if given else path
            yield Refused(Reason.ONE_BENEFIT, {"field": field, **figures})
        for name in given:
            field = f"{path}.{name}"
            yield from checks.value_refusals(name, getattr(group, name), field, zero_allowed=True)
    own = [group for group in groups if not group.mandatory]
    if own and all(group.percent_off == Decimal(0) for group in own):
        place = groups.index(own[0])
        figures = {"field": f"groups[{place}].percent_off", "have": "0"}
        yield Refused(Reason.PERCENT_OUT_OF_RANGE, figures)


def _unwanted_in_groups(groups: tuple[Group, ...]) -> Iterator[Refused]:
    for place, group in enumerate(groups):
        yield from _unwanted(group, f"groups[{place}]")


def _unwanted(group: Group, path: str) -> Iterator[Refused]:
    """A benefit of its own where the group has none."""
    for name in _OWN:
        if getattr(group, name) is not None:
            yield Refused(Reason.INVALID, {"field": f"{path}.{name}"})


def sentence(discount: Discount, params: Params, language: Language) -> str:
    """For example "Any 2 of 3 products together for 25.00 USD", "Buy 3, the cheapest is free"."""
    groups = [
        (group, _picked(group, lines, language))
        for group, lines in zip(params.groups, _lines_of(discount, params), strict=True)
    ]
    taken = [(group, picked) for group, picked in groups if not group.mandatory]
    among = words.listed([picked for group, picked in groups if group.mandatory], language)
    tail = _AMONG[language].format(among) if among else ""
    said = words.listed([picked for _, picked in taken], language) + tail
    out = [line for line in discount.lines if line.exclude and line.group is None]
    return _whole(params, taken, said, discount.currency, language) + words.without(out, language)


def _lines_of(discount: Discount, params: Params) -> list[list[DiscountLine]]:
    lines: list[list[DiscountLine]] = [[] for _ in params.groups]
    for line in discount.lines:
        if line.group is not None and line.group < len(lines):
            lines[line.group].append(line)
    return lines


def _picked(group: Group, lines: Sequence[DiscountLine], language: Language) -> str:
    """ "2 of 3 products"; only "2" where it may be anything."""
    bought = words.covered(lines, language)
    if bought in ("", words.everything(language)):
        return str(group.need)
    return _OF[language].format(group.need, bought)


def _whole(
    params: Params,
    taken: Sequence[tuple[Group, str]],
    said: str,
    currency: str,
    language: Language,
) -> str:
    if params.line_spec:
        own = [_own(group, picked, currency, language) for group, picked in taken]
        return _TOGETHER[language].format(words.listed(own, language))
    if params.least_expensive is not None:
        return _BUY[language].format(said, _cheapest(params.least_expensive, currency, language))
    together = _ANY[language].format(said)
    if params.deal_price is not None:
        return _DEAL[language].format(together, words.money(params.deal_price, currency, language))
    if params.percent_off is not None:
        gives = words.benefit(params.percent_off, None, None, currency, language)
        return _GIVES[language].format(together, gives)
    if params.amount_off is not None:
        amount = words.money(params.amount_off, currency, language)
        return _GIVES[language].format(together, words.AMOUNT_OFF[language].format(amount))
    return words.NOTHING[language]


def _own(group: Group, picked: str, currency: str, language: Language) -> str:
    """A group's own benefit: "1 of 2 products free"."""
    if group.price is not None:
        return _FOR[language].format(picked, words.money(group.price, currency, language))
    if not group.percent_off:
        return _FULL_PRICE[language].format(picked)
    if group.percent_off == _WHOLE:
        return _FREE[language].format(picked)
    gives = words.benefit(group.percent_off, None, None, currency, language)
    return _AT[language].format(picked, gives)


def _cheapest(least: LeastExpensive, currency: str, language: Language) -> str:
    """ "the cheapest is free", "the 2 cheapest at 50 % off"."""
    several = least.count > 1
    if least.percent_off == _WHOLE:
        name, value = "free", ""
    elif least.percent_off is not None:
        name, value = "percent_off", words.decimal(least.percent_off, language)
    else:
        name = "amount_off" if least.amount_off is not None else "price"
        minor = least.amount_off if least.amount_off is not None else least.price or 0
        value = words.money(minor, currency, language)
    gets = _CHEAPEST_GETS[name][language][several].format(value)
    text = _CHEAPEST[language][several]
    said = text.format(least.count, gets) if several else text.format(gets)
    return said + (_RETAILER[language] if least.favor == "retailer" else "")


MIX_AND_MATCH = Kind(
    key="mix_and_match",
    version=1,
    params=Params,
    name={"en": "Mix and match", "sv": "Kombinationsrabatt"},
    sentence=sentence,
    enabling_refusals=enabling_refusals,
    forms=(
        Form(
            "cheapest",
            {"en": "Buy several, the cheapest is free", "sv": "Köp flera, den billigaste är gratis"},
            (
                Ask("units", "count", "groups[0].need", {"en": "Buy this many", "sv": "Köp så här många"}, "3"),
                Ask(
                    "cheapest", "count", "least_expensive.count",
                    {"en": "Of them, this many are cheaper", "sv": "Så många av dem blir billigare"}, "1",
                ),
                Ask(
                    "percent", "percent", "least_expensive.percent_off",
                    {"en": "Per cent off those; 100 is free", "sv": "Procent rabatt på dem; 100 är gratis"}, "100",
                ),
            ),
        ),
        Form(
            "deal",
            {"en": "Several for one price", "sv": "Flera för ett pris"},
            (
                Ask("units", "count", "groups[0].need", {"en": "This many", "sv": "Så här många"}, "3"),
                Ask("price", "amount", "deal_price", {"en": "Price together", "sv": "Pris tillsammans"}),
            ),
        ),
    ),
)  # fmt: skip
