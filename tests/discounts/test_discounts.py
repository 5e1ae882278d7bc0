from typing import Any, get_args

import msgspec
import pytest

from kupong.catalog.service import categories, products
from kupong.coupons.discounts import discounts, set_status
from kupong.discounts.book import current_book, forget_books
from kupong.discounts.models import BookVersion, Discount, DiscountLine
from kupong.discounts.service import price_groups
from kupong.discounts.shapes import Kind
from kupong.kernel.reasons import Reason
from kupong.organisation.plans import run
from kupong.pricing import kinds
from kupong.pricing.book import PriceBook
from kupong.pricing.discounts import Settings
from kupong.redemption.service import django_connection
from tests.managing import Managed, problems

TEN = {"name": "Ten", "currency": "USD", "lines": [{"product": "J", "percent_off": "10"}]}


@pytest.fixture
def goods(company: Managed) -> Managed:
    forget_books()
    company.create(products, number="J", price=8000)
    company.create(categories, number="shirts")
    return company


def plain(record: object) -> Any:
    """The record as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(record))


def version(company: Managed) -> int:
    return BookVersion.objects.get(company_id=company.id).version


def book(company: Managed) -> PriceBook:
    return run(django_connection(), current_book(company.id, version(company), Settings()))


def test_a_discount_reads_as_it_was_written(goods: Managed) -> None:
    made = goods.create(
        discounts,
        number="D10",
        mode="compounded",
        priority=3,
        match_all_price_groups=True,
        valid={"from": "2026-03-01", "to": None, "weekly": {"fri": ["22:00", "02:00"]}},
        max_quantity_per_order="2.5",
        **(TEN | {"lines": [
            {"product": "J", "percent_off": "12.5", "unit": "ea"},
            {"category": "shirts", "amount_off": 500, "quantity_limit": "3"},
            {"all": True, "price": 900},
            {"master": "J", "exclude": True},
        ]}),
    )  # fmt: skip
    assert made == discounts.find(goods.id, "D10")
    assert plain(made)["lines"] == [
        {"product": "J", "percent_off": "12.5", "unit": "ea"},
        {"category": "shirts", "amount_off": 500, "quantity_limit": "3"},
        {"all": True, "price": 900},
        {"master": "J", "exclude": True},
    ]
    assert (made.status, made.requires_code, made.price_groups) == ("disabled", False, ("ALL",))
    assert made.max_quantity_per_order == "2.5"


def test_a_discount_is_in_the_companys_currency_unless_it_says_another(goods: Managed) -> None:
    assert goods.create(discounts, number="A").currency == "USD"
    assert goods.create(discounts, number="B", currency="SEK").currency == "SEK"


def test_everything_wrong_with_a_discount_is_said_at_once(goods: Managed) -> None:
    answer = goods.create(
        discounts,
        price_groups=["ALL", "NO"],
        tiers=[{"min": 2, "percent_off": "5"}],
        valid={"from": "2026-13-01", "weekly": {"mon": ["25:00", "26:00"]}},
        lines=[
            {"product": "NO", "percent_off": "10"},
            {"product": "J", "category": "shirts", "percent_off": "10"},
            {"percent_off": "10"},
            {"all": True, "percent_off": "10", "price": 5},
        ],
    )
    assert problems(answer) == {
        "price_groups[1]": Reason.UNKNOWN_REFERENCE,
        "tiers": Reason.INVALID,
        "valid.from": Reason.INVALID,
        "valid.weekly": Reason.INVALID,
        "lines[0].product": Reason.UNKNOWN_REFERENCE,
        "lines[1]": Reason.INVALID,
        "lines[2]": Reason.INVALID,
        "lines[3].price": Reason.INVALID,
    }
    assert not Discount.objects.exists()


def test_a_draft_may_be_unfinished_and_enabling_names_every_failing_check(goods: Managed) -> None:
    lines = [{"product": "J", "percent_off": "100.5"}, {"all": True, "amount_off": 0}]
    goods.create(discounts, number="D", price_groups=[], lines=lines)
    assert problems(set_status(goods.id, "D", "enabled")) == {
        "price_groups": Reason.NO_PRICE_GROUP,
        "lines[0].percent_off": Reason.PERCENT_OUT_OF_RANGE,
        "lines[1].amount_off": Reason.AMOUNT_NOT_POSITIVE,
    }
    assert discounts.find(goods.id, "D").status == "disabled"  # type: ignore[union-attr]


def test_an_enabled_discount_cannot_be_edited_into_one_that_may_not_be(goods: Managed) -> None:
    goods.create(discounts, number="D10", status="enabled", **TEN)
    assert problems(goods.change(discounts, "D10", lines=[])) == {"lines": Reason.NO_LINES}
    assert len(discounts.find(goods.id, "D10").lines) == 1  # type: ignore[union-attr]


OTHER_KINDS: list[dict[str, Any]] = [
    {"kind": "quantity", "interval": True, "tiers": [{"min": 4, "percent_off": "20"}]},
    {
        "kind": "mix_and_match",
        "least_expensive": {"count": 1, "percent_off": "50", "favor": "customer"},
        "groups": [
            {"need": 3, "lines": [{"product": "J"}]},
            {"need": 2, "mandatory": True, "lines": [{"category": "shirts"}, {"all": True}]},
        ],
    },
    {"kind": "threshold", "tiers": [{"from": 10000, "amount_off": 2000}]},
    {
        "kind": "shipping_threshold",
        "tiers": [{"from": 5000, "percent_off": "100"}],
        "delivery_modes": ["STANDARD"],
    },
    {"kind": "tender", "tender": "CASH", "tiers": [{"from": 0, "percent_off": "5"}]},
]


@pytest.mark.parametrize("fields", OTHER_KINDS, ids=lambda fields: str(fields["kind"]))
def test_a_kind_reads_as_it_was_written_and_can_be_enabled(
    goods: Managed, fields: dict[str, Any]
) -> None:
    lines = {} if "groups" in fields else {"lines": [{"all": True}]}
    made = goods.create(discounts, number="X", **fields, **lines)
    kept = plain(discounts.find(goods.id, "X"))
    assert kept == plain(made)
    assert {name: kept[name] for name in fields} == fields
    assert goods.change(discounts, "X", name="named").name == "named"
    assert set_status(goods.id, "X", "enabled").status == "enabled"  # type: ignore[union-attr]
    header = book(goods).discounts["X"].header
    assert kinds.unsupported(header) is None


def test_a_tender_and_a_delivery_discount_without_lines_cover_all_goods(goods: Managed) -> None:
    for number, fields in (("S", OTHER_KINDS[3]), ("T", OTHER_KINDS[4])):
        made = goods.create(discounts, number=number, status="enabled", **fields)
        assert plain(made)["lines"] == [{"all": True}]
    quantity = goods.create(discounts, number="Q", **OTHER_KINDS[0])
    assert quantity.lines == ()
    assert problems(set_status(goods.id, "Q", "enabled")) == {"lines": Reason.NO_LINES}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"kind": "quantity", "tiers": [{"min": 4, "price": 9}, {"min": 4}], "lines": [{"all": True}]},
            {"tiers[1].min": Reason.TIERS_NOT_ASCENDING, "tiers[1]": Reason.ONE_BENEFIT},
        ),
        ({"kind": "quantity", "lines": [{"all": True}]}, {"tiers": Reason.MISSING}),
        (
            {"kind": "quantity", "tiers": [{"price": 9}], "lines": [{"all": True}]},
            {"tiers[0].min": Reason.MISSING},
        ),
        (
            {
                "kind": "threshold",
                "tiers": [{"from": 5, "amount_off": 0}],
                "lines": [{"product": "J", "percent_off": "10"}],
            },
            {"lines[0].percent_off": Reason.INVALID, "tiers[0].amount_off": Reason.AMOUNT_NOT_POSITIVE},
        ),
        ({"kind": "mix_and_match", "deal_price": 5}, {"groups": Reason.MISSING}),
        (
            {
                "kind": "mix_and_match",
                "percent_off": "101",
                "lines": [{"category": "shirts"}],
                "groups": [{"need": 1, "lines": [{"product": "J"}, {"all": True, "price": 5}]}, {"need": 2}],
            },
            {
                "percent_off": Reason.PERCENT_OUT_OF_RANGE,
                "lines[0]": Reason.INVALID,
                "groups[0].lines[1].price": Reason.INVALID,
                "groups[1].lines": Reason.GROUP_WITHOUT_LINES,
            },
        ),
        (
            {"kind": "tender", "tiers": [{"from": 0, "percent_off": "5"}]},
            {"tender": Reason.MISSING},
        ),
        (
            {"lines": TEN["lines"], "max_uses_per_order": 0, "max_quantity_per_order": "0"},
            {"max_uses_per_order": Reason.NOT_POSITIVE, "max_quantity_per_order": Reason.NOT_POSITIVE},
        ),
    ],
)  # fmt: skip
def test_enabling_names_the_field_of_every_check_that_fails(
    goods: Managed, fields: dict[str, Any], expected: dict[str, Reason]
) -> None:
    goods.create(discounts, number="X", **fields)
    assert problems(set_status(goods.id, "X", "enabled")) == expected


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"kind": "threshold", "tiers": [{"from": 5, "price": 5}]}, ["tiers[0].price"]),
        ({"kind": "tender", "tiers": [{"min": 5, "percent_off": "5"}]}, ["tiers[0].min"]),
        ({"kind": "quantity", "deal_price": 5}, ["deal_price"]),
        ({"kind": "tender", "mode": "exclusive"}, ["mode"]),
        ({"kind": "simple", "interval": False}, ["interval"]),
    ],
)
def test_what_belongs_to_another_kind_is_refused_when_it_is_sent(
    goods: Managed, fields: dict[str, Any], paths: list[str]
) -> None:
    assert problems(goods.create(discounts, **fields)) == dict.fromkeys(paths, Reason.INVALID)


def test_a_benefit_is_exchanged_by_setting_the_other_to_null(goods: Managed) -> None:
    groups = [{"need": 3, "lines": [{"all": True}]}]
    goods.create(discounts, number="X", kind="mix_and_match", deal_price=500, groups=groups)
    both = goods.change(discounts, "X", percent_off="10")
    assert (both.deal_price, both.percent_off) == (500, "10")
    assert problems(set_status(goods.id, "X", "enabled")) == {"percent_off": Reason.ONE_BENEFIT}
    changed = plain(goods.change(discounts, "X", deal_price=None))
    assert "deal_price" not in changed
    assert changed["groups"] == groups
    assert set_status(goods.id, "X", "enabled").status == "enabled"  # type: ignore[union-attr]


def test_the_kinds_that_can_be_sent_are_those_that_pricing_declares() -> None:
    assert get_args(Kind) == tuple(kind.key for kind in kinds.KINDS)


@pytest.mark.parametrize("unknown", [{"version": 99}, {"kind": "lottery"}])
def test_what_this_version_does_not_know_is_kept_and_cannot_be_enabled(
    goods: Managed, unknown: dict[str, Any]
) -> None:
    goods.create(discounts, number="X", max_amount_per_order=5, **TEN)
    Discount.objects.update(**unknown)
    answer = set_status(goods.id, "X", "enabled")
    assert problems(answer) == {"": Reason.NOT_SUPPORTED}


def test_every_change_gives_the_book_a_new_version_and_only_what_changed_is_new(
    goods: Managed,
) -> None:
    goods.create(discounts, number="A", status="enabled", **TEN)
    goods.create(discounts, number="B", status="enabled", **TEN)
    before = version(goods)
    goods.change(discounts, "B", name="changed")
    assert version(goods) == before + 1
    assert Discount.objects.get(number="A").revision < before
    assert Discount.objects.get(number="B").revision == version(goods)


def test_a_refused_change_leaves_the_book_alone(goods: Managed) -> None:
    goods.create(discounts, number="A", status="enabled", **TEN)
    before = version(goods)
    problems(goods.change(discounts, "A", price_groups=["NO"]))
    problems(goods.change(discounts, "A", price_groups=[]))
    assert version(goods) == before


def test_the_book_follows_enabling_editing_and_disabling(goods: Managed) -> None:
    goods.create(discounts, number="D10", **TEN)
    assert not book(goods).discounts["D10"].header.enabled
    set_status(goods.id, "D10", "enabled")
    assert book(goods).discounts["D10"].header.enabled
    assert book(goods).discounts["D10"].header.name == "Ten"
    goods.change(discounts, "D10", name="Elf")
    assert book(goods).discounts["D10"].header.name == "Elf"
    set_status(goods.id, "D10", "disabled")
    assert not book(goods).discounts["D10"].header.enabled


def test_a_discount_inherits_the_priority_of_its_price_group_as_it_changes(goods: Managed) -> None:
    goods.create(price_groups, number="VIP", priority=5)
    goods.create(discounts, number="OWN", priority=1, price_groups=["VIP"], status="enabled", **TEN)
    goods.create(discounts, number="HEIR", price_groups=["VIP"], status="enabled", **TEN)
    assert book(goods).discounts["HEIR"].header.priority == 5
    own = Discount.objects.get(number="OWN").revision
    goods.change(price_groups, "VIP", priority=9)
    assert book(goods).discounts["HEIR"].header.priority == 9
    assert book(goods).discounts["OWN"].header.priority == 1
    assert Discount.objects.get(number="OWN").revision == own


def test_a_price_group_that_nobody_inherits_from_leaves_the_book_alone(goods: Managed) -> None:
    goods.create(discounts, number="D10", priority=1, **TEN)
    before = version(goods)
    goods.change(price_groups, "ALL", priority=4)
    assert version(goods) == before


def test_lines_that_did_not_change_are_not_written_again(goods: Managed) -> None:
    goods.create(discounts, number="D10", **TEN)
    kept = DiscountLine.objects.get().id
    goods.change(discounts, "D10", name="other")
    assert DiscountLine.objects.get().id == kept
    goods.change(discounts, "D10", lines=[{"all": True, "percent_off": "5"}])
    assert DiscountLine.objects.get().id != kept


def test_a_discount_may_have_thousands_of_lines(goods: Managed) -> None:
    for number in ("A", "B"):
        goods.create(products, number=number)
    lines = [{"product": "AB"[at % 2], "amount_off": at + 1} for at in range(12_000)]
    made = goods.create(discounts, number="BIG", status="enabled", currency="USD", lines=lines)
    assert len(made.lines) == 12_000
    assert [line.amount_off for line in made.lines] == list(range(1, 12_001))


def test_replacing_an_ordinary_discount_forgets_its_dates(goods: Managed) -> None:
    goods.create(discounts, number="D10", valid={"from": "2026-03-01"}, **TEN)
    assert goods.replace(discounts, "D10", **TEN).valid is None
