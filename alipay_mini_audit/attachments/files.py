"""Two ways to a file: `DISK` waits for it, in a worker thread; `PageCache` never waits, on the event loop.

A hop to a worker thread costs more than reading a small file, and the threads of a process get in each other's way.
So what needs no disk is done at once where the system can say so, and whatever would wait is left to `DISK`.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, final

__all__ = ["DISK", "Access", "Disk", "PageCache", "WouldWait"]

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""`O_NONBLOCK` changes nothing about a file, and does not wait for somebody to write to a named pipe."""
_KNOWN_FOLDERS: Final = 1024


class WouldWait(Exception):  # no error: the caller takes the other way
    """It cannot be done, or not be known, without waiting."""


class Access(Protocol):
    """A way to a file."""

    def open(self, path: Path) -> int:
        """Return a descriptor for reading.

        Raises:
            OSError: the file cannot be opened.
            WouldWait: not by this way.
        """
        ...

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        """Read into `buffer` from `offset` on, and return how many bytes there are; 0 at the end.

        Raises:
            OSError: the file cannot be read.
            WouldWait: not by this way.
        """
        ...


@final
class Disk:
    """Opens and reads for as long as it takes: for worker threads."""

    def open(self, path: Path) -> int:
        """Open a file."""
        return os.open(path, _FLAGS)

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        """Read a piece of a file."""
        if hasattr(os, "preadv"):
            return os.preadv(fd, [buffer], offset)
        os.lseek(fd, offset, os.SEEK_SET)
        content = os.read(fd, len(buffer))
        buffer[: len(content)] = content
        return len(content)


DISK: Final = Disk()


@final
class PageCache:
    """Opens and reads only what the kernel holds in memory (Linux 5.12 or later; elsewhere everything would wait).

    Opening a file may wait in ways that no flag excludes: a network file system asks its server. Files are therefore
    opened at once only in folders where `learn` has found a file system that answers whether a read would wait, which
    only local ones do.
    """

    def __init__(self) -> None:
        self._answering: dict[str, bool] = {}

    def open(self, path: Path) -> int:
        """Open a file whose name and metadata are in memory.

        Raises:
            WouldWait: they are not, or nobody can tell; also if there is no such file.
        """
        text = os.fspath(path)
        if _open_cached is None or not self._answering.get(_folder_of(text)):
            raise WouldWait
        return _open_cached(text)

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        """Read a piece of a file, as much of it as is in memory.

        Raises:
            WouldWait: nothing is, or the file system cannot tell.
        """
        if _NOWAIT is None:
            raise WouldWait
        try:
            return os.preadv(fd, [buffer], offset, _NOWAIT)
        except OSError:  # EAGAIN, or a file system that cannot tell; a real error comes again by the other way
            raise WouldWait from None

    def learn(self, path: Path, fd: int) -> None:
        """Find out about the folder of an open file, if it is not known yet; for worker threads."""
        folder = _folder_of(os.fspath(path))
        if _NOWAIT is None or _open_cached is None or folder in self._answering:
            return
        if len(self._answering) >= _KNOWN_FOLDERS:
            self._answering.clear()
        try:
            os.preadv(fd, [bytearray(1)], 0, _NOWAIT)
        except BlockingIOError:
            self._answering[folder] = True
        except OSError:
            self._answering[folder] = False
        else:
            self._answering[folder] = True


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def _find_open_cached() -> Callable[[str], int] | None:
    """Return what opens a file only if its path is in the kernel's cache: `openat2` with `RESOLVE_CACHED`.

    Python has no name for it. A symbolic link at the end of the path is not followed, since it leaves the folder.
    """
    number, at_cwd, resolve_cached = 437, -100, 0x20  # linux/openat2.h; the number is that of every architecture
    if sys.platform != "linux" or os.uname().machine == "alpha":
        return None
    syscall = ctypes.CDLL(None).syscall
    syscall.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t)
    syscall.restype = ctypes.c_long
    flags = _FLAGS | os.O_NOFOLLOW
    how = _OpenHow(flags, 0, resolve_cached)
    pointer, size = ctypes.byref(how), ctypes.sizeof(how)

    def open_cached(path: str) -> int:
        if "\0" in path:  # C would take what stands before it
            raise WouldWait
        sys.audit("open", path, None, flags)
        fd: int = syscall(number, at_cwd, os.fsencode(path), pointer, size)
        if fd < 0:
            raise WouldWait
        return fd

    return open_cached


_NOWAIT: Final[int | None] = getattr(os, "RWF_NOWAIT", None)
_open_cached: Final = _find_open_cached()
