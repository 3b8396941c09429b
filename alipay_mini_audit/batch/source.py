"""`read`: a user's submissions one after another, whatever kind of iterable brings them."""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Generator,
    Iterable,
)
from typing import Final

from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.concurrency import finish

__all__ = ["Mark", "read"]

_TURN: Final = 100
"""After how many that were there at once others have their turn."""


class Mark(enum.Enum):
    """What comes beside submissions."""

    WAITS = "waits"
    """The next one is not there yet."""
    ENDS = "ends"
    """There are no more; `read` keeps that to itself."""


async def read(
    submissions: Iterable[Submission] | AsyncIterable[Submission],
) -> AsyncGenerator[Submission | Mark, None]:
    """Yield submissions as they are wanted, and close their generator at the end.

    Whatever the iterable raises is raised as it is.
    """
    if isinstance(submissions, AsyncIterable):
        async with contextlib.aclosing(_read_async(submissions)) as found:
            async for each in found:
                yield each
        return
    iterator = iter(submissions)
    try:
        for number, submission in enumerate(iterator):
            if number % _TURN == 0:
                await asyncio.sleep(0)
            yield submission
    finally:
        if isinstance(iterator, Generator):
            iterator.close()


async def _read_async(
    submissions: AsyncIterable[Submission],
) -> AsyncGenerator[Submission | Mark, None]:
    """Read in a task of its own, since a scope around a `yield` belongs to the task it began in."""
    wanted = asyncio.Semaphore(0)
    given: asyncio.Queue[Submission | Mark] = asyncio.Queue()
    reading = asyncio.create_task(_give(submissions, wanted, given))
    reading.add_done_callback(lambda _: given.put_nowait(Mark.ENDS))
    try:
        while True:
            wanted.release()
            await asyncio.sleep(0)
            if given.empty():
                yield Mark.WAITS
            each = await given.get()
            if each is Mark.ENDS:
                await reading
                return
            yield each
    finally:
        reading.cancel()
        await finish(asyncio.wait({reading}))


async def _give(
    submissions: AsyncIterable[Submission],
    wanted: asyncio.Semaphore,
    given: asyncio.Queue[Submission | Mark],
) -> None:
    iterator = aiter(submissions)
    try:
        while True:
            await wanted.acquire()
            try:
                submission = await anext(iterator)
            except StopAsyncIteration:
                return
            given.put_nowait(submission)
    finally:
        if isinstance(iterator, AsyncGenerator):
            await iterator.aclose()
