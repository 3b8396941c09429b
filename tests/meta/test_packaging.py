"""What a user installs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_is_typed_and_holds_every_module(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert "alipay_mini_audit/py.typed" in names
    files = {path for path in (ROOT / "alipay_mini_audit").rglob("*.*") if path.suffix != ".pyc"}
    assert {str(path.relative_to(ROOT)) for path in files} <= names


def test_the_wheel_holds_nothing_but_the_package(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0].split("-")[0] for name in wheel.namelist()} == {"alipay_mini_audit"}


def test_the_wheel_installs_the_command(wheel: zipfile.ZipFile) -> None:
    (entry,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "alipay-mini-audit = alipay_mini_audit.__main__:main" in wheel.read(entry).decode()
