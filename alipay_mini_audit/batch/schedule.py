"""`Schedule`: which entry is next. A few are read ahead, so that memory depends on no length."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Callable
from typing import Final, Generic, TypeVar, final

__all__ = ["LOOK_AHEAD", "Schedule"]

LOOK_AHEAD: Final = 1000
"""How many entries are read ahead, and ordered by priority."""
_FILL_SECONDS: Final = 0.1
"""How long the first entries wait for others that are more urgent."""
_LONGEST_SLEEP: Final = 1.0
"""A clock may be set: nobody sleeps for long by what it said."""

T = TypeVar("T")


@final
class Schedule(Generic[T]):
    """Entries that are ready, by priority, and those that wait for a moment.

    Of those who wait for an entry only the first one watches, and lets the next one watch as it
    leaves: a change wakes one of them, however many there are.

    Args:
        clock: returns the time in seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ready: list[tuple[int, int, T]] = []
        self._parked: list[tuple[float, int, int, T]] = []
        self._numbers = itertools.count()
        self._room = asyncio.Semaphore(LOOK_AHEAD)
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()
        self._inside = 0
        self._is_closed = False
        self._is_stopped = False
        self._opens_at: float | None = None

    async def room(self) -> None:
        """Return once there is room for one more entry, which `put` brings."""
        await self._room.acquire()

    def put(self, item: T, priority: int) -> None:
        """Bring an entry, for which there is room."""
        if self._opens_at is None:
            self._opens_at = asyncio.get_running_loop().time() + _FILL_SECONDS
        self._inside += 1
        heapq.heappush(self._ready, (-priority, next(self._numbers), item))
        self._changed.set()

    def park(self, item: T, priority: int, until: float) -> None:
        """Bring back an entry that was taken, for a moment in seconds since 1970."""
        heapq.heappush(self._parked, (until, next(self._numbers), priority, item))
        self._changed.set()

    def done(self) -> None:
        """Let go of an entry that was taken."""
        self._inside -= 1
        self._room.release()
        self._changed.set()

    def close(self) -> None:
        """Say that no further entry is brought."""
        self._is_closed = True
        self._changed.set()

    def stop(self) -> None:
        """Say that no further entry is begun."""
        self._is_stopped = True
        self._changed.set()

    async def take(self) -> T | None:
        """Return the next entry; `None` once there are no more."""
        async with self._turn:
            while not self._is_over():
                self._wake_parked()
                if self._is_open() and self._ready:
                    return heapq.heappop(self._ready)[2]
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pause()):
                        await self._changed.wait()
        return None

    def _is_over(self) -> bool:
        return self._is_stopped or (self._is_closed and not self._inside)

    def _is_open(self) -> bool:
        if self._is_closed or self._room.locked():
            return True
        opens_at = self._opens_at
        return opens_at is None or asyncio.get_running_loop().time() >= opens_at

    def _wake_parked(self) -> None:
        now = self._clock()
        while self._parked and self._parked[0][0] <= now:
            _, number, priority, item = heapq.heappop(self._parked)
            heapq.heappush(self._ready, (-priority, number, item))

    def _pause(self) -> float:
        if self._ready:
            return _FILL_SECONDS
        if not self._parked:
            return _LONGEST_SLEEP
        return max(0.0, min(_LONGEST_SLEEP, self._parked[0][0] - self._clock()))
