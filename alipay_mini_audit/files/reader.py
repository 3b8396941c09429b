"""`BodyReader`: the bytes of an upload, read ahead of the socket in large pieces.

What the page cache holds is read where it is wanted. For what would wait, one hop to a worker
thread fills the rest of a piece: a hop costs more than reading a small file, so the thread opens,
reads and closes as many as fit.

Who owns what:

- The buffer is the `BodyReader`'s from `next` to `release`. A worker thread that fills it may go on
  after the upload was cancelled; such a buffer is discarded, since the pool would give it to
  another upload while the thread still writes to it.
- A descriptor belongs to the reader of its part, and that to the worker thread while one runs: it
  is the thread that closes it if nobody waits any more, else `aclose`.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable
from typing import final

from alipay_mini_audit.attachments import FilePart
from alipay_mini_audit.errors import Outcome, SendInterrupted
from alipay_mini_audit.files.access import BLOCKING, FileAccess, WouldBlock
from alipay_mini_audit.files.job import WorkerJob
from alipay_mini_audit.files.readers import reader_of
from alipay_mini_audit.files.resources import UploadResources

__all__ = ["BodyReader", "OnRead", "size_of"]

OnRead = Callable[[FilePart, memoryview], None]
"""Is told what was read of a file; on the event loop or in a worker thread."""


def size_of(parts: Iterable[bytes | FilePart]) -> int:
    """Return how many bytes parts have together."""
    return sum(len(part) if isinstance(part, bytes) else part.size for part in parts)


@final
class BodyReader:
    """Reads parts, one after another; one file is open at a time.

    Args:
        parts: what is read, in order: bytes, or files.
        resources: of the client.
        on_read: is told what was read of each file; `None` for nobody.
    """

    def __init__(
        self,
        parts: list[bytes | FilePart],
        resources: UploadResources,
        on_read: OnRead | None = None,
    ) -> None:
        self._readers = deque(map(reader_of, parts))
        self._parts = deque(parts)
        self._on_read = on_read
        self._resources = resources
        self._size = self._left = size_of(parts)
        self._buffer: memoryview | None = None
        self._job: WorkerJob[int] | None = None
        """The last one; it may still run after a call that was cancelled."""
        self._is_closed = False

    @property
    def is_at_end(self) -> bool:
        """Everything was read."""
        return not self._readers

    async def next(self) -> memoryview:
        """Return the next piece; `release` it before the next one is asked for.

        Raises:
            SendInterrupted: a file has changed, or can no longer be read; `NOT_SENT` if no piece
                was returned before.
        """
        try:
            piece = await self._next()
        except BaseException as error:
            self.release(is_free=self._job is None or self._job.has_ended)
            if isinstance(error, SendInterrupted) and self._left == self._size:
                error.outcome = Outcome.NOT_SENT
            raise
        self._left -= len(piece)
        return piece

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

    async def aclose(self) -> None:
        """Close what is open; if a worker thread uses it, that thread does at its end."""
        self._is_closed = True
        if self._job is not None and self._job.abandon():
            await self._job.wait()
        elif self._readers:
            await self._readers[0].aclose()

    async def _next(self) -> memoryview:
        buffers = self._resources.buffers
        while True:
            async with self._resources.steps:
                if self._buffer is None:
                    self._buffer = buffers.acquire()
                room = buffers.room_in(self._buffer, self._left)
                filled = self._fill(room, self._resources.page_cache)
            if filled == len(room) or self.is_at_end:
                return room[:filled]
            fetch = self._readers[0].fetch
            if fetch is None:
                return room[: filled + await self._fill_in_thread(room[filled:])]
            if filled:
                # What is here goes first: nobody knows how long a source of the user's takes.
                return room[:filled]
            await fetch(len(room))

    def _fill(self, buffer: memoryview, access: FileAccess) -> int:
        """Read into `buffer`, and return how many bytes there are.

        Fewer than fit if what comes next is to be had in another way than by `access`.
        """
        filled = 0
        try:
            while filled < len(buffer) and self._readers and not self._is_closed:
                reader = self._readers[0]
                part = self._parts[0]
                count = reader.fill(buffer[filled:], access)
                if self._on_read is not None and isinstance(part, FilePart):
                    self._on_read(part, buffer[filled : filled + count])
                filled += count
                if reader.is_at_end:
                    self._readers.popleft()
                    self._parts.popleft()
        except WouldBlock:
            pass
        return filled

    async def _fill_in_thread(self, buffer: memoryview) -> int:
        self._job = WorkerJob(functools.partial(self._fill, buffer, BLOCKING), self._close)
        if size_of([self._parts[0]]) >= 4 * len(buffer):
            return await self._job.run()  # few steps, for which it hardly needs the interpreter
        async with self._resources.jobs:
            return await self._job.run()

    def _close(self) -> None:
        if self._readers:
            self._readers[0].close()
