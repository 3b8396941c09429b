"""Which notifications were dealt with, so that a redelivery is answered and not dealt with again.

The platform delivers until it is answered, for 25 hours at most.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from typing import Final, Protocol, final, runtime_checkable

from alipay_mini_audit.crypto.trust import SYSTEM_CLOCK, Clock

__all__ = ["KEPT", "MemorySeen", "SeenStore"]

KEPT: Final = datetime.timedelta(hours=26)
"""For how long a notification is remembered: longer than it is delivered."""


@runtime_checkable
class SeenStore(Protocol):
    """Remembers for 26 hours at least which notifications were dealt with.

    What it raises is told to the router's `on_error`, and no handler is called by then, or all
    have returned.
    """

    async def has(self, notify_id: str) -> bool:
        """Say whether it was added."""
        ...

    async def add(self, notify_id: str) -> None:
        """Remember it: its handlers have returned."""
        ...


@final
class MemorySeen:
    """Remembers in this process, for 26 hours.

    Args:
        limit: how many at most, about 200 bytes each; the oldest goes first, and its handlers are
            called once more if it is delivered again.
        clock: returns the time, aware; the machine's by default.
    """

    def __init__(self, *, limit: int = 100_000, clock: Clock = SYSTEM_CLOCK) -> None:
        self._limit = limit
        self._clock = clock
        self._seen: OrderedDict[str, datetime.datetime] = OrderedDict()

    async def has(self, notify_id: str) -> bool:
        """See `SeenStore`."""
        self._forget()
        return notify_id in self._seen

    async def add(self, notify_id: str) -> None:
        """See `SeenStore`."""
        self._seen[notify_id] = self._clock()
        self._seen.move_to_end(notify_id)
        self._forget()

    def _forget(self) -> None:
        oldest = self._clock() - KEPT
        while self._seen:
            notify_id, added = next(iter(self._seen.items()))
            if added >= oldest and len(self._seen) <= self._limit:
                return
            del self._seen[notify_id]

    def __len__(self) -> int:
        return len(self._seen)
