"""What comes before it is asked for is no reply: not on a new connection, nor on a pooled one."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine

import pytest
from aiohttp import ClientSession, TraceConfig
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.raw_peer import TLS, RawPeer, client_of, read_head, read_request
from support.scripted_server import ONCE, reply

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    ClientConfig,
    ConnectionFailed,
    Credentials,
    Outcome,
    Preflight,
    SendInterrupted,
)

REQUEST = AuditApply(app_version="1.0.0", version_desc="A version and an old reply.")
LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 2\r\n\r\n{}"
Run = Callable[[Coroutine[object, object, None]], None]


class Stutterer:
    """Answers one request on each connection, and then says more that nobody asked for."""

    def __init__(self, answer: bytes, more: bytes, pause: float) -> None:
        self.answer = answer
        self.more = more
        self.pause = pause
        self.requests = 0
        self.second_requests = 0

    def __call__(self, connection: socket.socket) -> None:
        read_request(connection)
        self.requests += 1
        if self.pause:
            connection.sendall(self.answer)
            time.sleep(self.pause)
            connection.sendall(self.more)
        else:
            connection.sendall(self.answer + self.more)
        read_head(connection)
        self.second_requests += 1
        connection.recv(1)


@pytest.mark.parametrize(
    ("more", "pause"),
    [("copy", 0.0), ("408", 0.0), ("copy", 0.1), ("408", 0.1), ("piece", 0.1), ("bytes", 0.1)],
)
def test_what_comes_on_an_idle_connection_is_not_the_next_reply(
    run: Run,
    maybe_tls: TLS | None,
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    more: str,
    pause: float,
) -> None:
    answer = reply(sign_with=alipay_key)
    extra = {"copy": answer, "408": LATE, "piece": answer[:30], "bytes": b"\r\n"}[more]
    stutterer = Stutterer(answer, extra, pause)

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, reply=1, total=5) as client:
            for _ in range(3):
                await client.apply(REQUEST)
                await asyncio.sleep(0.2)

    with RawPeer(stutterer, maybe_tls) as peer:
        run(main(peer))
        assert peer.connections == 3
    assert (stutterer.requests, stutterer.second_requests) == (3, 0)


def test_bytes_that_the_loop_has_not_read_yet_are_seen(
    run: Run, credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    answer = reply(sign_with=alipay_key)
    has_spoken = threading.Event()
    requests: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        connection.sendall(answer)
        time.sleep(0.1)
        connection.sendall(LATE)
        has_spoken.set()
        connection.recv(1)

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, reply=1, total=5) as client:
            await client.apply(REQUEST)
            has_spoken.wait(5)  # the loop stands still meanwhile
            await client.apply(REQUEST)

    with RawPeer(serve) as peer:
        run(main(peer))
    assert len(requests) == 2


def test_a_connection_that_the_peer_has_closed_is_not_used(
    run: Run, credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    answer = reply(sign_with=alipay_key)
    has_closed = threading.Event()

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)
        time.sleep(0.05)
        connection.shutdown(socket.SHUT_WR)
        has_closed.set()

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, reply=1, total=5) as client:
            await client.apply(REQUEST)
            has_closed.wait(5)
            await client.apply(REQUEST)

    with RawPeer(serve) as peer:
        run(main(peer))
        assert peer.connections == 2


def test_a_peer_that_speaks_first_is_not_believed(
    run: Run, credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    answer = reply(sign_with=alipay_key)

    def serve(connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.recv(1)

    async def wait(*_: object) -> None:
        await asyncio.sleep(0.1)

    async def main(peer: RawPeer) -> None:
        hooks = TraceConfig()
        hooks.on_connection_create_end.append(wait)
        config = ClientConfig(
            preflight=Preflight.OFF, base_url=peer.base_url, check_freshness=False, retry=ONCE
        )
        async with (
            ClientSession(trace_configs=[hooks]) as session,
            AuditClient(credentials, config, session=session) as client,
        ):
            for call in (lambda: client.apply(REQUEST), lambda: client.version_detail("1.0.0")):
                with pytest.raises(ConnectionFailed) as caught:
                    await call()
                assert caught.value.outcome is Outcome.NOT_SENT

    with RawPeer(serve) as peer:
        run(main(peer))


@pytest.mark.parametrize("size", [1_000_000, 20_000_000], ids=["in the kernel", "here"])
async def test_a_success_before_the_end_of_the_request_is_not_believed(
    credentials: Credentials, alipay_key: RSAPrivateKey, size: int
) -> None:
    answer = reply(sign_with=alipay_key)

    def serve(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(answer)
        time.sleep(0.5)

    with RawPeer(serve) as peer:
        async with client_of(peer, credentials, reply=1, total=5) as client:
            with pytest.raises(SendInterrupted) as caught:
                await client.apply(REQUEST, {"test_file_name": bytes(size)})
    assert caught.value.outcome is Outcome.UNKNOWN
