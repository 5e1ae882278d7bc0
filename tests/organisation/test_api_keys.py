from typing import Any

import pytest

from kupong.kernel.reasons import Reason, Refused
from kupong.organisation import api_keys, service
from kupong.organisation.api_keys import Caller, authenticate
from kupong.organisation.models import ApiKey
from kupong.organisation.plans import run
from kupong.organisation.shapes import IssuedKey
from kupong.redemption.service import django_connection
from tests.managing import Managed


def issued(company: Managed, **fields: Any) -> IssuedKey:
    made = service.create_api_key(company_id=company.id, **fields)
    assert isinstance(made, IssuedKey)
    return made


def holder(key: str | None) -> Caller | None:
    return run(django_connection(), authenticate(key or ""))


def channel(company: Managed) -> None:
    fields = {"kind": "pos", "currency": "USD", "time_zone": "UTC"}
    company.create(service.channels, number="HOUSTON", **fields)


def test_a_key_opens_its_company_with_its_role_and_channel(company: Managed) -> None:
    channel(company)
    made = issued(company, role="channel", channel="HOUSTON", name="till 3")
    assert holder(made.key) == Caller(company.id, int(made.id), "channel", "HOUSTON")


def test_only_the_digest_of_a_key_is_kept(company: Managed) -> None:
    made = issued(company, role="administrator")
    assert made.key is not None
    secret = made.key.removeprefix(f"kp_{made.prefix}_")
    assert len(secret) == 43  # 256 bits
    kept = ApiKey.objects.get()
    assert secret.encode() not in bytes(kept.digest)
    assert len(bytes(kept.digest)) == 32


@pytest.mark.parametrize("change", [lambda k: k[:-1] + "A", lambda k: k.upper(), lambda k: k + "x"])
def test_a_key_that_is_nearly_right_opens_nothing(company: Managed, change: Any) -> None:
    made = issued(company, role="administrator")
    assert made.key is not None
    wrong = change(made.key)
    assert wrong == made.key or holder(wrong) is None
    assert holder("") is None


def test_a_revoked_key_opens_nothing_from_then_on(company: Managed) -> None:
    made = issued(company, role="administrator")
    first = api_keys.revoke(company.id, int(made.id))
    again = api_keys.revoke(company.id, int(made.id))
    assert first is not None
    assert first == again
    assert holder(made.key) is None
    assert api_keys.revoke(company.id, int(made.id) + 1) is None


def test_a_channel_key_names_a_channel_that_exists(company: Managed) -> None:
    assert service.create_api_key(role="channel") == Refused(Reason.MISSING, {"field": "channel"})
    refused = service.create_api_key(role="channel", channel="NO")
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.UNKNOWN_REFERENCE


def test_an_administrator_is_bound_to_no_channel(company: Managed) -> None:
    channel(company)
    refused = service.create_api_key(role="administrator", channel="HOUSTON")
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.INVALID


def test_keys_are_listed_in_the_order_in_which_they_were_made(company: Managed) -> None:
    made = [issued(company, role="public", name=str(number)) for number in range(3)]
    page = api_keys.page(company.id, limit=2)
    rest = api_keys.page(company.id, page.next, limit=2)
    assert [one.id for one in page.items + rest.items] == [one.id for one in made]
    assert rest.next is None
