"""The demo's files: real ones, and no two alike."""

import hashlib
import zipfile
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from alipay_mini_audit.cli.demo.files import make_files, measure_blocking

SIZE = 4096


@pytest.fixture
def writers() -> Iterator[Executor]:
    with ThreadPoolExecutor() as threads:
        yield threads


async def test_sixteen_files_are_made_by_wire_name(tmp_path: Path, writers: Executor) -> None:
    files = await make_files(tmp_path / "1", 1, SIZE, writers)
    assert len(files) == 16
    assert {"app_logo", "third_special_license_pic", "test_file_name"} < set(files)
    assert "fourth_special_license_pic" not in files
    for name, path in files.items():
        assert path.parent == tmp_path / "1"
        assert path.stem == name
        assert SIZE * 0.9 <= path.stat().st_size <= SIZE * 1.1
    pictures = [path for path in files.values() if path.suffix == ".png"]
    assert len(pictures) == 15
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n") for path in pictures)
    assert zipfile.is_zipfile(files["test_file_name"])


async def test_no_two_files_are_alike_and_each_can_be_made_again(
    tmp_path: Path, writers: Executor
) -> None:
    contents = []
    for folder, number in (("1", 1), ("2", 2), ("again", 1)):
        files = await make_files(tmp_path / folder, number, SIZE, writers)
        contents.append([path.read_bytes() for path in files.values()])
    assert len({*contents[0], *contents[1]}) == 32
    assert contents[0] == contents[2]


def test_a_file_is_measured_as_the_gateway_does(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    expected = hashlib.sha256(b"content").hexdigest()
    assert measure_blocking(tmp_path / "file") == (7, expected)
