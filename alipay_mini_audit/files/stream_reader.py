"""`StreamReader`: reads a stream of the caller's in worker threads, and never closes it."""

from __future__ import annotations

import os
from typing import Final, final

from alipay_mini_audit.attachments import FilePart, StreamSource
from alipay_mini_audit.files.access import BlockingAccess, FileAccess, WouldBlock
from alipay_mini_audit.files.failures import too_long, too_short, unreadable
from alipay_mini_audit.files.streams import used_in_thread

__all__ = ["StreamReader"]


@final
class StreamReader:
    """Reads a stream from its first byte on, in worker threads only; it is never closed.

    Args:
        part: what is known of the stream.
        source: where it is.
    """

    __slots__ = ("_is_complete", "_offset", "_part", "_stream")

    fetch: Final = None

    def __init__(self, part: FilePart, source: StreamSource) -> None:
        self._part = part
        self._stream = source.stream
        self._offset = 0
        self._is_complete = False

    @property
    def is_at_end(self) -> bool:
        """Its end was seen."""
        return self._is_complete

    def fill(self, buffer: memoryview, access: FileAccess) -> int:
        """Read a piece; the position is set each time, as others may have moved it."""
        if not isinstance(access, BlockingAccess):
            raise WouldBlock  # nobody knows what a stream of the caller's does
        missing = self._part.size - self._offset
        try:
            with used_in_thread(self._stream):
                self._stream.seek(self._offset, os.SEEK_SET)
                piece = memoryview(self._stream.read(min(len(buffer), missing))).cast("B")
                is_last = len(piece) == missing
                # The end is looked for as well: what goes on after it has changed.
                goes_on = is_last and bool(self._stream.read(1))
        except Exception as error:
            raise unreadable(self._part, error) from error
        if goes_on or len(piece) > min(len(buffer), missing):
            raise too_long(self._part)
        if not piece:
            raise too_short(self._part, missing)
        buffer[: len(piece)] = piece
        self._offset += len(piece)
        self._is_complete = is_last
        return len(piece)

    def close(self) -> None:
        """Do nothing: the stream is the caller's."""

    async def aclose(self) -> None:
        """Do nothing: the stream is the caller's."""
