"""A source of the user's is read by its own code, on the loop, and closed whatever happens."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

import attrs
import pytest

from alipay_mini_audit.attachments import FilePart, Readable
from alipay_mini_audit.errors import SendInterrupted
from alipay_mini_audit.files import BLOCKING, WouldBlock
from alipay_mini_audit.files.job import GRACE_SECONDS
from alipay_mini_audit.files.source_reader import SourceReader


@attrs.define
class Stored:
    """A source whose opening, reading and closing wait for an event each, and note themselves."""

    content: bytes = b"abcdefgh"
    size: int = 8
    filename: str = "stored.png"
    largest: int = 100
    may: dict[str, asyncio.Event] = attrs.field(factory=dict)
    fails: dict[str, Exception] = attrs.field(factory=dict)
    done: list[str] = attrs.field(factory=list)
    asked: list[int] = attrs.field(factory=list)

    def hold(self, *what: str) -> None:
        self.may.update({each: asyncio.Event() for each in what})

    async def pass_by(self, what: str) -> None:
        if what in self.may:
            await self.may[what].wait()
        self.done.append(what)
        if what in self.fails:
            raise self.fails[what]

    def open(self) -> AbstractAsyncContextManager[Readable]:
        return self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Readable]:
        await self.pass_by("open")
        try:
            yield _Stream(self, self.content)
        finally:
            await self.pass_by("close")


@attrs.define
class _Stream:
    stored: Stored
    left: bytes

    async def read(self, size: int, /) -> bytes:
        self.stored.asked.append(size)
        await self.stored.pass_by("read")
        size = min(size, self.stored.largest)
        piece, self.left = self.left[:size], self.left[size:]
        return piece


def reader_of(stored: Stored) -> SourceReader:
    part = FilePart("test_file_name", "attachments.test_file", stored, "a.zip", "", stored.size)
    return SourceReader(part, stored)


async def read(reader: SourceReader, size: int, room: int) -> list[bytes]:
    """Read in pieces of `size` into buffers with `room`."""
    pieces = []
    while not reader.is_at_end:
        buffer = memoryview(bytearray(room))
        try:
            count = reader.fill(buffer, BLOCKING)
        except WouldBlock:
            await reader.fetch(size)
            continue
        pieces.append(bytes(buffer[:count]))
    return pieces


@contextmanager
def nothing_unheard() -> Iterator[None]:
    """Nothing is reported to the loop as an error that nobody heard of."""
    loop, reported = asyncio.get_running_loop(), list[object]()
    loop.set_exception_handler(lambda _, context: reported.append(context))
    yield
    gc.collect()
    assert reported == []


async def test_a_source_is_opened_late_read_in_pieces_and_closed_at_its_end() -> None:
    stored = Stored()
    reader = reader_of(stored)
    assert stored.done == []
    assert await read(reader, 3, 100) == [b"abc", b"def", b"gh"]
    assert stored.asked == [3, 3, 2, 1], "its end is asked for as well"
    assert (stored.done[0], stored.done[-1]) == ("open", "close")
    await reader.aclose()
    assert stored.done.count("close") == 1


async def test_what_was_fetched_is_given_in_as_many_pieces_as_it_takes() -> None:
    assert await read(reader_of(Stored()), 5, 2) == [b"ab", b"cd", b"e", b"fg", b"h"]
    assert await read(reader_of(Stored(largest=1)), 5, 2) == [b"%c" % each for each in b"abcdefgh"]


async def test_nothing_is_asked_of_a_source_by_filling() -> None:
    stored = Stored()
    with pytest.raises(WouldBlock):
        reader_of(stored).fill(memoryview(bytearray(10)), BLOCKING)
    assert stored.done == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"abc", "has changed: 5 of 8 bytes were missing at its end"),
        (b"abcdefghi", "has changed: it is longer than the 8 bytes that it had"),
    ],
)
async def test_a_source_of_another_size_than_it_said_cuts_the_request(
    content: bytes, text: str
) -> None:
    stored = Stored(content)
    reader = reader_of(stored)
    with pytest.raises(SendInterrupted) as caught:
        await read(reader, 100, 100)
    await reader.aclose()
    expected = f"attachments.test_file (test_file_name): stored.png {text}"
    assert str(caught.value).startswith(expected)
    assert stored.done[-1] == "close"


async def test_a_source_that_returns_more_than_is_left_of_it_cuts_the_request() -> None:
    class Greedy(Stored):
        @asynccontextmanager
        async def _opened(self) -> AsyncIterator[Readable]:
            yield self  # type: ignore[misc]  # it reads as well

        async def read(self, size: int, /) -> bytes:
            return b"x" * (size + 1)

    with pytest.raises(SendInterrupted, match="longer than the 8 bytes"):
        await reader_of(Greedy()).fetch(100)


@pytest.mark.parametrize("what", ["open", "read"])
async def test_whatever_a_source_raises_cuts_the_request_and_is_its_cause(what: str) -> None:
    stored = Stored(fails={what: PermissionError(13, "Permission denied")})
    reader = reader_of(stored)
    with pytest.raises(SendInterrupted, match="any more: Permission denied") as caught:
        await reader.fetch(10)
    assert caught.value.__cause__ is stored.fails[what]
    await reader.aclose()
    assert stored.done == (["open"] if what == "open" else ["open", "read", "close"])


async def cancel(task: asyncio.Task[None], times: int) -> None:
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def use(reader: SourceReader) -> None:
    try:
        await reader.fetch(10)
    finally:
        await reader.aclose()


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_source_that_is_opened_while_its_upload_is_cancelled_is_closed(times: int) -> None:
    stored, before = Stored(), asyncio.all_tasks()
    stored.hold("open")
    reading = asyncio.create_task(use(reader_of(stored)))
    await asyncio.sleep(0.001)
    with nothing_unheard():
        await cancel(reading, times)
        assert stored.done == [], "it is not cancelled in the middle of opening"
        stored.may["open"].set()
        await asyncio.wait(asyncio.all_tasks() - before)
        assert reading.cancelled()
    assert stored.done == ["open", "close"]


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_source_that_fails_to_open_after_its_upload_was_cancelled_is_no_news(
    times: int,
) -> None:
    stored, before = Stored(fails={"open": OSError("store is away")}), asyncio.all_tasks()
    stored.hold("open")
    reading = asyncio.create_task(use(reader_of(stored)))
    await asyncio.sleep(0.001)
    with nothing_unheard():
        await cancel(reading, times)
        stored.may["open"].set()
        await asyncio.wait(asyncio.all_tasks() - before)
        assert reading.cancelled()
        del reading
    assert stored.done == ["open"]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_source_that_is_read_while_its_upload_is_cancelled_is_closed(times: int) -> None:
    stored, before = Stored(), asyncio.all_tasks()
    stored.hold("read", "close")
    reading = asyncio.create_task(use(reader_of(stored)))
    await asyncio.sleep(0.001)
    await cancel(reading, times)
    stored.may["close"].set()
    await asyncio.wait(asyncio.all_tasks() - before)
    assert reading.cancelled()
    assert stored.done == ["open", "close"]


@pytest.mark.parametrize("what", ["open", "close"])
async def test_an_upload_does_not_wait_for_a_source_that_hangs_once_it_is_cancelled(
    what: str,
) -> None:
    stored = Stored()
    stored.hold(what)
    reader = reader_of(stored)
    reading = asyncio.create_task(read(reader, 4, 4))
    for _ in range(20):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait({reading}, timeout=5)
    assert reading.cancelled(), "its buffer is free for others"
    closing = asyncio.create_task(reader.aclose())
    await asyncio.sleep(0)
    assert not closing.done(), "a source that takes its time is waited for"
    stored.may[what].set()
    await closing
    assert stored.done[-1] == "close"


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("what", [["open"], ["read", "close"]], ids=["open", "close"])
async def test_a_source_that_hangs_for_ever_is_cancelled_once_its_upload_is(
    what: list[str], times: int
) -> None:
    stored, before = Stored(), asyncio.all_tasks()
    stored.hold(*what)
    reading = asyncio.create_task(use(reader_of(stored)))
    await asyncio.sleep(0.001)
    began = asyncio.get_running_loop().time()
    with nothing_unheard():
        await cancel(reading, times)
        await asyncio.wait(asyncio.all_tasks() - before, timeout=5)
        assert reading.cancelled()
        assert asyncio.all_tasks() == before
        del reading
    assert asyncio.get_running_loop().time() - began < 5 * GRACE_SECONDS


@pytest.mark.parametrize(
    "make",
    [
        bytearray,
        memoryview,
        lambda piece: memoryview(piece).cast("c"),
        lambda piece: memoryview(piece).cast("H"),
    ],
)
async def test_whatever_holds_bytes_is_sent(make: Callable[[bytes], bytes]) -> None:
    class Odd(Stored):
        def open(self) -> AbstractAsyncContextManager[Readable]:
            @asynccontextmanager
            async def opened() -> AsyncIterator[Readable]:
                yield OddStream(_Stream(self, self.content))

            return opened()

    @attrs.define
    class OddStream:
        stream: _Stream

        async def read(self, size: int, /) -> bytes:
            return make(await self.stream.read(size))

    assert b"".join(await read(reader_of(Odd()), 4, 3)) == b"abcdefgh"


async def test_a_shutdown_that_cancels_every_task_leaves_no_source_open() -> None:
    stored, before = Stored(), asyncio.all_tasks()
    stored.hold("read")
    reading = asyncio.create_task(use(reader_of(stored)))
    await asyncio.sleep(0.001)
    for task in asyncio.all_tasks() - before:
        task.cancel()
    await asyncio.wait({reading})
    assert stored.done == ["open", "close"]


@pytest.mark.parametrize("make", [Stored, lambda: Stored(largest=1)])
async def test_a_source_can_be_read_again(make: Callable[[], Stored]) -> None:
    stored = make()
    for _ in range(2):
        assert b"".join(await read(reader_of(stored), 3, 3)) == b"abcdefgh"
    assert (stored.done.count("open"), stored.done.count("close")) == (2, 2)
