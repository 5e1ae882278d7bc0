from kupong.coupons.service import coupons
from kupong.kernel.reasons import Reason, Refused
from kupong.numbering import formats
from kupong.organisation import service
from kupong.organisation.models import Channel, Company, NumberSequence, Parameters, PriceGroup
from kupong.organisation.numbers import FORMATS, draw_numbers, free_numbers, sequence_format
from kupong.organisation.queries import parameters
from kupong.organisation.service import change_parameters, channels
from kupong.organisation.shapes import ParametersPatch, PricingRules
from kupong.pricing.discounts import Concurrency
from tests.managing import Managed
from tests.threading_calls import at_once


def test_a_new_installation_can_work_and_sells_nothing_yet(company: Managed) -> None:
    assert Company.objects.count() == 1
    assert PriceGroup.objects.get().number == "ALL"
    assert Parameters.objects.get().currency == "USD"
    assert not Channel.objects.exists()
    kept = dict(NumberSequence.objects.values_list("reference", "largest"))
    assert set(kept) == set(FORMATS)
    assert min(kept.values()) >= 10**9 - 1


def test_installing_again_changes_nothing(company: Managed) -> None:
    draw_numbers(company.id, "coupon", 5)
    PriceGroup.objects.update(priority=7)
    assert service.ensure_installation() == company.id
    assert PriceGroup.objects.get().priority == 7
    assert draw_numbers(company.id, "coupon", 1) == range(6, 7)


def test_installing_adds_what_an_older_installation_lacks(company: Managed) -> None:
    NumberSequence.objects.filter(reference="customer").delete()
    service.ensure_installation()
    assert draw_numbers(company.id, "customer", 1) == range(1, 2)


def test_two_that_install_at_once_make_one_company(transactional_db: None) -> None:
    made = at_once([service.ensure_installation] * 4)
    assert len(set(made)) == 1
    assert Company.objects.count() == 1
    assert PriceGroup.objects.count() == 1


def test_a_number_is_given_out_once_however_many_ask(shared_company: Managed) -> None:
    blocks = at_once([lambda: draw_numbers(shared_company.id, "coupon_code", 50)] * 8)
    assert not any(isinstance(block, Refused) for block in blocks)
    drawn = [number for block in blocks if not isinstance(block, Refused) for number in block]
    assert sorted(drawn) == list(range(1, 401))


def test_an_exhausted_sequence_refuses_and_draws_nothing(company: Managed) -> None:
    NumberSequence.objects.filter(reference="coupon").update(next=8, largest=9)
    refused = draw_numbers(company.id, "coupon", 3)
    assert refused == Refused(Reason.NUMBERS_EXHAUSTED, {"sequence": "coupon"})
    assert draw_numbers(company.id, "coupon", 2) == range(8, 10)
    answer = company.create(coupons, label="x", kind="individual")
    assert answer.first.reason is Reason.NUMBERS_EXHAUSTED


def test_a_sequence_that_there_is_not_is_a_gap_in_the_set_up(company: Managed) -> None:
    refused = draw_numbers(company.id, "receipt", 1)
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.PARAMETERS_MISSING


def test_numbers_given_by_hand_are_passed_over(company: Managed) -> None:
    taken = {formats.render("CPN#########", number) for number in (1, 2, 4)}
    found = free_numbers(company.id, "coupon", 2, lambda numbers: taken & set(numbers))
    assert found == ["CPN000000003", "CPN000000005"]
    assert sequence_format(company.id, "coupon") == "CPN#########"


def test_a_record_without_a_number_gets_the_next_free_one(company: Managed) -> None:
    fields = {"kind": "pos", "currency": "USD", "time_zone": "Europe/Stockholm"}
    company.create(channels, number="CH000000001", **fields)
    assert company.create(channels, **fields).number == "CH000000002"


def test_parameters_keep_what_differs_from_the_defaults(company: Managed) -> None:
    rules = PricingRules(concurrency=Concurrency.ACROSS_PRIORITIES, manual_replaces=True)
    change_parameters(company.id, ParametersPatch(pricing=rules))
    changed = change_parameters(company.id, ParametersPatch(currency="SEK", rounding_step=100))
    assert changed == parameters(company.id)
    assert Parameters.objects.get().pricing == {
        "concurrency": "across_priorities",
        "manual_replaces": True,
    }
    assert parameters(company.id).currency == "SEK"
    assert parameters(company.id).pricing == rules
