"""One start of `kupong demo` up to where it would serve, in a process of its own, which a test can kill.

Its arguments: the data directory, and how few of the baskets without redemptions are replayed.
"""

import sys
from pathlib import Path

import django


def main(data_directory: str, every: str) -> None:
    django.setup()
    from kupong.boot.migration import migrate
    from kupong.organisation.service import ensure_installation

    migrate()
    ensure_installation()
    from kupong.demo.run import load_and_replay

    print(load_and_replay(Path(data_directory), int(every)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
