"""`FileAccess`: a way to a file. `BLOCKING` waits for the disk; `PageCache` never does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol, final

__all__ = ["BLOCKING", "OPEN_FLAGS", "BlockingAccess", "FileAccess", "WouldBlock"]

# With O_NONBLOCK opening a named pipe does not wait for somebody to write to it.
OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
)


class WouldBlock(Exception):
    """It cannot be done, or not be known, without waiting: go the other way. Not a failure."""


class FileAccess(Protocol):
    """A way to read files."""

    def open(self, path: Path) -> int:
        """Return a descriptor for reading.

        Raises:
            OSError: the file cannot be opened.
            WouldBlock: not in this way.
        """
        ...

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        """Read into `buffer` from `offset` on, and return how many bytes were read; 0 at the end.

        Raises:
            OSError: the file cannot be read.
            WouldBlock: not in this way.
        """
        ...


@final
class BlockingAccess:
    """Opens and reads for as long as it takes: for worker threads."""

    def open(self, path: Path) -> int:
        """Open a file."""
        return os.open(path, OPEN_FLAGS)

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        """Read a piece of a file."""
        if hasattr(os, "preadv"):
            return os.preadv(fd, [buffer], offset)
        os.lseek(fd, offset, os.SEEK_SET)
        content = os.read(fd, len(buffer))
        buffer[: len(content)] = content
        return len(content)


BLOCKING: Final = BlockingAccess()
