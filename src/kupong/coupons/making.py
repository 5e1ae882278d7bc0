"""Makes a coupon with all that it needs, in one go: its discount, its price group, itself and its codes.

Each part is made by its own room's use case; here is only what they make together. Numbers are drawn and
rows are held in the order that the other use cases of coupons keep: coupon, discount, price book, codes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kupong.catalog.models import Category, Product
from kupong.coupons.discounts import discounts
from kupong.coupons.issuing import guessable, issue_codes, random_codes
from kupong.coupons.models import Coupon, CouponCode
from kupong.coupons.service import activate, coupons
from kupong.coupons.shapes import CodeText, CouponDraft, CouponRecord, Kind, UsageLimit
from kupong.discounts.checks import enabling_problems
from kupong.discounts.reach import group_of_affiliation, group_of_channel
from kupong.discounts.shapes import DiscountDraft, DiscountRecord, LineDraft
from kupong.kernel.identifiers import normalise_code
from kupong.kernel.reasons import Reason, Refused
from kupong.numbering.codes import guesses_per_hit
from kupong.organisation.bounds import read_period
from kupong.organisation.fields import (
    BoundText,
    Count,
    CurrencyCode,
    FilledText,
    Minor,
    Number,
    Numbers,
    PercentText,
)
from kupong.organisation.models import Affiliation, Channel
from kupong.organisation.queries import parameters
from kupong.organisation.refusals import InField, Problems, Refusals
from kupong.organisation.service import EVERYBODY, channels
from kupong.organisation.transactions import use_case
from kupong.pricing.kinds import form_of
from kupong.pricing.kinds.forms import asked_at, filled

MAX_CODES = 100_000
CODE_LENGTH = 10

CodeCount = Annotated[int, Meta(ge=0, le=MAX_CODES)]
CodeLength = Annotated[int, Meta(ge=1, le=30)]


class MakingDraft(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A coupon as a shop keeper thinks of it. Money is in minor units of `currency` (the company's).

    It gives what one of the forms of the kinds of discounts makes of `answers`, by their names; the form is
    `gives`. Without it, exactly one of `percent_off`, `amount_off` (per unit) and `price` (per unit). It does so on
    `products`, on a `category`, or on everything; to everybody, to a `channel` or to an `affiliation`. It has
    `code_count` individual codes of `code_length` characters, or when that is 0 one shared code: `code`, or a
    random one. Each code is used `uses_per_code` times in all (0: no limit; left out: an individual code once, a
    shared one without limit) and `uses_per_customer` times by each customer (0: no limit).
    """

    label: FilledText
    gives: str | None = None
    answers: dict[str, str | int] = {}
    percent_off: PercentText | None = None
    amount_off: Minor | None = None
    price: Minor | None = None
    currency: CurrencyCode | None = None
    category: Number | None = None
    products: Numbers = ()
    valid_from: BoundText | None = None
    valid_to: BoundText | None = None
    uses_per_code: Count | None = None
    uses_per_customer: Count = 0
    code: CodeText | None = None
    code_count: CodeCount = 0
    code_length: CodeLength = CODE_LENGTH
    channel: Number | None = None
    affiliation: Number | None = None
    active: bool = True

    @property
    def kind(self) -> Kind:
        return "individual" if self.code_count else "anonymous"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was made. `code` is the shared code; `guesses_per_hit` tells how safe random codes are."""

    coupon: str
    discount: str
    price_group: str
    code: str | None
    code_count: int
    guesses_per_hit: int | None


@use_case
def make_coupon(company_id: int, draft: MakingDraft) -> Made | Refusals:
    """Make it all, or nothing. Problems name the fields of the draft ("products[0]", "valid_to").

    Refused among others: `duplicate` code, `guessable` codes, `unknown_reference`, `wrong_currency` for a
    channel that sells in another one, and every check that would keep the discount from the tills.
    """
    refusals = check(company_id, draft)
    if refusals:
        return refusals
    draft = _completed(company_id, draft)
    number = coupons.next_number(company_id)
    if isinstance(number, Refusals):
        return number
    group = _price_group(company_id, draft)
    if isinstance(group, Refusals):
        return group
    discount = discounts.create(company_id, discount_draft(draft, group))
    if isinstance(discount, Refusals):
        return Refusals(_named_by_draft(draft, discount.problems))
    coupon = coupons.create(company_id, _coupon_draft(draft, number, discount))
    if isinstance(coupon, Refusals):
        return Refusals(_named_by_draft(draft, coupon.problems))
    refusals = _finished(company_id, number, draft)
    return refusals or _made(draft, group, coupon)


def discount_draft(draft: MakingDraft, price_group: str = EVERYBODY) -> DiscountDraft:
    """The discount of the coupon that the draft describes. KeyError for a form that there is not;
    msgspec.ValidationError for answers that are none of its own.
    """
    kind, params, values = _terms(draft)
    lines = list(_lines(draft, values))
    if "groups" in params:
        params["groups"][0]["lines"] = lines
        lines = []
    header = {"kind": kind, "name": draft.label, "price_groups": (price_group,), "lines": lines}
    return msgspec.convert(
        header | {"currency": draft.currency} | params, DiscountDraft, from_attributes=True
    )


def _terms(draft: MakingDraft) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The kind, its parameters, and what every line gives."""
    if draft.gives is None:
        given = {name: getattr(draft, name) for name in ("percent_off", "amount_off", "price")}
        return "simple", {}, given
    kind, form = form_of(draft.gives)
    return kind.key, *filled(form, draft.answers)


def _lines(draft: MakingDraft, gives: Mapping[str, Any]) -> Iterable[LineDraft]:
    if draft.category is not None:
        yield _line(gives, category=draft.category)
    for product in draft.products:
        yield _line(gives, product=product)
    if draft.category is None and not draft.products:
        yield _line(gives, all=True)


def _line(gives: Mapping[str, Any], **target: Any) -> LineDraft:
    return msgspec.convert({**gives, **target}, LineDraft)


def _completed(company_id: int, draft: MakingDraft) -> MakingDraft:
    """The draft with what it leaves open."""
    once = 1 if draft.kind == "individual" else 0
    return msgspec.structs.replace(
        draft,
        currency=draft.currency or parameters(company_id).currency,
        uses_per_code=once if draft.uses_per_code is None else draft.uses_per_code,
        products=tuple(dict.fromkeys(draft.products)),
    )


def check(company_id: int, draft: MakingDraft) -> Refusals | None:
    """Everything that can be said before anything is made, so that it is said at once."""
    draft = _completed(company_id, draft)
    problems = Problems()
    checks = discount_problems(draft, str(draft.currency))
    # One product after the other would say the same of the same field.
    problems.take({one.field: one for one in reversed(_named_by_draft(draft, checks))}.values())
    _check_references(company_id, draft, problems)
    _check_codes(company_id, draft, problems)
    read_period(problems, draft.valid_from, draft.valid_to, ("valid_from", "valid_to"))
    return problems.refusals()


def discount_problems(draft: MakingDraft, currency: str) -> Sequence[InField]:
    """What keeps the discount of the draft from the tills, by the fields of the discount."""
    try:
        wanted = discount_draft(draft)
    except KeyError:
        return [InField("gives", Refused(Reason.INVALID))]
    except msgspec.ValidationError:
        return [InField("answers", Refused(Reason.INVALID))]
    return enabling_problems(wanted, currency)


def _check_references(company_id: int, draft: MakingDraft, problems: Problems) -> None:
    problems.looked_up_one("category", Category, company_id, draft.category)
    problems.looked_up("products", Product, company_id, draft.products)
    problems.looked_up_one("channel", Channel, company_id, draft.channel)
    problems.looked_up_one("affiliation", Affiliation, company_id, draft.affiliation)
    if draft.category is not None and draft.products:
        problems.add("products", Reason.INVALID, need="category or products")
    if draft.channel is not None and draft.affiliation is not None:
        problems.add("affiliation", Reason.INVALID, need="channel or affiliation")
    channel = channels.find(company_id, draft.channel) if draft.channel else None
    if channel and channel.currency != draft.currency:
        figures = {"need": channel.currency, "have": draft.currency}
        problems.add("channel", Reason.WRONG_CURRENCY, **figures)


def _check_codes(company_id: int, draft: MakingDraft, problems: Problems) -> None:
    if draft.code is not None and draft.code_count:
        problems.add("code", Reason.INVALID, kind=draft.kind)
    if draft.code is not None:
        code = normalise_code(draft.code)
        if CouponCode.objects.filter(company_id=company_id, code=code).exists():
            problems.add("code", Reason.DUPLICATE, value=code)
    elif refused := guessable(draft.code_count or 1, draft.code_length):
        problems.take([InField("code_length", refused)])


def _price_group(company_id: int, draft: MakingDraft) -> str | Refusals:
    if draft.channel is not None:
        return group_of_channel(company_id, draft.channel)
    if draft.affiliation is not None:
        return group_of_affiliation(company_id, draft.affiliation)
    return EVERYBODY


def _coupon_draft(draft: MakingDraft, number: str, discount: DiscountRecord) -> CouponDraft:
    limits = {"global": draft.uses_per_code or 0, "customer": draft.uses_per_customer}
    return CouponDraft(
        number=number,
        label=draft.label,
        kind=draft.kind,
        code=_shared_code(draft),
        discount=discount.number,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        usage_limits=tuple(
            UsageLimit(scope="global" if scope == "global" else "customer", uses=uses)
            for scope, uses in limits.items()
            if uses
        ),
    )


def _shared_code(draft: MakingDraft) -> str | None:
    if draft.kind == "individual":
        return None
    return draft.code or random_codes(1, draft.code_length)[0]


def _finished(company_id: int, number: str, draft: MakingDraft) -> Refusals | None:
    """Issue the individual codes and let the coupon be used."""
    if draft.code_count:
        row = Coupon.objects.select_for_update(no_key=True).get(
            company_id=company_id, number=number
        )
        refused = issue_codes(row, draft.code_count, draft.code_length)
        if refused:
            return Refusals((InField("code_count", refused),))
    if not draft.active:
        return None
    active = activate(company_id, number)
    return (
        Refusals(_named_by_draft(draft, active.problems)) if isinstance(active, Refusals) else None
    )


def _named_by_draft(draft: MakingDraft, problems: Iterable[InField]) -> tuple[InField, ...]:
    """The same problems, named by the fields of the draft instead of those of the parts."""
    return tuple(InField(_field(draft, one.field), one.refused) for one in problems)


def _field(draft: MakingDraft, path: str) -> str:
    if draft.gives is not None and path not in ("gives", "answers"):
        asked = asked_at(form_of(draft.gives)[1], path)
        if asked is not None:
            return f"answers.{asked.name}"
    path = re.sub(r"^groups\[0\]\.", "", path)
    product = re.fullmatch(r"lines\[(\d+)\]\.product", path)
    if product:
        return f"products[{product[1]}]"
    return re.sub(r"^lines(\[\d+\])?\.?", "", path)


def _made(draft: MakingDraft, group: str, coupon: CouponRecord) -> Made:
    is_random = draft.code is None
    return Made(
        coupon=str(coupon.number),
        discount=str(coupon.discount),
        price_group=group,
        code=coupon.code if isinstance(coupon.code, str) else None,
        code_count=draft.code_count or 1,
        guesses_per_hit=guesses_per_hit(draft.code_count or 1, draft.code_length)
        if is_random
        else None,
    )
