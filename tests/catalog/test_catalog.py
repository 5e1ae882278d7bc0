import pytest

from kupong.catalog.models import Category
from kupong.catalog.service import categories, products
from kupong.kernel.reasons import Reason
from kupong.organisation.refusals import Refusals
from tests.managing import Managed, problems
from tests.threading_calls import at_once


def lineage(number: str) -> list[str]:
    return list(Category.objects.get(number=number).lineage)


@pytest.fixture
def tree(company: Managed) -> Managed:
    """clothing > shirts > tees, and sale."""
    for number, parent in (("clothing", None), ("shirts", "clothing"), ("tees", "shirts")):
        company.create(categories, number=number, parent=parent)
    company.create(categories, number="sale")
    return company


def test_a_category_knows_the_way_from_its_root(tree: Managed) -> None:
    assert lineage("tees") == ["clothing", "shirts", "tees"]
    found = categories.find(tree.id, "tees")
    assert found is not None
    assert found.parent == "shirts"


def test_moving_a_category_moves_everything_below_it(tree: Managed) -> None:
    tree.change(categories, "shirts", parent="sale")
    assert lineage("tees") == ["sale", "shirts", "tees"]
    tree.change(categories, "sale", parent="clothing")
    assert lineage("tees") == ["clothing", "sale", "shirts", "tees"]
    tree.change(categories, "shirts", parent=None)
    assert (lineage("tees"), lineage("sale")) == (["shirts", "tees"], ["clothing", "sale"])


@pytest.mark.parametrize("parent", ["clothing", "shirts", "tees"])
def test_a_category_is_never_below_itself(tree: Managed, parent: str) -> None:
    answer = tree.change(categories, "clothing", parent=parent)
    assert problems(answer) == {"parent": Reason.INVALID}
    assert lineage("clothing") == ["clothing"]


def test_two_moves_at_once_make_no_cycle(shared_company: Managed) -> None:
    for number in "AB":
        shared_company.create(categories, number=number)
    answers = at_once(
        [
            lambda: shared_company.change(categories, "A", parent="B"),
            lambda: shared_company.change(categories, "B", parent="A"),
        ]
    )
    assert sum(isinstance(one, Refusals) for one in answers) == 1
    assert sorted(map(len, (lineage("A"), lineage("B")))) == [1, 2]


def test_an_unknown_parent_is_refused(company: Managed) -> None:
    answer = company.create(categories, number="x", parent="nowhere")
    assert problems(answer) == {"parent": Reason.UNKNOWN_REFERENCE}


def test_a_product_reads_as_it_was_written(tree: Managed) -> None:
    tree.create(products, number="TEE", name="Tee")
    made = tree.create(
        products,
        number="TEE-S",
        price=2500,
        currency="SEK",
        categories=["tees", "sale"],
        master="TEE",
        barcode="7391234567890",
        prevent_discounts=True,
        prevent_tender_discounts=True,
    )
    assert made == products.find(tree.id, "TEE-S")
    assert (made.master, made.categories, made.unit) == ("TEE", ("sale", "tees"), "ea")


FLAGS = [f"prevent_{layer}discounts" for layer in ("", "retail_", "tender_", "manual_")]


@pytest.mark.parametrize("flag", FLAGS)
def test_each_layer_of_discounts_is_kept_away_by_a_flag_of_its_own(
    company: Managed, flag: str
) -> None:
    company.create(products, number="J")
    changed = company.change(products, "J", **{flag: True})
    assert [name for name in FLAGS if getattr(changed, name)] == [flag]
    assert products.find(company.id, "J") == changed


def test_a_price_without_a_currency_is_in_the_companys(company: Managed) -> None:
    assert company.create(products, number="J", price=8000).currency == "USD"
    assert company.create(products, number="K").currency is None


def test_everything_wrong_with_a_product_is_said_at_once(company: Managed) -> None:
    company.create(products, number="A", barcode="1")
    answer = company.create(products, number="B", barcode="1", master="NO", categories=["x"])
    assert problems(answer) == {
        "barcode": Reason.DUPLICATE,
        "master": Reason.UNKNOWN_REFERENCE,
        "categories[0]": Reason.UNKNOWN_REFERENCE,
    }


def test_a_product_keeps_its_bar_code_and_is_not_its_own_master(company: Managed) -> None:
    company.create(products, number="A", barcode="1")
    assert company.change(products, "A", name="x").barcode == "1"
    assert problems(company.change(products, "A", master="A")) == {"master": Reason.INVALID}


def test_the_same_bar_code_twice_at_once_is_refused_once(shared_company: Managed) -> None:
    answers = at_once(
        [lambda n=n: shared_company.create(products, number=n, barcode="1") for n in "ABCD"]
    )
    refused = [one for one in answers if isinstance(one, Refusals)]
    assert len(refused) == 3
    assert all(problems(one) == {"barcode": Reason.DUPLICATE} for one in refused)
