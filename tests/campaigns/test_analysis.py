"""Analyses: exclusions, need against have, all or nothing, and what a repeated analysis does."""

from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction

from kupong.campaigns import analysis, service
from kupong.campaigns.models import CodeIssue, DeliveryLog, IssueEvent, Message
from kupong.campaigns.states import State
from kupong.coupons.models import CouponCode
from kupong.customers.models import Customer
from kupong.work.models import Job
from tests.campaigns.mailing import Mailing, counts, live_codes, made, reason, t1


def levels(mailing: Mailing, level: str) -> list[str]:
    return [line.text for line in mailing.page().log if line.level == level]


def test_t1_everybody_is_excluded_for_one_cause_and_the_rest_get_a_code_each(
    mailing: Mailing,
) -> None:
    t1(mailing)
    mailing.coupon("SPRING2", 975)
    mailing.delivery(coupon="SPRING2")
    page = mailing.analyse()
    assert page.state == State.READY
    assert (page.need, page.have, page.short, page.to_send) == (975, 975, 0, 975)
    assert page.messages == counts(pending=975)
    excluded = page.excluded
    assert (excluded.no_address, excluded.opted_out) == (2, 20)
    assert (excluded.quarantined, excluded.duplicate, excluded.limited) == (0, 3, 0)
    assert len(set(mailing.codes_by_customer().values())) == 975
    pool = mailing.pool("SPRING2")
    assert (pool.reserved, pool.available) == (975, 0)
    assert mailing.log() == [
        "Analysis started.",
        "1000 recipients in the target.",
        "2 excluded: no address.",
        "20 excluded: opted out.",
        "3 excluded: the address is used by another recipient.",
        "Codes: need 975, have 975.",
        "Analysis completed: 975 messages waiting.",
    ]


def test_t2_a_shortage_stops_everything(mailing: Mailing) -> None:
    t1(mailing)
    mailing.coupon("SPRING2", 955)
    mailing.delivery(coupon="SPRING2")
    page = mailing.analyse()
    assert page.state == State.ANALYSIS_FAILED
    assert (page.need, page.have, page.short) == (975, 955, 20)
    assert levels(mailing, "error") == ["Too few codes: need 975, have 955, short 20."]
    assert page.messages == counts()
    pool = mailing.pool("SPRING2")
    assert (pool.available, pool.reserved) == (955, 0)
    assert reason(service.confirm(mailing.company, "D", mailing.now)) == "wrong_state"
    assert not IssueEvent.objects.exists()
    assert Job.objects.get().state == "failed"


def test_t4_a_limit_cures_a_shortage_by_lot_and_keeps_the_same_people(mailing: Mailing) -> None:
    mailing.customers(970)
    mailing.coupon("SPRING2", 950)
    mailing.delivery(coupon="SPRING2", limit=950)
    first = mailing.analyse()
    chosen = set(mailing.codes_by_customer())
    assert (first.to_send, first.excluded.limited, first.need) == (950, 20, 950)
    mailing.analyse()
    assert set(mailing.codes_by_customer()) == chosen
    for limit in (0, 2000):
        made(mailing.edit(limit=limit))
        assert mailing.analyse().short == 20
    made(mailing.edit(limit=950))
    Customer.objects.filter(number__in=sorted(chosen)[:10]).update(email_opt_out=True)
    page = mailing.analyse()
    assert (page.excluded.opted_out, page.excluded.limited, page.to_send) == (10, 10, 950)
    assert len(chosen & set(mailing.codes_by_customer())) == 940


def test_two_deliveries_draw_different_lots(mailing: Mailing) -> None:
    mailing.customers(100)
    for number in ("A", "B"):
        mailing.delivery(number, coupon=None, html="Hello", limit=50)
        mailing.analyse(number)
    assert set(mailing.codes_by_customer("A")) != set(mailing.codes_by_customer("B"))


def test_t5_a_repeated_analysis_recycles_first_and_keeps_everybodys_code(mailing: Mailing) -> None:
    mailing.customers(970)
    mailing.coupon("SPRING2", 1000)
    mailing.delivery(coupon="SPRING2")
    mailing.analyse()
    before = mailing.codes_by_customer()
    assert made(mailing.edit(subject="Other")).state == State.DRAFT
    assert mailing.pool("SPRING2").reserved == 970
    assert reason(service.confirm(mailing.company, "D", mailing.now)) == "wrong_state"
    Customer.objects.filter(number="17").update(email_opt_out=True)
    page = mailing.analyse()
    after = mailing.codes_by_customer()
    assert len(after) == page.to_send == 969
    assert {number: before[number] for number in after} == after
    pool = mailing.pool("SPRING2")
    assert (pool.reserved, pool.available) == (969, 31)
    log = mailing.log()
    assert "970 recycled: codes of the previous analysis." in log
    assert log.index("970 recycled: codes of the previous analysis.") < log.index(
        "Analysis completed: 969 messages waiting."
    )
    kinds = IssueEvent.objects.values_list("kind", flat=True)
    assert (list(kinds).count("assigned"), list(kinds).count("recycled")) == (970 + 969, 970)


def test_t6_an_anonymous_coupon_gives_all_the_same_code_and_counts_no_stock(
    mailing: Mailing,
) -> None:
    mailing.customers(970)
    coupon = mailing.world.coupon("ALL", None, kind="anonymous")
    mailing.world.code(coupon, "HELLO", typed="Hello")
    mailing.delivery(coupon="ALL")
    page = mailing.analyse()
    assert page.state == State.READY
    assert (page.need, page.have, page.short) == (0, 0, 0)
    assert set(mailing.codes_by_customer().values()) == {"HELLO"}
    assert not CodeIssue.objects.exists()
    assert mailing.pool("ALL").available == 1


def test_an_anonymous_coupon_without_a_code_fails_the_analysis(mailing: Mailing) -> None:
    mailing.customers(1)
    mailing.world.coupon("ALL", None, kind="anonymous")
    mailing.delivery(coupon="ALL")
    assert mailing.analyse().state == State.ANALYSIS_FAILED


def test_codes_are_given_to_their_holders_and_to_nobody_else(mailing: Mailing) -> None:
    one, two, three = mailing.customers(3)
    coupon = mailing.coupon("SPRING2", 0)
    mailing.codes(coupon, 1, 1, holder=two)
    mailing.codes(coupon, 1, 2, holder=one)
    mailing.codes(coupon, 1, 3)
    mailing.codes(coupon, 1, 4, holder=one)
    mailing.delivery(coupon="SPRING2")
    page = mailing.analyse()
    assert (page.need, page.have) == (3, 3)
    assert mailing.codes_by_customer() == {
        one.number: "SPRING2-2",
        two.number: "SPRING2-1",
        three.number: "SPRING2-3",
    }


def test_codes_that_others_hold_do_not_count_as_stock(mailing: Mailing) -> None:
    mailing.customers(2)
    (stranger,) = mailing.customers(1, 9, email="")
    coupon = mailing.coupon("SPRING2", 1)
    mailing.codes(coupon, 5, 100, holder=stranger)
    mailing.delivery(coupon="SPRING2")
    page = mailing.analyse()
    assert (page.need, page.have, page.short) == (2, 1, 1)


def test_codes_that_cannot_be_used_are_not_given(mailing: Mailing) -> None:
    mailing.customers(1)
    coupon = mailing.coupon("SPRING2", 5)
    rows = CouponCode.objects.filter(coupon=coupon).order_by("id")
    inactive, voided, over, used, good = rows
    CouponCode.objects.filter(pk=inactive.pk).update(status="inactive")
    CouponCode.objects.filter(pk=voided.pk).update(status="voided")
    CouponCode.objects.filter(pk=over.pk).update(valid_to_date="2026-03-08")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO redemption_usagecounter (company_id, code_id, scope, scope_id, uses, last_use_no)"
            " VALUES (%s, %s, 'global', 0, 1, 1)",
            [mailing.company, used.id],
        )
    mailing.delivery(coupon="SPRING2")
    page = mailing.analyse()
    assert (page.need, page.have) == (1, 1)
    assert mailing.codes_by_customer() == {"1": good.code}
    pool = mailing.pool("SPRING2")
    assert (pool.available, pool.inactive, pool.void, pool.redeemed) == (2, 1, 1, 1)
    assert pool.reserved == 1


def test_the_lowest_number_keeps_a_shared_address(mailing: Mailing) -> None:
    for number in (10, 9, 100):
        mailing.customers(1, number, email="Same@example.com")
    mailing.delivery(coupon=None, html="Hello")
    assert mailing.analyse().excluded.duplicate == 2
    assert set(mailing.codes_by_customer()) == {"9"}
    assert Message.objects.get().address == "same@example.com"


def test_somebody_opted_out_does_not_take_the_place_of_another_with_the_same_address(
    mailing: Mailing,
) -> None:
    mailing.customers(1, 1, email="same@example.com", email_opt_out=True)
    mailing.customers(1, 2, email="same@example.com")
    mailing.delivery(coupon=None, html="Hello")
    mailing.analyse()
    assert set(mailing.codes_by_customer()) == {"2"}


def test_a_coupon_whose_code_is_used_nowhere_is_a_warning_and_draws_no_codes(
    mailing: Mailing,
) -> None:
    mailing.customers(3)
    mailing.coupon("SPRING2", 1)
    mailing.delivery(coupon="SPRING2", html="{{ coupon.label }}")
    page = mailing.analyse()
    assert (page.state, page.need, page.to_send) == (State.READY, 0, 3)
    assert "does not use its code" in levels(mailing, "warning")[0]
    assert mailing.pool("SPRING2").available == 1


def test_a_code_in_the_subject_alone_is_a_use_of_it(mailing: Mailing) -> None:
    mailing.customers(1)
    mailing.coupon("SPRING2", 1)
    mailing.delivery(coupon="SPRING2", subject="{{ coupon.code }}", html="Hello")
    assert mailing.analyse().need == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"coupon": None}, "The content uses the coupon, but no coupon is attached: coupon.code."),
        ({"html": "{{ coupon.value }}"}, "uses a field that does not exist: coupon.value."),
        ({"html": "{% if %}"}, "The template of the html cannot be used (line 1)"),
        ({"html": "{% for i in (1..9999) %}{% endfor %}"}, "The template of the html"),
        ({"subject": "{{ nobody }}"}, "The template of the subject uses a field that"),
        ({"sender": ""}, "A value is missing: sender."),
        ({"recipients": {"customers": []}}, "There is nobody to write to."),
        ({"contact_date": "2026-04-02T12:00:00Z"}, "ends before the messages go out: valid until"),
    ],
)
def test_what_is_wrong_with_a_delivery_fails_its_analysis_in_words(
    mailing: Mailing, fields: dict[str, object], said: str
) -> None:
    mailing.customers(2)
    mailing.coupon("SPRING2", 2, valid_to=mailing.now.date().replace(day=31))
    mailing.delivery(**{"coupon": "SPRING2"} | fields)
    page = mailing.analyse()
    assert page.state == State.ANALYSIS_FAILED
    assert said in levels(mailing, "error")[0]
    assert page.messages == counts()
    assert mailing.pool("SPRING2").available == 2


def test_a_voided_coupon_is_an_error_and_an_inactive_one_a_warning(mailing: Mailing) -> None:
    mailing.customers(1)
    mailing.coupon("V", 1, status="voided")
    mailing.coupon("I", 1, status="inactive")
    for number in ("V", "I"):
        mailing.delivery(number, coupon=number)
    assert mailing.analyse("V").state == State.ANALYSIS_FAILED
    page = mailing.analyse("I")
    assert page.state == State.READY
    assert [line.key for line in page.log if line.level == "warning"] == ["coupon_not_active"]


def test_another_coupon_takes_codes_of_its_own_and_gives_back_the_others(mailing: Mailing) -> None:
    mailing.customers(5)
    mailing.coupon("A", 5)
    mailing.coupon("B", 5)
    mailing.delivery(coupon="A")
    mailing.analyse()
    made(mailing.edit(coupon="B"))
    mailing.analyse()
    assert mailing.pool("A").available == 5
    assert mailing.pool("B").reserved == 5


def test_a_shortage_the_second_time_gives_back_what_the_first_had_reserved(
    mailing: Mailing,
) -> None:
    mailing.customers(5)
    mailing.coupon("A", 5)
    mailing.delivery(coupon="A")
    mailing.analyse()
    mailing.customers(1, 6)
    page = mailing.analyse()
    assert (page.state, page.need, page.have) == (State.ANALYSIS_FAILED, 6, 5)
    assert mailing.pool("A").available == 5
    assert page.messages == counts()


def test_a_stopped_analysis_leaves_a_draft_that_holds_nothing(mailing: Mailing) -> None:
    mailing.customers(5)
    mailing.coupon("A", 5)
    mailing.delivery(coupon="A")
    mailing.analyse()
    asked = made(service.analyse(mailing.company, "D", mailing.now))
    assert made(service.stop(mailing.company, "D", mailing.now)).state == State.DRAFT
    analysis.analyse(mailing.company, mailing.row().id, int(asked.job), mailing.now)
    assert mailing.page().state == State.DRAFT
    assert mailing.pool("A").available == 5
    assert mailing.log()[-1] == "Analysis stopped: nothing is reserved."
    assert Job.objects.get(id=int(asked.job)).state == "cancelled"
    mailing.analyse()
    analysis.analyse(mailing.company, mailing.row().id, int(asked.job), mailing.now)
    assert mailing.page().state == State.READY


def test_an_analysis_that_is_stopped_on_its_way_keeps_nothing(
    shared_mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing = shared_mailing
    mailing.customers(5)
    mailing.coupon("A", 5)
    mailing.delivery(coupon="A")
    original = analysis._assign

    def stop() -> None:
        made(service.stop(mailing.company, "D", mailing.now))
        connection.close()

    def stopped_now(*args: object) -> None:
        original(*args)  # type: ignore[arg-type]
        somebody = Thread(target=stop)
        somebody.start()
        somebody.join()

    monkeypatch.setattr(analysis, "_assign", stopped_now)
    assert mailing.analyse().state == State.DRAFT
    assert mailing.pool("A").available == 5
    assert mailing.page().messages == counts()


def test_an_analysis_that_breaks_off_gives_everything_back_and_can_be_repeated(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing.customers(5)
    mailing.coupon("A", 5)
    mailing.delivery(coupon="A")
    mailing.analyse()

    def broken(*args: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(analysis, "_assign", broken)
        with pytest.raises(ZeroDivisionError):
            mailing.analyse()
    assert mailing.page().state == State.ANALYSIS_FAILED
    assert mailing.pool("A").available == 5
    assert mailing.log()[-1] == "The analysis broke off: nothing is reserved."
    assert mailing.analyse().state == State.READY


def test_a_job_that_runs_twice_changes_nothing_the_second_time(mailing: Mailing) -> None:
    mailing.customers(5)
    mailing.coupon("A", 5)
    mailing.delivery(coupon="A")
    asked = made(service.analyse(mailing.company, "D", mailing.now))
    for _ in range(2):
        analysis.analyse(mailing.company, mailing.row().id, int(asked.job), mailing.now)
    assert IssueEvent.objects.count() == 5
    assert live_codes() == [f"A-{number}" for number in range(1, 6)]
    job = Job.objects.get()
    assert (job.state, job.done, job.result["need"]) == ("done", 5, 5)


def test_a_code_cannot_be_live_in_two_messages(mailing: Mailing) -> None:
    mailing.customers(2)
    mailing.coupon("A", 2)
    mailing.delivery(coupon="A")
    mailing.analyse()
    first, second = CodeIssue.objects.order_by("code_id")
    with pytest.raises(IntegrityError), transaction.atomic():
        CodeIssue.objects.create(
            company_id=mailing.company,
            code_id=first.code_id,
            message_id=second.message_id,
            state="reserved",
            address="x",
            assigned_at=mailing.now,
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        CodeIssue.objects.filter(code_id=first.code_id).update(message=second.message_id)


def test_a_delivery_that_is_short_can_never_be_ready(mailing: Mailing) -> None:
    mailing.delivery(coupon=None)
    row = mailing.row()
    row.state, row.short, row.to_send = State.READY, 1, 5
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("model", [IssueEvent, DeliveryLog])
def test_the_history_is_never_changed(mailing: Mailing, model: type) -> None:
    mailing.customers(1)
    mailing.coupon("A", 1)
    mailing.delivery(coupon="A")
    mailing.analyse()
    rows = model._default_manager.all()  # type: ignore[attr-defined]
    assert rows.exists()
    for change in (lambda: rows.update(at=mailing.now), rows.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_the_log_is_read_in_either_language(mailing: Mailing) -> None:
    mailing.customers(1)
    mailing.delivery(coupon=None)
    mailing.analyse()
    swedish = [line.text for line in mailing.page(language="sv").log]
    assert swedish[0] == "Analysen har startat."
    assert "Innehållet använder kupongen" in swedish[-1]
