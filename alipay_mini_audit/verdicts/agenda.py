"""`Agenda`: whose turn it is to be asked for, among thousands that wait."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from contextlib import suppress
from typing import Generic, Protocol, TypeVar, final

__all__ = ["Agenda"]


class _Due(Protocol):
    @property
    def due(self) -> float:
        """When its turn comes, in the time of the event loop."""
        ...


T = TypeVar("T", bound=_Due)


@final
class Agenda(Generic[T]):
    """Items by the moment that each of them is due, in the time of the event loop.

    Those that are due at the same moment come in the order in which they were put.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, T]] = []
        self._here: dict[T, int] = {}
        self._numbers = itertools.count()
        self._changed = asyncio.Event()
        self._left = 0
        self._is_stopped = False

    def add(self, item: T) -> None:
        """Bring a new item."""
        self._left += 1
        self.put(item)

    def put(self, item: T) -> None:
        """Bring an item back that was taken."""
        self._here[item] = number = next(self._numbers)
        heapq.heappush(self._heap, (item.due, number, item))
        self._changed.set()

    def moved(self, item: T) -> None:
        """Heed that an item is due at another moment than when it was put, if it is not taken."""
        if item in self._here:
            self.put(item)

    def done(self) -> None:
        """Let go of an item that was taken."""
        self._left -= 1
        self._changed.set()

    def stop(self) -> None:
        """Give nothing more away."""
        self._is_stopped = True
        self._changed.set()

    async def take(self) -> T | None:
        """Return the next item once it is due; `None` when there are no more."""
        loop = asyncio.get_running_loop()
        while not self._is_stopped and self._left:
            while self._heap and self._here.get(self._heap[0][2]) != self._heap[0][1]:
                heapq.heappop(self._heap)  # it was taken, or put anew
            due = self._heap[0][0] if self._heap else None
            if due is not None and due <= loop.time():
                item = heapq.heappop(self._heap)[2]
                del self._here[item]
                return item
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._changed.wait()
        return None
