"""One of several workers that analyse deliveries at the same moment: its own process, its own connection.

Run as `python -m tests.campaigns.racer COMPANY ROUND:DELIVERY:JOB …`. Before each analysis it says so, and
waits until the test opens the gate of that round (an advisory lock).
"""

import os
import sys
from datetime import UTC, datetime

GATE = 4712


def main(company_id: int, rounds: list[str]) -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "kupong.boot.settings"
    django.setup()
    from kupong.campaigns import analysis

    for entry in rounds:
        number, delivery, job = map(int, entry.split(":"))
        wait_at(number)
        analysis.analyse(company_id, delivery, job, datetime(2026, 3, 10, 18, tzinfo=UTC))
        print("done", flush=True)


def wait_at(gate: int) -> None:
    from django.db import connection

    print("ready", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [GATE, gate])
        cursor.execute("SELECT pg_advisory_unlock_shared(%s, %s)", [GATE, gate])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
