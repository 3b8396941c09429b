"""The way to a file that waits for the disk."""

import os
from pathlib import Path

import pytest

from alipay_mini_audit.files import BLOCKING

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "logo.png"
    path.write_bytes(CONTENT)
    return path


def test_the_disk_is_read_piece_by_piece_to_its_end(file: Path) -> None:
    fd, buffer = BLOCKING.open(file), memoryview(bytearray(6000))
    assert [BLOCKING.read(fd, buffer, offset) for offset in (0, 6000, len(CONTENT))] == [
        6000,
        4240,
        0,
    ]
    assert buffer[:4240] == CONTENT[6000:]
    os.close(fd)


def test_the_disk_is_read_where_there_is_no_preadv(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "preadv")
    fd, buffer = BLOCKING.open(file), memoryview(bytearray(100))
    assert BLOCKING.read(fd, buffer, 7) == 100
    assert buffer == CONTENT[7:107]
    assert BLOCKING.read(fd, buffer, len(CONTENT) - 3) == 3
    assert buffer[:3] == CONTENT[-3:]
    os.close(fd)


def test_opening_a_named_pipe_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.close(BLOCKING.open(tmp_path / "pipe"))
