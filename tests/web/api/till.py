"""One of many tills that race over HTTP for the same code: its own process, its own connection.

Run as `python -m tests.web.api.till ADDRESS KEY ATTEMPTS CODE`. Every attempt has its own idempotency key and
is repeated until it has been answered, also while the server is away. Prints the outcomes as JSON.
"""

import json
import os
import sys
import time
from collections import Counter

import httpx

GIVE_UP_SECONDS = 120


def main(address: str, key: str, attempts: int, code: str) -> None:
    outcomes: Counter[str] = Counter()
    print("ready", flush=True)
    sys.stdin.readline()
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}) as client:
        for number in range(attempts):
            outcomes[answered(client, f"{os.getpid()}-{number}", code)] += 1
    print(json.dumps(outcomes), flush=True)


def answered(client: httpx.Client, order: str, code: str) -> str:
    body = {
        "channel": "TILL", "order": order, "codes": [code], "lines": [{"id": "1", "product": "J"}],
    }  # fmt: skip
    started = time.monotonic()
    while time.monotonic() - started < GIVE_UP_SECONDS:
        try:
            answer = client.post(
                "/api/v1/redemptions", json=body, headers={"Idempotency-Key": order}, timeout=60
            )
        except httpx.HTTPError:
            time.sleep(0.2)
            continue
        if answer.status_code == 503 or answer.json().get("code") == "in_flight":
            time.sleep(0.1)
            continue
        return f"{answer.status_code} {answer.json().get('code', answer.json().get('status'))}"
    return "no answer"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
