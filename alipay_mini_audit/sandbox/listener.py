"""`Listener`: a port that can be closed and opened again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, final

import attrs
from aiohttp import web

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.server import Peer, Server
from alipay_mini_audit.sandbox.unusable import unusable
from alipay_mini_audit.system_reasons import chinese_reason

__all__ = ["Listener"]

_SHUTDOWN: Final = 0.5
"""Seconds that answers under way may still take when the gateway closes."""
_BACKLOG: Final = 1024
_TURNS_TO_ACCEPT: Final = 3
"""Turns of the event loop from the `accept` of a connection until its protocol knows of it."""
_CANNOT_LISTEN: Final = (
    ("cannot listen here: {reason}.", "Choose another host or port."),
    ("无法监听该地址：{chinese_reason}。", "请更换主机或端口。"),
)


@attrs.define
class _Running:
    server: Server
    runner: web.ServerRunner
    listening: asyncio.Server


@final
class Listener:
    """One address, and the server behind it.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one at each start.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._bound = port
        self._running: _Running | None = None

    @property
    def base_url(self) -> str:
        """Scheme, host and port.

        Raises:
            ConfigurationError: it is not running.
        """
        if self._running is None:
            raise ConfigurationError(
                "base_url",
                "the sandbox gateway is not running.",
                "Use `async with SandboxGateway()`.",
            )
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._bound}"

    async def start(
        self, handle: Callable[[web.BaseRequest, Peer], Awaitable[web.StreamResponse]]
    ) -> None:
        """Listen. Does nothing if it does already.

        Args:
            handle: answers a request.

        Raises:
            ConfigurationError: the address is taken or cannot be one.
        """
        if self._running is not None:
            return
        server = Server(handle)
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN)
        await runner.setup()
        try:
            listening = await self._listen(server, self._port)
        except ConfigurationError:
            await runner.cleanup()
            raise
        self._running = _Running(server, runner, listening)
        self._bound = listening.sockets[0].getsockname()[1]

    @contextlib.asynccontextmanager
    async def offline(self) -> AsyncIterator[None]:
        """Refuse connections meanwhile; answers under way are still sent.

        Afterwards it listens on the same port again, unless it was closed meanwhile. Does nothing
        if it is not running, or offline already.

        Raises:
            ConfigurationError: another program has taken the port meanwhile.
        """
        running = self._running
        if running is None or not running.listening.is_serving():
            yield
            return
        await _stop_listening(running.listening)
        running.server.leave()
        try:
            yield
        finally:
            running.server.stay()
            if self._running is running:
                running.listening = await self._listen(running.server, self._bound)

    async def aclose(self) -> None:
        """Stop listening and end what is running. Does nothing if it is closed already."""
        running = self._running
        if running is None:
            return
        self._running = None
        running.server.end_waits()
        await _stop_listening(running.listening)
        await running.runner.cleanup()
        await running.server.until_idle()

    async def _listen(self, server: Server, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        try:
            return await loop.create_server(server, self._host, port, backlog=_BACKLOG)
        except OSError as error:
            raise unusable(
                f"{self._host}:{port}",
                *_CANNOT_LISTEN,
                reason=error.strerror,
                chinese_reason=chinese_reason(error) or error.strerror,
            ) from error


async def _stop_listening(listening: asyncio.Server) -> None:
    # Python 3.11 loses a connection, and leaves its socket open, if the server is closed between
    # `accept` and the start of the protocol: first no more are accepted, then it is closed.
    loop = asyncio.get_running_loop()
    for each in listening.sockets:
        with contextlib.suppress(NotImplementedError):  # Windows, whose loop has no readers
            loop.remove_reader(each)
    for _ in range(_TURNS_TO_ACCEPT):
        await asyncio.sleep(0)
    listening.close()
