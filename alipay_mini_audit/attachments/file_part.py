"""`FilePart`: one file, ready to be sent. A value only; nothing is opened here."""

from __future__ import annotations

import attrs

from alipay_mini_audit.attachments.heads import FileHead
from alipay_mini_audit.attachments.sources import AnySource

__all__ = ["FilePart", "FileState"]

FileState = tuple[int, int, int, int, bool, int]
"""Size in bytes, times of the last write and the last change of any kind in nanoseconds, inode,
whether it still has a name, and device.
"""


@attrs.frozen
class FilePart:
    """One file, ready to be sent.

    Attributes:
        name: the part's wire name.
        location: where the user gave it, e.g. `attachments.app_logo`.
        source: where its bytes come from.
        filename: the file name to send.
        content_type: its media type.
        size: its size in bytes.
        state: the file's state when it was looked at; `None` if the source is not a file on disk.
        head: what its content shows; `None` if nobody looked.
    """

    name: str
    location: str
    source: AnySource
    filename: str
    content_type: str
    size: int
    state: FileState | None = None
    head: FileHead | None = None
