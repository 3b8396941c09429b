"""How many long steps happen in a round of the event loop, and waits that a closing ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, final

__all__ = ["ClosableWaits", "StepLimiter"]

_STEPS: Final = 4  # not one: each round of the loop has a cost of its own


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
