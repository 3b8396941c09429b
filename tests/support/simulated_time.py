"""Time that passes at once: whoever sleeps in it is woken when nobody has anything left to do."""

import asyncio
import heapq
import itertools
from collections.abc import Collection, Coroutine, Mapping, Sequence
from typing import TypeVar, final

from alipay_mini_audit.batch.pace import PaceBook
from alipay_mini_audit.batch.pace.book import Reservation

T = TypeVar("T")
START = 1_800_000_000.0


@final
class SimulatedTime:
    """A clock that can be put forward and back, and `sleep`, which goes by none."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.offset = START
        self.busy = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def clock(self) -> float:
        return self.offset + self.passed

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.passed + seconds, next(self._numbers), future))
        await future

    async def run(self, main: Coroutine[object, object, None]) -> None:
        """Let time pass until `main` is done; tasks that it began go on as long as it does."""
        loop = asyncio.get_running_loop()
        loop.set_debug(enabled=False)  # it makes minutes of simulated time as long as real ones
        task = asyncio.create_task(main)
        while not task.done():
            if loop._ready:  # type: ignore[attr-defined]
                await asyncio.sleep(0)
            elif self.busy:
                await asyncio.sleep(0.0001)  # a thread works
            else:
                assert self._sleepers, "everybody waits for something that never comes"
                self.passed, _, future = heapq.heappop(self._sleepers)
                if not future.done():
                    future.set_result(None)
                await asyncio.sleep(0)
        await task


@final
class TimedBook:
    """A book whose work takes none of the simulated time."""

    def __init__(self, book: PaceBook, time: SimulatedTime) -> None:
        self.book = book
        self.time = time
        self.trips = 0

    async def _timed(self, work: Coroutine[object, object, T]) -> T:
        self.trips += 1
        self.time.busy += 1
        try:
            return await work
        finally:
            self.time.busy -= 1

    async def limits(self, now: float) -> Mapping[str, float]:
        return await self._timed(self.book.limits(now))

    async def reserve(
        self, calls: Sequence[Collection[str]], *, now: float, ceiling: float | None
    ) -> Reservation:
        return await self._timed(self.book.reserve(calls, now=now, ceiling=ceiling))

    async def accepted(self, counts: Mapping[str, Mapping[int, int]], *, now: float) -> None:
        await self._timed(self.book.accepted(counts, now=now))

    async def throttled(
        self, keys: Collection[str], *, now: float, retry_after: float | None
    ) -> Mapping[str, float]:
        work = self.book.throttled(keys, now=now, retry_after=retry_after)
        return await self._timed(work)

    async def aclose(self) -> None:
        await self._timed(self.book.aclose())
