"""Sending through a real mail server on loopback: what it takes, refuses, puts off, and when it goes away."""

from collections import Counter
from datetime import timedelta

import pytest
from django.test import override_settings

from kupong.campaigns import sending, service
from kupong.campaigns.models import IssueEvent, Message
from kupong.campaigns.sending import RETRY_AFTER, SERVER_AFTER
from kupong.campaigns.states import State
from kupong.coupons.models import CouponCode
from kupong.customers.models import Customer
from tests.campaigns.mailing import Mailing, PostOffice, counts, html_of, made, post_office, reason


@pytest.fixture
def ready(mailing: Mailing) -> Mailing:
    """Three customers, three codes, a delivery that was analysed."""
    mailing.customers(3)
    mailing.coupon("SPRING2", 3)
    mailing.delivery(coupon="SPRING2")
    mailing.analyse()
    return mailing


def confirmed(mailing: Mailing) -> Mailing:
    made(service.confirm(mailing.company, "D", mailing.now))
    return mailing


def kinds(code: str) -> list[str]:
    rows = IssueEvent.objects.filter(code__code=code).order_by("id")
    return list(rows.values_list("kind", flat=True))


def test_t1_every_message_goes_out_once_with_the_code_of_its_recipient(
    ready: Mailing, office: PostOffice
) -> None:
    turn = confirmed(ready).send()
    page = ready.page()
    assert (turn.again, page.state, page.messages) == (None, State.FINISHED, counts(sent=3))
    own = ready.codes_by_customer()
    for number, code in own.items():
        (mail,) = office.to(f"c{number}@example.com")
        assert code
        assert f"<b>{code}</b>" in html_of(mail)
        assert mail["Subject"] == f"Hello Name{number}"
        assert mail["From"] == "shop@example.com"
    assert len(office.mails) == len(set(own.values())) == 3
    pool = ready.pool("SPRING2")
    assert (pool.sent, pool.reserved) == (3, 0)
    assert kinds("SPRING2-1") == ["assigned", "sent"]
    assert ready.log()[-1] == "Finished: 3 sent, 0 failed."


def test_a_mail_has_a_text_beside_its_html_and_an_identity_of_its_own(
    ready: Mailing, office: PostOffice
) -> None:
    confirmed(ready).send()
    mail = office.mails[0]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text = mail.get_body(("plain",))
    assert text is not None
    assert "your code: SPRING2-1" in text.get_content()
    identities = [str(each["Message-ID"]) for each in office.mails]
    assert len(set(identities)) == 3
    assert all(each.endswith("@example.com>") for each in identities)


def test_a_link_can_be_followed_by_those_who_read_text(
    mailing: Mailing, office: PostOffice
) -> None:
    mailing.customers(1)
    link = '<a href="https://shop.example/?c={{ coupon.code | url_encode }}">Shop</a>'
    coupon = mailing.world.coupon("X", None)
    mailing.codes(coupon, 1, 7)
    mailing.delivery(coupon="X", html=link)
    mailing.analyse()
    confirmed(mailing).send()
    text = office.mails[0].get_body(("plain",))
    assert text is not None
    assert "https://shop.example/?c=X-7" in text.get_content()


def test_names_are_escaped_and_cannot_add_a_header(mailing: Mailing, office: PostOffice) -> None:
    mailing.customers(1, first_name='<b>"Å"\r\nBcc: all@example.com')
    mailing.delivery(coupon=None, html="<p>{{ recipient.first_name }}</p>")
    mailing.analyse()
    confirmed(mailing).send()
    (mail,) = office.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == 'Hello <b>"Å" Bcc: all@example.com'
    assert "&lt;b&gt;&#34;Å&#34;" in html_of(mail)


def test_a_refusal_for_good_fails_the_message_and_holds_its_code(
    ready: Mailing, office: PostOffice
) -> None:
    office.answers["c2@example.com"] = ["550 5.1.1 user unknown"]
    office.answers["c3@example.com"] = ["data 554 5.7.1 no such content"]
    confirmed(ready).send()
    page = ready.page()
    assert (page.state, page.messages) == (State.FINISHED, counts(sent=1, failed=2))
    rows = {row.customer.number: row for row in Message.objects.select_related("customer")}
    assert (rows["2"].cause, rows["2"].answer) == ("refused", "550 5.1.1 user unknown")
    assert rows["3"].answer.startswith("554")
    pool = ready.pool("SPRING2")
    assert (pool.sent, pool.undelivered, pool.available) == (1, 2, 0)
    assert kinds("SPRING2-2") == ["assigned", "undelivered"]
    assert ready.log()[-1] == "Finished: 1 sent, 2 failed."


def test_a_message_that_is_put_off_is_tried_again_with_the_same_code(
    ready: Mailing, office: PostOffice
) -> None:
    office.answers["c2@example.com"] = ["451 try later", "data 452 full"]
    turn = confirmed(ready).send()
    assert turn.again == ready.now + RETRY_AFTER[0]
    assert ready.page().messages == counts(sent=2, pending=1)
    assert ready.send().again == turn.again
    assert office.tried.count("c2@example.com") == 1
    ready.now += RETRY_AFTER[0]
    assert ready.send().again == ready.now + RETRY_AFTER[1]
    ready.now += RETRY_AFTER[1]
    assert ready.send().again is None
    assert ready.page().state == State.FINISHED
    assert len(office.to("c2@example.com")) == 1
    assert "SPRING2-2" in html_of(office.to("c2@example.com")[0])
    assert Message.objects.get(customer__number="2").attempts == 3


def test_a_message_that_is_put_off_again_and_again_fails_in_the_end(
    ready: Mailing, office: PostOffice
) -> None:
    office.answers["c2@example.com"] = ["451 try later"] * 9
    turn = confirmed(ready).send()
    for _ in RETRY_AFTER:
        assert turn.again is not None
        ready.now = turn.again
        turn = ready.send()
    assert turn.again is None
    assert office.tried.count("c2@example.com") == len(RETRY_AFTER) + 1
    assert Message.objects.get(customer__number="2").cause == "gave_up"
    assert ready.page().state == State.FINISHED
    assert ready.pool("SPRING2").undelivered == 1


def test_a_connection_that_is_cut_costs_one_try_of_one_message(
    ready: Mailing, office: PostOffice
) -> None:
    office.answers["c1@example.com"] = ["hang up"]
    office.answers["c3@example.com"] = ["421 closing"]
    confirmed(ready).send()
    assert ready.page().messages == counts(sent=1, pending=2)
    ready.now += RETRY_AFTER[0]
    ready.send()
    assert ready.page().messages == counts(sent=3)
    assert Counter(str(mail["To"]) for mail in office.mails) == Counter(
        f"c{number}@example.com" for number in (1, 2, 3)
    )


def test_an_address_that_is_none_fails_alone(mailing: Mailing, office: PostOffice) -> None:
    odd = [
        "a@b@c",
        "x,y@example.com",
        "<x@example.com>",
        "é@example.com",
        "a@b..c",
        "ok@example.com",
    ]
    for number, email in enumerate(odd):
        mailing.customers(1, number, email=email)
    mailing.delivery(coupon=None, html="Hello")
    assert mailing.analyse().excluded.no_address == 3
    confirmed(mailing).send()
    assert mailing.page().state == State.FINISHED
    rows = Message.objects.order_by("customer__number").values_list("address", "status", "cause")
    assert list(rows) == [
        ("é@example.com", "sent", ""),
        ("a@b..c", "failed", "address"),
        ("ok@example.com", "sent", ""),
    ]
    assert office.tried == ["é@example.com", "ok@example.com"]


def test_without_a_mail_server_nothing_is_confirmed(ready: Mailing) -> None:
    refused = service.confirm(ready.company, "D", ready.now)
    assert reason(refused) == "parameters_missing"
    assert ready.page().state == State.READY


def test_a_server_that_is_away_is_tried_ever_later_and_then_given_up(ready: Mailing) -> None:
    with post_office():
        confirmed(ready)
    with override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
        for wait in SERVER_AFTER:
            assert ready.send().again == ready.now + wait
            ready.now += wait
        assert ready.send().again is None
    page = ready.page()
    assert (page.state, page.messages) == (State.FAILED, counts(pending=3))
    assert [line.level for line in page.log][-2:] == ["warning", "error"]
    assert ready.pool("SPRING2").reserved == 3
    with post_office() as office:
        made(service.resume(ready.company, "D", ready.now))
        ready.send()
        assert len(office.mails) == 3
    assert ready.page().state == State.FINISHED


def test_a_refused_sign_in_fails_the_delivery_at_once(ready: Mailing) -> None:
    with post_office(EMAIL_HOST_USER="me", EMAIL_HOST_PASSWORD="hush"):
        confirmed(ready)
        assert ready.send().again is None
    page = ready.page()
    assert page.state == State.FAILED
    assert page.log[-1].key == "mail_server"
    assert "hush" not in page.log[-1].text


def test_a_delivery_waits_for_its_contact_date(mailing: Mailing, office: PostOffice) -> None:
    mailing.customers(1)
    date = mailing.now + timedelta(days=2)
    mailing.delivery(coupon=None, html="Hello", contact_date=date.isoformat())
    mailing.analyse()
    assert made(service.confirm(mailing.company, "D", mailing.now)).state == State.WAITING
    assert mailing.send().again == date
    assert office.mails == []
    mailing.now = date
    mailing.send()
    assert mailing.page().state == State.FINISHED
    assert len(office.mails) == 1


def test_a_paused_delivery_keeps_its_codes_and_goes_on_when_resumed(
    ready: Mailing, office: PostOffice
) -> None:
    confirmed(ready)
    made(service.pause(ready.company, "D", ready.now))
    assert ready.send().again is None
    assert (office.mails, ready.pool("SPRING2").reserved) == ([], 3)
    assert made(service.resume(ready.company, "D", ready.now)).state == State.SENDING
    ready.send()
    assert ready.page().messages == counts(sent=3)


def test_a_stop_midway_releases_only_what_never_left(ready: Mailing, office: PostOffice) -> None:
    office.answers["c2@example.com"] = ["451 try later"]
    office.answers["c3@example.com"] = ["550 unknown"]
    confirmed(ready).send()
    assert made(service.stop(ready.company, "D", ready.now)).state == State.STOPPING
    assert ready.send().again is None
    page = ready.page()
    assert (page.state, page.messages) == (State.STOPPED, counts(sent=1, failed=1, cancelled=1))
    pool = ready.pool("SPRING2")
    assert (pool.sent, pool.undelivered, pool.available) == (1, 1, 1)
    assert kinds("SPRING2-2") == ["assigned", "released"]
    assert Message.objects.get(customer__number="2").code is None
    assert ready.log()[-1] == "Stopped: 1 messages cancelled, 1 codes released, 2 already gone."
    assert ready.send().again is None
    assert len(office.mails) == 1


@pytest.mark.parametrize("edited", [False, True])
def test_a_delivery_that_is_abandoned_gives_its_codes_back(ready: Mailing, edited: bool) -> None:
    if edited:
        made(ready.edit(subject="Other"))
    made(service.stop(ready.company, "D", ready.now))
    ready.send()
    assert ready.page().state == State.STOPPED
    assert ready.pool("SPRING2").available == 3


def test_a_turn_ends_when_it_is_told_to_and_the_next_one_goes_on(
    ready: Mailing, office: PostOffice
) -> None:
    confirmed(ready)
    times = iter([True, True, False])
    turn = sending.send(
        ready.company, ready.row().id, lambda: ready.now, lambda: next(times, False)
    )
    assert turn.again == ready.now
    assert ready.page().messages == counts(sent=2, pending=1)
    ready.send()
    assert len(office.mails) == 3


def test_a_code_that_was_voided_meanwhile_is_not_sent(ready: Mailing, office: PostOffice) -> None:
    confirmed(ready)
    CouponCode.objects.filter(code="SPRING2-2").update(status="voided")
    ready.send()
    assert ready.page().messages == counts(sent=2, failed=1)
    assert Message.objects.get(customer__number="2").cause == "voided"
    assert (ready.pool("SPRING2").void, ready.pool("SPRING2").sent) == (1, 2)


def test_a_message_goes_to_the_address_of_the_analysis(ready: Mailing, office: PostOffice) -> None:
    confirmed(ready)
    Customer.objects.filter(number="1").update(email="new@example.com", first_name="New")
    ready.send()
    (mail,) = office.to("c1@example.com")
    assert mail["Subject"] == "Hello New"


def test_a_job_that_got_lost_is_asked_for_again(ready: Mailing, office: PostOffice) -> None:
    confirmed(ready)
    assert service.attend_again(ready.now) == 0
    ready.now += timedelta(minutes=6)
    assert service.attend_again(ready.now) == 1
    assert service.attend_again(ready.now) == 0
    ready.send()
    assert service.attend_again(ready.now + timedelta(days=1)) == 0
