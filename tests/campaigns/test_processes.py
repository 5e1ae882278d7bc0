"""Races and deaths, staged with real processes on one database and a real mail server."""

import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction

from kupong.campaigns import service
from kupong.campaigns.models import CodeIssue, Message
from kupong.campaigns.sending import CHUNK
from kupong.campaigns.states import State
from kupong.coupons.models import Coupon
from tests.boot.processes import Process, running, until
from tests.campaigns.mailing import Mailing, PostOffice, html_of, made, post_office
from tests.campaigns.racer import GATE
from tests.redemption.test_races import dsn

ROUNDS = 30


@pytest.fixture(autouse=True)
def no_other_job(transactional_db: None) -> None:
    """Django empties only the tables it manages itself between tests, and these are not among them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


Racer = subprocess.Popen[str]


def start(mailing: Mailing, entries: list[str]) -> Racer:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.campaigns.racer", str(mailing.company), *entries],
        env=os.environ | {"KUPONG_DSN": dsn()},
        stdout=subprocess.PIPE,
        text=True,
    )


def said(racer: Racer) -> str:
    assert racer.stdout
    return racer.stdout.readline().strip()


def race(mailing: Mailing, rounds: list[tuple[str, ...]]) -> None:
    """Analyse the deliveries of each round at the same moment, each in the process of its place."""
    entries: list[list[str]] = [[] for _ in rounds[0]]
    for number, deliveries in enumerate(rounds):
        for place, delivery in enumerate(deliveries):
            job = made(service.analyse(mailing.company, delivery, mailing.now)).job
            entries[place].append(f"{number}:{mailing.row(delivery).id}:{job}")
    with connection.cursor() as cursor:
        for number in range(len(rounds)):
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [GATE, number])
        racers = [start(mailing, each) for each in entries]
        for number in range(len(rounds)):
            assert [said(racer) for racer in racers] == ["ready"] * len(racers)
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [GATE, number])
            assert [said(racer) for racer in racers] == ["done"] * len(racers)
    for racer in racers:
        assert racer.wait(60) == 0
        assert racer.stdout
        racer.stdout.close()


def outcomes(mailing: Mailing, *deliveries: str) -> list[tuple[str, int | None, int | None]]:
    pages = [mailing.page(number) for number in deliveries]
    return sorted((str(page.state), page.have, page.short) for page in pages)


def two(mailing: Mailing, coupon: str, first: int, second: int) -> tuple[str, str]:
    """Two deliveries of one coupon to the first customers of all."""
    names = (f"{coupon}-P", f"{coupon}-Q")
    for name, count in zip(names, (first, second), strict=True):
        chosen = [str(number) for number in range(1, count + 1)]
        mailing.delivery(name, coupon=coupon, recipients={"customers": chosen})
    return names


def test_t13_of_two_deliveries_that_race_for_one_pool_exactly_one_gets_its_codes(
    shared_mailing: Mailing,
) -> None:
    mailing = shared_mailing
    mailing.customers(600)
    rounds = []
    for number in range(ROUNDS):
        mailing.coupon(f"S{number}", 10)
        rounds.append(two(mailing, f"S{number}", 6, 6))
    mailing.coupon("BIG", 1000)
    rounds.append(two(mailing, "BIG", 600, 600))
    mailing.coupon("BOTH", 1000)
    rounds.append(two(mailing, "BOTH", 500, 500))
    race(mailing, rounds)
    for number in range(ROUNDS):
        found = outcomes(mailing, *rounds[number])
        assert found == [("analysis_failed", 4, 2), ("ready", 10, 0)]
        assert (mailing.pool(f"S{number}").reserved, mailing.pool(f"S{number}").available) == (6, 4)
    assert outcomes(mailing, "BIG-P", "BIG-Q") == [
        ("analysis_failed", 400, 200),
        ("ready", 1000, 0),
    ]
    assert (mailing.pool("BIG").reserved, mailing.pool("BIG").available) == (600, 400)
    assert [state for state, _, _ in outcomes(mailing, "BOTH-P", "BOTH-Q")] == ["ready", "ready"]
    assert mailing.pool("BOTH").reserved == 1000
    live = list(CodeIssue.objects.values_list("message_id", flat=True))
    assert len(live) == len(set(live)) == ROUNDS * 6 + 600 + 1000


def test_an_analysis_that_was_killed_has_reserved_nothing_and_is_taken_up_again(
    shared_mailing: Mailing,
) -> None:
    mailing = shared_mailing
    mailing.customers(20)
    mailing.coupon("A", 20)
    mailing.delivery(coupon="A")
    job = made(service.analyse(mailing.company, "D", mailing.now)).job
    entry = [f"1:{mailing.row().id}:{job}"]
    with transaction.atomic():
        # The analysis gets as far as the coupon, which is held here.
        Coupon.objects.select_for_update().get(number="A")
        doomed = start(mailing, entry)
        assert said(doomed) == "ready"
        until(lambda: waiting_for_us() == 1)
        doomed.send_signal(signal.SIGKILL)
        doomed.communicate()
    assert mailing.page().state == State.ANALYSING
    assert mailing.pool("A").available == 20
    following = start(mailing, entry)
    assert [said(following), said(following)] == ["ready", "done"]
    following.communicate()
    assert mailing.page().state == State.READY
    assert mailing.pool("A").reserved == 20


def waiting_for_us() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return int(cursor.fetchone()[0])


WORKER = """
import os
from kupong.boot.database import connect_django
connect_django(os.environ["DATABASE_URL"])
from kupong.jobs import tasks, worker
tasks.STALLED_AFTER_SECONDS = 2.0
print("working", flush=True)
worker.run(graceful_seconds=1, heartbeat_seconds=0.3)
print("stopped", flush=True)
"""


@contextmanager
def working(tmp_path: Path, name: str, office: PostOffice) -> Iterator[Process]:
    found = connection.settings_dict
    query = urlencode({"host": found["HOST"], "port": found["PORT"] or "5432"})
    url = f"postgresql://{found['USER']}:{found['PASSWORD']}@/{found['NAME']}?{query}"
    more = {"DATABASE_URL": url, "KUPONG_SMTP_URL": f"smtp://127.0.0.1:{office.port}"}
    with running(["-c", WORKER], tmp_path, tmp_path / name, **more) as process:
        process.wait_for("working")
        yield process


@pytest.fixture
def slow_office() -> Iterator[PostOffice]:
    with post_office() as office:
        office.seconds = 0.005
        yield office


def confirmed(mailing: Mailing, customers: int) -> None:
    mailing.customers(customers)
    mailing.coupon("A", customers)
    mailing.delivery(coupon="A")
    mailing.analyse()
    made(service.confirm(mailing.company, "D", mailing.now))


def test_a_worker_killed_while_sending_leaves_everybody_one_code_and_the_next_one_goes_on(
    shared_mailing: Mailing, slow_office: PostOffice, tmp_path: Path
) -> None:
    mailing, office = shared_mailing, slow_office
    confirmed(mailing, 240)
    with working(tmp_path, "killed", office) as killed:
        until(lambda: len(office.mails) >= CHUNK + CHUNK // 2)
        killed.end(signal.SIGKILL)
    assert mailing.page().state == State.SENDING
    sent_before = len(office.mails)
    assert sent_before < 240
    with working(tmp_path, "next", office):
        until(lambda: mailing.page().state == State.FINISHED)
    codes = defaultdict(set)
    for mail in office.mails:
        codes[str(mail["To"])].add(html_of(mail).split("<b>")[1].split("</b>")[0])
    assert len(codes) == 240
    assert all(len(own) == 1 for own in codes.values()), "somebody got two codes"
    assert len(set.union(*codes.values())) == 240, "a code went to two people"
    twice = len(office.mails) - 240
    assert 0 < twice <= CHUNK, "it was not killed in the middle of a chunk"
    identities = Counter(str(mail["Message-ID"]) for mail in office.mails)
    assert len(identities) == 240, "a repeated mail is known by its identity"
    assert Message.objects.filter(status="sent").count() == 240
    assert mailing.pool("A").sent == 240


def test_a_worker_that_is_stopped_sends_nothing_twice(
    shared_mailing: Mailing, slow_office: PostOffice, tmp_path: Path
) -> None:
    mailing, office = shared_mailing, slow_office
    confirmed(mailing, 240)
    with working(tmp_path, "stopped", office) as stopped:
        until(lambda: len(office.mails) >= CHUNK + CHUNK // 2)
        assert stopped.end(signal.SIGTERM) == 0
    assert 0 < mailing.page().messages.pending < 240
    with working(tmp_path, "next", office):
        until(lambda: mailing.page().state == State.FINISHED)
    assert len(office.mails) == 240


def test_a_stop_while_a_worker_sends_keeps_the_balance(
    shared_mailing: Mailing, slow_office: PostOffice, tmp_path: Path
) -> None:
    mailing, office = shared_mailing, slow_office
    confirmed(mailing, 400)
    with working(tmp_path, "worker", office):
        until(lambda: len(office.mails) >= CHUNK // 2)
        made(service.stop(mailing.company, "D", mailing.now))
        until(lambda: mailing.page().state == State.STOPPED)
    page = mailing.page()
    assert page.messages.sent == len(office.mails) > 0
    assert page.messages.cancelled == 400 - page.messages.sent > 0
    pool = mailing.pool("A")
    assert (pool.sent, pool.available, pool.reserved) == (
        page.messages.sent,
        page.messages.cancelled,
        0,
    )


def test_two_workers_share_a_delivery_and_send_nothing_twice(
    shared_mailing: Mailing, slow_office: PostOffice, tmp_path: Path
) -> None:
    mailing, office = shared_mailing, slow_office
    confirmed(mailing, 300)
    service.ask("deliveries.send", company=mailing.company, delivery=mailing.row().id)
    with working(tmp_path, "one", office), working(tmp_path, "two", office):
        until(lambda: mailing.page().state == State.FINISHED)
    assert Counter(str(mail["To"]) for mail in office.mails) == Counter(
        f"c{number}@example.com" for number in range(1, 301)
    )
