"""What a user installs."""

import subprocess
import sys
import zipfile

import pytest
from support.guides import CHINESE, ENGLISH, ROOT


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


def test_the_wheel_holds_the_guides(wheel: zipfile.ZipFile) -> None:
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    english = ENGLISH.read_text(encoding="utf-8")
    assert wheel.read(metadata).decode().endswith(english)
    chinese = wheel.read(str(CHINESE.relative_to(ROOT)))
    assert chinese == CHINESE.read_bytes()


def test_the_wheel_holds_nothing_but_the_package(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0].split("-")[0] for name in wheel.namelist()} == {"alipay_mini_audit"}


def test_the_wheel_installs_the_command(wheel: zipfile.ZipFile) -> None:
    (entry,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "alipay-mini-audit = alipay_mini_audit.__main__:main" in wheel.read(entry).decode()
