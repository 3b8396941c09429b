"""The bytes of an upload, read ahead of the socket: part headers and files in one stream of large pieces.

A hop to a worker thread costs more than reading a small file, so one hop opens, reads and closes as many files as
fit into a piece. Where the system can say whether the page cache holds what is wanted (`RWF_NOWAIT`, Linux), the
rest of a large file is read without a hop, and a hop is made only for what would block.

Every piece has a buffer of its own: a transport may keep one that it could not send yet, and a worker thread may
still fill one whose call was cancelled.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from io import FileIO
from typing import Final, final

from aiofiles.base import wrap

from alipay_mini_audit.attachments import FilePart, PathSource, Readable
from alipay_mini_audit.attachments.inspection import state_of
from alipay_mini_audit.errors import SendInterrupted

__all__ = ["PieceReader", "pieces_of"]

_NOWAIT: Final = getattr(os, "RWF_NOWAIT", None)


def pieces_of(parts: list[bytes | FilePart], size: int) -> AbstractAsyncContextManager[AsyncGenerator[memoryview]]:
    """Return a context that yields the bytes of `parts` in pieces of up to `size` bytes, and closes what it opened.

    Raises, while it is read:
        SendInterrupted: a file has changed, or can no longer be read.
    """
    return aclosing(_iterate(parts, size))


async def _iterate(parts: list[bytes | FilePart], size: int) -> AsyncGenerator[memoryview]:
    reader = PieceReader(parts)
    fill = wrap(reader.fill)
    try:
        while not reader.is_at_end:
            if (stranger := reader.take_stranger()) is not None:
                async for piece in _read_stranger(stranger, size):
                    yield piece
                continue
            view = memoryview(bytearray(size))
            filled = reader.fill(view)
            if filled < size and reader.would_block:
                filled += await _in_worker(fill(view[filled:], may_block=True))
            else:
                await asyncio.sleep(0)  # a fast peer takes piece after piece; the loop has other guests
            if filled:
                yield view[:filled]
    finally:
        reader.close()


async def _in_worker(hop: object) -> int:
    """Wait for a worker thread even when cancelled: it reads from a file that is closed next."""
    task = asyncio.ensure_future(hop)  # type: ignore[call-overload]
    try:
        return int(await asyncio.shield(task))
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise


@final
class PieceReader:
    """Fills buffers from parts, one after another; at most one file is open at a time.

    Args:
        parts: what is read, in order: bytes, or files.
    """

    def __init__(self, parts: list[bytes | FilePart]) -> None:
        self._parts = deque(parts)
        self._offset = 0
        self._file: FileIO | None = None
        self._nowait = _NOWAIT is not None

    @property
    def is_at_end(self) -> bool:
        """Everything was read."""
        return not self._parts

    @property
    def would_block(self) -> bool:
        """The next byte needs the disk."""
        head = self._parts[0] if self._parts else None
        return isinstance(head, FilePart) and isinstance(head.source, PathSource)

    def take_stranger(self) -> FilePart | None:
        """Remove and return the next part if it is neither bytes nor a file, and has to be read by its own code."""
        head = self._parts[0] if self._parts else None
        if isinstance(head, FilePart) and not isinstance(head.source, PathSource):
            self._parts.popleft()
            return head
        return None

    def fill(self, view: memoryview, *, may_block: bool = False) -> int:
        """Read into `view` and return how many bytes there are; fewer than asked if the disk is needed or all is read.

        Args:
            view: where to.
            may_block: the caller is a worker thread.

        Raises:
            SendInterrupted: a file has changed, or can no longer be read.
        """
        filled = 0
        while filled < len(view) and self._parts:
            head = self._parts[0]
            if isinstance(head, bytes):
                count = self._copy(head, view[filled:])
            elif isinstance(head.source, PathSource):
                got = self._read(head, head.source, view[filled:], may_block=may_block)
                if got is None:
                    break
                count = got
            else:
                break
            filled += count
        return filled

    def close(self) -> None:
        """Close the file that is open, if one is."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _copy(self, content: bytes, view: memoryview) -> int:
        piece = content[self._offset : self._offset + len(view)]
        view[: len(piece)] = piece
        self._offset += len(piece)
        if self._offset == len(content):
            self._next()
        return len(piece)

    def _read(self, part: FilePart, source: PathSource, view: memoryview, *, may_block: bool) -> int | None:
        """Read a piece of a file; `None` if that would block and may not."""
        missing = part.size - self._offset
        if not may_block and (self._file is None or not missing):
            return None
        try:
            if self._file is None:
                self._file = FileIO(source.path)
            count = self._read_some(self._file, view[:missing], may_block=may_block) if missing else 0
            if count is None:
                return None
            if missing and not count:
                raise _cut(part, f"has changed: {missing} of {part.size} bytes were missing at its end")
            self._offset += count
            if self._offset == part.size and may_block:
                self._finish(part, source, self._file)
        except OSError as error:
            raise _unreadable(part, error) from error
        return count

    def _read_some(self, file: FileIO, view: memoryview, *, may_block: bool) -> int | None:
        if may_block:
            file.seek(self._offset)
            return file.readinto(view)
        if not self._nowait:
            return None
        try:
            return os.preadv(file.fileno(), [view], self._offset, _NOWAIT or 0)
        except BlockingIOError:
            return None
        except OSError:  # this file system cannot say
            self._nowait = False
            return None

    def _finish(self, part: FilePart, source: PathSource, file: FileIO) -> None:
        file.seek(part.size)
        if file.read(1):
            raise _cut(part, f"has changed: it is longer than the {part.size} bytes that it had")
        if part.state is not None and state_of(source.path.stat()) != part.state:
            raise _cut(part, "has changed since it was looked at")
        self.close()
        self._next()

    def _next(self) -> None:
        self._parts.popleft()
        self._offset = 0
        self._nowait = _NOWAIT is not None


async def _read_stranger(part: FilePart, size: int) -> AsyncGenerator[memoryview]:
    """Read a source of the user's by its own code."""
    missing = part.size
    async with _opened(part) as stream:
        while missing:
            chunk = await _ask(stream, part, min(size, missing))
            if not chunk or len(chunk) > missing:
                raise _cut(part, f"has changed: {missing} of {part.size} bytes were missing at its end")
            missing -= len(chunk)
            yield memoryview(chunk)
        if await _ask(stream, part, 1):
            raise _cut(part, f"has changed: it is longer than the {part.size} bytes that it had")


async def _ask(stream: Readable, part: FilePart, size: int) -> bytes:
    try:
        return await stream.read(size)
    except Exception as error:
        raise _unreadable(part, error) from error


def _unreadable(part: FilePart, error: Exception) -> SendInterrupted:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return _cut(part, f"cannot be read any more: {reason}")


def _cut(part: FilePart, what: str) -> SendInterrupted:
    called = part.source.filename or "the content"
    return SendInterrupted(
        f"{part.path} ({part.name}): {called} {what} while it was sent; the request was cut.",
        advice="Submit it again when nobody writes to the file.",
    )


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
