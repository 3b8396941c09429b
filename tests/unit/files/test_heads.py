"""A look at the content is part of the one look at a file, and is not repeated for nothing."""

import asyncio
import io
import os
import struct
import time
import zipfile
import zlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import attrs
import pytest

from alipay_mini_audit.attachments import (
    BytesSource,
    FilePart,
    PathSource,
    Readable,
    StreamSource,
)
from alipay_mini_audit.attachments.heads import FileHead
from alipay_mini_audit.errors import SendInterrupted
from alipay_mini_audit.files import (
    BLOCKING,
    BufferPool,
    PageCache,
    UploadResources,
    WouldBlock,
    heads,
    inspect,
    inspect_blocking,
    inspect_nowait,
    state_of,
)
from alipay_mini_audit.files.heads import Content, ContentCache, look_at_bytes, look_at_file
from alipay_mini_audit.files.kernel import KERNEL
from alipay_mini_audit.preflight.probing import Details


def chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I4s", len(content), kind) + content + check


def png(width: int = 12, data: int = 20_000) -> bytes:
    header = struct.pack(">IIBBBBB", width, 9, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", bytes(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


PNG = png()
FILLING = [4_000, *[1_000] * 300]
"""Segments so long that each takes a read of 256 bytes."""


@attrs.define
class CountingAccess:
    """Opens and reads as a worker thread does, and notes it."""

    opened: list[Path] = attrs.field(factory=list)
    reads: list[tuple[int, int]] = attrs.field(factory=list)
    most: int = 1 << 20
    holds: int = 1 << 30
    """How many bytes are in memory; behind them it would block."""

    def open(self, path: Path) -> int:
        self.opened.append(path)
        return BLOCKING.open(path)

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        if offset + len(buffer) > self.holds:
            raise WouldBlock
        self.reads.append((offset, len(buffer)))
        return BLOCKING.read(fd, buffer[: self.most], offset)


def opened_with(content: bytes, folder: Path) -> int:
    path = folder / "file"
    path.write_bytes(content)
    return os.open(path, os.O_RDONLY)


@pytest.mark.parametrize("most", [1, 100, 1 << 20])
def test_a_file_is_read_in_pieces_however_little_a_read_gives(tmp_path: Path, most: int) -> None:
    fd = opened_with(PNG, tmp_path)
    try:
        found = look_at_file(fd, len(PNG), CountingAccess(most=most))
    finally:
        os.close(fd)
    assert found.first == PNG[:16]
    assert found.details is not None
    assert (found.details.width, found.details.is_truncated) == (12, False)


def test_what_is_not_in_memory_is_left_to_a_thread(tmp_path: Path) -> None:
    fd = opened_with(PNG, tmp_path)
    try:
        with pytest.raises(WouldBlock):
            look_at_file(fd, len(PNG), CountingAccess(holds=8192))
    finally:
        os.close(fd)


def test_a_thread_reads_a_small_file_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fd = opened_with(PNG, tmp_path)
    access = CountingAccess()
    monkeypatch.setattr(heads, "BLOCKING", access)  # the one that may wait
    try:
        look_at_file(fd, len(PNG), access)
    finally:
        os.close(fd)
    assert access.reads == [(0, len(PNG))]


def greedy() -> bytes:
    """Return a JPEG of which a look reads as much as it may."""
    segments = b"".join(struct.pack(">BBH", 0xFF, 0xE2, size + 2) + bytes(size) for size in FILLING)
    return b"\xff\xd8" + segments + bytes(300_000)


def test_a_look_reads_64_kib_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = greedy()
    fd = opened_with(content, tmp_path)
    access = CountingAccess()
    monkeypatch.setattr(heads, "BLOCKING", access)  # the one that may wait
    try:
        look_at_file(fd, len(content), access)
    finally:
        os.close(fd)
    assert 65_000 < sum(count for _, count in access.reads) <= 65_536


class CountingStream(io.BytesIO):
    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.count += len(found)
        return found


def test_a_look_at_a_stream_reads_64_kib_at_most() -> None:
    stream = CountingStream(greedy())
    (file,) = inspect_blocking(
        {"app_logo": StreamSource(stream, filename="a.jpg")}, contents=ContentCache()
    )
    assert file.head is not None
    assert 65_000 < stream.count <= 65_536


def test_a_large_directory_is_left_to_a_thread(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(3000):
            archive.writestr(f"{number:0>30}", b"")
    fd = opened_with(file.getvalue(), tmp_path)
    try:
        access = CountingAccess()
        with pytest.raises(WouldBlock):
            look_at_file(fd, len(file.getvalue()), access)
        assert sum(count for _, count in access.reads) <= 65_536
        found = look_at_file(fd, len(file.getvalue()), BLOCKING).details
    finally:
        os.close(fd)
    assert found is not None
    assert (found.is_broken, found.is_encrypted) == (False, False)


ENDLESS = {
    "png": PNG[:33] + chunk(b"tEXt", b"") * 200 + PNG[33:],
    "jpg": b"\xff\xd8" + b"\xff\xe1\0\4xx" * 200 + b"\xff\xc0\0\x0b\x08\0\x09\0\x0c\x01\x01\x11\0",
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_endless_headers_are_left_to_a_thread(kind: str, tmp_path: Path) -> None:
    """Sixteen such files would hold the event loop for some twenty milliseconds."""
    with pytest.raises(WouldBlock):
        look_at_bytes(ENDLESS[kind], may_wait=False)
    patient = look_at_bytes(ENDLESS[kind])
    assert (patient.format, patient.width, patient.height) == (kind, 12, 9)
    fd = opened_with(ENDLESS[kind], tmp_path)
    try:
        with pytest.raises(WouldBlock):
            look_at_file(fd, len(ENDLESS[kind]), CountingAccess())
        assert look_at_file(fd, len(ENDLESS[kind]), BLOCKING).details == patient
    finally:
        os.close(fd)


def content(width: int) -> Content:
    return Content(b"", Details(width=width))


def head_of(part: FilePart) -> FileHead:
    assert part.head is not None
    return part.head


def test_each_kind_of_source_shows_its_content(tmp_path: Path) -> None:
    (tmp_path / "logo.jpg").write_bytes(PNG)
    stream = io.BytesIO(PNG)
    stream.seek(7)
    sources = {
        "app_logo": PathSource(tmp_path / "logo.jpg"),
        "first_screen_shot": BytesSource(PNG, "a.png"),
        "second_screen_shot": StreamSource(stream),
        "third_screen_shot": BytesSource(PNG),
    }
    heads = [head_of(each) for each in inspect_blocking(sources, contents=ContentCache())]
    assert [(each.part, each.location, each.filename) for each in heads] == [
        ("app_logo", "attachments.app_logo", "logo.jpg"),
        ("first_screen_shot", "attachments.screen_shots[0]", "a.png"),
        ("second_screen_shot", "attachments.screen_shots[1]", ""),
        ("third_screen_shot", "attachments.screen_shots[2]", ""),
    ]
    assert {(each.format, each.width, each.size, each.fingerprint) for each in heads} == {
        ("png", 12, len(PNG), heads[0].fingerprint)
    }
    assert stream.tell() == 7


def test_nothing_is_looked_at_if_nobody_asks(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    sources = {"app_logo": PathSource(tmp_path / "a.png"), "out_door_pic": BytesSource(PNG)}
    assert [each.head for each in inspect_blocking(sources)] == [None, None]


def settled(path: Path) -> ContentCache:
    """Return a cache for which a file was written long ago."""
    later = path.stat().st_ctime_ns + 10_000_000_000
    return ContentCache(lambda: later)


def test_a_file_is_opened_once_and_read_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    access = CountingAccess()
    monkeypatch.setattr("alipay_mini_audit.files.inspection.BLOCKING", access)
    cache = settled(path)
    sources = {"app_logo": PathSource(path)}
    (first,) = inspect_blocking(sources, contents=cache)
    assert access.opened == [path]
    assert sum(count for _, count in access.reads) <= 65_536
    reads = len(access.reads)
    (second,) = inspect_blocking(sources, contents=cache)
    assert second == first
    assert access.opened == [path, path]
    assert len(access.reads) == reads
    path.write_bytes(png(width=13))
    (third,) = inspect_blocking(sources, contents=cache)
    assert head_of(third).width == 13
    assert access.opened == [path] * 3


def test_two_parts_with_one_file_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    cache = settled(path)
    sources = {"app_logo": PathSource(path), "out_door_pic": PathSource(path)}
    for _ in range(2):
        heads = [head_of(each) for each in inspect_blocking(sources, contents=cache)]
        assert [each.location for each in heads] == [
            "attachments.app_logo",
            "attachments.out_door_pic",
        ]


def test_a_look_at_once_sees_what_a_patient_one_sees(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    page_cache = PageCache(time.perf_counter, KERNEL)
    sources = {"app_logo": PathSource(path)}
    found = inspect_blocking(sources, page_cache, contents=ContentCache())
    at_once = inspect_nowait(sources, page_cache, ContentCache())
    assert at_once in (found, None), "None where the system cannot tell"


@attrs.define
class Stored:
    """A source of a user's own, which counts."""

    content: bytes = PNG
    filename: str = "stored.jpg"
    chunk: int = 1000
    error: Exception | None = None
    opened: int = 0
    closed: int = 0
    given: int = 0
    may_open: asyncio.Event | None = None

    @property
    def size(self) -> int:
        return len(self.content)

    def open(self) -> AbstractAsyncContextManager[Readable]:
        return self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Readable]:
        self.opened += 1
        if self.may_open is not None:
            await self.may_open.wait()
        if self.error is not None:
            raise self.error
        try:
            yield _Cursor(self)
        finally:
            self.closed += 1


@attrs.define
class _Cursor:
    stored: Stored
    position: int = 0

    async def read(self, size: int, /) -> bytes:
        end = self.position + min(size, self.stored.chunk)
        piece = self.stored.content[self.position : end]
        self.position += len(piece)
        self.stored.given += len(piece)
        return piece


@pytest.fixture
def resources() -> UploadResources:
    return UploadResources(buffers=BufferPool(1000))


async def test_a_source_of_ones_own_is_opened_once_more_for_its_beginning(
    resources: UploadResources,
) -> None:
    stored = Stored(png(data=200_000))
    (part,) = await inspect({"app_logo": stored}, resources, probe=True)
    assert (stored.opened, stored.closed, stored.given) == (1, 1, 65_536)
    head = head_of(part)
    assert (head.format, head.width, head.is_truncated) == ("png", 12, None)
    assert (head.filename, part.filename, part.content_type) == (
        "stored.jpg",
        "stored.png",
        "image/png",
    )
    (part,) = await inspect({"app_logo": stored}, resources)
    assert (part.head, part.filename, stored.opened) == (None, "stored.jpg", 1)


async def test_nothing_is_said_of_a_source_that_fails(resources: UploadResources) -> None:
    for stored in (Stored(error=OSError("no such object")), Stored(chunk=0)):
        (part,) = await inspect({"app_logo": stored}, resources, probe=True)
        head = head_of(part)
        assert (head.format, head.is_broken, head.size) == (None, False, len(PNG))
        assert part.filename == "stored.jpg"


async def test_a_source_that_does_not_open_is_not_waited_for_longer_than_was_said(
    resources: UploadResources,
) -> None:
    stored = Stored(may_open=asyncio.Event())
    began = asyncio.get_running_loop().time()
    with pytest.raises(SendInterrupted) as caught:
        await inspect({"app_logo": stored}, resources, began + 0.02, probe=True)
    assert caught.value.path == "attachments.app_logo"
    assert asyncio.get_running_loop().time() - began < 2


def test_the_state_of_a_file_is_what_the_cache_goes_by(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    size, *_, has_name, _ = state_of(path.stat())
    assert (size, has_name) == (3, True)


@pytest.mark.parametrize("start", [b"GIF89a", b"BM", b"II*\0", b"Rar!\x1a\x07\x01\0"])
def test_what_a_library_is_loaded_for_or_has_headers_all_over_is_left_to_a_thread(
    start: bytes,
) -> None:
    with pytest.raises(WouldBlock):
        look_at_bytes(start + bytes(100), may_wait=False)
    assert look_at_bytes(start + bytes(100)).format is not None
