"""The memory that the uploads of a client share."""

from __future__ import annotations

import mmap
from typing import Final, final

__all__ = ["BufferPool"]

# The large ones are what the pool keeps for good, so their number bounds the memory of a client.
# On one line no more than these are useful at once; peers that are slow enough to need more of
# them are served as well from small ones.
_LARGE_BUFFERS: Final = 16
_SMALL_BYTES: Final = 64 * 1024


@final
class BufferPool:
    """Buffers that uploads acquire and release.

    The one that was released last is acquired first, while it is still in the CPU's cache. There
    are few large ones, which are kept. While all of them are in use there are small ones, so that
    many uploads to slow peers need little memory.

    Each has an eighth to spare, so that what is little more than a piece needs no small one behind
    it: see `room_in`.

    Args:
        size: of a large piece, in bytes.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._free: list[memoryview] = []
        self._made = 0

    def acquire(self) -> memoryview:
        """Return a buffer that nobody else holds; it must be released or discarded."""
        if self._free:
            return self._free.pop()
        if self._made == _LARGE_BUFFERS:
            return memoryview(bytearray(_with_spare(min(self._size, _SMALL_BYTES))))
        # Pages of a mapping cost memory only once they are written to, unlike those of a bytearray.
        buffer = memoryview(mmap.mmap(-1, _with_spare(self._size)))
        self._made += 1
        return buffer

    @staticmethod
    def room_in(buffer: memoryview, left: int) -> memoryview:
        """Return what of a buffer is to be filled.

        The spare room only if `left` bytes then leave nothing.
        """
        return buffer if left <= len(buffer) else buffer[: -(-len(buffer) * 8 // 9)]

    def release(self, buffer: memoryview) -> None:
        """Take back a buffer that nothing reads or writes any more."""
        if isinstance(buffer.obj, mmap.mmap):
            self._free.append(buffer)

    def discard(self, buffer: memoryview) -> None:
        """Forget a buffer that somebody may still read or write."""
        if isinstance(buffer.obj, mmap.mmap):
            self._made -= 1


def _with_spare(size: int) -> int:
    return size + size // 8
