"""`SourceReader`: reads a source of the user's with its own code, which runs on the loop only."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any, final

from alipay_mini_audit.attachments import FilePart, Readable, Source
from alipay_mini_audit.files.access import FileAccess, WouldBlock
from alipay_mini_audit.files.failures import too_long, too_short, unreadable
from alipay_mini_audit.files.job import GRACE_SECONDS

__all__ = ["SourceReader"]


@final
class SourceReader:
    """Reads a source of the user's, which must have exactly the bytes that it said it has.

    Args:
        part: what is known of the source.
        source: what opens it.
    """

    def __init__(self, part: FilePart, source: Source) -> None:
        self._part = part
        self._source = source
        self._missing = part.size
        self._fetched = memoryview(b"")
        self._opening: asyncio.Task[None] | None = None
        self._manager: AbstractAsyncContextManager[Readable] | None = None
        self._stream: Readable | None = None
        self._closing: asyncio.Future[Any] | None = None
        self._is_abandoned = False
        self._is_complete = False

    @property
    def is_at_end(self) -> bool:
        """Its end was seen, and it is closed."""
        return self._is_complete

    async def fetch(self, size: int) -> None:
        """Ask the source for up to `size` bytes; close it at its end.

        Raises:
            SendInterrupted: it failed, or has more or fewer bytes than it said.
        """
        if self._stream is None:
            await self._open()
        # The end is asked for as well: a source that goes on after it has changed.
        chunk = await self._ask(min(size, self._missing) or 1)
        if len(chunk) > self._missing:
            raise too_long(self._part)
        if self._missing and not chunk:
            raise too_short(self._part, self._missing)
        self._missing -= len(chunk)
        self._fetched = chunk
        if not chunk:
            try:
                await self._exit()
            except Exception as error:
                raise unreadable(self._part, error) from error
            self._is_complete = True

    def fill(self, buffer: memoryview, access: FileAccess) -> int:
        """Copy what was fetched.

        Raises:
            WouldBlock: nothing is left of it; nobody knows what the user's code waits for.
        """
        del access
        if not self._fetched and not self._is_complete:
            raise WouldBlock
        count = min(len(buffer), len(self._fetched))
        buffer[:count] = self._fetched[:count]
        self._fetched = self._fetched[count:]
        return count

    def close(self) -> None:
        """Do nothing: `fill` opens nothing."""

    async def aclose(self) -> None:
        """Close the source; one that is being opened is closed as soon as it is open.

        What takes longer than 0.5 s is cancelled, whether this is still waited for or not.
        """
        self._is_abandoned = True
        if self._opening is None or self._opening.done():
            self._begin_exit()
        if tasks := self._under_way():
            loop = asyncio.get_running_loop()
            loop.call_later(GRACE_SECONDS, self._give_up)
            # The rest of a second is for what it does when it is cancelled.
            await asyncio.wait(tasks, timeout=1.5 * GRACE_SECONDS)

    def _under_way(self) -> set[asyncio.Future[None]]:
        tasks = (self._opening, self._closing)
        return {task for task in tasks if task is not None and not task.done()}

    def _give_up(self) -> None:
        for task in self._under_way():
            task.cancel()

    async def _open(self) -> None:
        """Open the source in a task of its own.

        A cancellation in the middle of it, while a thread opens a file, say, would lose the file;
        so the task goes on, and closes the source if nobody wants it any more.
        """
        self._opening = asyncio.ensure_future(self._enter())
        self._opening.add_done_callback(_retrieve_error)
        try:
            await asyncio.shield(self._opening)
        except asyncio.CancelledError as error:
            self._is_abandoned = True
            self._raise_if_own(error)
            raise
        except Exception as error:
            raise unreadable(self._part, error) from error

    def _raise_if_own(self, error: asyncio.CancelledError) -> None:
        """Raise what says that the source cancelled itself; nobody cancelled its reader."""
        task = asyncio.current_task()
        if task is not None and not task.cancelling():
            raise unreadable(self._part, error) from error

    async def _enter(self) -> None:
        manager = self._source.open()
        self._stream = await manager.__aenter__()
        self._manager = manager
        if self._is_abandoned:
            await self._exit()

    async def _exit(self) -> None:
        self._begin_exit()
        if self._closing is not None:
            await asyncio.shield(self._closing)

    def _begin_exit(self) -> None:
        manager, self._manager = self._manager, None
        if manager is not None:
            self._closing = asyncio.ensure_future(manager.__aexit__(None, None, None))
            self._closing.add_done_callback(_retrieve_error)

    async def _ask(self, size: int) -> memoryview:
        try:
            if self._stream is None:
                raise TypeError("open() gave nothing to read from")  # noqa: TRY301  # as read() may
            return memoryview(await self._stream.read(size)).cast("B")
        except asyncio.CancelledError as error:
            self._raise_if_own(error)
            raise
        except Exception as error:
            raise unreadable(self._part, error) from error


def _retrieve_error(task: asyncio.Future[Any]) -> None:
    """Keep asyncio from reporting an error that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
