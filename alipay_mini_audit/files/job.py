"""`WorkerJob`: blocking work in a worker thread, and what becomes of it when nobody waits for it.

A thread cannot be cancelled. So a job knows by itself whether its thread has ended, and the thread
closes what it opened if it was abandoned. Whoever was cancelled waits for a thread for a moment
only: a disk may hang for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar, final

from aiofiles.os import wrap

__all__ = ["GRACE_SECONDS", "WorkerJob"]

GRACE_SECONDS: Final = 0.5
"""How long what was cancelled is waited for, so that in good order nothing of it is left."""

T = TypeVar("T")


class _State(enum.Enum):
    QUEUED = enum.auto()
    """No thread has begun with it."""
    WITHDRAWN = enum.auto()
    """No thread will ever begin with it."""
    RUNNING = enum.auto()
    CLOSING = enum.auto()
    """It was abandoned, and its thread closes what it opened."""
    ENDED = enum.auto()


_IN_THREAD: Final = (_State.RUNNING, _State.CLOSING)


@final
class WorkerJob(Generic[T]):
    """Runs `work` once in a worker thread.

    Args:
        work: blocks; what it uses belongs to the thread until `has_ended`.
        close: closes what `work` left open; blocks. The thread calls it if the job was abandoned.
    """

    def __init__(self, work: Callable[[], T], close: Callable[[], object]) -> None:
        self._work = work
        self._close = close
        self._lock = threading.Lock()
        self._state = _State.QUEUED
        self._is_abandoned = False
        self._waiter: asyncio.Future[None] | None = None
        self._wait_until: float | None = None

    @property
    def has_ended(self) -> bool:
        """No thread uses anything of this job any more, or ever will."""
        return self._state in (_State.WITHDRAWN, _State.ENDED)

    async def run(self) -> T:
        """Return what `work` returns.

        When cancelled, `wait` for the thread if it has begun; cancelled again, leave it to itself.

        Raises:
            RuntimeError: the event loop takes no more work; `work` was not called.
        """
        try:
            # No task: the shutdown of a loop cancels every task, and this one would end before
            # its thread.
            result: T = await _run_in_thread(self)
        except asyncio.CancelledError:
            await self.wait()
            raise
        finally:
            self._withdraw()
        return result

    async def wait(self) -> None:
        """Wait until no thread runs it, 0.5 s in all; one that has not begun never will."""
        loop = asyncio.get_running_loop()
        with self._lock:
            self._withdraw_locked()
            if self._state not in _IN_THREAD:
                return
            waiter = loop.create_future()
            self._waiter = waiter
        if self._wait_until is None:
            self._wait_until = loop.time() + GRACE_SECONDS
        await asyncio.wait({waiter}, timeout=max(0.0, self._wait_until - loop.time()))

    def abandon(self) -> bool:
        """Say that nobody will use what `work` leaves open.

        Returns:
            Whether the thread closes it; if not, it is the caller who must.
        """
        with self._lock:
            self._withdraw_locked()
            self._is_abandoned = True
            return self._state in _IN_THREAD

    def _withdraw(self) -> None:
        with self._lock:
            self._withdraw_locked()

    def _withdraw_locked(self) -> None:
        if self._state is _State.QUEUED:
            self._state = _State.WITHDRAWN

    def _run(self) -> T:
        """Do everything that happens in the thread."""
        with self._lock:
            if self._state is not _State.QUEUED:
                # A cancellation reaches the queue of the executor one round of the loop late.
                raise asyncio.CancelledError
            self._state = _State.RUNNING
        try:
            return self._work()
        finally:
            self._end()

    def _end(self) -> None:
        with self._lock:
            self._state = _State.CLOSING if self._is_abandoned else _State.ENDED
        try:
            if self._state is _State.CLOSING:
                self._close()
        finally:
            with self._lock:
                self._state = _State.ENDED
                waiter = self._waiter
            if waiter is not None:
                with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody waits
                    waiter.get_loop().call_soon_threadsafe(_wake, waiter)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


@wrap
def _run_in_thread(job: WorkerJob[T]) -> T:
    return job._run()  # noqa: SLF001  # the other half of the class
