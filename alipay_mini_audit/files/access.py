"""Two ways to a file: `BLOCKING` waits for the disk, `PageCache` never does.

Handing work to a thread costs more than reading a small file, and the threads of a process contend
for the GIL. So what is in memory is read on the event loop where the system can tell, and whatever
would wait is left to `BLOCKING` in a worker thread.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, final

__all__ = ["BLOCKING", "BlockingAccess", "FileAccess", "PageCache", "WouldBlock"]

# With O_NONBLOCK opening a named pipe does not wait for somebody to write to it.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
_KNOWN_FOLDERS: Final = 1024
_PATIENCE_SECONDS: Final = 0.05
# Where openat2 has the same number.
_MACHINES: Final = ("x86_64", "aarch64", "riscv64", "ppc64le", "s390x", "loongarch64")


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
        return os.open(path, _FLAGS)

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        """Read a piece of a file."""
        if hasattr(os, "preadv"):
            return os.preadv(fd, [buffer], offset)
        os.lseek(fd, offset, os.SEEK_SET)
        content = os.read(fd, len(buffer))
        buffer[: len(content)] = content
        return len(content)


BLOCKING: Final = BlockingAccess()


@final
class PageCache:
    """Opens and reads only what the kernel holds in memory: for the event loop.

    It needs Linux 5.12 or later; elsewhere everything would block.

    Opening a file may wait in ways that no flag excludes: a network file system asks its server.
    So files are opened here only in folders where `learn` has found a file system that can tell
    whether a read would block; those on a network cannot. Should something take long all the same
    (a virus scanner, a mount in a known folder), everything is left to worker threads from then on.

    Args:
        clock: returns seconds, e.g. `time.perf_counter`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._answering: dict[str, bool] = {}
        self._is_quick = _open_cached is not None and _NOWAIT is not None

    def open(self, path: Path) -> int:
        """Open a file whose name and metadata are in memory.

        Raises:
            WouldBlock: they are not, or nobody can tell; also if there is no such file, so that
                `BLOCKING` says what is wrong.
        """
        text = os.fspath(path)
        if not self._is_quick or _open_cached is None or not self._answering.get(_folder_of(text)):
            raise WouldBlock
        began = self._clock()
        try:
            return _open_cached(text)
        finally:
            self._is_quick = self._clock() - began < _PATIENCE_SECONDS

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        """Read a piece of a file, as much of it as is in memory; never its end.

        Raises:
            WouldBlock: nothing is in memory, or the file system cannot tell.
        """
        if not self._is_quick or _NOWAIT is None:
            raise WouldBlock
        began = self._clock()
        try:
            count = os.preadv(fd, [buffer], offset, _NOWAIT)
        except OSError:
            # EAGAIN, or a file system that cannot tell; a real error comes again from BLOCKING.
            raise WouldBlock from None
        finally:
            self._is_quick = self._clock() - began < _PATIENCE_SECONDS
        if not count:
            # Linux 5.9 and 5.10 return 0 elsewhere than at the end (man 2 preadv2).
            raise WouldBlock
        return count

    def learn(self, path: Path, fd: int) -> None:
        """Find out about the folder of an open file if it is not known yet; for worker threads."""
        folder = _folder_of(os.fspath(path))
        if not self._is_quick or _NOWAIT is None or folder in self._answering:
            return
        if len(self._answering) >= _KNOWN_FOLDERS:
            self._answering.clear()
        try:
            os.preadv(fd, [bytearray(1)], 0, _NOWAIT)
        except OSError as error:
            # "It would block" is an answer too.
            self._answering[folder] = isinstance(error, BlockingIOError)
        else:
            self._answering[folder] = True


def _folder_of(path: str) -> str:
    if not path.startswith("/"):
        path = f"{os.getcwd()}/{path}"  # noqa: PTH109  # hot path
    return path.rpartition("/")[0]


def _find_open_cached() -> Callable[[str], int] | None:
    """Return what opens a file only if its path is in the kernel's cache.

    That is `openat2` with `RESOLVE_CACHED` (man 2 openat2), for which Python has no name. A
    symbolic link at the end of a path is not followed, since it may leave the folder.
    """
    if sys.platform != "linux" or os.uname().machine not in _MACHINES:
        return None
    try:
        import ctypes  # noqa: PLC0415  # there are interpreters without it
    except ImportError:
        return None

    class OpenHow(ctypes.Structure):
        """The kernel's `struct open_how`."""

        _fields_ = (
            ("flags", ctypes.c_uint64),
            ("mode", ctypes.c_uint64),
            ("resolve", ctypes.c_uint64),
        )

    openat2 = 437  # asm-generic/unistd.h
    at_cwd = -100  # fcntl.h
    resolve_cached = 0x20  # linux/openat2.h
    syscall = ctypes.CDLL(None).syscall
    syscall.argtypes = (
        ctypes.c_long,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_void_p,
        ctypes.c_size_t,
    )
    syscall.restype = ctypes.c_long
    flags = _FLAGS | os.O_NOFOLLOW
    how = OpenHow(flags, 0, resolve_cached)
    pointer = ctypes.byref(how)
    size = ctypes.sizeof(how)

    def open_cached(path: str) -> int:
        """Return a descriptor, or raise `WouldBlock`."""
        if "\0" in path:  # C would open what stands before it
            raise WouldBlock
        sys.audit("open", path, None, flags)  # as `os.open` does
        fd: int = syscall(openat2, at_cwd, os.fsencode(path), pointer, size)
        if fd < 0:
            raise WouldBlock
        return fd

    return open_cached


_NOWAIT: Final[int | None] = getattr(os, "RWF_NOWAIT", None)
_open_cached: Final = _find_open_cached()
