"""The bytes of an upload, read ahead of the socket: part headers and files in one stream of large
pieces.

What the page cache holds is read where it is wanted. For what would wait, one hop to a worker
thread fills the rest of a piece: it costs more than reading a small file, so it opens, reads and
closes as many as fit.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import final

from alipay_mini_audit.attachments import FilePart, PathSource, Readable
from alipay_mini_audit.errors import SendInterrupted
from alipay_mini_audit.files.access import BLOCKING, FileAccess, WouldBlock
from alipay_mini_audit.files.inspection import state_of
from alipay_mini_audit.files.resources import UploadResources

__all__ = ["BodyReader", "size_of"]


def size_of(parts: Iterable[bytes | FilePart]) -> int:
    """Return how many bytes parts have together."""
    return sum(len(part) if isinstance(part, bytes) else part.size for part in parts)


@final
class BodyReader:
    """Reads parts, one after another; one file is open at a time.

    Args:
        parts: what is read, in order: bytes, or files.
        resources: of the client.
    """

    def __init__(self, parts: list[bytes | FilePart], resources: UploadResources) -> None:
        self._parts = deque(parts)
        self._resources = resources
        self._left = size_of(parts)
        self._offset = 0
        self._fd: int | None = None
        """Descriptor of the file at the front of `_parts`; `None` if it is not open."""
        self._buffer: memoryview | None = None
        self._hop: asyncio.Future[int] | None = None
        self._is_idle = True
        """No worker thread fills a buffer.

        A call that was cancelled twice may leave one that does.
        """
        self._stranger: Readable | None = None
        self._open_stranger = AsyncExitStack()

    @property
    def is_at_end(self) -> bool:
        """Everything was read."""
        return not self._parts

    async def next(self) -> memoryview:
        """Return the next piece; `release` it before the next one is asked for.

        Raises:
            SendInterrupted: a file has changed, or can no longer be read.
        """
        try:
            piece = await self._next()
        except BaseException:
            self.release(is_free=self._is_idle)
            raise
        self._left -= len(piece)
        return piece

    async def _next(self) -> memoryview:
        async with self._resources.steps:
            self._buffer = self._resources.buffers.acquire()
            buffer = self._resources.buffers.room_in(self._buffer, self._left)
            filled = self.fill(buffer, self._resources.page_cache)
        head = self._parts[0] if self._parts else None
        if filled == len(buffer) or head is None:
            return buffer[:filled]
        if isinstance(head, bytes) or isinstance(head.source, PathSource):
            filled += await self._in_worker(self.fill, buffer[filled:], BLOCKING)
        elif not filled:
            return await self._read_stranger(head, len(buffer))
        return buffer[:filled]

    def release(self, *, is_free: bool) -> None:
        """Give back the memory of the last piece.

        Args:
            is_free: nobody reads it any more.
        """
        buffer, self._buffer = self._buffer, None
        if buffer is not None and is_free:
            self._resources.buffers.release(buffer)
        elif buffer is not None:
            self._resources.buffers.discard(buffer)

    def fill(self, buffer: memoryview, access: FileAccess) -> int:
        """Read into `buffer` and return how many bytes there are; fewer than fit if it would wait
        for more.

        Args:
            buffer: where to.
            access: the way to the files: `BLOCKING` only in a worker thread.

        Raises:
            SendInterrupted: a file has changed, or can no longer be read.
        """
        filled = 0
        while filled < len(buffer) and self._parts:
            head = self._parts[0]
            if isinstance(head, bytes):
                filled += self._copy(head, buffer[filled:])
            elif isinstance(head.source, PathSource):
                try:
                    filled += self._read(head, head.source, buffer[filled:], access)
                except WouldBlock:
                    break
                except OSError as error:
                    raise _unreadable(head, error) from error
            else:
                break
        return filled

    async def aclose(self) -> None:
        """Close what is open, once no worker thread uses it."""
        if self._hop is not None and not self._hop.done():
            self._hop.add_done_callback(lambda _: self._close())  # even if nobody waits for it
            await asyncio.wait({self._hop})
        elif self._fd is not None and self._is_idle:
            await self._in_worker(self._close)
        await self._open_stranger.aclose()

    def _close(self) -> int:
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)
        return 0

    def _copy(self, content: bytes, buffer: memoryview) -> int:
        piece = memoryview(content)[self._offset : self._offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._offset += len(piece)
        if self._offset == len(content):
            self._advance()
        return len(piece)

    def _read(
        self, part: FilePart, source: PathSource, buffer: memoryview, access: FileAccess
    ) -> int:
        """Read a piece of a file; open it first if need be, check and close it at its end."""
        if self._fd is None:
            self._fd = access.open(source.path)
        missing = part.size - self._offset
        count = access.read(self._fd, buffer[:missing], self._offset)
        if not count:
            raise _cut(part, f"has changed: {missing} of {part.size} bytes were missing at its end")
        self._offset += count
        if (
            count == missing
        ):  # nothing behind it has left yet: a request becomes whole only if no file has changed
            _check(part, os.fstat(self._fd))
            self._close()
            self._advance()
        return count

    def _advance(self) -> None:
        self._parts.popleft()
        self._offset = 0

    async def _in_worker(self, function: Callable[..., int], *args: object) -> int:
        """Run a function in a worker thread, and wait for it even when cancelled.

        It uses a file and a buffer.
        """
        self._is_idle = False
        self._hop = asyncio.get_running_loop().run_in_executor(
            None, function, *args
        )  # no task: nobody can cancel it
        self._hop.add_done_callback(self._end_hop)
        try:
            return await asyncio.shield(self._hop)
        except asyncio.CancelledError:
            await asyncio.wait({self._hop})
            raise

    def _end_hop(self, hop: asyncio.Future[int]) -> None:
        self._is_idle = True
        if not hop.cancelled():
            hop.exception()  # it may have nobody else to tell

    async def _read_stranger(self, part: FilePart, size: int) -> memoryview:
        """Read a piece of a source of the user's by its own code."""
        missing = part.size - self._offset
        if self._stranger is None:
            self._stranger = await self._open_stranger.enter_async_context(_opened(part))
        chunk = await _ask(self._stranger, part, min(size, missing) or 1)
        if missing and (not chunk or len(chunk) > missing):
            raise _cut(part, f"has changed: {missing} of {part.size} bytes were missing at its end")
        if chunk and not missing:
            raise _cut(part, f"has changed: it is longer than the {part.size} bytes that it had")
        self._offset += len(chunk)
        if not chunk:
            self._stranger = None
            await self._open_stranger.aclose()
            self._advance()
        return memoryview(chunk)


@asynccontextmanager
async def _opened(part: FilePart) -> AsyncIterator[Readable]:
    """Open a source so that a cancellation while a worker thread opens it leaves nothing open."""
    manager = part.source.open()
    opening = asyncio.ensure_future(manager.__aenter__())
    try:
        stream = await asyncio.shield(opening)
    except asyncio.CancelledError:
        await asyncio.wait({opening})
        if not opening.cancelled() and opening.exception() is None:
            await manager.__aexit__(None, None, None)
        raise
    except Exception as error:
        raise _unreadable(part, error) from error
    try:
        yield stream
    finally:
        await asyncio.shield(manager.__aexit__(None, None, None))


async def _ask(stream: Readable, part: FilePart, size: int) -> bytes:
    try:
        return await stream.read(size)
    except Exception as error:
        raise _unreadable(part, error) from error


def _check(part: FilePart, status: os.stat_result) -> None:
    found = state_of(status)
    if part.state is None or found == part.state:
        return
    if not status.st_nlink:
        raise _cut(part, "was replaced or removed")
    longer = status.st_size > part.size
    what = (
        f": it is longer than the {part.size} bytes that it had"
        if longer
        else " since it was looked at"
    )
    raise _cut(part, f"has changed{what}")


def _unreadable(part: FilePart, error: Exception) -> SendInterrupted:
    return _cut(
        part, f"cannot be read any more: {getattr(error, 'strerror', None) or type(error).__name__}"
    )


def _cut(part: FilePart, what: str) -> SendInterrupted:
    called = part.source.filename or "the content"
    return SendInterrupted(
        f"{part.location} ({part.name}): {called} {what} while it was sent; the request was cut.",
        advice="Submit it again when nobody writes to the file.",
    )
