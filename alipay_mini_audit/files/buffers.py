"""The memory that the uploads of a client share."""

from __future__ import annotations

import mmap
from typing import Final, final

__all__ = ["BufferPool"]

_LARGE_BUFFERS: Final = 16
_SMALL_BYTES: Final = 64 * 1024


@final
class BufferPool:
    """BufferPool that uploads take and give back; the one given back last is taken first, and still in
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

    def acquire(self) -> memoryview:
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
