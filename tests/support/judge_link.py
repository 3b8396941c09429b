"""One connection of a client to the relay, and what can be done to it."""

import asyncio
import fcntl
import os
import socket
import struct
import termios
from collections.abc import AsyncIterator

import attrs

TICK = 0.02
LATENESS = 0.3
"""Seconds after a client has left, at which what it sent may still arrive. No network gives such a
promise; here it makes `RetryPolicy.unknown_window` long enough, so that a wrong answer is one."""
_ESTABLISHED = 1
_RESET = struct.pack("ii", 1, 0)


class Gone(Exception):
    """The client has left, and it is too late for what it sent."""


@attrs.frozen
class Head:
    """The head of a request or an answer, as it came; what follows it does not count."""

    raw: bytes

    @property
    def headers(self) -> dict[str, str]:
        head, _, _ = self.raw.decode("latin-1").partition("\r\n\r\n")
        lines = head.split("\r\n")[1:]
        pairs = (line.split(":", 1) for line in lines)
        return {name.strip().lower(): value.strip() for name, value in pairs}

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return int(self.headers.get("content-length", 0))


@attrs.define(eq=False)
class Link:
    """A connection that a client made.

    Attributes:
        stained_at: when bytes that nobody asked for were sent; `None` if never.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    gone_at: float | None = None
    stained_at: float | None = None

    @property
    def socket(self) -> socket.socket:
        return self.writer.get_extra_info("socket")

    def is_gone(self) -> bool:
        """Say whether the client has closed or reset the connection, read or not."""
        if self.gone_at is None and self._looks_gone():
            self.gone_at = asyncio.get_running_loop().time()
        return self.gone_at is not None

    def _looks_gone(self) -> bool:
        if self.writer.transport.is_closing() or self.reader.at_eof() or self.reader.exception():
            return True
        try:
            state = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        except OSError:
            return True
        return state[0] != _ESTABLISHED

    def check(self) -> None:
        """Raise `Gone` if it is too late for what the client sent."""
        if self.is_gone() and asyncio.get_running_loop().time() > (self.gone_at or 0.0) + LATENESS:
            raise Gone

    async def pause(self, seconds: float) -> None:
        """Wait, but not when it would be too late."""
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            self.check()
            await asyncio.sleep(min(left, TICK))
        self.check()

    async def stay(self) -> None:
        """Do nothing until the client has left."""
        while not self.is_gone():  # noqa: ASYNC110  # the loop does not see it, unread
            await asyncio.sleep(TICK)

    async def body(self, length: int, rate: float | None) -> AsyncIterator[bytes]:
        """Read a body at that pace, and no faster."""
        piece_size = 16_384 if rate is None else max(1, int(rate * TICK))
        while length > 0:
            piece = await self.reader.read(min(piece_size, length))
            if not piece:
                raise Gone
            length -= len(piece)
            if rate is not None:
                await asyncio.sleep(len(piece) / rate)
            self.check()
            yield piece

    async def write(self, content: bytes) -> None:
        if content and not self.writer.transport.is_closing():
            self.writer.write(content)
            await self.writer.drain()

    def stain(self, content: bytes) -> bool:
        """Send bytes that nobody asked for, unless the client has begun a request.

        They are in the client's socket when this returns, whatever the loop.
        """
        if self.is_gone() or self.reader._buffer or self._unread():
            return False
        try:
            os.write(self.socket.fileno(), content)
        except OSError:
            return False
        self.stained_at = asyncio.get_running_loop().time()
        return True

    def _unread(self) -> int:
        answer = fcntl.ioctl(self.socket.fileno(), termios.FIONREAD, b"\0\0\0\0")
        return int.from_bytes(answer, "little")

    def end(self, ending: str) -> None:
        """Close or reset the connection."""
        if ending == "reset" and not self.writer.transport.is_closing():
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.writer.transport.abort()
        self.writer.close()


@attrs.define(eq=False)
class Upstream:
    """The relay's own connection to the platform, for one request."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> tuple[bytes, bool]:
        """Return the answer's bytes, and whether all of it came; nothing if there was none."""
        content = b""
        try:
            content = await self.reader.readuntil(b"\r\n\r\n")
            head = Head(content)
            body = await self.reader.readexactly(head.length)
        except asyncio.IncompleteReadError as error:
            return content + error.partial, False
        except ConnectionError:
            return content, False
        return content + body, True

    def drop(self) -> None:
        """Reset the connection: what the platform has not got, it does not get."""
        if not self.writer.transport.is_closing():
            sock = self.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.writer.transport.abort()
