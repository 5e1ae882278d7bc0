"""The tutorial is carried out, word for word: what it tells people to type, and what it promises them."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boot.processes import environment, running
from tests.house.rooms import ROOT

TUTORIAL = (ROOT / "docs" / "tutorial" / "first-coupon.md").read_text()
BLOCKS = [
    re.sub(r"^\$ ", "", block, flags=re.MULTILINE)
    for block in re.findall(r"^```console\n(.*?)^```", TUTORIAL, re.MULTILINE | re.DOTALL)
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block of the tutorial prints, typed one after the other into one shell."""
    folder = tmp_path_factory.mktemp("tutorial")
    data, port = folder / ".kupong", str(free_port())
    assert BLOCKS[0] == "make serve\n"
    marker = "--- next block"
    script = f"echo '{marker}'\n".join(BLOCKS[1:]).replace(":8000", f":{port}")
    with running(["-m", "kupong", "serve"], data, folder / "serve", KUPONG_PORT=port) as server:
        server.wait_for("Kupong is at")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        typed = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=folder,
            env=environment(data, PATH=path, DATABASE_URL=""),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert typed.returncode == 0, typed.stdout + typed.stderr
    return typed.stdout.split(f"{marker}\n")


def test_everything_is_created_as_the_tutorial_says(answers: list[str]) -> None:
    created = [json.loads(line) for line in "".join(answers[2:4]).splitlines() if line.strip()]
    assert [
        one for one in created if "reason" in one or one.get("status", 0) in range(400, 600)
    ] == []
    assert len(created) == 8


def test_the_quote_gives_what_the_tutorial_promises(answers: list[str]) -> None:
    quote = json.loads(answers[4])
    assert (quote["gross"], quote["discount"], quote["net"]) == (8000, 800, 7200)
    assert quote["codes"][0]["status"] == "applied"
    assert quote["lines"][0]["discounts"][0]["coupon"] == "SPRING"


def test_the_redemption_is_taken_once_and_replayed(answers: list[str]) -> None:
    first, second = answers[5], answers[6]
    assert " 201" in first.splitlines()[0]
    assert " 201" in second.splitlines()[0]
    assert "idempotent-replayed: true" in second.lower()
    assert "idempotent-replayed" not in first.lower()
    assert body(first) == body(second)
    assert body(first)["status"] == "redeemed"


def test_the_second_use_is_refused_as_exhausted(answers: list[str]) -> None:
    assert " 409" in answers[7].splitlines()[0]
    refused = body(answers[7])["codes"][0]
    assert refused["reason"] == "exhausted"
    assert (refused["detail"]["limit"], refused["detail"]["scope"]) == (1, "global")


def test_the_code_and_the_ledger_tell_the_story(answers: list[str]) -> None:
    assert '"exhausted"' in answers[8]
    assert "ledger" in answers[8]
    assert "WRONG" not in answers[8]


def body(answer: str) -> dict:
    return json.loads(answer.replace("\r", "").split("\n\n", 1)[1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
