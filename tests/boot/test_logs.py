"""The log tells what failed, and never a key or a whole code."""

import subprocess
import sys

FAILING = """
import structlog
from kupong.boot import logs

logs.configure()

def call(key):
    raise RuntimeError("it broke")

try:
    call("kp_secret")
except RuntimeError:
    structlog.get_logger().exception("call failed", path="/api/v1/quotes")
"""


def test_a_failure_is_logged_without_the_values_it_happened_on() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, timeout=60, check=True
    )
    assert "it broke" in ran.stderr
    assert "/api/v1/quotes" in ran.stderr
    locals_shown = ran.stderr.replace('call("kp_secret")', "")
    assert "kp_secret" not in locals_shown
    assert ran.stdout == ""
