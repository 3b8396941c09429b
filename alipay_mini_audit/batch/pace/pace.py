"""`Pace`: gives each call of a batch its moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Final, Self, final

import attrs

from alipay_mini_audit.batch.pace.book import AHEAD, APP, PaceBook
from alipay_mini_audit.batch.pace.controller import slot_of
from alipay_mini_audit.concurrency import ClosableWaits
from alipay_mini_audit.errors import BatchError

__all__ = ["Pace"]

_LOOK_EVERY: Final = 0.5
"""Seconds after which what other processes have learnt is read again."""
_WRITE_EVERY: Final = 0.25
"""Seconds after which accepted calls are written down; together, not each by itself."""
_MOST: Final = 128
"""Calls for which moments are asked together; a tenth of a second holds fewer than that."""


@attrs.define(eq=False)
class _Waiter:
    """A call in the queue; `moment` is `None` until it has one, `delay` are seconds until then."""

    keys: tuple[str, ...]
    moment: float | None = None
    delay: float = 0.0
    wake: asyncio.Event = attrs.field(factory=asyncio.Event)


@final
class Pace:
    """How fast calls may go; everybody whose book is the same keeps one pace together.

    No limit is known at first. The first refusal makes a rate, see `controller`; from then on calls
    wait in a queue, first come, first served, and no moment is reserved more than about a tenth of
    a second, or one interval, ahead. A reserved moment that is not used is lost, and so is that of
    a call that is cancelled while it waits.

    Use it as `async with`, or call `aclose`.

    Args:
        book: where the pace is kept; `aclose` closes it.
        ceiling: the most calls a second that the user wants, greater than 0; `None` for no limit.
        clock: returns the time in seconds since 1970. It may jump; what waits goes on waiting for
            as long as it would have.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        book: PaceBook,
        *,
        ceiling: float | None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._book = book
        self._ceiling = ceiling
        self._clock = clock
        self._sleep = sleep
        self._waits = ClosableWaits()
        self._limits: Mapping[str, float] = {}
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()
        self._counts: dict[str, dict[int, int]] = {}
        self._wrote_at = float("-inf")
        self._queue: dict[_Waiter, None] = {}
        self._is_led = False
        self._gate = 0.0
        self._longest_pause = 0.0

    async def moment(self, keys: Sequence[str] = ()) -> float:
        """Reserve a moment, wait until it has come, and return it: the call may start.

        The refusals that are learnt meanwhile are heeded, so that no call starts before the end of
        a `Retry-After`. Without a ceiling and a refusal this returns at once.

        Args:
            keys: narrower limits that the call is under beside the application's own.

        Returns:
            When it was due, in seconds since 1970; never later than now.

        Raises:
            BatchError: the book cannot be used, or the pace was closed meanwhile.
        """
        everything = (APP, *keys)
        if self._is_fresh() and not self._is_limited(everything):
            return self._clock()
        if not self._waits.is_closed:
            try:
                with self._waits.until(None) as scope:
                    async with scope:
                        return await self._paced(everything)
            except TimeoutError:
                pass
        raise BatchError(
            "The pace is closed: no call gets a moment any more.", code="batch_stopped"
        )

    async def accepted(self, keys: Sequence[str] = ()) -> None:
        """Note that the platform took a call: refused for its content or not, but not throttled.

        Args:
            keys: as given to `moment`.

        Raises:
            BatchError: the book cannot be used.
        """
        now = self._clock()
        slot = slot_of(now)
        for key in (APP, *keys):
            counts = self._counts.setdefault(key, {})
            counts[slot] = counts.get(slot, 0) + 1
        if not 0 <= now - self._wrote_at < _WRITE_EVERY:
            await self._write_counts()

    async def throttled(self, retry_after: float | None, keys: Sequence[str] = ()) -> None:
        """Note that the platform refused a call because there were too many.

        Args:
            retry_after: seconds that it asks to wait; `None` if it does not say.
            keys: as given to `moment`.

        Raises:
            BatchError: the book cannot be used.
        """
        await self._write_counts()
        now = self._clock()
        self._limits = await self._book.throttled((APP, *keys), now=now, retry_after=retry_after)
        self._looked_at = now

    async def aclose(self) -> None:
        """End every wait with a `BatchError`, and close the book."""
        self._waits.close()
        await self._book.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _is_fresh(self) -> bool:
        return 0 <= self._clock() - self._looked_at < _LOOK_EVERY

    def _is_limited(self, keys: Sequence[str]) -> bool:
        return self._ceiling is not None or any(key in self._limits for key in keys)

    async def _paced(self, keys: tuple[str, ...]) -> float:
        while True:
            await self._look()
            if not self._is_limited(keys):
                return self._clock()
            moment = await self._reserved(keys)
            await self._look()
            now = self._clock()
            if all(self._limits.get(key, now) <= now for key in keys):
                return min(moment, now)

    async def _look(self) -> None:
        async with self._looking:
            if not self._is_fresh():
                now = self._clock()
                self._limits = await self._book.limits(now)
                self._looked_at = now

    async def _write_counts(self) -> None:
        if self._counts:
            now, counts = self._clock(), self._counts
            self._wrote_at, self._counts = now, {}
            await self._book.accepted(counts, now=now)

    async def _reserved(self, keys: tuple[str, ...]) -> float:
        """Queue for a moment, and wait until it has come.

        One of those who wait reserves for all of them, and wakes the next one to do so.
        """
        waiter = _Waiter(keys)
        self._queue[waiter] = None
        try:
            while waiter.moment is None:
                if self._is_led:
                    await waiter.wake.wait()
                    waiter.wake.clear()
                else:
                    await self._lead()
        finally:
            self._queue.pop(waiter, None)
            if not self._is_led and self._queue:
                next(iter(self._queue)).wake.set()
        if waiter.delay > 0:
            await self._sleep(waiter.delay)
        return waiter.moment

    async def _lead(self) -> None:
        self._is_led = True
        try:
            # The clock may have been put back: then the gate is not where it was set.
            pause = min(self._gate - self._clock(), self._longest_pause)
            if pause > 0:
                await self._sleep(pause)
            now = self._clock()
            waiting = list(islice(self._queue, _MOST))
            calls = [waiter.keys for waiter in waiting]
            given = await self._book.reserve(calls, now=now, ceiling=self._ceiling)
            for waiter, moment in zip(waiting, given.moments, strict=False):
                waiter.moment, waiter.delay = moment, moment - now
                self._queue.pop(waiter, None)
                waiter.wake.set()
            # By then half of what may be ahead is used up: that many fit into a round trip.
            self._gate = given.free_at - AHEAD / 2
            self._longest_pause = self._gate - now
        finally:
            self._is_led = False
