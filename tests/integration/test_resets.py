"""What is given up is reset: it does not arrive after all, and nothing stays open."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Coroutine

import psutil
import pytest
from support.raw_peer import TLS, RawPeer, client_of, read_head, read_request
from support.scripted_server import reply

from alipay_mini_audit import (
    AuditApply,
    CallError,
    Credentials,
    MalformedReply,
    RateLimited,
)

REQUEST = AuditApply(app_version="1.0.0", version_desc="A version that is given up.")
Run = Callable[[Coroutine[object, object, None]], None]


class Sleeper:
    """Reads nothing until it is woken, then all that it can get."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.connected = threading.Event()
        self.whole = 0
        self.received: list[int] = []

    def __call__(self, connection: socket.socket) -> None:
        self.connected.set()
        self.woken.wait(10)
        received = 0
        try:
            _, length, body = read_head(connection)
            received = len(body)
            while received < length:
                piece = connection.recv(65_536)
                if not piece:
                    break
                received += len(piece)
            self.whole += received >= length
        except OSError:
            pass
        self.received.append(received)


WAYS = ["cancel", "total", "stall", "aclose"]


@pytest.mark.parametrize("way", WAYS)
def test_an_upload_that_is_given_up_does_not_arrive(
    run: Run, maybe_tls: TLS | None, credentials: Credentials, way: str
) -> None:
    sleeper = Sleeper()
    limits = {"total": 0.5} if way == "total" else {"stall": 0.4} if way == "stall" else {}

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, **limits) as client:
            apply = client.apply(REQUEST, {"test_file_name": bytes(1_500_000)})
            task = asyncio.create_task(apply)
            await asyncio.to_thread(sleeper.connected.wait, 5)
            await asyncio.sleep(0.2)
            began = time.monotonic()
            if way == "cancel":
                task.cancel()
            elif way == "aclose":
                await client.aclose()
            with contextlib.suppress(CallError, asyncio.CancelledError):
                await task
            assert time.monotonic() - began < 1.5
        connections = psutil.Process().net_connections(kind="tcp")
        port = int(peer.base_url.rpartition(":")[2])
        assert not [each for each in connections if each.raddr and each.raddr.port == port]
        sleeper.woken.set()

    with RawPeer(sleeper, maybe_tls) as peer:
        run(main(peer))
    assert (sleeper.whole, len(sleeper.received)) == (0, 1)
    assert sleeper.received[0] < 500_000


@pytest.mark.parametrize("status", [429, 400])
async def test_a_refusal_that_was_read_whole_keeps_its_connection(
    credentials: Credentials, status: int
) -> None:
    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(reply(b'{"code":"x","message":"y"}', status=status))

    with RawPeer(serve) as peer:
        async with client_of(peer, credentials) as client:
            for _ in range(3):
                with pytest.raises(CallError):
                    await client.apply(REQUEST, {"test_file_name": bytes(100_000)})
        assert peer.connections == 1
    assert not [error for error in peer.errors if isinstance(error, ConnectionResetError)]


async def test_a_refusal_in_the_middle_of_a_request_ends_its_connection(
    credentials: Credentials,
) -> None:
    def serve(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(reply(b'{"code":"x","message":"y"}', status=429))
        time.sleep(0.3)
        while connection.recv(65_536):
            pass

    with RawPeer(serve) as peer:
        async with client_of(peer, credentials) as client:
            for _ in range(2):
                with pytest.raises((RateLimited, MalformedReply)):
                    await client.apply(REQUEST, {"test_file_name": bytes(3_000_000)})
        await asyncio.to_thread(peer.wait_for_errors, 2)
        assert peer.connections == 2
        assert [isinstance(error, ConnectionError) for error in peer.errors] == [True, True]


def test_thirty_cancelled_calls_leave_nothing_open(
    run: Run, maybe_tls: TLS | None, credentials: Credentials
) -> None:
    sleeper = Sleeper()

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials) as client:
            process = psutil.Process()
            before = len(process.net_connections(kind="tcp"))
            tasks = [
                asyncio.create_task(client.apply(REQUEST, {"test_file_name": bytes(700_000)}))
                for _ in range(30)
            ]
            await asyncio.sleep(1)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0.1)
            port = int(peer.base_url.rpartition(":")[2])
            ours = process.net_connections(kind="tcp")
            assert not [each for each in ours if each.raddr and each.raddr.port == port], before
        sleeper.woken.set()

    with RawPeer(sleeper, maybe_tls) as peer:
        run(main(peer))
    assert sleeper.whole == 0
