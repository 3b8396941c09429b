"""What the calls of one client share, so that it is bounded per client and not per call.

Buffers, rounds of the event loop, and what is known of the page cache.
"""

from __future__ import annotations

import asyncio
import mmap
import time
from typing import Final, final

import attrs

from alipay_mini_audit.attachments import PageCache

__all__ = ["Buffers", "Shared", "Turns"]

_LARGE_BUFFERS: Final = 16
_SMALL_BYTES: Final = 64 * 1024
_STEPS: Final = 4
"""A few, since each round of the loop has a cost of its own."""


@final
class Buffers:
    """Buffers that uploads take and give back; the one given back last is taken first, and still in
    the CPU's cache.

    There are few large ones, which are kept. While all of them are taken there are small ones, so
    that many uploads to slow peers need little memory.

    Each has an eighth to spare, so that what is little more than a piece needs no small one behind
    it: see `room_in`.

    Args:
        size: of a large piece, in bytes.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._free: list[memoryview] = []
        self._made = 0

    def take(self) -> memoryview:
        """Return a buffer that nobody else holds. It must be given back, or let go."""
        if self._free:
            return self._free.pop()
        if self._made == _LARGE_BUFFERS:
            return memoryview(bytearray(_with_spare(min(self._size, _SMALL_BYTES))))
        buffer = memoryview(
            mmap.mmap(-1, _with_spare(self._size))
        )  # takes only the memory that is used
        self._made += 1
        return buffer

    @staticmethod
    def room_in(buffer: memoryview, left: int) -> memoryview:
        """Return what of a buffer is to be filled.

        The spare room only if `left` bytes then leave nothing.
        """
        return buffer if left <= len(buffer) else buffer[: -(-len(buffer) * 8 // 9)]

    def give(self, buffer: memoryview) -> None:
        """Take back a buffer that nothing reads or writes any more."""
        if isinstance(buffer.obj, mmap.mmap):
            self._free.append(buffer)

    def let_go(self, buffer: memoryview) -> None:
        """Forget a buffer that somebody may still read or write."""
        if isinstance(buffer.obj, mmap.mmap):
            self._made -= 1


def _with_spare(size: int) -> int:
    return size + size // 8


@final
class Turns:
    """Lets few long steps happen in each round of the loop, in the order in which they were asked
    for.

    The loop looks at its timers and sockets once a round. Without turns a hundred uploads that are
    ready at the same moment would all have their step of some hundred microseconds before anybody
    else is heard.

    Use it as `async with turns:` around what takes long and awaits nothing.
    """

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_STEPS)

    async def __aenter__(self) -> None:
        await self._free.acquire()

    async def __aexit__(self, *_: object) -> None:
        try:
            await asyncio.sleep(0)  # the turn ends with the round
        finally:
            self._free.release()


@attrs.frozen(kw_only=True)
class Shared:
    """What the calls of a client and its views share.

    Attributes:
        buffers: for the pieces of uploads.
        page_cache: what is known of the folders that files are in.
        turns: on the event loop.
    """

    buffers: Buffers
    page_cache: PageCache = attrs.field(factory=lambda: PageCache(time.perf_counter))
    turns: Turns = attrs.field(factory=Turns)
