"""The body of an upload: parts one after another, read ahead, whatever is cancelled and when."""

import asyncio
import concurrent.futures
import io
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import attrs
import psutil
import pytest

from alipay_mini_audit.attachments import (
    AnySource,
    BytesSource,
    FilePart,
    PathSource,
    Readable,
    StreamSource,
)
from alipay_mini_audit.errors import Outcome, SendInterrupted
from alipay_mini_audit.files import (
    BodyReader,
    BufferPool,
    PageCache,
    UploadResources,
    access,
    size_of,
    state_of,
)

SIZE = 4096


@attrs.define
class Disk:
    """A disk of which nothing is in memory; each read waits until it may go on."""

    may_go_on: threading.Event = attrs.field(factory=threading.Event)
    begun: threading.Event = attrs.field(factory=threading.Event)
    reads: list[int] = attrs.field(factory=list)
    threads: set[int] = attrs.field(factory=set)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    real = os.preadv

    def preadv(fd: int, buffers: list[memoryview], offset: int, flags: int = 0) -> int:
        if flags:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        disk.begun.set()
        assert disk.may_go_on.wait(10)
        disk.threads.add(threading.get_ident())
        disk.reads.append(real(fd, buffers, offset))
        return disk.reads[-1]

    monkeypatch.setattr(access.os, "preadv", preadv)
    return disk


@pytest.fixture
def open_files() -> Callable[[], int]:
    return psutil.Process().num_fds


@attrs.define
class Stored:
    """A source of a user's own."""

    content: bytes
    filename: str = "stored.png"
    threads: set[int] = attrs.field(factory=set)

    @property
    def size(self) -> int:
        return len(self.content)

    def open(self) -> AbstractAsyncContextManager[Readable]:
        return self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Readable]:
        self.threads.add(threading.get_ident())
        async with BytesSource(self.content).open() as stream:
            yield stream


def part_of(source: AnySource, size: int) -> FilePart:
    state = state_of(source.path.stat()) if isinstance(source, PathSource) else None
    return FilePart("app_logo", "attachments.app_logo", source, "a.png", "image/png", size, state)


def file_part(folder: Path, size: int) -> tuple[FilePart, bytes]:
    path = folder / f"{len(list(folder.iterdir()))}.bin"
    content = os.urandom(size)
    path.write_bytes(content)
    return part_of(PathSource(path), size), content


def resources_of(size: int = SIZE) -> UploadResources:
    return UploadResources(buffers=BufferPool(size))


async def read(reader: BodyReader) -> list[bytes]:
    pieces = []
    try:
        while not reader.is_at_end:
            pieces.append(bytes(await reader.next()))
            reader.release(is_free=True)
    finally:
        await reader.aclose()
    return pieces


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110  # a thread makes it hold
            await asyncio.sleep(0.001)


async def threads_are_idle() -> None:
    await asyncio.get_running_loop().run_in_executor(None, int)


@pytest.mark.parametrize("size", [1, 7, 100, SIZE, 1_000_000])
async def test_parts_of_every_kind_come_one_after_another(tmp_path: Path, size: int) -> None:
    parts: list[bytes | FilePart] = []
    expected = b""
    stored = Stored(os.urandom(500))
    for length in (1, 99, 100, 333):
        part, content = file_part(tmp_path, length)
        framing = b"-- part of %d bytes --" % length
        parts += [framing, part, part_of(stored, 500), part_of(BytesSource(b"abc"), 3)]
        expected += framing + content + stored.content + b"abc"
    assert size_of(parts) == len(expected)
    pieces = await read(BodyReader(parts, resources_of(size)))
    assert b"".join(pieces) == expected
    assert b"" not in pieces
    assert stored.threads == {threading.get_ident()}, "code of the user's runs on the loop"


async def test_a_body_without_parts_is_at_its_end() -> None:
    assert BodyReader([], resources_of()).is_at_end


async def test_what_is_here_goes_before_a_source_of_the_users_is_asked() -> None:
    parts: list[bytes | FilePart] = [b"head", part_of(Stored(b"abc"), 3), b"tail"]
    assert await read(BodyReader(parts, resources_of())) == [b"head", b"abc", b"tail"]


async def test_several_small_files_are_read_in_one_hop(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, hops = asyncio.get_running_loop(), list[object]()
    real = loop.run_in_executor

    def run_in_executor(executor: None, function: Callable[[], object]) -> object:
        hops.append(function)
        return real(executor, function)

    monkeypatch.setattr(loop, "run_in_executor", run_in_executor)
    disk.may_go_on.set()
    files = [file_part(tmp_path, 100) for _ in range(10)]
    parts = [each for part, _ in files for each in (b"head", part)]
    pieces = await read(BodyReader(parts, resources_of()))
    assert pieces == [b"".join(b"head" + content for _, content in files)]
    assert len(hops) == 1
    assert threading.get_ident() not in disk.threads


async def test_a_page_cache_that_takes_over_half_way_goes_on_where_the_thread_was(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.may_go_on.set()
    part, content = file_part(tmp_path, 3 * SIZE)
    resources = resources_of()
    reader = BodyReader([part], resources)
    pieces = [bytes(await reader.next())]
    reader.release(is_free=True)
    monkeypatch.undo()
    assert isinstance(part.source, PathSource)
    with part.source.path.open("rb") as file:
        resources.page_cache.learn(file.fileno())
    pieces += await read(reader)
    assert b"".join(pieces) == content


async def test_a_piece_that_nobody_may_reuse_is_not_given_to_anybody_else() -> None:
    resources = resources_of()
    reader = BodyReader([b"x" * SIZE, b"y" * SIZE], resources)
    first = await reader.next()
    reader.release(is_free=False)
    second = await reader.next()
    reader.release(is_free=True)
    assert (bytes(first[:1]), bytes(second[:1])) == (b"x", b"y")


async def test_an_error_gives_the_buffer_back_and_closes_the_file(
    tmp_path: Path, open_files: Callable[[], int]
) -> None:
    await threads_are_idle()
    part, _ = file_part(tmp_path, 2 * SIZE)
    assert isinstance(part.source, PathSource)
    resources, before = resources_of(), open_files()
    reader = BodyReader([part], resources)
    await reader.next()
    reader.release(is_free=True)
    os.truncate(part.source.path, SIZE)
    with pytest.raises(SendInterrupted, match="missing at its end") as caught:
        await reader.next()
    assert caught.value.outcome is Outcome.UNKNOWN, "a piece of it was handed on"
    assert len(resources.buffers._free) == resources.buffers._made == 1
    await reader.aclose()
    assert open_files() == before


async def test_a_file_that_is_gone_before_the_first_piece_says_that_nothing_was_sent(
    tmp_path: Path,
) -> None:
    part, _ = file_part(tmp_path, 10)
    assert isinstance(part.source, PathSource)
    part.source.path.unlink()
    with pytest.raises(SendInterrupted) as caught:
        await read(BodyReader([b"head", part], resources_of()))
    assert (caught.value.outcome, caught.value.path) == (Outcome.NOT_SENT, "attachments.app_logo")


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_an_upload_that_is_cancelled_leaves_no_descriptor_and_shares_no_buffer(
    tmp_path: Path, disk: Disk, open_files: Callable[[], int], times: int
) -> None:
    await threads_are_idle()
    part, _ = file_part(tmp_path, 2 * SIZE)
    resources, before, tasks = resources_of(), open_files(), asyncio.all_tasks()
    reader = BodyReader([part], resources)
    reading = asyncio.create_task(read(reader))
    await until(disk.begun.is_set)
    for _ in range(times):
        reading.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert not resources.buffers._free, "a thread still writes into it"
    assert (reading.done(), resources.buffers._made) == (times == 3, 1 if times == 1 else 0)
    other = resources.buffers.acquire()
    disk.may_go_on.set()
    await asyncio.wait({reading})
    assert reading.cancelled()
    await until(lambda: reader._job is not None and reader._job.has_ended)
    assert bytes(other) == bytes(len(other)), "somebody else's upload"
    assert open_files() == before
    assert asyncio.all_tasks() == tasks


async def test_a_cancelled_upload_does_not_wait_for_threads_that_are_busy_with_others(
    tmp_path: Path, open_files: Callable[[], int], disk: Disk
) -> None:
    asyncio.get_running_loop().set_default_executor(concurrent.futures.ThreadPoolExecutor(1))
    await threads_are_idle()
    parts = [file_part(tmp_path, 100)[0] for _ in range(2)]
    resources, before = resources_of(), open_files()
    first, second = (asyncio.create_task(read(BodyReader([part], resources))) for part in parts)
    await until(disk.begun.is_set)
    await until(lambda: resources.buffers._made == 2)
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.wait({second})
    assert (second.cancelled(), first.done()) == (True, False)
    assert len(resources.buffers._free) == 1, "no thread ever had it"
    disk.may_go_on.set()
    await first
    await threads_are_idle()
    assert (open_files(), len(disk.reads)) == (before, 1)


@pytest.mark.parametrize("uses_uvloop", [False, True], ids=["asyncio", "uvloop"])
def test_the_shutdown_of_the_loop_leaves_nothing_behind(
    tmp_path: Path, disk: Disk, open_files: Callable[[], int], uses_uvloop: bool
) -> None:
    factory = pytest.importorskip("uvloop").new_event_loop if uses_uvloop else None
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(asyncio.sleep(0))  # uvloop keeps something open from its first loop on
    part, _ = file_part(tmp_path, 2 * SIZE)
    resources, before, threads = resources_of(), open_files(), threading.active_count()

    async def main() -> None:
        tasks.add(asyncio.create_task(read(BodyReader([part], resources))))
        await until(disk.begun.is_set)
        asyncio.get_running_loop().call_later(0.02, disk.may_go_on.set)

    tasks: set[asyncio.Task[list[bytes]]] = set()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main())
    assert all(task.cancelled() for task in tasks)
    assert len(resources.buffers._free) == resources.buffers._made == 1
    assert open_files() == before
    assert threading.active_count() == threads


async def test_an_executor_that_takes_no_more_work_leaves_nothing_behind(
    tmp_path: Path, disk: Disk, open_files: Callable[[], int]
) -> None:
    disk.may_go_on.set()
    part, _ = file_part(tmp_path, 2 * SIZE)
    resources, before = resources_of(), open_files()
    reader = BodyReader([part], resources)
    await reader.next()
    reader.release(is_free=True)
    await asyncio.get_running_loop().shutdown_default_executor()
    with pytest.raises(RuntimeError, match="shutdown"):
        await reader.next()
    await reader.aclose()
    assert open_files() == before
    assert len(resources.buffers._free) == resources.buffers._made == 1


@pytest.mark.parametrize("seed", range(8))
async def test_a_storm_of_cancellations_leaves_nothing_behind(
    tmp_path: Path, open_files: Callable[[], int], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Uploads that are cancelled at any moment, among others that must arrive whole."""
    asyncio.get_running_loop().set_debug(False)
    asyncio.get_running_loop().set_default_executor(concurrent.futures.ThreadPoolExecutor(2))
    await threads_are_idle()
    real = os.preadv

    def preadv(fd: int, buffers: list[memoryview], offset: int) -> int:
        time.sleep(0.0002)
        count = real(fd, buffers, offset)
        time.sleep(0.0002)
        return count

    monkeypatch.setattr(access.os, "preadv", preadv)
    files = [file_part(tmp_path, 700 * (number % 9 + 1)) for number in range(20)]
    resources = UploadResources(
        buffers=BufferPool(2048), page_cache=PageCache(time.perf_counter, None)
    )
    before, tasks = open_files(), asyncio.all_tasks()

    async def upload(number: int) -> bool:
        some = files[number % 15 : number % 15 + 5]
        parts = [each for part, _ in some for each in (b"head", part)]
        expected = b"".join(b"head" + content for _, content in some)
        return b"".join(await read(BodyReader(parts, resources))) == expected

    uploads = [asyncio.create_task(upload(number)) for number in range(60)]
    for number, task in enumerate(uploads):
        if (number * 7 + seed) % 3:
            await asyncio.sleep(0.0001 * ((number + seed) % 8))
            for _ in range((number + seed) % 4):
                task.cancel()
                await asyncio.sleep(0)
    done = await asyncio.gather(*uploads, return_exceptions=True)
    assert [each for each in done if not isinstance(each, asyncio.CancelledError | bool)] == []
    whole = [each for each in done if isinstance(each, bool)]
    assert len(whole) >= 20
    assert all(whole), "nobody's bytes in somebody else's upload"
    assert len(resources.buffers._free) == resources.buffers._made
    await until(lambda: open_files() == before)
    assert asyncio.all_tasks() == tasks


async def test_a_thread_that_nobody_waits_for_any_more_reads_no_further_part() -> None:
    begun, may_go_on, asked = threading.Event(), threading.Event(), list[object]()

    class Hanging(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            begun.set()
            assert may_go_on.wait(10)
            return super().read(size)

    class Asked(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(self)
            return super().read(size)

    files = [part_of(StreamSource(each(b"abc")), 3) for each in (Hanging, Asked)]
    resources, tasks = resources_of(), asyncio.all_tasks()
    reader = BodyReader([b"head", *files], resources)
    reading = asyncio.create_task(read(reader))
    await until(begun.is_set)
    reading.cancel()
    await asyncio.wait({reading})
    assert asyncio.all_tasks() == tasks, "the thread is waited for half a second only"
    may_go_on.set()
    await until(lambda: reader._job is not None and reader._job.has_ended)
    assert asked == []
