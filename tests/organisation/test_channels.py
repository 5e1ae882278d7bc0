import pytest

from kupong.kernel.reasons import Reason
from kupong.organisation.records import Replaced
from kupong.organisation.refusals import Refusals
from kupong.organisation.service import affiliations, channels
from kupong.organisation.shapes import ChannelDraft
from tests.managing import Managed, problems
from tests.threading_calls import at_once

HOUSTON = {
    "kind": "pos",
    "currency": "USD",
    "time_zone": "America/Chicago",
    "price_groups": ["ALL"],
}


def test_a_channel_reads_as_it_was_written(company: Managed) -> None:
    made = company.create(channels, number="HOUSTON", name="Houston", **HOUSTON)
    assert made == channels.find(company.id, "HOUSTON")
    assert (made.name, made.price_groups, made.order_completion) == ("Houston", ("ALL",), True)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "America", "x" * 300])
def test_a_time_zone_has_to_be_one(company: Managed, zone: str) -> None:
    answer = company.create(channels, **(HOUSTON | {"time_zone": zone}))
    assert problems(answer) == {"time_zone": Reason.INVALID}


def test_all_problems_of_an_input_come_at_once_and_nothing_is_written(company: Managed) -> None:
    wrong = HOUSTON | {"time_zone": "Nowhere", "price_groups": ["ALL", "NO", "NOR"]}
    answer = company.create(channels, number="X", **wrong)
    assert problems(answer) == {
        "time_zone": Reason.INVALID,
        "price_groups[1]": Reason.UNKNOWN_REFERENCE,
        "price_groups[2]": Reason.UNKNOWN_REFERENCE,
    }
    assert channels.find(company.id, "X") is None


def test_a_number_is_unique(company: Managed) -> None:
    company.create(channels, number="HOUSTON", **HOUSTON)
    assert problems(company.create(channels, number="HOUSTON", **HOUSTON)) == {
        "number": Reason.DUPLICATE
    }


def test_of_two_that_create_the_same_at_once_one_is_refused(shared_company: Managed) -> None:
    def create() -> object:
        return shared_company.create(channels, number="HOUSTON", **HOUSTON)

    answers = at_once([create] * 4)
    refused = [one for one in answers if isinstance(one, Refusals)]
    assert len(refused) == 3
    assert {reason for one in refused for reason in problems(one).values()} == {Reason.DUPLICATE}


def test_replacing_forgets_what_is_left_out_and_changing_keeps_it(company: Managed) -> None:
    company.create(channels, number="HOUSTON", name="Houston", **HOUSTON)
    changed = company.change(channels, "HOUSTON", order_completion=False)
    assert (changed.name, changed.order_completion) == ("Houston", False)
    replaced = company.replace(channels, "HOUSTON", **(HOUSTON | {"price_groups": []}))
    assert (replaced.name, replaced.order_completion, replaced.price_groups) == ("", True, ())


def test_replacing_says_whether_it_created(company: Managed) -> None:
    draft = ChannelDraft(kind="pos", currency="USD", time_zone="UTC")
    created = [channels.replace(company.id, "A", draft) for _ in range(2)]
    assert [one.created for one in created if isinstance(one, Replaced)] == [True, False]


@pytest.mark.parametrize("number", ["a/b", " a", "..", "", "a\nb", "a\n", "x" * 101])
def test_a_number_can_stand_in_an_address(company: Managed, number: str) -> None:
    draft = ChannelDraft(kind="pos", currency="USD", time_zone="UTC")
    assert problems(channels.replace(company.id, number, draft)) == {"number": Reason.INVALID}


def test_the_number_of_a_record_never_changes(company: Managed) -> None:
    answer = company.replace(channels, "A", number="B", **HOUSTON)
    assert problems(answer) == {"number": Reason.INVALID}


def test_what_there_is_not_cannot_be_changed(company: Managed) -> None:
    assert problems(company.change(channels, "NO", name="x")) == {"": Reason.NOT_FOUND}
    assert channels.find(company.id, "NO") is None


def test_a_list_goes_on_where_it_stopped(company: Managed) -> None:
    for number in "CABED":
        company.create(affiliations, number=number)
    seen: list[str] = []
    after: str | None = None
    while after is not None or not seen:
        page = affiliations.page(company.id, after, limit=2)
        seen += [one.number for one in page.items]
        after = page.next
        if after is None:
            break
    assert seen == list("ABCDE")


def test_an_affiliation_adds_price_groups(company: Managed) -> None:
    made = company.create(affiliations, number="STUDENT", price_groups=["ALL", "ALL"])
    assert made.price_groups == ("ALL",)
    assert company.change(affiliations, "STUDENT", price_groups=[]).price_groups == ()
