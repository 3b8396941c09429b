"""`Connection`: what asyncio and the kernel know of a request's connection, and how it is cut.

On both loops, with and without TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import struct
from typing import Final, final

import aiohttp

try:
    import fcntl
    import termios
except ImportError:  # not on Windows
    fcntl = termios = None  # type: ignore[assignment]

__all__ = ["Connection", "InputMonitor", "was_used"]

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
_DELIVER_ON_CLOSE: Final = struct.pack("ii", 0, 0)
_INT: Final = struct.Struct("i")


@final
class InputMonitor(asyncio.Protocol):
    """Passes on what a connection tells aiohttp, and notes what comes while nobody asks.

    aiohttp takes the latter for the reply to the next request.

    Args:
        handler: aiohttp's protocol.
    """

    def __init__(self, handler: asyncio.Protocol) -> None:
        self._handler = handler
        self.user: object | None = None
        """The exchange that uses the connection; `None` between two."""
        self.is_asked = False
        """Whether a byte of a request has left, to which what comes may be the reply."""
        self._came_unasked = False

    @property
    def has_unread_input(self) -> bool:
        """Whether something came that belongs to no exchange."""
        return self._came_unasked or bool(getattr(self._handler, "should_close", False))

    def data_received(self, data: bytes) -> None:
        """Pass it on; the event loop calls this."""
        self._came_unasked |= not self.is_asked
        self._handler.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass it on; the event loop calls this."""
        return self._handler.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass it on; the event loop calls this."""
        self._handler.connection_lost(exc)

    def pause_writing(self) -> None:
        """Pass it on; the event loop calls this."""
        self._handler.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on; the event loop calls this."""
        self._handler.resume_writing()


def was_used(connection: aiohttp.connector.Connection | None) -> bool:
    """Say whether an exchange of a client of this package had a connection before."""
    transport = None if connection is None else connection.transport
    return transport is not None and isinstance(transport.get_protocol(), InputMonitor)


@final
class Connection:
    """The connection of one exchange.

    Args:
        transport: as aiohttp has it; above TLS if there is TLS.
    """

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self._socket: socket.socket | None = transport.get_extra_info("socket")
        self._is_encrypted = transport.get_extra_info("sslcontext") is not None
        protocol = transport.get_protocol()
        self.is_reused = isinstance(protocol, InputMonitor)
        """Whether an exchange of a client of this package had it before."""
        if isinstance(protocol, InputMonitor):
            self._monitor = protocol
        else:
            self._monitor = InputMonitor(protocol)  # type: ignore[arg-type]  # aiohttp's is one
            transport.set_protocol(self._monitor)

    @property
    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._transport.is_closing()

    @property
    def is_clean(self) -> bool:
        """Whether nothing came, and nothing is left to send, before a request is sent."""
        return not self.has_input and (self.has_sent_all or not self.is_reused)

    @property
    def has_input(self) -> bool:
        """Whether something came, before a request is sent."""
        if self._monitor.has_unread_input:
            return True
        # A TLS peer may have sent tickets after the handshake.
        return (self.is_reused or not self._is_encrypted) and self._is_readable()

    @property
    def has_sent_all(self) -> bool:
        """Whether the peer's kernel has all that was written; or ours, if it does not tell."""
        return not self.held() and not self.in_kernel()

    def belongs_to(self, user: object) -> bool:
        """Say whether no other exchange has taken it since."""
        return self._monitor.user is user

    def take(self, user: object) -> None:
        """Let it belong to an exchange; from now on closing it resets it."""
        self._monitor.user = user
        self._set_linger(_RESET_ON_CLOSE)

    def begin(self) -> None:
        """Note that the first byte of a request leaves now: what comes may be its reply."""
        self._monitor.is_asked = True

    def give_back(self, user: object) -> None:
        """End an exchange whose request went and whose reply came whole.

        Does nothing if another one has the connection already.
        """
        if self.belongs_to(user):
            self._monitor.user = None
            self._monitor.is_asked = False
            self._set_linger(_DELIVER_ON_CLOSE)

    def held(self) -> int:
        """Return how many bytes are in this process still.

        Over TLS on uvloop without those that are encrypted, which it does not show.
        """
        transport = self._transport
        below = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
        return transport.get_write_buffer_size() + (
            0 if below is None else below.get_write_buffer_size()
        )

    def in_kernel(self) -> int | None:
        """Return how many bytes the kernel has that the peer's has not acknowledged.

        `None` if it does not tell. A proxy or relay may hold any number more.
        """
        number = self._number
        if number is None or termios is None or self.is_closing:
            return None
        try:
            raw = fcntl.ioctl(number, termios.TIOCOUTQ, bytes(_INT.size))
        except OSError:
            return None
        return int(_INT.unpack(raw)[0])

    def reset(self) -> None:
        """Drop it, and what the process and the kernel hold for it."""
        self._transport.abort()

    @property
    def _number(self) -> int | None:
        """The descriptor; `None` if there is none any more."""
        number = -1 if self._socket is None else self._socket.fileno()
        return None if number < 0 else number

    def _set_linger(self, linger: bytes) -> None:
        # close() and abort() alone drop what the process holds; the kernel would go on sending.
        if self._socket is not None and self._number is not None:
            with contextlib.suppress(OSError):  # the peer was faster
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _is_readable(self) -> bool:
        number = self._number
        if number is None or not hasattr(select, "poll"):
            return False
        poll = select.poll()
        poll.register(number, select.POLLIN)
        return bool(poll.poll(0))
