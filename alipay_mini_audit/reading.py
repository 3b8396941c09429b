"""The bytes of an upload, read ahead of the socket: part headers and files in one stream of large pieces.

A hop to a worker thread costs more than reading a small file, so one hop checks and closes the files that were read,
opens a few that follow, and fills a piece. Where the system can say whether the page cache holds what is wanted
(`RWF_NOWAIT`, Linux), what is open is read without a hop, and a hop is made only for what would block.
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
_AHEAD: Final = 8
"""How many files of an upload may be open at once."""
_OPEN_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@final
class PieceReader:
    """Fills buffers from parts, one after another; a few files are open at a time.

    Args:
        parts: what is read, in order: bytes, or files.
    """

    def __init__(self, parts: list[bytes | FilePart]) -> None:
        self._parts = deque(parts)
        self._offset = 0
        self._ahead: deque[int] = deque()
        """Descriptors of the files at the front of `_parts`, the one that is read first."""
        self._read_up: list[tuple[FilePart, int]] = []
        """Files whose bytes are all read, not checked and closed yet."""
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
        if filled == len(buffer) or head is None:
            await asyncio.sleep(0)  # a fast peer takes piece after piece; the loop has other guests
        elif isinstance(head, bytes) or isinstance(head.source, PathSource):
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
                count = self._copy(head, buffer[filled:], may_block=may_block)
            elif isinstance(head.source, PathSource):
                count = self._read(head, buffer[filled:], may_block=may_block)
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
        for fd in (*self._ahead, *(fd for _, fd in self._read_up)):
            os.close(fd)
        self._ahead.clear()
        self._read_up.clear()

    def _copy(self, content: bytes, buffer: memoryview, *, may_block: bool) -> int | None:
        if len(self._parts) == 1 and self._read_up:  # the request becomes whole only if no file has changed
            if not may_block:
                return None
            self._check_read_up()
        piece = content[self._offset : self._offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._offset += len(piece)
        if self._offset == len(content):
            self._advance()
        return len(piece)

    def _read(self, part: FilePart, buffer: memoryview, *, may_block: bool) -> int | None:
        """Read a piece of a file; `None` if that would block and may not."""
        if not self._ahead:
            if not may_block:
                return None
            self._check_read_up()
            self._open_ahead()
        missing = part.size - self._offset
        try:
            count = self._read_some(self._ahead[0], buffer[:missing], may_block=may_block)
        except OSError as error:
            raise _unreadable(part, error) from error
        if count is None:
            return None
        if not count:
            raise _cut(part, f"has changed: {missing} of {part.size} bytes were missing at its end")
        self._offset += count
        if self._offset == part.size:
            self._read_up.append((part, self._ahead.popleft()))
            self._advance()
        return count

    def _open_ahead(self) -> None:
        files = [part for part in self._parts if isinstance(part, FilePart)]
        for part in files[:_AHEAD]:
            if not isinstance(part.source, PathSource):
                break
            try:
                self._ahead.append(os.open(part.source.path, _OPEN_FLAGS))
            except OSError as error:
                if self._ahead:  # it is told when the turn of this file has come
                    break
                raise _unreadable(part, error) from error

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

    def _check_read_up(self) -> None:
        for part, _ in self._read_up:
            try:
                found = state_of(os.stat(part.source.path))  # type: ignore[attr-defined]  # noqa: PTH116  # hot path
            except OSError as error:
                raise _unreadable(part, error) from error
            if part.state is not None and found != part.state:
                longer = found[0] > part.size
                what = f": it is longer than the {part.size} bytes that it had" if longer else " since it was looked at"
                raise _cut(part, f"has changed{what}")
        while self._read_up:
            os.close(self._read_up.pop()[1])

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
