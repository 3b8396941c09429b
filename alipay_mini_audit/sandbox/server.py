"""`Server` and `Peer`: an HTTP server that knows when a peer leaves."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from typing import Final, final

import attrs
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

__all__ = ["Peer", "Server"]

_POLL: Final = 0.05
_NO_LINGER: Final = struct.pack("ii", 1, 0)
_BUFFER: Final = 16 * 1024  # a quarter of the default: a hundred uploads at once stay small
_TCP_INFO: Final = 11
_ESTABLISHED: Final = 1
_LOGGER: Final = logging.getLogger("alipay_mini_audit.sandbox")


def _without_head(record: logging.LogRecord) -> bool:
    """Keep out of the log the line that aiohttp could not read: it may hold a token."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args = "A request could not be read (%s).", (type(error).__name__,)
        record.exc_info = record.exc_text = None
    return True


_LOGGER.addFilter(_without_head)


@final
@attrs.frozen
class Peer:
    """The other end of a request's connection."""

    transport: asyncio.Transport | None
    lost: asyncio.Future[None]
    closing: asyncio.Future[None]

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait, but not longer than the peer stays and the gateway runs.

        Args:
            seconds: how long; `None` without an end.

        Returns:
            Whether the peer has left or the gateway is closing.
        """
        ends = {self.lost, self.closing}
        done, _ = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)

    async def wait_unread(self) -> None:
        """Wait until the peer leaves or the gateway closes, without reading what the peer sends."""
        # The event loop does not watch a connection that it does not read.
        while not await self.wait(_POLL):
            if self._is_over():
                return

    def end_sending(self) -> None:
        """Close the direction to the peer, behind what is written."""
        if (transport := self._open()) is not None:
            transport.write_eof()

    async def close(self) -> None:
        """Send what is written and close the connection."""
        if (transport := self._open()) is not None:
            transport.close()
            await self._loss()

    async def cut(self) -> None:
        """Close the connection at once. The system resets it if something was not read."""
        if (transport := self._open()) is not None:
            transport.abort()
            await self._loss()

    async def reset(self) -> None:
        """Reset the connection."""
        if (transport := self._open()) is not None:
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER
            )
        await self.cut()

    def _open(self) -> asyncio.Transport | None:
        return None if self.lost.done() else self.transport

    async def _loss(self) -> None:
        # A handler that returned before would make the server wait for the rest of the body.
        await asyncio.wait({self.lost})

    def _is_over(self) -> bool:
        transport = self._open()
        if transport is None or not sys.platform.startswith("linux"):
            return transport is None
        state: bytes = transport.get_extra_info("socket").getsockopt(
            socket.IPPROTO_TCP, _TCP_INFO, 1
        )
        return state[0] != _ESTABLISHED


@final
class Server(web.Server):
    """Serves connections. Make it in a running event loop.

    Args:
        handle: answers a request.
    """

    def __init__(
        self, handle: Callable[[web.BaseRequest, Peer], Awaitable[web.StreamResponse]]
    ) -> None:
        super().__init__(
            self._meet,
            logger=_LOGGER,
            access_log=None,
            auto_decompress=False,
            read_bufsize=_BUFFER,
        )
        self._handle = handle
        self._lost: dict[web.RequestHandler, asyncio.Future[None]] = {}
        self._busy: set[web.RequestHandler] = set()
        self._requests: set[asyncio.Task[object]] = set()
        self._is_leaving = False
        self._gone = _future()
        self._gone.set_result(None)
        self._closing = _future()

    async def until_idle(self) -> None:
        """Wait for the requests that are under way now, until their answers are written."""
        await asyncio.gather(*self._requests, return_exceptions=True)

    def end_waits(self) -> None:
        """Wake everything that waits for a peer, now and from now on. To be called once."""
        self._closing.set_result(None)

    def leave(self) -> None:
        """Close every connection, at once or behind the answer under way, until `stay`."""
        self._is_leaving = True
        for handler in self._lost.keys() - self._busy:
            handler.force_close()

    def stay(self) -> None:
        """Keep connections open again."""
        self._is_leaving = False

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Begin to watch a connection."""
        super().connection_made(handler, transport)
        self._lost[handler] = _future()

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        """Tell those who wait that a peer has left."""
        super().connection_lost(handler, exc)
        self._lost.pop(handler).set_result(None)

    async def _meet(self, request: web.BaseRequest) -> web.StreamResponse:
        lost = self._lost.get(request.protocol, self._gone)
        self._watch(asyncio.current_task())
        self._busy.add(request.protocol)
        try:
            reply = await self._handle(request, Peer(request.transport, lost, self._closing))
        finally:
            self._busy.discard(request.protocol)
        if self._is_leaving:
            reply.force_close()
        return reply

    def _watch(self, task: asyncio.Task[object] | None) -> None:
        if task is not None:
            self._requests.add(task)
            task.add_done_callback(self._requests.discard)


def _future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()
