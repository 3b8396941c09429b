"""A file that is read in pieces, and never more of it than was allowed."""

import io

import attrs
import pytest

from alipay_mini_audit.preflight.probing.reading import BoundedReader, OverBudget

CONTENT = bytes(range(256)) * 80
SIZE = len(CONTENT)


@attrs.define
class Disk:
    content: bytes = CONTENT
    reads: list[tuple[int, int]] = attrs.field(factory=list)
    error: Exception | None = None

    def read_at(self, offset: int, count: int) -> bytes:
        self.reads.append((offset, count))
        if self.error is not None:
            raise self.error
        return self.content[offset : offset + count]


def opened(disk: Disk, budget: int = 65536) -> BoundedReader:
    return BoundedReader(disk.read_at, len(disk.content), budget)


def test_the_beginning_and_the_end_are_read_once() -> None:
    disk = Disk()
    file = opened(disk)
    assert file.start == CONTENT[:4096]
    assert file.end == CONTENT[-256:]
    assert file.at(0, 8) + file.at(4000, 96) == CONTENT[:8] + CONTENT[4000:4096]
    assert file.last(12) == CONTENT[-12:]
    assert disk.reads == [(0, 4096), (SIZE - 256, 256)]


def test_a_small_file_is_read_whole_at_once() -> None:
    disk = Disk(b"abc")
    file = opened(disk)
    assert (file.start, file.end, file.last(256), file.size) == (b"abc", b"", b"abc", 3)
    assert disk.reads == [(0, 3)]


def test_what_lies_between_comes_in_pieces_of_256_bytes_at_least() -> None:
    disk = Disk()
    file = opened(disk)
    assert [file.at(5000 + step, 4) for step in range(0, 252, 4)] == [
        CONTENT[5000 + step : 5004 + step] for step in range(0, 252, 4)
    ]
    assert file.at(7000, 700) == CONTENT[7000:7700]
    assert disk.reads[2:] == [(5000, 256), (7000, 700)]


def test_outside_of_the_file_there_is_nothing() -> None:
    file = opened(Disk())
    assert file.at(-1, 5) == file.at(SIZE, 5) == file.at(10**20, 5) == b""
    assert file.at(SIZE - 2, 5) == CONTENT[-2:]
    assert file.last(SIZE + 5) == CONTENT


def test_more_than_was_allowed_is_not_read() -> None:
    disk = Disk()
    file = opened(disk, 4096 + 256 + 1000)
    file.at(5000, 1000)
    with pytest.raises(OverBudget):
        file.at(9000, 1)
    assert sum(count for _, count in disk.reads) == 4096 + 256 + 1000
    file.allow(256)
    assert file.at(9000, 1) == CONTENT[9000:9001]
    file.check()


def test_it_is_not_looked_at_for_ever() -> None:
    file = opened(Disk())
    for _ in range(600):
        file.at(0, 1)
    with pytest.raises(OverBudget):
        file.at(0, 1)
    file.allow(1)
    assert file.at(0, 1) == CONTENT[:1]


def test_a_failure_that_a_parser_swallows_is_told_at_the_end() -> None:
    disk = Disk()
    file = opened(disk)
    disk.error = OSError(5, "Input/output error")
    with pytest.raises(OSError, match="Input/output"):
        file.at(9000, 1)
    with pytest.raises(OSError, match="Input/output"):
        file.check()


def test_it_is_a_file_for_parsers_of_others() -> None:
    file = opened(Disk())
    assert file.readable()
    assert file.seekable()
    assert file.read(4) + file.read(4) == CONTENT[:8]
    assert file.seek(-3, io.SEEK_END) == SIZE - 3
    assert file.read() == CONTENT[-3:]
    assert file.read(1) == b""
    assert file.seek(10) == file.tell() == 10
    assert file.seek(5, io.SEEK_CUR) == 15
    with pytest.raises(ValueError, match="negative"):
        file.seek(-1)
