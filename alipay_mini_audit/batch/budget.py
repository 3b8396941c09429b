"""How much is sent at once: calls, bytes of whole submissions, bytes a second of the line."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, final

__all__ = ["Bandwidth", "Budget"]

_PIECE: Final = 64 * 1024
_PIECES_A_SECOND: Final = 8


@final
class Budget:
    """Bounds what is under way at once, calls or bytes; first come, first served.

    Args:
        total: of it; what is larger goes alone.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._free = total
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def hold(self, size: int) -> AsyncIterator[Callable[[], None]]:
        """Have so much of it for the length of the block; wait until it is free.

        What it yields gives it back before the block ends.
        """
        held = min(size, self._total)
        await self._take(held)

        def give_back() -> None:
            """Give back what is still held."""
            nonlocal held
            self._free += held
            held = 0
            self._wake()

        try:
            yield give_back
        finally:
            give_back()

    async def _take(self, size: int) -> None:
        if not self._waiting and size <= self._free:
            self._free -= size
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # its turn had come
                self._free += size
            elif (size, turn) in self._waiting:
                self._waiting.remove((size, turn))
            self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._free:
            size, turn = self._waiting.popleft()
            if not turn.done():
                self._free -= size
                turn.set_result(None)


@final
class Bandwidth:
    """Bounds the bytes a second of all uploads together.

    Args:
        rate: bytes a second.
        clock: returns a time that never jumps, in seconds.
    """

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._free_at = clock()

    @property
    def most_bytes(self) -> int:
        """How large a piece should be, so that many uploads share the line evenly."""
        return max(1024, min(_PIECE, int(self._rate / _PIECES_A_SECOND)))

    async def take(self, count: int) -> None:
        """Return once `count` bytes may leave."""
        now = self._clock()
        begins = max(now, self._free_at)
        self._free_at = begins + count / self._rate
        if begins > now:
            await asyncio.sleep(begins - now)
