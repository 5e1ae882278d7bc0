"""One of many tills that race for the same codes: its own process, its own connection.

Run as `python -m tests.redemption.racer COMPANY ATTEMPTS CODE… `; it waits for the starting gate (an advisory
lock that the test holds), then redeems, and prints the outcomes as one line of JSON.
"""

import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime

GATE = 4711


def main(company_id: int, attempts: int, codes: list[str]) -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "kupong.boot.settings"
    django.setup()
    outcomes: Counter[str] = Counter()
    wait_for_the_gate()
    for number in range(attempts):
        outcomes[redeem_once(company_id, f"{os.getpid()}-{number}", codes)] += 1
    print(json.dumps(outcomes), flush=True)


def wait_for_the_gate() -> None:
    from django.db import connection

    print("ready", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [GATE])
        cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [GATE])


def redeem_once(company_id: int, order: str, codes: list[str]) -> str:
    from kupong.redemption import service
    from kupong.redemption.shapes import LineRequest, RedemptionAnswer, RedemptionRequest

    request = RedemptionRequest(
        channel="HOUSTON",
        order=order,
        lines=(LineRequest(id="1", product="J"),),
        codes=tuple(codes),
    )
    answer = service.redeem(company_id, request, datetime(2026, 3, 10, 18, tzinfo=UTC))
    return answer.status if isinstance(answer, RedemptionAnswer) else answer.reason


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
