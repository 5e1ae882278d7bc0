"""django-oscar in an environment of its own, beside Kupong in one benchmark."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PACKAGE = "django-oscar==4.2.1"
RULES = Path(__file__).with_name("oscar_rules.py")


class Measured(NamedTuple):
    """The median seconds of one application of all rules to a new basket, by how many rules there are."""

    version: str
    seconds: dict[str, float]


def seconds_by_rules(counts: Sequence[int]) -> Measured:
    """Measure there what oscar_rules.py measures. The first time it downloads django-oscar."""
    python = environment()
    told = subprocess.run(
        [str(python), str(RULES), *map(str, counts)], check=True, stdout=subprocess.PIPE, text=True
    )
    return Measured(**json.loads(told.stdout.splitlines()[-1]))


def environment() -> Path:
    """The Python of the environment, which is made where it is missing or was not finished."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "kupong-benchmark" / PACKAGE.replace("==", "-")
    python, ready = place / "bin" / "python", place / "ready"
    if not ready.exists():
        print(f"\ninstalling {PACKAGE} into {place}", file=sys.stderr, flush=True)
        venv.create(place, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, PACKAGE], check=True, stdout=sys.stderr)
        ready.touch()
    return python
