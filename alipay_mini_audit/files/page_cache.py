"""`PageCache`: the way to a file that never waits for a disk.

Handing work to a thread costs more than reading a small file, and the threads of a process contend
for the GIL. So what is in memory is read on the event loop where the system can tell, and whatever
would wait is left to `BLOCKING` in a worker thread.
"""

from __future__ import annotations

import errno
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, final

from alipay_mini_audit.files.access import OPEN_FLAGS, WouldBlock
from alipay_mini_audit.files.kernel import Kernel, Mount, Waits

__all__ = ["PageCache"]

_KNOWN_MOUNTS: Final = 64
_PATIENCE_SECONDS: Final = 0.05
_SUSPICION_SECONDS: Final = 60.0
_RECOVERY_SECONDS: Final = 8.0
_ROOT_SECONDS: Final = 1.0


@final
class PageCache:
    """Opens and reads only what the kernel holds in memory: for the event loop.

    It needs Linux 5.12 or later; elsewhere everything would block.

    Opening a file may wait in ways that no flag excludes: a network file system asks its server.
    So files are opened here only on mounts where `learn` has found a file system that can tell
    whether a read would block; those on a network cannot. Where something waits all the same (a
    virus scanner, say), worker threads have that mount to themselves for the next eight seconds.

    What takes long need not have waited: a busy machine takes the processor away. So once that has
    happened, what the thread waits for is watched for a minute, and that is what counts.

    Args:
        clock: returns seconds, e.g. `time.perf_counter`.
        kernel: what never waits; `None` where everything may.
    """

    def __init__(self, clock: Callable[[], float], kernel: Kernel | None) -> None:
        self._clock = clock
        self._kernel = kernel
        self._can_tell: dict[Mount, bool] = {}
        self._avoided_until: dict[Mount, float] = {}
        self._watched_until = -math.inf
        self._root: Mount | None = None
        self._root_seen_at = -math.inf
        self._was_on_root = False

    def open(self, path: Path) -> int:
        """Open a file whose name and metadata are in memory.

        A symbolic link at the end of the path is not followed.

        Raises:
            WouldBlock: they are not, or nobody can tell; also if there is no such file, so that
                `BLOCKING` says what is wrong.
        """
        kernel = self._kernel
        name = os.fspath(path)
        if kernel is None or "\0" in name:  # C would open what stands before it
            raise WouldBlock
        fd = -1
        if self._was_on_root and name.startswith("/"):
            # This fails on any other mount, so none has to be looked for beforehand.
            fd = self._open_on(self._root_mount(kernel), kernel, kernel.open_on_root, name)
        if fd < 0:
            mount = _mount_at(kernel, os.fsencode(name))
            fd = self._open_on(mount, kernel, kernel.open, name)
            self._was_on_root = fd >= 0 and mount == self._root_mount(kernel)
        if fd < 0:
            raise WouldBlock
        return fd

    def read(self, fd: int, buffer: memoryview, offset: int) -> int:
        """Read a piece of a file, as much of it as is in memory; never its end.

        Raises:
            WouldBlock: nothing is in memory, or the file system cannot tell.
        """
        kernel = self._kernel
        if kernel is None or (self._avoided_until and self._is_avoided(kernel.mount_of(fd))):
            raise WouldBlock
        began = self._clock()
        before = self._before(kernel, began)
        try:
            count = os.preadv(fd, [buffer], offset, kernel.nowait)
        except OSError as error:
            # EAGAIN, or a file system that cannot tell; a real error comes again from BLOCKING.
            if error.errno == errno.EOPNOTSUPP:
                self._forget(kernel.mount_of(fd))
            raise WouldBlock from None
        finally:
            if self._clock() - began >= _PATIENCE_SECONDS:
                # It may have slept for the interpreter.
                _, blocks = self._waits_since(kernel, before)
                if blocks:
                    self._avoid(kernel.mount_of(fd))
        if not count:
            # Linux 5.9 and 5.10 return 0 elsewhere than at the end (man 2 preadv2).
            raise WouldBlock
        return count

    def learn(self, fd: int) -> None:
        """Find out about the mount of an open file if it is not known yet; for worker threads."""
        kernel = self._kernel
        mount = None if kernel is None else kernel.mount_of(fd)
        if kernel is None or mount is None or mount in self._can_tell:
            return
        if len(self._can_tell) >= _KNOWN_MOUNTS:
            self._can_tell.clear()
            self._avoided_until.clear()
        try:
            os.preadv(fd, [bytearray(1)], 0, kernel.nowait)
        except OSError as error:
            # "It would block" is an answer too; what is wrong with one file is none.
            if error.errno in (errno.EAGAIN, errno.EOPNOTSUPP):
                self._can_tell[mount] = error.errno == errno.EAGAIN
        else:
            self._can_tell[mount] = True

    def _open_on(
        self,
        mount: Mount | None,
        kernel: Kernel,
        opener: Callable[[bytes, int], int],
        name: str,
    ) -> int:
        """Open a file if its mount is one that can tell; a negative number if not."""
        if mount is None or not self._can_tell.get(mount) or self._is_avoided(mount):
            return -1
        sys.audit("open", name, None, _FLAGS)  # as `os.open` does
        began = self._clock()
        before = self._before(kernel, began)
        fd = opener(os.fsencode(name), _FLAGS)
        if self._clock() - began >= _PATIENCE_SECONDS:
            slept, blocks = self._waits_since(kernel, before)
            if slept or blocks:
                self._avoid(mount)
        return fd

    def _root_mount(self, kernel: Kernel) -> Mount | None:
        """Return the mount of `/`; a process may get another one, so it is not known for long."""
        now = self._clock()
        if now - self._root_seen_at >= _ROOT_SECONDS:
            self._root, self._root_seen_at = _mount_at(kernel, b"/"), now
        return self._root

    def _before(self, kernel: Kernel, now: float) -> Waits | None:
        return kernel.waits() if now < self._watched_until else None

    def _waits_since(self, kernel: Kernel, before: Waits | None) -> Waits:
        """Return what the thread has waited for; nothing if it was not watched. Now it is."""
        self._watched_until = self._clock() + _SUSPICION_SECONDS
        if before is None:
            return (0, 0)
        slept, blocks = kernel.waits()
        return slept - before[0], blocks - before[1]

    def _forget(self, mount: Mount | None) -> None:
        """Have a mount learnt again: its number was that of one that has gone."""
        if mount is not None and self._can_tell.get(mount):
            self._can_tell.pop(mount, None)

    def _avoid(self, mount: Mount | None) -> None:
        if mount is not None:
            self._avoided_until[mount] = self._clock() + _RECOVERY_SECONDS

    def _is_avoided(self, mount: Mount | None) -> bool:
        until = None if mount is None else self._avoided_until.get(mount)
        if mount is None or until is None:
            return False
        if self._clock() < until:
            return True
        self._avoided_until.pop(mount, None)  # a worker thread may have forgotten it, too
        return False


_FLAGS: Final = OPEN_FLAGS | getattr(os, "O_NOFOLLOW", 0)


def _mount_at(kernel: Kernel, name: bytes) -> Mount | None:
    """Return the mount that a file is on, without opening it; `None` if that would wait."""
    fd = kernel.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    if fd < 0:
        return None
    try:
        return kernel.mount_of(fd)
    finally:
        os.close(fd)
