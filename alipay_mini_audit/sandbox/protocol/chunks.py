"""`ChunkedBody`: a body in chunks, read as a stream, its chunks counted."""

from __future__ import annotations

from typing import Final, final

from aiohttp import StreamReader

__all__ = ["ChunkedBody", "TooManyChunks"]

_LONGEST_LINE: Final = 64 * 1024


@final
class TooManyChunks(Exception):
    """The front end takes no body in so many chunks; never leaves the sandbox."""


@final
class ChunkedBody:
    """What a reader of multipart needs of a stream.

    It holds a chunk as it was received, or a line that is not complete.

    Args:
        source: the body, unread; nobody else may read it.
        most: how many chunks are taken; the last one, which is empty, does not count.
    """

    def __init__(self, source: StreamReader, most: int) -> None:
        self._source = source
        self._most = most
        self._chunks = 0
        self._buffer = bytearray()

    def at_eof(self) -> bool:
        """Say whether all has been read."""
        return not self._buffer and self._source.at_eof()

    def unread_data(self, content: bytes) -> None:
        """Put back what was read last.

        Args:
            content: what to read again.
        """
        self._buffer[:0] = content

    async def readany(self) -> bytes:
        """Read what is there, waiting for something; empty at the end.

        Raises:
            TooManyChunks: there are more than are taken.
            RequestPayloadError: the body ended early.
            ConnectionError: the peer left.
        """
        if not self._buffer:
            await self._fill()
        return self._take(len(self._buffer))

    async def read(self, count: int) -> bytes:
        """Read at most so many bytes, waiting for one; empty at the end.

        Args:
            count: how many.

        Raises:
            TooManyChunks: there are more than are taken.
            RequestPayloadError: the body ended early.
            ConnectionError: the peer left.
        """
        if not self._buffer:
            await self._fill()
        return self._take(min(count, len(self._buffer)))

    async def readline(self, *, max_line_length: int | None = None) -> bytes:
        """Read a line with its end; at the end of the body it may have none.

        Args:
            max_line_length: in bytes; `None` takes 64 KiB.

        Raises:
            ValueError: the line is longer.
            TooManyChunks: there are more than are taken.
            RequestPayloadError: the body ended early.
            ConnectionError: the peer left.
        """
        longest = _LONGEST_LINE if max_line_length is None else max_line_length
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > longest or not await self._fill():
                break
        length = len(self._buffer) if end < 0 else end + 1
        if length > longest:
            raise ValueError("A line is too long.")
        return self._take(length)

    async def _fill(self) -> bool:
        """Read on; say whether there was something."""
        while not self._source.at_eof():
            content, is_end = await self._source.readchunk()
            self._chunks += is_end
            if self._chunks > self._most:
                raise TooManyChunks
            if content:
                self._buffer += content
                return True
        return False

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken
