"""`Schedule`: which entry is next. A few are read ahead, so that memory depends on no length."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
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

    A change wakes as many of those who wait as there are entries ready, and all of these at once:
    who begins in the same round of the loop goes on in step with the others, and that is cheaper.

    Args:
        clock: returns the time in seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ready: list[tuple[int, int, T]] = []
        self._parked: list[tuple[float, int, int, T]] = []
        self._numbers = itertools.count()
        self._room = asyncio.Semaphore(LOOK_AHEAD)
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
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
        self._wake()

    def park(self, item: T, priority: int, until: float) -> None:
        """Bring back an entry that was taken, for a moment in seconds since 1970."""
        heapq.heappush(self._parked, (until, next(self._numbers), priority, item))
        self._wake()

    def done(self) -> None:
        """Let go of an entry that was taken."""
        self._inside -= 1
        self._room.release()
        self._wake()

    def close(self) -> None:
        """Say that no further entry is brought."""
        self._is_closed = True
        self._wake()

    def stop(self) -> None:
        """Say that no further entry is begun."""
        self._is_stopped = True
        self._wake()

    async def take(self) -> T | None:
        """Return the next entry; `None` once there are no more."""
        while not self._is_over():
            self._wake_parked()
            if self._is_open() and self._ready:
                return heapq.heappop(self._ready)[2]
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            self._watch()
            try:
                await turn
            except asyncio.CancelledError:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                self._wake()  # it may have been woken for what others may take now
                raise
        return None

    def _wake(self) -> None:
        """Wake those who can go on, and watch the clock for the others."""
        self._wake_parked()
        count = len(self._ready) if self._is_open() else 0
        if self._is_over():
            count = len(self._waiting)
        while count and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                count -= 1
        self._watch()

    def _watch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(self._pause(), self._wake)

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
