"""A plain installation gives a working kupong: everything it reads beside its code is in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.rooms import ROOT, SOURCE


def test_the_wheel_holds_every_file_of_the_package_and_the_licence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("kupong-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(SOURCE.parent).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - held == set()
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert (ROOT / "LICENSE").read_text().lstrip().startswith("Apache License")
