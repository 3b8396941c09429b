"""A relay before a gateway that is slow, or that passes on late all that it has got.

It goes on when its client is gone, as kernels and proxies do. What it has got in part it passes on
in part.
"""

import asyncio
import contextlib
import socket
from collections import deque
from typing import Self

import attrs
from support.judge_link import Head
from yarl import URL

_MOST_WAITING = 64 * 1024
_LINGER = 1.0
"""Seconds for which the platform's answer is awaited for a client that has left."""


@attrs.define(eq=False)
class Request:
    """A request that has begun to come; of the last one of a connection nothing may have."""

    is_upload: bool = False
    received: int = 0
    length: int | None = None
    head: bytes = b""
    is_late: bool = False
    """All of it came, and its last byte was passed on after its client had left."""

    @property
    def left(self) -> int | None:
        """Bytes of its body that have not come; `None` while its head has not."""
        return None if self.length is None else self.length - self.received

    @property
    def is_whole(self) -> bool:
        return self.left == 0

    @property
    def is_cut(self) -> bool:
        """Something of it came, and not all."""
        return bool(self.head) and not self.is_whole


@attrs.define(eq=False)
class SlowRelay:
    """Passes what clients send on to a gateway, and the answers back at once.

    Attributes:
        gateway: its base URL.
        rate: bytes a second of each connection; `None` for as fast as it goes.
        delay: seconds by which each piece of an upload is late; meanwhile all that comes is taken
            in. Questions are not late, so that their answers are of no help.
        base_url: for clients.
        requests: all that have come, in the order of their beginning.
        open: connections whose client has not left.
    """

    gateway: str
    rate: float | None = None
    delay: float = 0.0
    base_url: str = ""
    requests: list[Request] = attrs.field(factory=list)
    open: int = 0
    tasks: set[asyncio.Task[None]] = attrs.field(factory=set)
    clients: list["_Client"] = attrs.field(factory=list)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _MOST_WAITING)
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)  # noqa: FBT003  # so it is called
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self), sock=listener)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def slow_down(self, rate: float) -> None:
        """Let what has connected until now go at another rate, and what follows freely."""
        for client in self.clients:
            client.rate = rate
        self.rate = None

    async def until_quiet(self) -> None:
        """Wait until all that clients sent has been passed on; they have left."""
        await asyncio.gather(*self.tasks, return_exceptions=True)


class _Client(asyncio.Protocol):
    def __init__(self, relay: SlowRelay) -> None:
        self.relay = relay
        self.rate = relay.rate
        relay.clients.append(self)
        self.transport: asyncio.Transport | None = None
        self.pieces: deque[tuple[float, bytes]] = deque()
        self.waiting = 0
        self.changed = asyncio.Event()
        self.has_left = False
        self.request = Request()
        self.whole: deque[tuple[int, Request]] = deque()
        self.taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.relay.open += 1
        task = asyncio.ensure_future(self.pass_on())
        self.relay.tasks.add(task)
        task.add_done_callback(self.relay.tasks.discard)

    def data_received(self, data: bytes) -> None:
        is_upload = self.note(data)
        delay = self.relay.delay if is_upload else 0.0
        self.pieces.append((asyncio.get_running_loop().time() + delay, data))
        self.waiting += len(data)
        if not self.relay.delay and self.waiting > _MOST_WAITING and self.transport is not None:
            self.transport.pause_reading()
        self.changed.set()

    def eof_received(self) -> None:
        self.leave()

    def connection_lost(self, _: Exception | None) -> None:
        self.leave()

    def leave(self) -> None:
        self.relay.open -= not self.has_left
        self.has_left = True
        self.changed.set()

    def note(self, data: bytes) -> bool:
        """Note how much of which request has come; say whether the last one is an upload."""
        while data:
            request = self.request
            if not request.head:
                self.relay.requests.append(request)
            if request.length is None:
                head, end, rest = (request.head + data).partition(b"\r\n\r\n")
                self.taken += len(data) - len(rest)
                request.head, data = head + end, rest
                if not end:
                    return False
                request.is_upload = head.startswith(b"POST")
                request.length = Head(request.head).length
            piece = data[: request.length - request.received]
            data = data[len(piece) :]
            self.taken += len(piece)
            request.received += len(piece)
            if request.is_whole:
                self.whole.append((self.taken, request))
                self.request = Request()
        return request.is_upload

    async def pass_on(self) -> None:
        assert self.transport is not None
        url = URL(self.relay.gateway)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        back = asyncio.create_task(_copy(reader, self.transport))
        passed = 0
        try:
            while (piece := await self.next_piece()) is not None:
                writer.write(piece)
                await writer.drain()
                passed += len(piece)
                while self.whole and self.whole[0][0] <= passed:
                    self.whole.popleft()[1].is_late = self.has_left
                if self.rate is not None:
                    await asyncio.sleep(len(piece) / self.rate)
            await asyncio.wait({back}, timeout=_LINGER)
        except ConnectionError:
            pass
        finally:
            back.cancel()
            writer.close()
            self.transport.abort()

    async def next_piece(self) -> bytes | None:
        """Return what is to be passed on next, once it is time; `None` at the end."""
        while not self.pieces:
            if self.has_left:
                return None
            self.changed.clear()
            await self.changed.wait()
        due, piece = self.pieces.popleft()
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        self.waiting -= len(piece)
        if self.waiting <= _MOST_WAITING and self.transport is not None:
            self.transport.resume_reading()
        return piece


async def _copy(reader: asyncio.StreamReader, transport: asyncio.Transport) -> None:
    with contextlib.suppress(ConnectionError):
        while answer := await reader.read(_MOST_WAITING):
            transport.write(answer)
        transport.close()
