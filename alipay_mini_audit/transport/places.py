"""`Places`: how many calls may be on the wire at once. Waiting for a place is not failing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import final

from alipay_mini_audit.concurrency import ClosableWaits
from alipay_mini_audit.transport.failures import closed_client, waited_too_long

__all__ = ["Place", "Places"]


@final
class Place:
    """The place of one call."""

    def __init__(self, places: Places, seconds: float | None) -> None:
        self._places = places
        self._seconds = seconds
        self._is_held = False

    async def take(self) -> None:
        """Wait for a place, after it was left.

        Raises:
            ConnectionFailed, ConfigurationError: as for `Places.place`.
        """
        await self._places.wait(self._seconds)
        self._is_held = True

    def leave(self) -> None:
        """Give it back, if there is one."""
        if self._is_held:
            self._is_held = False
            self._places.leave()


@final
class Places:
    """The places of a client, first come, first served.

    Args:
        count: how many there are.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._free = asyncio.Semaphore(count)
        self._waits = ClosableWaits()

    @asynccontextmanager
    async def place(self, seconds: float | None) -> AsyncIterator[Place]:
        """Wait for a place and keep it for the length of the block.

        Args:
            seconds: how long to wait, `Timeouts.queue`; `None` waits for as long as it takes.

        Raises:
            ConnectionFailed: none became free in time; nothing was sent.
            ConfigurationError: the client was closed meanwhile.
        """
        place = Place(self, seconds)
        await place.take()
        try:
            yield place
        finally:
            place.leave()

    async def wait(self, seconds: float | None) -> None:
        """Wait for a place, as `place` does."""
        if self._waits.is_closed:
            raise closed_client()
        if not self._free.locked():
            await self._free.acquire()
            return
        now = asyncio.get_running_loop().time()
        try:
            with self._waits.until(None if seconds is None else now + seconds) as scope:
                async with scope:
                    await self._free.acquire()
        except TimeoutError:
            if self._waits.is_closed or seconds is None:
                raise closed_client() from None
            what = f"one of the {self._count} places (max_connections) to become free"
            raise waited_too_long(seconds, what) from None

    def leave(self) -> None:
        """Give a place back."""
        self._free.release()

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._waits.close()
