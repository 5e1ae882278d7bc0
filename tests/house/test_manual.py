"""The reference names what there is, and nothing else."""

import re
from collections.abc import Iterator

import msgspec
import typer

from kupong.boot.configuration import Configuration
from kupong.boot.main import app
from tests.house.rooms import ROOT, SOURCE

REFERENCE = ROOT / "docs" / "reference"


def test_the_manual_lists_every_command() -> None:
    manual = (REFERENCE / "command-line.md").read_text()
    listed = re.findall(r"^\| `kupong ([a-z -]+?)(?: (?:--|[A-Z]).*?)?` \|", manual, re.MULTILINE)
    assert sorted(listed) == sorted(commands(app))


def test_the_manual_lists_every_variable() -> None:
    manual = (REFERENCE / "configuration.md").read_text()
    listed = re.findall(r"^\| `([A-Z_]+)` \|", manual, re.MULTILINE)
    source = (SOURCE / "boot" / "configuration.py").read_text()
    assert set(listed) == set(re.findall(r'"(KUPONG_[A-Z_]+|DATABASE_URL)"', source))
    assert len(listed) == len(msgspec.structs.fields(Configuration))


def commands(group: typer.Typer, prefix: str = "") -> Iterator[str]:
    for command in group.registered_commands:
        assert command.callback is not None
        yield prefix + (command.name or command.callback.__name__.replace("_", "-"))
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from commands(inner.typer_instance, f"{prefix}{inner.name} ")
