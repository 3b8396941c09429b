"""`state_of`: what must not change while a file is sent."""

from __future__ import annotations

import os

from alipay_mini_audit.attachments import FileState

__all__ = ["state_of"]


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
    )
