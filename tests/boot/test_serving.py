"""`kupong serve` as a real process: started, asked, stopped, killed, and started again."""

import json
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kupong.boot import postgres
from tests.boot.processes import (
    Process,
    children_of,
    is_alive,
    run,
    running,
    servers_on,
    until,
)

SERVE = ["-m", "kupong", "serve"]
# A second use of the name `reconciled` would hide that the line comes from the load.
SERVE_LOADED = """
import os, socket, sys, time
from kupong.boot import configuration
from kupong.boot.serving import serve

def load(data):
    from kupong.organisation.models import Company
    print("loading", Company.objects.count(), flush=True)
    while not (data / "go").exists():
        time.sleep(0.05)
    return "everything adds up"

def announce(announcement):
    print("serving", announcement.reconciliation, flush=True)

serve(configuration.from_environment(), lambda text: print(text, flush=True), announce, load)
print("stopped", flush=True)
"""


class Served:
    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.pid = process.child.pid
        self.address = f"http://127.0.0.1:{port}"

    def status(self, path: str) -> int:
        """0 when nobody answers."""
        try:
            return httpx.get(self.address + path, timeout=30).status_code
        except httpx.HTTPError:
            return 0

    def worker(self) -> int | None:
        return next(iter(children_of(self.pid, "worker")), None)

    def worker_running(self, but: int | None = None) -> int:
        until(lambda: self.worker() not in (None, but))
        found = self.worker()
        assert found is not None
        return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@contextmanager
def serving(data: Path, place: Path, **more: str) -> Iterator[Served]:
    port = free_port()
    with running(SERVE, data, place, KUPONG_PORT=str(port), **more) as process:
        process.wait_for("Kupong is at")
        yield Served(process, port)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for the tests that only ask."""
    place = tmp_path_factory.mktemp("served once")
    with serving(place / "data", place / "run") as served:
        yield served


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first start makes takes a moment; most tests are not about it and start from a copy."""
    data = tmp_path_factory.mktemp("migrated") / "data"
    assert run(["-m", "kupong", "migrate"], data).returncode == 0
    return data


@pytest.fixture
def data(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(migrated, tmp_path / "data"))


@pytest.fixture(scope="module")
def data_of_house(house: Served) -> Path:
    return house.process.out.parent.parent / "data"


def everything_ended(served: Served, data: Path, worker: int | None) -> Callable[[], bool]:
    return lambda: not servers_on(data) and not (worker and is_alive(worker))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_stops_cleanly_and_serves_again(tmp_path: Path, how: signal.Signals) -> None:
    data = tmp_path / "a directory with spaces" / "data"
    for start in ("first", "second"):
        with serving(data, tmp_path / start) as served:
            assert served.status("/health/ready") == 200
            worker = served.worker_running()
            assert served.process.end(how) == 0
            # Nothing to wait for: it has stopped its children before it ended.
            assert everything_ended(served, data, worker)()
            assert served.process.complained == ""


def test_the_first_link_signs_in_once_and_is_shown_until_somebody_came(
    data: Path, tmp_path: Path
) -> None:
    with serving(data, tmp_path / "first") as served:
        link = served.process.wait_for("/sign-in/").rsplit(" ", 1)[1]
        with httpx.Client(follow_redirects=True) as browser:
            page = browser.get(link)
            token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
            after = browser.post(
                link, data={"csrfmiddlewaretoken": token}, headers={"Referer": link}
            )
            assert after.status_code == 200
            assert browser.get(served.address, follow_redirects=False).status_code == 200
        served.process.end(signal.SIGTERM)
    with serving(data, tmp_path / "second") as served:
        time.sleep(0.2)
        assert "/sign-in/" not in served.process.said
        made = run(["-m", "kupong", "sign-in-link", "--json"], data)
        assert "/sign-in/" in json.loads(made.stdout)["sign_in"]


def test_nothing_stays_when_it_is_killed_and_the_next_start_works(
    data: Path, tmp_path: Path
) -> None:
    with serving(data, tmp_path / "first") as served:
        worker = served.worker_running()
        assert servers_on(data)
        served.process.end(signal.SIGKILL)
        until(everything_ended(served, data, worker), seconds=15)
    with serving(data, tmp_path / "second") as served:
        assert served.status("/health/ready") == 200


def test_a_start_right_after_a_kill_waits_for_the_old_database(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path / "first") as served:
        served.process.end(signal.SIGKILL)
        with serving(data, tmp_path / "second") as again:
            assert again.status("/health/ready") == 200


def test_a_killed_database_comes_back_and_the_process_goes_on(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path / "run") as served:
        (server,) = children_of(served.pid, str(data / "postgres"))
        run(["-c", f"import os; os.kill({server}, 9)"], data)
        until(lambda: not is_alive(server))
        until(lambda: served.status("/health/ready") == 200)
        assert children_of(served.pid, str(data / "postgres")) != [server]
        until(lambda: served.status("/sign-in") == 200)
        assert served.process.end(signal.SIGTERM) == 0
    assert servers_on(data) == []


def test_a_killed_worker_is_started_again(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path / "run") as served:
        first = served.worker_running()
        run(["-c", f"import os; os.kill({first}, 9)"], data)
        second = served.worker_running(but=first)
        assert served.process.end(signal.SIGTERM) == 0
        assert not is_alive(second)


@pytest.mark.parametrize("delay", [0.0, 0.4, 1.0, 1.8, 3.0])
def test_a_signal_during_the_start_ends_it_and_leaves_nothing(tmp_path: Path, delay: float) -> None:
    data = tmp_path / "data"
    port = str(free_port())
    with running(SERVE, data, tmp_path / "run", KUPONG_PORT=port) as process:
        # Python itself takes a moment until anybody could handle a signal.
        until((data / "serve.lock").exists)
        time.sleep(delay)
        assert process.end(signal.SIGTERM) == 0
        assert servers_on(data) == []
        assert process.complained == ""


def test_a_load_comes_before_the_serving_and_can_be_stopped(data: Path, tmp_path: Path) -> None:
    port = str(free_port())
    script = ["-c", SERVE_LOADED]
    with running(script, data, tmp_path / "first", KUPONG_PORT=port) as process:
        # The installation is made before anything is loaded into it.
        assert process.wait_for("loading") == "loading 1"
        with socket.socket() as caller:
            assert caller.connect_ex(("127.0.0.1", int(port))) != 0
        assert process.end(signal.SIGTERM) == 0
        assert "serving" not in process.said
    assert servers_on(data) == []
    (data / "go").touch()
    with running(script, data, tmp_path / "second", KUPONG_PORT=port) as process:
        process.wait_for("serving")
        assert process.said.splitlines() == [
            "loading 1",
            "everything adds up",
            "serving everything adds up",
        ]
        assert process.end(signal.SIGTERM) == 0
        assert process.said.endswith("stopped\n")


def test_a_second_one_on_the_same_data_says_so(house: Served, data_of_house: Path) -> None:
    second = run(SERVE, data_of_house, KUPONG_PORT=str(free_port()))
    assert second.returncode == 2
    assert second.stdout == ""
    assert second.stderr == f"kupong: another kupong already serves {data_of_house}\n"
    assert house.status("/health/ready") == 200


def test_a_port_that_is_taken_is_named(house: Served, tmp_path: Path) -> None:
    port = house.address.rsplit(":", 1)[1]
    second = run(SERVE, tmp_path / "other", KUPONG_PORT=port)
    assert second.returncode == 3
    assert second.stderr.startswith("kupong: KUPONG_HOST, KUPONG_PORT: cannot listen on 127.0.0.1:")
    assert second.stderr.count("\n") == 1


def test_another_database_is_used_when_it_is_given(
    house: Served, data_of_house: Path, tmp_path: Path
) -> None:
    found = postgres.running(data_of_house)
    assert found is not None
    assert house.status("/health/ready") == 200
    with serving(tmp_path / "other", tmp_path / "run", DATABASE_URL=found) as served:
        assert served.status("/health/ready") == 200
        assert served.process.end(signal.SIGTERM) == 0
    assert not (tmp_path / "other" / "postgres").exists()
    assert house.status("/health/ready") == 200


def test_to_programs_it_speaks_json_alone(data: Path, tmp_path: Path) -> None:
    port = free_port()
    with running([*SERVE, "--json"], data, tmp_path / "run", KUPONG_PORT=str(port)) as process:
        until(lambda: process.said.endswith("\n"))
        told = json.loads(process.said)
        assert told["address"] == f"http://127.0.0.1:{port}"
        assert told["sign_in"].startswith(told["address"] + "/sign-in/")
        assert process.end(signal.SIGTERM) == 0
        json.loads(process.said)


def test_pages_may_run_only_what_we_serve(house: Served) -> None:
    answer = httpx.get(house.address + "/sign-in")
    assert answer.status_code == 200, answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_styles_are_served_from_the_packages(house: Served) -> None:
    answer = httpx.get(house.address + "/static/bootstrap/css/bootstrap.min.css")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")


def test_a_query_of_raw_bytes_breaks_nothing(house: Served) -> None:
    port = int(house.address.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(
            b"GET /sign-in?q=\xc3\xb6\xff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        assert caller.recv(4096).split()[1] in (b"200", b"400")


def test_the_doctor_finds_the_served_house_well(house: Served, data_of_house: Path) -> None:
    house.worker_running()
    told = run(["-m", "kupong", "doctor", "--ledger", "--json"], data_of_house)
    findings = {each["subject"]: each for each in json.loads(told.stdout)["findings"]}
    assert told.returncode == 0
    assert all(each["ok"] for each in findings.values())
    assert findings["ledger"]["ok"]
    assert findings["role"]["text"] == "kupong is no superuser"


def test_a_key_made_beside_the_server_opens_its_api(house: Served, data_of_house: Path) -> None:
    told = run(
        ["-m", "kupong", "api-key", "create", "--role", "administrator", "--json"], data_of_house
    )
    made = json.loads(told.stdout)
    assert set(made) == {"key", "id"}
    header = {"Authorization": f"Bearer {made['key']}"}
    address = house.address + "/api/v1/channels"
    assert httpx.get(address, headers=header).status_code == 200
    assert httpx.get(address).status_code == 401
