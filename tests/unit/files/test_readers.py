"""Readers of one part each: bytes in memory and files on disk."""

import asyncio
import io
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from alipay_mini_audit.attachments import (
    AnySource,
    BytesSource,
    FilePart,
    PathSource,
    StreamSource,
)
from alipay_mini_audit.errors import Outcome, SendInterrupted
from alipay_mini_audit.files import BLOCKING, WouldBlock, state_of
from alipay_mini_audit.files.readers import BytesReader, FileReader, PartReader, reader_of
from alipay_mini_audit.files.source_reader import SourceReader
from alipay_mini_audit.files.stream_reader import StreamReader

CONTENT = bytes(range(250))


class Never:
    """A way to files that cannot do anything without waiting."""

    def open(self, path: Path) -> int:
        del path
        raise WouldBlock

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        del fd, buffer, offset
        raise WouldBlock


class Opening(Never):
    """A way that opens files but reads nothing of them."""

    def open(self, path: Path) -> int:
        return os.open(path, os.O_RDONLY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def open_files() -> Callable[[], int]:
    return psutil.Process().num_fds


def part_of(source: AnySource, size: int = len(CONTENT)) -> FilePart:
    state = state_of(source.path.stat()) if isinstance(source, PathSource) else None
    return FilePart("app_logo", "attachments.app_logo", source, "a.png", "image/png", size, state)


def file_reader(path: Path, size: int = len(CONTENT)) -> FileReader:
    source = PathSource(path)
    return FileReader(part_of(source, size), source)


def read(reader: PartReader, size: int) -> list[bytes]:
    pieces = []
    while not reader.is_at_end:
        buffer = memoryview(bytearray(size))
        pieces.append(bytes(buffer[: reader.fill(buffer, BLOCKING)]))
    return pieces


def test_each_kind_of_part_has_its_reader(path: Path) -> None:
    class Stored:
        filename = "a.png"
        size = 3

        def open(self) -> object:
            raise AssertionError("it was opened")

    stored: AnySource = Stored()  # type: ignore[assignment]  # it opens nothing here
    parts = [b"abc", part_of(BytesSource(b"abc")), part_of(PathSource(path)), part_of(stored)]
    parts.append(part_of(StreamSource(io.BytesIO(b"abc"))))
    assert [type(reader_of(part)) for part in parts] == [
        BytesReader,
        BytesReader,
        FileReader,
        SourceReader,
        StreamReader,
    ]


def test_bytes_are_copied_in_pieces_without_any_way_to_a_disk() -> None:
    reader, buffer = BytesReader(b"abcdefgh"), memoryview(bytearray(3))
    pieces = []
    while not reader.is_at_end:
        pieces.append(bytes(buffer[: reader.fill(buffer, Never())]))
    assert pieces == [b"abc", b"def", b"gh"]
    assert reader.fetch is None


@pytest.mark.parametrize("size", [1, 100, 125, 250, 1000])
def test_a_file_is_read_in_pieces_and_again_from_its_start(path: Path, size: int) -> None:
    expected = [CONTENT[start : start + size] for start in range(0, 250, size)]
    for _ in range(2):
        assert read(file_reader(path), size) == expected


def test_a_file_is_opened_at_its_first_byte_and_closed_after_its_last(
    path: Path, open_files: Callable[[], int]
) -> None:
    before, buffer = open_files(), memoryview(bytearray(200))
    reader = file_reader(path)
    assert open_files() == before
    reader.fill(buffer, BLOCKING)
    assert (open_files(), reader.is_at_end) == (before + 1, False)
    reader.fill(buffer, BLOCKING)
    assert (open_files(), reader.is_at_end) == (before, True)


def test_a_file_goes_on_by_another_way_where_the_first_would_wait(
    path: Path, open_files: Callable[[], int]
) -> None:
    before, buffer = open_files(), memoryview(bytearray(200))
    reader = file_reader(path)
    with pytest.raises(WouldBlock):
        reader.fill(buffer, Never())
    assert open_files() == before
    with pytest.raises(WouldBlock):
        reader.fill(buffer, Opening())
    assert open_files() == before + 1
    assert reader.fill(buffer, BLOCKING) == 200
    with pytest.raises(WouldBlock):
        reader.fill(buffer, Never())
    assert reader.fill(buffer, BLOCKING) == 50
    assert bytes(buffer[:50]) == CONTENT[200:]
    assert open_files() == before


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda path: os.truncate(path, 30), "220 of 250 bytes were missing at its end"),
        (lambda path: os.truncate(path, 251), "it is longer than the 250 bytes that it had"),
        (lambda path: os.utime(path, ns=(1, 1)), "has changed since it was looked at"),
        (lambda path: path.unlink(), "was replaced or removed"),
    ],
    ids=["shrinks", "grows", "is written to", "vanishes"],
)
def test_a_file_that_changes_gives_no_last_byte(
    path: Path, change: Callable[[Path], object], text: str, open_files: Callable[[], int]
) -> None:
    before = open_files()
    reader = file_reader(path)
    reader.fill(memoryview(bytearray(30)), BLOCKING)
    change(path)
    with pytest.raises(SendInterrupted) as caught:
        read(reader, 30)
    assert str(caught.value).startswith("attachments.app_logo (app_logo): a.bin ")
    assert text in str(caught.value)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert not reader.is_at_end
    reader.close()
    assert open_files() == before


def test_a_file_that_cannot_be_opened_any_more_cuts_the_request(path: Path) -> None:
    reader = file_reader(path)
    path.unlink()
    with pytest.raises(SendInterrupted, match="cannot be read any more: No such file"):
        reader.fill(memoryview(bytearray(10)), BLOCKING)


async def test_closing_is_left_to_a_worker_thread_and_may_be_asked_for_again(
    path: Path, open_files: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = file_reader(path)
    await reader.aclose()
    await asyncio.get_running_loop().run_in_executor(None, int)  # the thread has its descriptors
    before = open_files()
    reader.fill(memoryview(bytearray(10)), BLOCKING)
    loop, hops = asyncio.get_running_loop(), list[object]()
    real = loop.run_in_executor

    def run_in_executor(executor: None, function: Callable[[], object]) -> asyncio.Future[object]:
        hops.append(function)
        return real(executor, function)

    monkeypatch.setattr(loop, "run_in_executor", run_in_executor)
    for _ in range(2):
        await reader.aclose()
        reader.close()
    assert (open_files(), len(hops)) == (before, 1)


async def test_a_file_is_closed_even_if_no_worker_thread_does_it_any_more(
    path: Path, open_files: Callable[[], int]
) -> None:
    before = open_files()
    reader = file_reader(path)
    reader.fill(memoryview(bytearray(10)), BLOCKING)
    await asyncio.get_running_loop().shutdown_default_executor()
    await reader.aclose()
    assert open_files() == before


async def test_a_full_executor_closes_later_and_never_the_loop(
    path: Path, open_files: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
    await loop.run_in_executor(None, int)
    before = open_files()
    reader = file_reader(path)
    reader.fill(memoryview(bytearray(10)), BLOCKING)
    closed_by: list[int] = []
    close = os.close

    def watched(fd: int) -> None:
        closed_by.append(threading.get_ident())
        close(fd)

    monkeypatch.setattr(os, "close", watched)
    may_go_on = threading.Event()
    busy = loop.run_in_executor(None, may_go_on.wait)
    closing = asyncio.create_task(reader.aclose())
    await asyncio.sleep(0)
    for _ in range(2):
        closing.cancel()
        await asyncio.sleep(0)
    assert closing.cancelled()
    assert closed_by == []
    may_go_on.set()
    await busy
    await loop.run_in_executor(None, int)
    assert open_files() == before
    assert threading.get_ident() not in closed_by


async def test_closing_does_not_wait_for_ever_for_a_thread(
    path: Path, open_files: Callable[[], int]
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
    await loop.run_in_executor(None, int)
    before = open_files()
    reader = file_reader(path)
    reader.fill(memoryview(bytearray(10)), BLOCKING)
    may_go_on = threading.Event()
    busy = loop.run_in_executor(None, may_go_on.wait)
    await asyncio.wait_for(reader.aclose(), 2)
    may_go_on.set()
    await busy
    await loop.run_in_executor(None, int)
    assert open_files() == before


@pytest.mark.parametrize("times", [1, 2])
async def test_a_file_is_closed_whoever_is_cancelled_while_closing(
    path: Path, open_files: Callable[[], int], times: int
) -> None:
    await asyncio.get_running_loop().run_in_executor(None, int)
    before = open_files()
    for rounds in range(4):
        reader = file_reader(path)
        reader.fill(memoryview(bytearray(10)), BLOCKING)
        closing = asyncio.create_task(reader.aclose())
        for _ in range(rounds):
            await asyncio.sleep(0)
        for _ in range(times):
            closing.cancel()
            await asyncio.sleep(0)
        await asyncio.wait({closing})
        if closing.cancelled() and not rounds:
            reader.close()  # it had not begun
    await asyncio.get_running_loop().run_in_executor(None, int)
    assert open_files() == before
