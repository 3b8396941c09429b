"""`StepLimiter`: how many long steps happen in one round of the event loop."""

from __future__ import annotations

import asyncio
from typing import Final, final

__all__ = ["StepLimiter"]

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
