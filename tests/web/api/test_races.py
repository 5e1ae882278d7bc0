"""Sixteen tills race over HTTP for a code with 500 uses, on the product as it is served."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.boot.processes import Process, run, running
from tests.boot.test_serving import SERVE, free_port

TILLS, ATTEMPTS, LIMIT = 16, 75, 500


class Shop:
    """A served installation with one jacket, one discount and one coupon code of limited use."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self.address = f"http://127.0.0.1:{port}"
        command = ["-m", "kupong", "api-key", "create", "--role", "administrator", "--json"]
        self.key: str = json.loads(run(command, data).stdout)["key"]
        for path, body in GOODS:
            self.post(path, body)

    def post(self, path: str, body: object) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = httpx.post(f"{self.address}/api/v1{path}", json=body, headers=headers, timeout=60)
        assert answer.status_code < 300, answer.text

    def get(self, path: str) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = httpx.get(f"{self.address}/api/v1{path}", headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found

    def tills(self) -> "list[subprocess.Popen[str]]":
        command = [
            sys.executable,
            "-m",
            "tests.web.api.till",
            self.address,
            self.key,
            str(ATTEMPTS),
            "HOT",
        ]
        tills = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(TILLS)
        ]
        for till in tills:
            assert till.stdout is not None
            assert till.stdout.readline() == "ready\n"
        return tills

    def uses(self) -> int:
        uses = self.get("/codes/HOT")["uses"]
        assert isinstance(uses, list)
        return next((one["uses"] for one in uses if one["scope"] == "global"), 0)


GOODS = [
    ("/channels", {"number": "TILL", "kind": "pos", "currency": "USD", "time_zone": "UTC"}),
    ("/products", {"number": "J", "name": "Jacket", "price": 8000, "currency": "USD"}),
    (
        "/discounts",
        {"number": "D", "kind": "simple", "currency": "USD", "price_groups": ["ALL"],
         "lines": [{"product": "J", "percent_off": "10"}]},
    ),
    (
        "/coupons",
        {"number": "C", "label": "Hot", "kind": "individual", "discount": "D", "usage_limit": LIMIT},
    ),
    ("/coupons/C/codes", {"codes": [{"code": "HOT"}]}),
    ("/coupons/C/activate", None),
]  # fmt: skip


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Process]:
    with running(SERVE, tmp_path / "data", tmp_path / "first", KUPONG_PORT=str(free_port())) as one:
        one.wait_for("http://")
        yield one


@pytest.fixture
def shop(serving: Process, tmp_path: Path) -> Shop:
    port = int(serving.wait_for("http://").split("127.0.0.1:")[1].split("/")[0].split()[0])
    return Shop(tmp_path / "data", port)


def outcomes(tills: "list[subprocess.Popen[str]]") -> Counter[str]:
    total: Counter[str] = Counter()
    for till in tills:
        printed, _ = till.communicate(timeout=240)
        total += Counter(json.loads(printed))
    return total


def open_the_gate(tills: "list[subprocess.Popen[str]]") -> None:
    for till in tills:
        assert till.stdin is not None
        till.stdin.write("go\n")
        till.stdin.flush()


def ledger_adds_up(data: Path) -> bool:
    return run(["-m", "kupong", "doctor", "--ledger"], data).returncode == 0


def test_exactly_the_limit_is_redeemed_over_http(shop: Shop) -> None:
    tills = shop.tills()
    open_the_gate(tills)
    assert outcomes(tills) == {"201 redeemed": 500, "409 exhausted": 700}
    assert shop.uses() == 500
    assert ledger_adds_up(shop.data)


def test_the_server_killed_in_the_middle_changes_no_answer(
    shop: Shop, serving: Process, tmp_path: Path
) -> None:
    tills = shop.tills()
    open_the_gate(tills)
    while shop.uses() < 100:
        time.sleep(0.05)
    serving.end(signal.SIGKILL)
    with running(SERVE, shop.data, tmp_path / "second", KUPONG_PORT=str(shop.port)) as again:
        again.wait_for("http://")
        assert outcomes(tills) == {"201 redeemed": 500, "409 exhausted": 700}
        assert shop.uses() == 500
        assert ledger_adds_up(shop.data)
