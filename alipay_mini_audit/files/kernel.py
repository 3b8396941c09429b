"""What Linux can do without waiting, and Python has no name for."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable
from typing import Final

import attrs

__all__ = ["KERNEL", "Kernel", "Mount", "Waits"]

Mount = tuple[int, int, int]
"""The number of a mount, and the device of its file system.

Only since Linux 6.8 is the first never used again after the mount has gone.
"""

Waits = tuple[int, int]
"""How often a thread has slept, and how many blocks it has had to read, so far."""

_STATX: Final = {
    "x86_64": 332,
    "aarch64": 291,
    "riscv64": 291,
    "loongarch64": 291,
    "ppc64le": 383,
    "s390x": 379,
}
"""The number of the system call; that of openat2 is the same for all of these machines.

A Python of 32 bits on them has others.
"""
_MAXSIZE_OF_64_BITS: Final = 2**63 - 1
_OPENAT2: Final = 437
_AT_FDCWD: Final = -100  # fcntl.h, for this and the next two
_AT_EMPTY_PATH: Final = 0x1000
_AT_STATX_DONT_SYNC: Final = 0x4000
_RESOLVE_CACHED: Final = 0x20  # linux/openat2.h, for this and the next one
_RESOLVE_NO_XDEV: Final = 0x01
_STATX_MNT_ID: Final = 0x1000  # linux/stat.h, for this and the layout of its struct
_STATX_MNT_ID_UNIQUE: Final = 0x4000
_STATX_BYTES: Final = 256
_DEVICE_AND_MOUNT: Final = struct.Struct("=136xIIQ")


@attrs.frozen
class Kernel:
    """System calls of Linux 5.12 and later that never wait.

    Attributes:
        open: opens a path with flags if all of it is in the kernel's cache; a negative number if
            not, or if there is no such file (man 2 openat2, `RESOLVE_CACHED`).
        open_on_root: the same for an absolute path that leads to no other mount than that of `/`.
        mount_of: returns the mount that an open file is on, without asking a server for it (man 2
            statx); `None` if that fails.
        waits: what the calling thread has waited for so far.
        nowait: the flag for `os.preadv` to read only what is in memory.
    """

    open: Callable[[bytes, int], int]
    open_on_root: Callable[[bytes, int], int]
    mount_of: Callable[[int], Mount | None]
    waits: Callable[[], Waits]
    nowait: int


def _find_kernel() -> Kernel | None:
    """Return what is called on the event loop; `None` if this system does not have all of it."""
    nowait: int | None = getattr(os, "RWF_NOWAIT", None)
    if sys.platform != "linux" or nowait is None:
        return None
    number = _STATX.get(os.uname().machine)
    if number is None or sys.maxsize < _MAXSIZE_OF_64_BITS:
        return None
    try:
        import ctypes  # noqa: PLC0415  # there are interpreters without it
        import resource  # noqa: PLC0415
    except ImportError:
        return None
    # Unlike CDLL it keeps the interpreter: what sleeps in these calls does not sleep for that.
    library = ctypes.PyDLL(None)
    openat2 = library["syscall"]
    openat2.argtypes = (
        ctypes.c_long,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
    )
    openat2.restype = ctypes.c_long
    statx = library["syscall"]
    statx.argtypes = (
        ctypes.c_long,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_void_p,
    )
    statx.restype = ctypes.c_long

    def open_cached(path: bytes, flags: int, resolve: int = _RESOLVE_CACHED) -> int:
        """See `Kernel.open`."""
        how = struct.pack("=QQQ", flags, 0, resolve)
        return int(openat2(_OPENAT2, _AT_FDCWD, path, how, len(how)))

    def open_on_root(path: bytes, flags: int) -> int:
        """See `Kernel.open_on_root`."""
        return open_cached(path, flags, _RESOLVE_CACHED | _RESOLVE_NO_XDEV)

    def mount_of(fd: int) -> Mount | None:
        """See `Kernel.mount_of`."""
        found = ctypes.create_string_buffer(_STATX_BYTES)
        flags = _AT_EMPTY_PATH | _AT_STATX_DONT_SYNC
        mask = _STATX_MNT_ID | _STATX_MNT_ID_UNIQUE
        if statx(number, fd, b"", flags, mask, found):
            return None
        major, minor, mount = _DEVICE_AND_MOUNT.unpack_from(found)
        return mount, major, minor

    def waits() -> Waits:
        """See `Kernel.waits`."""
        usage = resource.getrusage(resource.RUSAGE_THREAD)
        return usage.ru_nvcsw, usage.ru_inblock

    return Kernel(open_cached, open_on_root, mount_of, waits, nowait)


KERNEL: Final = _find_kernel()
