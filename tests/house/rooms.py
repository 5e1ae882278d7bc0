"""What the tests of the house read: the project's folders, and the rooms in the order the contract gives them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kupong"

PURE = ("kernel", "numbering", "personalization", "pricing")


def existing() -> list[str]:
    """The rooms that have code: every package directly below kupong."""
    return sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))


def heights() -> dict[str, int]:
    """How high each room stands in the contract of pyproject.toml; siblings stand equally high."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c for c in contracts["contracts"] if c["id"] == "rooms")["layers"]
    return {
        room.strip(" ()"): height
        for height, layer in enumerate(reversed(layers))
        for room in layer.split("|")
    }
