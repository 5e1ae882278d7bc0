"""The races we know, staged with real processes on one database."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from kupong.coupons.models import CouponCode
from kupong.discounts.models import Discount
from kupong.redemption import ledger
from kupong.redemption.models import LedgerEntry, Redemption, UsageCounter
from tests.redemption.racer import GATE
from tests.redemption.world import World

Racer = subprocess.Popen[str]


def dsn() -> str:
    database = settings.DATABASES["default"]
    return make_conninfo(
        host=database["HOST"], port=database["PORT"] or None, user=database["USER"],
        password=database["PASSWORD"] or None, dbname=connection.settings_dict["NAME"],
    )  # fmt: skip


def start(world: World, attempts: int, *codes: str) -> Racer:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.redemption.racer",
            str(world.company.id),
            str(attempts),
            *codes,
        ],
        env=os.environ | {"KUPONG_DSN": dsn()},
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def gate() -> Iterator[None]:
    """Everyone waits until the block is left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])


def start_all(starters: list[tuple[World, int, list[str]]]) -> list[Racer]:
    with gate():
        racers = [start(world, attempts, *codes) for world, attempts, codes in starters]
        for racer in racers:
            assert racer.stdout
            assert racer.stdout.readline() == "ready\n"
    return racers


def outcomes(racers: list[Racer]) -> Counter[str]:
    total: Counter[str] = Counter()
    for racer in racers:
        printed, _ = racer.communicate(timeout=240)
        assert racer.returncode == 0
        total += Counter(json.loads(printed))
    return total


@pytest.fixture
def contested(shared_world: World) -> CouponCode:
    return limited_code(shared_world, "HOT", 500)


def limited_code(world: World, code: str, limit: int) -> CouponCode:
    discount = Discount.objects.get(company=world.company, number="D10")
    return world.code(world.coupon(f"OF-{code}", discount, {"global": limit}), code)


def counted(code: CouponCode) -> tuple[int, int]:
    counter = UsageCounter.objects.get(code=code, scope="global")
    return counter.uses, LedgerEntry.objects.filter(code=code).count()


def test_sixteen_processes_redeem_exactly_the_limit(
    shared_world: World, contested: CouponCode
) -> None:
    racers = start_all([(shared_world, 75, ["HOT"])] * 16)
    assert outcomes(racers) == {"redeemed": 500, "exhausted": 700}
    assert counted(contested) == (500, 500)
    assert ledger.check() == []


def test_a_process_killed_in_the_middle_leaves_neither_a_use_nor_a_lock(
    shared_world: World, contested: CouponCode
) -> None:
    doomed = (shared_world, 1200, ["HOT"])
    racers = start_all([doomed] + [(shared_world, 80, ["HOT"])] * 15)
    of_the_doomed = Redemption.objects.filter(order__startswith=f"{racers[0].pid}-")
    while not of_the_doomed.exists():
        time.sleep(0.01)
    racers[0].send_signal(signal.SIGKILL)
    racers[0].wait()
    total = outcomes(racers[1:])
    assert set(total) == {"redeemed", "exhausted"}
    assert counted(contested) == (500, 500)
    assert total["redeemed"] + of_the_doomed.count() == 500
    assert ledger.check() == []


def test_carts_with_the_same_codes_in_any_order_neither_deadlock_nor_overshoot(
    shared_world: World,
) -> None:
    codes = [limited_code(shared_world, code, limit) for code, limit in (("A", 60), ("B", 90))]
    orders = [["A", "B"], ["B", "A"], ["B"], ["A"]]
    lines = [{"all_products": True, "amount_off": 1}]
    for code in codes:
        code.coupon.discount = shared_world.discount(f"CENT-{code.code}", lines, mode="compounded")
        code.coupon.save()
    total = outcomes(start_all([(shared_world, 50, order) for order in orders]))
    assert set(total) == {"redeemed", "exhausted"}
    for code, limit in zip(codes, (60, 90), strict=True):
        uses, entries = counted(code)
        assert uses == entries <= limit
    assert counted(codes[0])[0] == 60
    assert ledger.check() == []
