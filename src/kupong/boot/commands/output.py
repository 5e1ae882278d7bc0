"""How commands speak: to people in lines; to programs in one JSON document on standard output."""

import sys
from typing import Any

import msgspec


def print_json(answer: Any) -> None:
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    print(text, flush=True)


def say_aside(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
