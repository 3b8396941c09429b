"""Readers of one part each: bytes in memory and files on disk.

`stream_reader` and `source_reader` have those of streams and of sources of the user's.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, final

from alipay_mini_audit.attachments import BytesSource, FilePart, PathSource, StreamSource
from alipay_mini_audit.files.access import FileAccess
from alipay_mini_audit.files.failures import check_state, too_short, unreadable
from alipay_mini_audit.files.job import GRACE_SECONDS
from alipay_mini_audit.files.source_reader import SourceReader
from alipay_mini_audit.files.stream_reader import StreamReader

__all__ = ["BytesReader", "FileReader", "PartReader", "reader_of"]


class PartReader(Protocol):
    """Reads one part, from its first byte to its last.

    It is used by one thread at a time. It opens what it needs at the first byte and closes it after
    the last one; whoever stops before that has to close it.
    """

    @property
    def is_at_end(self) -> bool:
        """All of the part was read, and nothing is open."""
        ...

    @property
    def fetch(self) -> Callable[[int], Awaitable[None]] | None:
        """How to go on after `WouldBlock`.

        `None`: call `fill` again in a worker thread. Else await it on the event loop, with the
        number of bytes wanted, and call `fill` again there.
        """
        ...

    def fill(self, buffer: memoryview, access: FileAccess) -> int:
        """Read into `buffer`, and return how many bytes there are.

        Args:
            buffer: where to; not empty.
            access: the way to the disk: `PageCache` on the event loop, `BLOCKING` in a thread.

        Raises:
            SendInterrupted: the part has changed, or can no longer be read.
            WouldBlock: there is nothing to be had this way.
        """
        ...

    def close(self) -> None:
        """Close what `fill` has opened; blocks, so call it in a worker thread."""
        ...

    async def aclose(self) -> None:
        """Close whatever is open, without blocking the event loop."""
        ...


@final
class BytesReader:
    """Reads bytes that are in memory: framing, and content that was given as `bytes`."""

    __slots__ = ("_left",)

    fetch: Final = None

    def __init__(self, content: bytes) -> None:
        self._left = memoryview(content)

    @property
    def is_at_end(self) -> bool:
        """All bytes were copied."""
        return not self._left

    def fill(self, buffer: memoryview, access: FileAccess) -> int:
        """Copy what fits."""
        del access
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def close(self) -> None:
        """Do nothing: nothing is open."""

    async def aclose(self) -> None:
        """Do nothing: nothing is open."""


@final
class FileReader:
    """Reads a file on disk, and checks at its end that it is still the file that was looked at.

    Args:
        part: what is known of the file.
        source: where it is.
    """

    __slots__ = ("_fd", "_offset", "_part", "_source")

    fetch: Final = None

    def __init__(self, part: FilePart, source: PathSource) -> None:
        self._part = part
        self._source = source
        self._offset = 0
        self._fd: int | None = None

    @property
    def is_at_end(self) -> bool:
        """All of it was read, and it is closed."""
        return self._offset == self._part.size and self._fd is None

    def fill(self, buffer: memoryview, access: FileAccess) -> int:
        """Read a piece; open the file first if need be."""
        try:
            return self._read(buffer, access)
        except OSError as error:
            raise unreadable(self._part, error) from error

    def _read(self, buffer: memoryview, access: FileAccess) -> int:
        if self._fd is None:
            self._fd = access.open(self._source.path)
        missing = self._part.size - self._offset
        count = access.read(self._fd, buffer[:missing], self._offset)
        if not count:
            raise too_short(self._part, missing)
        self._offset += count
        if count == missing:
            # Before its last bytes are handed on: a request becomes whole only if no file changed.
            check_state(self._part, os.fstat(self._fd))
            self.close()
        return count

    def close(self) -> None:
        """Close the file if it is open; blocks, as on a network file system."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)

    async def aclose(self) -> None:
        """Close the file in a worker thread, or here if no thread will do it any more.

        If the threads are busy, it is closed once one of them is free; that is not waited for.
        """
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        try:
            # No coroutine of aiofiles: one that is cancelled while it waits for a thread is never
            # run, but what is handed to the executor itself closes the file whoever waits.
            close = functools.partial(os.close, fd)
            closing = asyncio.get_running_loop().run_in_executor(None, close)
        except RuntimeError:  # the executor is shut down, so the loop ends anyway
            os.close(fd)
        else:
            closed, _ = await asyncio.wait({closing}, timeout=GRACE_SECONDS)
            for each in closed:
                each.result()


def reader_of(part: bytes | FilePart) -> PartReader:
    """Return what reads a part."""
    if isinstance(part, bytes):
        return BytesReader(part)
    match part.source:
        case PathSource():
            return FileReader(part, part.source)
        case BytesSource():
            return BytesReader(part.source.content)
        case StreamSource():
            return StreamReader(part, part.source)
        case source:
            return SourceReader(part, source)
