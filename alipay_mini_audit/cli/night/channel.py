"""`Channel`: objects between the processes of one night, over a pair of sockets."""

from __future__ import annotations

import asyncio
import pickle
import socket
import struct
from typing import Final, Self, final

__all__ = ["Channel"]

_LENGTH: Final = struct.Struct(">I")
_MOST_BYTES: Final = 64 * 1024 * 1024


@final
class Channel:
    """Sends and receives objects, whole and in order; use `open` and `aclose` in one event loop.

    Both ends are processes of one program and one user, so that pickles can be trusted.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, end: socket.socket) -> Self:
        """Use one end of a pair of sockets, which belongs to the channel from now on."""
        return cls(*await asyncio.open_connection(sock=end))

    async def send(self, message: object) -> None:
        """Hand a message to the other end.

        Raises:
            OSError: it is gone.
        """
        content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._writer.write(_LENGTH.pack(len(content)) + content)
        await self._writer.drain()

    async def receive(self) -> object:
        """Wait for the next message.

        Raises:
            EOFError: the other end is closed, or its process is gone.
        """
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            if length > _MOST_BYTES:
                raise EOFError
            content = await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise EOFError from error
        return pickle.loads(content)  # noqa: S301  # from a process of our own

    def close(self) -> None:
        """Close this end; what was sent before still arrives."""
        self._writer.close()
