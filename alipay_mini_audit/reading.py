"""The bytes of an upload, read ahead of the socket: part headers and files in one stream of large pieces.

A hop to a worker thread costs more than reading a small file, so one hop opens, reads and closes as many files as
fit into a piece. Where the system can say whether the page cache holds what is wanted (`RWF_NOWAIT`, Linux), the
rest of a large file is read without a hop, and a hop is made only for what would block.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, final

from aiofiles.base import wrap

from alipay_mini_audit.attachments import FilePart, PathSource, Readable
from alipay_mini_audit.attachments.inspection import state_of
from alipay_mini_audit.errors import SendInterrupted

__all__ = ["PieceReader"]

_NOWAIT: Final[int | None] = getattr(os, "RWF_NOWAIT", None)
_OPEN_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@final
class PieceReader:
    """Fills buffers from parts, one after another; at most one file is open at a time.

    Args:
        parts: what is read, in order: bytes, or files.
    """

    def __init__(self, parts: list[bytes | FilePart]) -> None:
        self._parts = deque(parts)
        self._offset = 0
        self._fd: int | None = None
        self._nowait = _NOWAIT
        self._in_worker = wrap(self.fill)
        self._hop: asyncio.Task[int] | None = None
        self._stranger: Readable | None = None
        self._open_stranger = AsyncExitStack()

    @property
    def is_at_end(self) -> bool:
        """Everything was read."""
        return not self._parts

    @property
    def is_idle(self) -> bool:
        """No worker thread fills a buffer; a cancelled call may leave one that does."""
        return self._hop is None or self._hop.done()

    async def next(self, buffer: memoryview) -> memoryview:
        """Return the next piece: a part of `buffer`, or bytes that somebody else has read.

        Args:
            buffer: where to read to.

        Raises:
            SendInterrupted: a file has changed, or can no longer be read.
        """
        filled = self.fill(buffer)
        head = self._parts[0] if self._parts else None
        if filled == len(buffer) or not isinstance(head, FilePart):
            await asyncio.sleep(0)  # a fast peer takes piece after piece; the loop has other guests
        elif isinstance(head.source, PathSource):
            self._hop = asyncio.ensure_future(self._in_worker(buffer[filled:], may_block=True))
            filled += await _wait_for(self._hop)
        elif not filled:
            return await self._read_stranger(head, len(buffer))
        return buffer[:filled]

    def fill(self, buffer: memoryview, *, may_block: bool = False) -> int:
        """Read into `buffer` and return how many bytes there are; fewer than fit if the disk is needed.

        Args:
            buffer: where to.
            may_block: the caller is a worker thread.

        Raises:
            SendInterrupted: a file has changed, or can no longer be read.
        """
        filled = 0
        while filled < len(buffer) and self._parts:
            head = self._parts[0]
            if isinstance(head, bytes):
                count: int | None = self._copy(head, buffer[filled:])
            elif isinstance(head.source, PathSource):
                count = self._read(head, os.fspath(head.source.path), buffer[filled:], may_block=may_block)
            else:
                count = None
            if count is None:
                break
            filled += count
        return filled

    async def aclose(self) -> None:
        """Close what is open."""
        if not self.is_idle and self._hop is not None:
            await asyncio.wait({self._hop})
        self._close()
        await self._open_stranger.aclose()

    def _close(self) -> None:
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)

    def _copy(self, content: bytes, buffer: memoryview) -> int:
        piece = content[self._offset : self._offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._offset += len(piece)
        if self._offset == len(content):
            self._advance()
        return len(piece)

    def _read(self, part: FilePart, path: str, buffer: memoryview, *, may_block: bool) -> int | None:
        """Read a piece of a file; `None` if that would block and may not."""
        missing = part.size - self._offset
        if not may_block and (self._fd is None or not missing):
            return None
        try:
            if self._fd is None:
                self._fd = os.open(path, _OPEN_FLAGS)
            count = self._read_some(self._fd, buffer[:missing], may_block=may_block) if missing else 0
            if count is None:
                return None
            if missing and not count:
                raise _cut(part, f"has changed: {missing} of {part.size} bytes were missing at its end")
            self._offset += count
            if self._offset == part.size and may_block:
                self._finish(part, path)
        except OSError as error:
            raise _unreadable(part, error) from error
        return count

    def _read_some(self, fd: int, buffer: memoryview, *, may_block: bool) -> int | None:
        if may_block:
            return _read_blocking(fd, buffer, self._offset)
        if self._nowait is None:
            return None
        try:
            return os.preadv(fd, [buffer], self._offset, self._nowait)
        except BlockingIOError:
            return None
        except OSError:  # this file system cannot say
            self._nowait = None
            return None

    def _finish(self, part: FilePart, path: str) -> None:
        found = state_of(os.stat(path))  # noqa: PTH116  # this is the hot path
        if part.state is not None and found != part.state:
            longer = found[0] > part.size
            what = f": it is longer than the {part.size} bytes that it had" if longer else " since it was looked at"
            raise _cut(part, f"has changed{what}")
        self._close()
        self._advance()

    def _advance(self) -> None:
        self._parts.popleft()
        self._offset = 0
        self._nowait = _NOWAIT

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


def _read_blocking(fd: int, buffer: memoryview, offset: int) -> int:
    if hasattr(os, "preadv"):
        return os.preadv(fd, [buffer], offset)
    os.lseek(fd, offset, os.SEEK_SET)
    content = os.read(fd, len(buffer))
    buffer[: len(content)] = content
    return len(content)


async def _wait_for(hop: asyncio.Task[int]) -> int:
    """Wait for a worker thread even when cancelled: it reads from a file that is closed next."""
    try:
        return await asyncio.shield(hop)
    except asyncio.CancelledError:
        await asyncio.wait({hop})
        if not hop.cancelled():
            hop.exception()
        raise


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


def _unreadable(part: FilePart, error: Exception) -> SendInterrupted:
    return _cut(part, f"cannot be read any more: {getattr(error, 'strerror', None) or type(error).__name__}")


def _cut(part: FilePart, what: str) -> SendInterrupted:
    called = part.source.filename or "the content"
    return SendInterrupted(
        f"{part.path} ({part.name}): {called} {what} while it was sent; the request was cut.",
        advice="Submit it again when nobody writes to the file.",
    )
