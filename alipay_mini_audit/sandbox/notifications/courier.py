"""`Courier`: takes letters out as their time comes, as long as the gateway runs."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from typing import Final, final

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.notifications.outbox import Letter, Outbox

__all__ = ["Courier"]

_PATIENCE: Final = 0.5
"""Seconds that a receiver keeps the next letter waiting. Without it order would be by luck; with
too much one frozen receiver would hold up all the rest."""
_LOOK: Final = 0.2
"""Seconds between two looks at a clock that may have been moved."""


@final
class Courier:
    """Takes out what is due, in the order in which it is due.

    The next letter leaves once the one before is answered, or has waited for half a second.

    Args:
        outbox: what waits.
        clock: the gateway's, in seconds since 1970.
        carry: makes one attempt at a moment of that clock, and puts the letter back if need be;
            must not raise.
    """

    def __init__(
        self,
        outbox: Outbox,
        clock: Callable[[], float],
        carry: Callable[[Letter, float], Awaitable[None]],
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._carry = carry
        self._loop: asyncio.AbstractEventLoop | None = None
        """Where it works; `None` while it does not, and then nothing new is begun."""
        self._woken = asyncio.Event()
        self._turn = asyncio.Lock()
        self._work: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin, in the running event loop. Does nothing if it has begun already."""
        if self._loop is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._woken, self._turn = asyncio.Event(), asyncio.Lock()
        self._work = self._loop.create_task(self._run(), name="alipay sandbox: notifications")

    async def aclose(self) -> None:
        """End, attempts under way too. Does nothing if it has ended already."""
        loop, work = self._loop, self._work
        self._loop = self._work = None
        if loop is None or work is None:
            return
        ending = {work, *self._under_way}
        for task in ending:
            loop.call_soon(task.cancel)  # behind its first step, so that no letter is lost
        await asyncio.gather(*ending, return_exceptions=True)

    def wake(self) -> None:
        """Have it look at the outbox, from any thread."""
        if (loop := self._loop) is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._woken.set)

    async def deliver(self, within: float) -> None:
        """Make at once every attempt that is due in some time, those of letters put back too.

        Args:
            within: how long from now, in seconds of the gateway's clock.

        Raises:
            ConfigurationError: the gateway is not running, or this is no time from 0 on.
        """
        if not within >= 0:
            raise ConfigurationError("within", f"expected a number from 0 on, not {within!r}.")
        loop = self._loop
        if loop is None:
            raise ConfigurationError(
                "gateway", "the sandbox gateway is not running.", "Start it first."
            )
        if loop is not asyncio.get_running_loop():
            work = asyncio.run_coroutine_threadsafe(self._deliver(within), loop)
            await asyncio.wrap_future(work)
            return
        await self._deliver(within)

    async def _deliver(self, within: float) -> None:
        end = self._clock() + within
        while self._loop is not None:
            await self._send_due(lambda: end)
            if not self._under_way:
                return
            await asyncio.wait(self._under_way)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            await self._send_due(self._clock)
            due = self._outbox.next_due()
            left = math.inf if due is None else max(0.0, due - self._clock())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if due is None else min(left, _LOOK)):
                    await self._woken.wait()

    async def _send_due(self, until: Callable[[], float]) -> None:
        async with self._turn:
            while self._loop is not None and (letter := self._outbox.take(until())) is not None:
                moment = max(letter.due, self._clock())
                task = asyncio.ensure_future(self._carry(letter, moment))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
                await asyncio.wait({task}, timeout=_PATIENCE)
