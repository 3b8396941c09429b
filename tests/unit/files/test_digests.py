"""Digests of files: what many share is read once, and what has changed has none."""

import io
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
import xxhash
from support.file_parts import part_of

from alipay_mini_audit.attachments import BytesSource, PathSource, Readable, StreamSource
from alipay_mini_audit.errors import SendInterrupted
from alipay_mini_audit.files import FileDigests, digests, states_of
from alipay_mini_audit.files.access import BLOCKING
from alipay_mini_audit.files.state import state_of

CONTENT = b"0123456789" * 300_000
"""More than two pieces."""


def digest_of(content: bytes) -> str:
    return f"XXH3_128:{xxhash.xxh3_128_hexdigest(content)}"


DIGEST = digest_of(CONTENT)
HOUR_NS = 3_600_000_000_000


@attrs.define
class CountedAccess:
    """Reads as ever, and counts how often a file is opened; somebody may interfere."""

    opened: list[Path] = attrs.Factory(list)
    after_read: Any = None

    def open(self, path: Path) -> int:
        self.opened.append(path)
        return BLOCKING.open(path)

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        count = BLOCKING.read(fd, buffer, offset)
        if self.after_read is not None:
            self.after_read()
        return count


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> CountedAccess:
    counted = CountedAccess()
    monkeypatch.setattr(digests, "BLOCKING", counted)
    return counted


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "logo.png"
    path.write_bytes(CONTENT)
    return path


def later() -> FileDigests:
    """Digests an hour after the files of a test were written."""
    return FileDigests(lambda: time.time_ns() + HOUR_NS)


@attrs.define
class OwnSource:
    """A source of the user's, that gives little at a time."""

    content: bytes
    filename: str = "own.png"
    opened: int = 0

    @property
    def size(self) -> int:
        return len(self.content)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Readable]:
        self.opened += 1
        file = io.BytesIO(self.content)

        async def read(size: int, /) -> bytes:
            return file.read(min(size, 10_001))

        yield SimpleNamespace(read=read)


async def test_every_kind_of_source_has_the_digest_of_its_content(path: Path) -> None:
    stream = io.BytesIO(CONTENT)
    stream.seek(7)
    own = OwnSource(CONTENT)
    files = [
        part_of(path, name="path"),
        part_of(BytesSource(CONTENT), len(CONTENT), "bytes"),
        part_of(StreamSource(stream, "a.png"), len(CONTENT), "stream"),
        part_of(own, len(CONTENT), "own"),
    ]
    assert await FileDigests().of(files) == dict.fromkeys(
        ["path", "bytes", "stream", "own"], DIGEST
    )
    assert stream.tell() == 7
    assert own.opened == 1


async def test_nothing_has_the_digest_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    files = [
        part_of(tmp_path / "empty", name="path"),
        part_of(BytesSource(b""), 0, "bytes"),
        part_of(OwnSource(b""), 0, "own"),
    ]
    found = await FileDigests().of(files)
    assert set(found.values()) == {"XXH3_128:99aa06d3014798d86001c324468d497f"}
    assert await FileDigests().of([]) == {}


async def test_a_file_that_many_share_is_read_once(path: Path, access: CountedAccess) -> None:
    reads: list[None] = []
    access.after_read = lambda: reads.append(None)
    kept = later()
    for _ in range(3):
        found = await kept.of([part_of(path, name="a"), part_of(path, name="b")])
        assert found == {"a": DIGEST, "b": DIGEST}
    assert len(reads) == 3, "three pieces"


async def test_a_link_to_it_is_the_same_file(
    path: Path, access: CountedAccess, tmp_path: Path
) -> None:
    (tmp_path / "link.png").symlink_to(path)
    reads: list[None] = []
    kept = later()
    await kept.of([part_of(path)])
    access.after_read = lambda: reads.append(None)
    assert await kept.of([part_of(tmp_path / "link.png")]) == {"app_logo": DIGEST}
    assert reads == []


async def test_what_was_just_written_is_read_again(path: Path, access: CountedAccess) -> None:
    reads: list[None] = []
    access.after_read = lambda: reads.append(None)
    fresh = FileDigests(lambda: path.stat().st_ctime_ns + 1_000_000)
    for _ in range(2):
        await fresh.of([part_of(path)])
    assert len(reads) == 6, "its times may be too coarse to show a second writing"


async def test_another_content_is_read_again_though_its_time_was_put_back(path: Path) -> None:
    kept = later()
    before = path.stat()  # noqa: ASYNC240
    await kept.of([part_of(path)])
    other = bytes(len(CONTENT))
    path.write_bytes(other)  # noqa: ASYNC240
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = await kept.of([part_of(path)])
    assert found == {"app_logo": digest_of(other)}


@pytest.mark.parametrize("what", ["changed", "longer", "gone", "replaced"])
async def test_a_file_that_is_another_now_has_none(path: Path, what: str) -> None:
    part = part_of(path)
    match what:
        case "changed":
            path.write_bytes(bytes(len(CONTENT)))  # noqa: ASYNC240
        case "longer":
            path.write_bytes(CONTENT + b"!")  # noqa: ASYNC240
        case "gone":
            path.unlink()  # noqa: ASYNC240
        case _:
            other = path.with_name("other")
            other.write_bytes(CONTENT)
            other.replace(path)
    with pytest.raises(SendInterrupted) as caught:
        await later().of([part])
    assert caught.value.path == "attachments.app_logo"


async def test_a_file_that_changes_while_it_is_read_has_none_and_none_is_kept(
    path: Path, access: CountedAccess
) -> None:
    def write() -> None:
        access.after_read = None
        with path.open("r+b") as file:
            file.write(b"x")

    kept, part = later(), part_of(path)
    access.after_read = write
    with pytest.raises(SendInterrupted):
        await kept.of([part])
    found = await kept.of([part_of(path)])
    assert found == {"app_logo": digest_of(b"x" + CONTENT[1:])}


async def test_no_file_stays_open(path: Path, access: CountedAccess) -> None:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():  # noqa: ASYNC240
        pytest.skip("this system does not tell")
    gone = attrs.evolve(part_of(path), state=(1, 2, 3, 4, True))
    await later().of([part_of(path)])
    with pytest.raises(SendInterrupted):
        await later().of([gone])
    targets = [str(each.readlink()) for each in folder.iterdir() if each.is_symlink()]  # noqa: ASYNC240
    assert str(path) not in targets
    assert access.opened == [path, path]


async def test_what_cannot_be_read_is_told_with_its_place() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error", size)

    class Failing(OwnSource):
        @asynccontextmanager
        async def open(self) -> AsyncIterator[Readable]:
            raise RuntimeError("The store is away.")
            yield

    for source in (StreamSource(Broken(b"abc"), "a.png"), Failing(b"abc"), OwnSource(b"ab")):
        with pytest.raises(SendInterrupted) as caught:
            await FileDigests().of([part_of(source, 3)])
        assert caught.value.path == "attachments.app_logo"


async def test_states_are_found_without_opening_anything(
    path: Path, access: CountedAccess, tmp_path: Path
) -> None:
    sources = [PathSource(path), PathSource(tmp_path / "none"), PathSource(tmp_path / "\0")]
    assert await states_of(sources) == [state_of(path.stat()), None, None]  # noqa: ASYNC240
    assert access.opened == []
