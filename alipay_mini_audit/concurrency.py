"""How much happens at once on the loop and in threads; what a closing or cancel ends or not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar, final

__all__ = ["ClosableWaits", "JobLimiter", "StepLimiter", "finish", "is_answered", "wait_through"]

T = TypeVar("T")

_STEPS: Final = 2  # not one: each round of the loop has a cost of its own, a tenth for small files
_JOBS: Final = 2
_LONG_SECONDS: Final = 0.005
_PATIENCE_SECONDS: Final = 30.0
_ANSWER_SECONDS: Final = 60.0
_SLICES: Final = 12


@final
class StepLimiter:
    """Lets few long steps happen in each round of the loop, first come, first served.

    The loop looks at its timers and sockets once a round. Without a limit a hundred uploads that
    are ready at the same moment would all have their step of some hundred microseconds before
    anybody else is heard.

    Use it as `async with steps:` around what takes long and awaits nothing.
    """

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_STEPS)

    async def __aenter__(self) -> None:
        await self._free.acquire()

    async def __aexit__(self, *_: object) -> None:
        try:
            await asyncio.sleep(0)  # the step lasts until the round ends
        finally:
            self._free.release()


@final
class JobLimiter:
    """Lets two jobs at a time begin in worker threads, and one more for each that takes long.

    Jobs of many small steps, each of which finds in memory what it wants, run one after another
    anyway, since Python has one interpreter; and the more threads want it, the more time goes into
    handing it over. One that takes longer than five milliseconds waits for a disk, so the next one
    begins beside it.

    Use it as `async with jobs:` around the wait for a job.
    """

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_JOBS)
        self._begun: dict[asyncio.Task[Any] | None, asyncio.TimerHandle] = {}

    async def __aenter__(self) -> None:
        await self._free.acquire()
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        self._begun[task] = loop.call_later(_LONG_SECONDS, self._let_next_begin, task)

    async def __aexit__(self, *_: object) -> None:
        self._let_next_begin(asyncio.current_task())

    def _let_next_begin(self, task: asyncio.Task[Any] | None) -> None:
        timer = self._begun.pop(task, None)
        if timer is not None:
            timer.cancel()
            self._free.release()


@final
class ClosableWaits:
    """Waits that end when their owner is closed, each with a limit of its own besides.

    Attributes:
        is_closed: they were ended, and none may begin.
    """

    def __init__(self) -> None:
        self.is_closed = False
        self._scopes: set[asyncio.Timeout] = set()

    @contextmanager
    def until(self, deadline: float | None) -> Iterator[asyncio.Timeout]:
        """Give a scope to wait in, as `async with scope:`; a `TimeoutError` leaves it.

        Args:
            deadline: when it ends by itself, in the time of the event loop; `None` for never.
        """
        scope = asyncio.timeout_at(deadline)
        self._scopes.add(scope)
        try:
            yield scope
        finally:
            self._scopes.discard(scope)

    def close(self) -> None:
        """End every wait now."""
        self.is_closed = True
        for scope in self._scopes:
            if not scope.expired():
                scope.reschedule(asyncio.get_running_loop().time())


async def finish(
    work: Coroutine[Any, Any, T] | asyncio.Future[T], *, patience: float = _PATIENCE_SECONDS
) -> T:
    """Return what `work` returns; when cancelled, let it end first, however often.

    Only for what ends soon by itself, a note in a journal say. If it does not, because a disk hangs
    say, it is cancelled after all.

    Args:
        work: what to wait for.
        patience: seconds from the first cancel on.
    """
    task = asyncio.ensure_future(work)
    # Not `shield`: since Python 3.14 it reports what fails after a cancel.
    ended = asyncio.Event()
    task.add_done_callback(lambda _: ended.set())
    try:
        await ended.wait()
    except asyncio.CancelledError:
        await _end(task, patience)
        raise
    return task.result()


async def _end(task: asyncio.Future[Any], patience: float) -> None:
    """Wait until a task has ended, however often cancelled; cancel it in the end."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while not task.done() and (left := deadline - loop.time()) > 0:
        with suppress(asyncio.CancelledError):
            await asyncio.wait({task}, timeout=left)
    if task.done() and not task.cancelled():
        task.exception()  # so that nobody reports that it was never looked at
    task.cancel()


async def is_answered(future: asyncio.Future[Any], *, seconds: float = _ANSWER_SECONDS) -> bool:
    """Wait for what a thread does with a disk; `False`, and it is cancelled, if that hangs.

    It waits a little at a time: a process that was frozen for longer finds on waking what the
    thread has done meanwhile.

    Args:
        future: done by the thread.
        seconds: how long to wait.
    """
    try:
        for _ in range(_SLICES):
            await asyncio.wait({future}, timeout=seconds / _SLICES)
            if future.done():
                return True
    finally:
        future.cancel()
    return False


async def wait_through(future: asyncio.Future[Any], seconds: float) -> bool:
    """Wait for a future even if cancelled, and be cancelled only then.

    Args:
        future: what to wait for.
        seconds: how long.

    Returns:
        Whether it is done; `False` once the seconds are over.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    cancelled: asyncio.CancelledError | None = None
    while not future.done() and (left := deadline - loop.time()) > 0:
        try:
            await asyncio.wait({future}, timeout=left)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return future.done()
