"""`state_of`: what must not change while a file is sent; and what was learnt of files, by it."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar, final

from alipay_mini_audit.attachments import FileState

__all__ = ["StateCache", "state_of"]

# The times of a file are as coarse as two seconds on some file systems: one that is written twice
# within that may look unchanged.
_SETTLED_NS: Final = 2_000_000_000
_KEPT: Final = 4096

T = TypeVar("T")


def state_of(status: os.stat_result) -> FileState:
    """Return what must not change while a file is sent.

    The time of its last write can be put back, as tools that copy files do; that of its last change
    cannot. A file that is moved, linked or given other rights meanwhile counts as changed, too.
    """
    return (
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_nlink > 0,
        status.st_dev,
    )


@final
class StateCache(Generic[T]):
    """What was learnt of the files on disk that were looked at last, by their state.

    So a file that many submissions share is looked at once, by whatever path it is reached.

    Args:
        now_ns: returns the time of the system's clock in nanoseconds.
    """

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self._kept: OrderedDict[FileState, T] = OrderedDict()

    def get(self, state: FileState) -> T | None:
        """Return what was learnt of a file in this state; `None` if it is not known."""
        with self._lock:
            found = self._kept.get(state)
            if found is not None:
                self._kept.move_to_end(state)
            return found

    def put(self, state: FileState, learnt: T) -> None:
        """Keep what was learnt of a file, and forget what was not asked for longest.

        What was changed within the last two seconds is not kept.
        """
        _, written_ns, changed_ns, *_ = state
        if self._now_ns() - max(written_ns, changed_ns) < _SETTLED_NS:
            return
        with self._lock:
            self._kept[state] = learnt
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
