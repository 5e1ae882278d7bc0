"""A delivery over the API, from its draft through the worker and the mail server to the till and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from kupong.jobs import worker
from tests.campaigns.mailing import PostOffice, html_of, post_office
from tests.web.api.caller import CART, Caller, errors

SPRING = {
    "number": "MAIL",
    "label": "Spring mail",
    "sender": "Shop <shop@example.com>",
    "subject": "Hello {{ recipient.first_name }}",
    "html": "<p>Your code: <b>{{ coupon.code }}</b></p>",
    "coupon": "SPRING",
    "recipients": {"all": True},
}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as found:
        yield found


@pytest.fixture
def shop(api: Caller, office: PostOffice) -> Caller:
    """Three customers, of whom one wants no mail; code SPRING-A and two more."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    api.sell_something()
    codes = [{"code": "Spring-b"}, {"code": "SPRING-C"}]
    api.ok("POST", "/coupons/SPRING/codes", {"codes": codes})
    for number, more in (("1", {}), ("2", {"email_opt_out": True}), ("3", {})):
        person = {"first_name": f"N{number}", "email": f"c{number}@example.com"}
        api.ok("PUT", f"/customers/{number}", person | more)
    return api


def work() -> None:
    """Have the worker do what there is to do."""
    worker.run(wait=False)


def analysed(shop: Caller, **fields: Any) -> Any:
    shop.ok("POST", "/deliveries", SPRING | fields)
    answer = shop("POST", "/deliveries/MAIL/analyze")
    assert answer.status_code == 202
    job = answer.json()["job"]
    assert shop.ok("GET", f"/jobs/{job}")["state"] == "queued"
    assert shop.ok("GET", "/deliveries/MAIL")["state"] == "analysing"
    work()
    return shop.ok("GET", f"/jobs/{job}")


def test_a_delivery_goes_from_its_draft_to_the_till_and_back(
    shop: Caller, office: PostOffice
) -> None:
    job = analysed(shop)
    assert (job["state"], job["done"]) == ("done", 2)
    ready = shop.ok("GET", "/deliveries/MAIL")
    assert ready["state"] == "ready"
    assert {name: ready[name] for name in ("need", "have", "short", "to_send")} == {
        "need": 2, "have": 3, "short": 0, "to_send": 2,
    }  # fmt: skip
    assert ready["excluded"] == {
        "no_address": 0, "opted_out": 1, "quarantined": 0, "duplicate": 0, "limited": 0,
    }  # fmt: skip
    shown = shop.ok("POST", "/deliveries/MAIL/preview", {"recipient": "3"})
    assert (shown["subject"], shown["sample"]) == ("Hello N3", False)
    assert shop.ok("POST", "/deliveries/MAIL/confirm")["state"] == "sending"
    work()
    done = shop.ok("GET", "/deliveries/MAIL", accept_language="sv")
    assert (done["state"], done["redeemed"]) == ("finished", 0)
    assert done["messages"] == {"pending": 0, "sent": 2, "failed": 0, "cancelled": 0}
    assert done["log"][-1]["text"] == "Klart: 2 skickade, 0 misslyckade."
    (mail,) = office.to("c3@example.com")
    assert shown["code"] in html_of(mail)
    sale = CART | {"order": "R-1", "codes": [shown["code"]], "customer": "3"}
    assert shop.ok("POST", "/redemptions", sale)["status"] == "redeemed"
    assert shop.ok("GET", "/deliveries/MAIL")["redeemed"] == 1
    code = shop.ok("GET", f"/codes/{shown['code']}")
    assert (code["issue_state"], code["channel"]) == ("sent", "email")
    assert (code["address"], code["delivery"]) == ("c3@example.com", "MAIL")
    assert code["sent_at"]
    assert [event["event"] for event in code["history"]] == [
        "issued", "assigned", "sent", "redeemed",
    ]  # fmt: skip
    listed = shop.ok("GET", "/coupons/SPRING/codes")["items"]
    assert [(one["code"], one["issue_state"], one["address"]) for one in listed] == [
        ("SPRING-A", "sent", "c1@example.com"),
        ("Spring-b", "sent", "c3@example.com"),
        ("SPRING-C", "available", None),
    ]


def test_messages_are_listed_in_pages(shop: Caller) -> None:
    analysed(shop)
    first = shop.ok("GET", "/deliveries/MAIL/messages?limit=1")
    then = shop.ok("GET", f"/deliveries/MAIL/messages?limit=1&after={first['next']}")
    assert then["next"] is None
    rows = [(m["recipient"], m["address"], m["status"]) for m in first["items"] + then["items"]]
    assert rows == [("1", "c1@example.com", "pending"), ("3", "c3@example.com", "pending")]
    assert first["items"][0]["code"] == "SPRING-A"
    shop.refused(422, "GET", "/deliveries/MAIL/messages?after=x")
    shop.refused(404, "GET", "/deliveries/NONE/messages")


def test_a_shortage_is_told_and_nothing_can_be_confirmed(shop: Caller) -> None:
    shop.ok("PATCH", "/customers/2", {"email_opt_out": False})
    shop.ok("PUT", "/customers/4", {"email": "c4@example.com"})
    assert analysed(shop)["state"] == "failed"
    page = shop.ok("GET", "/deliveries/MAIL")
    assert page["state"] == "analysis_failed"
    assert page["log"][-1]["level"] == "error"
    assert "need 4, have 3, short 1" in page["log"][-1]["text"]
    refused = shop.refused(409, "POST", "/deliveries/MAIL/confirm")
    assert (refused["code"], refused["figures"]) == ("wrong_state", {"state": "analysis_failed"})


def test_a_change_after_the_analysis_has_to_be_analysed(shop: Caller) -> None:
    analysed(shop)
    assert shop.ok("PATCH", "/deliveries/MAIL", {"subject": "Hi"})["state"] == "draft"
    assert shop.refused(409, "POST", "/deliveries/MAIL/confirm")["code"] == "wrong_state"
    assert shop.ok("GET", "/codes/SPRING-A")["issue_state"] == "reserved"


def test_a_stopped_delivery_gives_its_codes_back(shop: Caller, office: PostOffice) -> None:
    analysed(shop, contact_date="2990-01-01T00:00:00Z")
    shop.ok("POST", "/deliveries/MAIL/confirm")
    assert shop.ok("POST", "/deliveries/MAIL/pause")["state"] == "paused"
    assert shop.ok("POST", "/deliveries/MAIL/resume")["state"] == "waiting"
    assert shop.ok("POST", "/deliveries/MAIL/stop")["state"] == "stopping"
    work()
    assert shop.ok("GET", "/deliveries/MAIL")["state"] == "stopped"
    assert shop.ok("GET", "/codes/SPRING-A")["issue_state"] == "available"
    assert office.mails == []


def test_input_is_refused_by_field(shop: Caller) -> None:
    wrong = SPRING | {"coupon": "NO", "sender": "x", "recipients": {"audience": "A"}}
    assert errors(shop.refused(422, "POST", "/deliveries", wrong)) == {
        "coupon": "unknown_reference",
        "sender": "invalid",
        "recipients.audience": "unknown_reference",
    }
    shop.ok("POST", "/deliveries", SPRING | {"html": "{{ coupon.value }}"})
    told = shop.refused(422, "POST", "/deliveries/MAIL/preview", {"recipient": "1"})
    assert errors(told) == {"html": "unknown_field"}
    shop.refused(404, "POST", "/deliveries/NONE/analyze")
    shop.refused(403, "GET", "/deliveries/MAIL", key=shop.new_key("channel", "HOUSTON"))


def test_the_same_step_with_the_same_key_is_taken_once(shop: Caller) -> None:
    shop.ok("POST", "/deliveries", SPRING)
    first = shop("POST", "/deliveries/MAIL/analyze", idempotency_key="k")
    again = shop("POST", "/deliveries/MAIL/analyze", idempotency_key="k")
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    shop.refused(409, "POST", "/deliveries/MAIL/analyze")
