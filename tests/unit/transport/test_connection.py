"""What is known of a connection, and that closing it resets it while a request is on its way."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from alipay_mini_audit.transport.connection import Connection, InputMonitor, was_used

Run = Callable[[Coroutine[object, object, None]], None]


@asynccontextmanager
async def pair(
    tls: tuple[ssl.SSLContext, ssl.SSLContext] | None = None,
) -> AsyncIterator[tuple[asyncio.Transport, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A transport, and the streams of its peer."""
    loop = asyncio.get_running_loop()
    accepted: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
        loop.create_future()
    )

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result((reader, writer))

    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    server = await asyncio.start_server(
        accept, sock=listening, ssl=tls[0] if tls else None, limit=4096
    )
    port = server.sockets[0].getsockname()[1]
    transport, _ = await loop.create_connection(
        asyncio.Protocol,
        "127.0.0.1",
        port,
        ssl=tls[1] if tls else None,
        server_hostname="localhost" if tls else None,
    )
    reader, writer = await accepted
    try:
        yield transport, reader, writer
    finally:
        transport.abort()
        writer.transport.abort()
        server.close()
        await asyncio.sleep(0.01)


def linger_of(transport: asyncio.Transport) -> tuple[int, ...]:
    raw = transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
    return struct.unpack("ii", raw)


def test_what_is_dropped_does_not_arrive(
    run: Run, maybe_tls: tuple[ssl.SSLContext, ssl.SSLContext] | None
) -> None:
    async def main() -> None:
        async with pair(maybe_tls) as (transport, reader, _):
            connection = Connection(transport)
            connection.take(self := object())
            assert linger_of(transport) == (1, 0)
            transport.write(bytes(1_000_000))
            await asyncio.sleep(0.05)
            assert connection.held() + (connection.in_kernel() or 0) > 500_000
            connection.reset()
            await asyncio.sleep(0.05)
            assert (connection.is_closing, connection.in_kernel()) == (True, None)
            with pytest.raises(ConnectionError):
                await reader.readexactly(1_000_000)
            connection.give_back(self)

    run(main())


def test_a_connection_that_is_given_back_delivers_what_it_has(run: Run) -> None:
    async def main() -> None:
        async with pair() as (transport, reader, _):
            connection, user = Connection(transport), object()
            connection.take(user)
            connection.give_back(object())
            assert linger_of(transport) == (1, 0), "it belongs to another exchange"
            connection.give_back(user)
            assert linger_of(transport) == (0, 0)
            assert not connection.belongs_to(user)
            transport.write(bytes(1_000_000))
            await asyncio.sleep(0.05)
            assert not connection.has_sent_all
            assert not Connection(transport).is_clean, "it still sends an earlier request"
            transport.close()
            assert len(await reader.readexactly(1_000_000)) == 1_000_000

    run(main())


def test_input_that_comes_before_the_first_byte_of_a_request_is_seen(
    run: Run, maybe_tls: tuple[ssl.SSLContext, ssl.SSLContext] | None
) -> None:
    async def main() -> None:
        async with pair(maybe_tls) as (transport, _, writer):
            connection = Connection(transport)
            connection.take(object())
            writer.write(b"an answer to somebody else")
            await asyncio.sleep(0.05)
            assert not connection.is_clean, "the loop has read it, so the kernel shows nothing"

    run(main())


def test_what_is_sent_leaves_the_kernel(run: Run) -> None:
    async def main() -> None:
        async with pair() as (transport, reader, _):
            connection = Connection(transport)
            transport.write(bytes(400_000))
            await asyncio.sleep(0.05)
            assert (connection.in_kernel() or 0) > 0
            await reader.readexactly(400_000)
            await asyncio.sleep(0.3)
            assert (connection.held(), connection.in_kernel()) == (0, 0)

    run(main())


def test_input_that_nobody_asked_for_is_seen(
    run: Run, maybe_tls: tuple[ssl.SSLContext, ssl.SSLContext] | None
) -> None:
    async def main() -> None:
        async with pair(maybe_tls) as (transport, _, writer):
            connection, user = Connection(transport), object()
            assert not connection.is_reused
            connection.take(user)
            connection.begin()
            writer.write(b"a reply")
            await asyncio.sleep(0.05)
            connection.give_back(user)
            again = Connection(transport)
            assert again.is_reused
            assert again.is_clean
            writer.write(b"more")
            await asyncio.sleep(0.05)
            assert not Connection(transport).is_clean

    run(main())


async def test_a_fresh_connection_whose_peer_has_spoken_has_unread_input() -> None:
    async with pair() as (transport, _, writer):
        transport.pause_reading()
        assert Connection(transport).is_clean
        writer.write(b"hello")
        await asyncio.sleep(0.05)
        assert not Connection(transport).is_clean


class Handler(asyncio.Protocol):
    """aiohttp's protocol, which says when it must not be used again."""

    should_close = False

    def __init__(self) -> None:
        self.calls: list[object] = []

    def data_received(self, data: bytes) -> None:
        self.calls.append(data)

    def eof_received(self) -> bool:
        self.calls.append("eof")
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.calls.append(exc)

    def pause_writing(self) -> None:
        self.calls.append("pause")

    def resume_writing(self) -> None:
        self.calls.append("resume")


def test_a_monitor_passes_everything_on() -> None:
    handler = Handler()
    monitor = InputMonitor(handler)
    monitor.user = monitor
    monitor.is_asked = True
    error = OSError()
    monitor.data_received(b"x")
    assert monitor.eof_received() is True
    monitor.pause_writing()
    monitor.resume_writing()
    monitor.connection_lost(error)
    assert handler.calls == [b"x", "eof", "pause", "resume", error]
    assert not monitor.has_unread_input
    handler.should_close = True
    assert monitor.has_unread_input


def test_no_connection_was_used_by_nobody() -> None:
    assert not was_used(None)
