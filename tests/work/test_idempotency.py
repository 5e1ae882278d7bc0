from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.plans import run
from kupong.redemption.service import django_connection
from kupong.work import service
from kupong.work.idempotency import Call, FirstAnswer, begin, keep
from kupong.work.models import IdempotencyKey, Job, OutboxEvent
from kupong.work.queries import job
from tests.managing import Managed
from tests.threading_calls import at_once

FIRST = FirstAnswer(201, b'{"id":"1"}')


def call(company: Managed, key: str = "k", asked: bytes = b"a", caller: str = "key:1") -> Call:
    return Call(company.id, caller, key, asked)


def begun(one: Call) -> FirstAnswer | Refused | None:
    return run(django_connection(), begin(one))


def kept(one: Call) -> None:
    assert begun(one) is None
    run(django_connection(), keep(one, FIRST))


def test_the_first_answer_is_given_again(company: Managed) -> None:
    kept(call(company))
    assert begun(call(company)) == FIRST


def test_a_key_is_one_callers_own(company: Managed) -> None:
    kept(call(company))
    assert begun(call(company, caller="key:2")) is None
    assert begun(call(company, key="other")) is None


def test_another_request_under_the_same_key_is_a_conflict(company: Managed) -> None:
    kept(call(company))
    assert begun(call(company, asked=b"b")) == Refused(Reason.IDEMPOTENCY_CONFLICT)


def test_an_answer_older_than_a_day_has_had_its_time(company: Managed) -> None:
    kept(call(company))
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    kept(call(company, asked=b"b"))
    assert begun(call(company, asked=b"b")) == FIRST


def test_the_same_call_at_once_is_told_that_it_is_in_flight(shared_company: Managed) -> None:
    def held() -> object:
        return begun(call(shared_company))

    with transaction.atomic():
        assert begun(call(shared_company)) is None
        assert at_once([held]) == [Refused(Reason.IN_FLIGHT)]
    assert at_once([held]) == [None]


def test_what_is_kept_for_a_time_goes_when_the_time_is_over(company: Managed) -> None:
    now = datetime(2026, 3, 10, tzinfo=UTC)
    for age in (timedelta(hours=23), timedelta(hours=25)):
        IdempotencyKey.objects.create(
            company_id=company.id,
            caller="c",
            key=str(age),
            fingerprint=b"",
            status=200,
            body=b"",
            created_at=now - age,
        )
    for days in (29, 31):
        OutboxEvent.objects.create(
            company_id=company.id, type="t", data={}, created_at=now - timedelta(days=days)
        )
        for state in ("done", "running"):
            made = Job.objects.create(company_id=company.id, name="j", state=state)
            Job.objects.filter(id=made.id).update(updated_at=now - timedelta(days=days))
    assert service.purge(now) == 3
    assert service.purge(now) == 0
    left = Job.objects.order_by("id").values_list("state", flat=True)
    assert list(left) == ["done", "running", "running"]


def test_more_than_a_chunk_is_removed_too(company: Managed) -> None:
    OutboxEvent.objects.bulk_create(
        [OutboxEvent(company_id=company.id, type="t", data={}) for _ in range(10_001)]
    )
    assert service.purge(datetime.now(UTC) + timedelta(days=31)) == 10_001


def test_a_job_is_seen_by_its_own_company_only(company: Managed) -> None:
    made = Job.objects.create(company_id=company.id, name="load", total=5, done=2)
    found = job(company.id, made.id)
    assert found is not None
    assert (found.state, found.done, found.total, found.failed) == ("queued", 2, 5, 0)
    assert job(company.id + 1, made.id) is None
