"""Deliveries as records, their steps, and looks at their messages."""

import pytest

from kupong.campaigns import service
from kupong.campaigns.models import CodeIssue, IssueEvent
from kupong.campaigns.preview import SAMPLE, preview
from kupong.campaigns.shapes import Preview
from kupong.campaigns.states import State
from kupong.coupons.models import CouponCode
from kupong.organisation.refusals import Refusals
from tests.campaigns.mailing import HTML, Mailing, PostOffice, made, reason


def seen(mailing: Mailing, recipient: str) -> Preview:
    shown = preview(mailing.company, "D", recipient, mailing.now)
    assert isinstance(shown, Preview), shown
    return shown


def fields(answer: object) -> list[tuple[str, str]]:
    assert isinstance(answer, Refusals), answer
    return [(problem.field, str(problem.refused.reason)) for problem in answer.problems]


def test_a_delivery_is_made_with_a_label_alone_and_numbered(mailing: Mailing) -> None:
    draft = service.DeliveryDraft(label="Later")
    made_first = made(service.deliveries.create(mailing.company, draft))
    assert (made_first.number, made_first.state) == ("DLV000001", State.DRAFT)
    assert (made_first.need, made_first.recipient_count) == (None, 0)


def test_what_was_sent_is_read_again(mailing: Mailing) -> None:
    mailing.customers(3)
    chosen = {"customers": ["3", "1"]}
    record = mailing.delivery(recipients=chosen, contact_date="2026-03-12T09:00:00+01:00", limit=2)
    assert record == service.deliveries.find(mailing.company, "D")
    assert record.recipients.customers == ("1", "3")
    assert record.recipient_count == 2
    assert (record.html, record.coupon, record.limit) == (HTML, "SPRING", 2)
    assert record.contact_date is not None
    assert record.contact_date.isoformat() == "2026-03-12T08:00:00+00:00"
    everybody = mailing.delivery("E", recipients={"all": True})
    assert (everybody.recipients.all, everybody.recipient_count) == (True, None)


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"coupon": "NONE"}, [("coupon", "unknown_reference")]),
        ({"contact_date": "9999-12-31T23:59:00-10:00"}, [("contact_date", "invalid")]),
        ({"contact_date": "0001-01-01T00:00:00+10:00"}, [("contact_date", "invalid")]),
        ({"sender": "nobody"}, [("sender", "invalid")]),
        ({"sender": "a@example.com, b@example.com"}, [("sender", "invalid")]),
        ({"sender": "A\nB <a@example.com>"}, [("sender", "invalid")]),
        (
            {"recipients": {"customers": ["1", "7", "8"]}},
            [
                ("recipients.customers[1]", "unknown_reference"),
                ("recipients.customers[2]", "unknown_reference"),
            ],
        ),
        ({"recipients": {"audience": "A"}}, [("recipients.audience", "unknown_reference")]),
        ({"recipients": {"all": True, "customers": ["1"]}}, [("recipients", "invalid")]),
    ],
)
def test_a_draft_that_refers_to_nothing_is_refused(
    mailing: Mailing, given: dict[str, object], problems: list[tuple[str, str]]
) -> None:
    mailing.customers(1)
    assert fields(mailing.try_delivery(**given)) == problems


@pytest.mark.parametrize(
    "sender", ["a@example.com", "Åsa & Co <a@example.com>", '"Shop, Inc." <a@example.com>']
)
def test_a_sender_is_an_address_or_a_name_with_one(
    mailing: Mailing, office: PostOffice, sender: str
) -> None:
    mailing.customers(1)
    mailing.delivery(sender=sender, coupon=None, html="Hello")
    mailing.analyse()
    made(service.confirm(mailing.company, "D", mailing.now))
    mailing.send()
    (mail,) = office.mails
    assert mail["From"].addresses[0].addr_spec == "a@example.com"
    assert mail["From"].addresses[0].display_name == sender.split(" <")[0].strip('"').replace(
        "a@example.com", ""
    )


def test_a_change_keeps_the_recipients_and_a_replacement_does_not(mailing: Mailing) -> None:
    mailing.customers(150)
    chosen = [str(number) for number in range(1, 151)]
    record = mailing.delivery(recipients={"customers": chosen})
    assert (record.recipient_count, len(record.recipients.customers or ())) == (150, 100)
    assert made(mailing.edit(label="Other")).recipient_count == 150
    replaced = service.deliveries.replace(
        mailing.company, "D", service.DeliveryDraft(label="Replaced")
    )
    assert made(replaced).record.recipient_count == 0


def test_a_change_after_the_analysis_asks_for_another(mailing: Mailing) -> None:
    mailing.customers(1)
    mailing.delivery(coupon=None, html="Hello")
    mailing.analyse()
    changed = made(mailing.edit(subject="Other"))
    assert (changed.state, changed.need, changed.to_send) == (State.DRAFT, None, None)
    assert mailing.log()[-1] == "Changed: it has to be analysed before it can be sent."


@pytest.mark.parametrize(
    "state", [s for s in State if s not in ("draft", "analysis_failed", "ready")]
)
def test_a_delivery_on_its_way_cannot_be_changed(mailing: Mailing, state: State) -> None:
    mailing.delivery(coupon=None)
    row = mailing.row()
    row.state, row.short, row.to_send = state, 0, 1
    row.save()
    assert reason(mailing.edit(label="Other")) == "wrong_state"
    assert mailing.page().label == "Spring mail"


STEPS = [service.analyse, service.confirm, service.pause, service.resume, service.stop]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_no_delivery_is_not_found(mailing: Mailing, step: object) -> None:
    assert reason(step(mailing.company, "NONE", mailing.now)) == "not_found"  # type: ignore[operator]


@pytest.mark.parametrize("step", STEPS)
def test_a_finished_delivery_takes_no_more_steps(
    mailing: Mailing, office: PostOffice, step: object
) -> None:
    mailing.customers(1)
    mailing.delivery(coupon=None, html="Hello")
    mailing.analyse()
    made(service.confirm(mailing.company, "D", mailing.now))
    mailing.send()
    assert reason(step(mailing.company, "D", mailing.now)) == "wrong_state"  # type: ignore[operator]


def test_a_coupon_that_ended_after_the_analysis_keeps_the_delivery_from_going_out(
    mailing: Mailing, office: PostOffice
) -> None:
    mailing.customers(1)
    coupon = mailing.coupon("A", 1)
    mailing.delivery(coupon="A")
    mailing.analyse()
    coupon.valid_to_date = "2026-03-01"
    coupon.save()
    assert fields(service.confirm(mailing.company, "D", mailing.now)) == [("coupon", "coupon_over")]


def test_t7_a_look_changes_nothing_and_shows_the_own_code_after_the_analysis(
    mailing: Mailing,
) -> None:
    mailing.customers(8)
    (outsider,) = mailing.customers(1, 99, email_opt_out=True)
    mailing.coupon("A", 10)
    mailing.delivery(coupon="A")
    for number in range(1, 6):
        shown = seen(mailing, str(number))
        assert (shown.code, shown.sample) == ("A-1", True)
        assert shown.subject == f"Hello Name{number}"
        assert "<b>A-1</b>" in shown.html
        assert "A-1" in shown.text
    assert mailing.pool("A").available == 10
    mailing.analyse()
    own = mailing.codes_by_customer()
    for number, code in own.items():
        assert (seen(mailing, number).code, seen(mailing, number).sample) == (code, False)
    shown = seen(mailing, outsider.number)
    assert (shown.code, shown.sample) == ("A-9", True)
    assert mailing.pool("A").reserved == 8
    assert (CodeIssue.objects.count(), IssueEvent.objects.count()) == (8, 8)


def test_a_look_prefers_the_code_that_the_recipient_holds(mailing: Mailing) -> None:
    one, two = mailing.customers(2)
    coupon = mailing.coupon("A", 1)
    mailing.codes(coupon, 1, 2, holder=two)
    mailing.delivery(coupon="A")
    assert (seen(mailing, one.number).code, seen(mailing, two.number).code) == ("A-1", "A-2")


def test_a_look_without_a_code_left_shows_a_made_up_one(mailing: Mailing) -> None:
    mailing.customers(1)
    mailing.coupon("A", 0)
    mailing.delivery(coupon="A")
    assert (seen(mailing, "1").code, seen(mailing, "1").sample) == (SAMPLE, True)


def test_a_look_at_a_shared_code_shows_the_one_there_is(mailing: Mailing) -> None:
    mailing.customers(1)
    coupon = mailing.world.coupon("ALL", None, kind="anonymous")
    mailing.world.code(coupon, "HELLO", typed="Hello")
    mailing.delivery(coupon="ALL")
    assert (seen(mailing, "1").code, seen(mailing, "1").sample) == ("Hello", False)


def test_a_look_says_what_is_wrong_with_the_templates(mailing: Mailing) -> None:
    mailing.customers(1)
    mailing.delivery(subject="{{ x }}", html="{% if %}")
    answer = preview(mailing.company, "D", "1", mailing.now)
    assert fields(answer) == [("subject", "unknown_field"), ("html", "template_invalid")]
    assert reason(preview(mailing.company, "D", "2", mailing.now)) == "unknown_reference"
    assert reason(preview(mailing.company, "E", "1", mailing.now)) == "not_found"


def test_the_code_is_shown_as_it_was_typed(mailing: Mailing) -> None:
    mailing.customers(1)
    mailing.coupon("A", 1)
    CouponCode.objects.filter(code="A-1").update(typed="a-1")
    mailing.delivery(coupon="A")
    assert seen(mailing, "1").code == "a-1"
