import msgspec
import pytest

from kupong.customers.service import customers
from kupong.kernel.reasons import Reason
from kupong.organisation.service import affiliations
from tests.managing import Managed, problems

ANNA = {"first_name": "Anna", "name": "Ek", "email": "anna@example.com", "language": "sv"}


def test_a_customer_reads_as_it_was_written(company: Managed) -> None:
    company.create(affiliations, number="STUDENT")
    made = company.create(
        customers, number="2001", affiliations=["STUDENT"], email_opt_out=True, **ANNA
    )
    assert made == customers.find(company.id, "2001")
    assert (made.first_name, made.language, made.affiliations) == ("Anna", "sv", ("STUDENT",))


def test_leaving_an_affiliation_is_a_change_like_any_other(company: Managed) -> None:
    for number in ("STUDENT", "STAFF"):
        company.create(affiliations, number=number)
    company.create(customers, number="2001", affiliations=["STUDENT"], **ANNA)
    changed = company.change(customers, "2001", affiliations=["STAFF"])
    assert (changed.affiliations, changed.name) == (("STAFF",), "Ek")


def test_an_unknown_affiliation_is_refused(company: Managed) -> None:
    answer = company.create(customers, number="1", affiliations=["NO"])
    assert problems(answer) == {"affiliations[0]": Reason.UNKNOWN_REFERENCE}


@pytest.mark.parametrize("fields", [{"email": "no address"}, {"email": "a@b\n"}, {"language": "x"}])
def test_an_address_and_a_language_look_like_one(fields: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, customers.draft)
