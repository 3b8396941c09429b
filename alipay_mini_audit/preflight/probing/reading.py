"""`BoundedReader`: looks at pieces of a file, never at more of it nor more often than allowed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final, final

__all__ = ["START_BYTES", "BoundedReader", "OverBudget", "ReadAt", "TakesLong"]

ReadAt = Callable[[int, int], bytes]
"""Offset and count -> so many bytes, fewer at the end; whatever it raises is passed on."""
START_BYTES: Final = 4096
"""What is said of most files is in their first bytes, which come in one piece."""
_PIECE: Final = 256
"""What is read of the end, and the least that is read elsewhere.

So that a file cannot ask for thousands of small reads.
"""


_MOST_LOOKS: Final = 600
"""So that a file of nothing but headers cannot hold a thread: they take about a millisecond.

A picture has dozens of headers.
"""
_QUICK_LOOKS: Final = 48
"""So that sixteen such files cannot hold an event loop: they take about two milliseconds."""


class OverBudget(Exception):
    """The file would have to be read more, or looked at more often. It says nothing about it."""


class TakesLong(Exception):
    """The file would have to be looked at more often than is quick."""


@final
class BoundedReader(io.RawIOBase):
    """A file to read and seek in, for parsers of this package and of others.

    Args:
        read_at: reads a piece.
        size: of the file, in bytes.
        budget: how many bytes may be read in all; it may be looked at 600 times.
        is_quick: it may be looked at 48 times, and `TakesLong` is raised in place of `OverBudget`
            if that is not enough.
    """

    def __init__(self, read_at: ReadAt, size: int, budget: int, *, is_quick: bool = False) -> None:
        self._read_at = read_at
        self._size = size
        self._left = budget
        self._looks_left = _QUICK_LOOKS if is_quick else _MOST_LOOKS
        self._over: type[Exception] = TakesLong if is_quick else OverBudget
        self._position = 0
        self._failure: Exception | None = None
        self._start = self._fetch(0, min(START_BYTES, size))
        self._end_start = max(len(self._start), size - _PIECE)
        self._end = self._fetch(self._end_start, size - self._end_start)
        self._piece_start, self._piece = self._end_start, self._end

    @property
    def size(self) -> int:
        """The size of the file, in bytes."""
        return self._size

    @property
    def start(self) -> bytes:
        """The first bytes: 4096, or the whole file if it is smaller."""
        return self._start

    @property
    def end(self) -> bytes:
        """The last bytes that are not among the first ones: at most 256."""
        return self._end

    def allow(self, more: int) -> None:
        """Let so many more bytes be read, and looked at as often as they are bytes."""
        self._left += more
        self._looks_left += more

    def at(self, offset: int, count: int) -> bytes:
        """Return a piece; fewer bytes at the end of the file, none outside of it.

        Raises:
            OverBudget: that would be more than may be read, or too many looks.
            TakesLong: too many looks, if it was to be quick.
        """
        if not self._looks_left:
            raise self._over
        self._looks_left -= 1
        if offset < 0 or offset >= self._size:
            return b""
        count = min(count, self._size - offset)
        if offset + count <= len(self._start):
            return self._start[offset : offset + count]
        inside = offset - self._piece_start
        if inside < 0 or inside + count > len(self._piece):
            inside = 0
            if offset >= self._end_start:
                self._piece_start, self._piece = self._end_start, self._end
                inside = offset - self._end_start
            else:
                wanted = min(max(count, _PIECE), self._size - offset)
                self._piece_start, self._piece = offset, self._fetch(offset, wanted)
        return self._piece[inside : inside + count]

    def last(self, count: int) -> bytes:
        """Return the last bytes; fewer if the file has fewer.

        Raises:
            OverBudget: as for `at`.
        """
        return self.at(max(0, self._size - count), count)

    def check(self) -> None:
        """Raise what a read has raised, if one has: parsers of others may have caught it."""
        if self._failure is not None:
            raise self._failure

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go somewhere; see `io.IOBase.seek`."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("negative position")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """Return where it stands."""
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Read from where it stands; see `io.RawIOBase.read`.

        Raises:
            OverBudget: as for `at`.
        """
        found = self.at(self._position, self._size if size < 0 else size)
        self._position += len(found)
        return found

    def _fetch(self, offset: int, count: int) -> bytes:
        if not count:
            return b""
        if count > self._left:
            raise OverBudget
        self._left -= count
        try:
            return self._read_at(offset, count)
        except Exception as error:
            self._failure = error
            raise
