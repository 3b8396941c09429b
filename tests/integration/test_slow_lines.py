"""A line that moves is not given up, however slow it is; one that stands still is."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.raw_peer import TLS, RawPeer, client_of, read_head, read_request
from support.scripted_server import reply

from alipay_mini_audit import (
    AuditApply,
    Credentials,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
)

REQUEST = AuditApply(app_version="1.0.0", version_desc="A version on a slow line.")
Run = Callable[[Coroutine[object, object, None]], None]


def test_an_upload_that_moves_never_ends_in_a_late_reply(
    run: Run, maybe_tls: TLS | None, credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    answer = reply(sign_with=alipay_key)
    arrived: list[int] = []

    def serve(connection: socket.socket) -> None:
        _, length, body = read_head(connection)
        received = len(body)
        while received < length:
            received += len(connection.recv(60_000))
            time.sleep(0.03)
        arrived.append(received)
        connection.sendall(answer)

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, reply=0.4, stall=2) as client:
            await client.apply(REQUEST, {"test_file_name": bytes(3_000_000)})

    with RawPeer(serve, maybe_tls) as peer:
        run(main(peer))
    assert len(arrived) == 1


def test_an_upload_whose_time_is_up_while_the_kernel_sends_was_not_sent_whole(
    run: Run, credentials: Credentials
) -> None:
    def serve(connection: socket.socket) -> None:
        while connection.recv(20_000):
            time.sleep(0.05)

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, total=0.6) as client:
            with pytest.raises(SendInterrupted, match=r"Timeouts\.total"):
                await client.apply(REQUEST, {"test_file_name": bytes(1_000_000)})

    with RawPeer(serve) as peer:
        run(main(peer))


def test_a_queue_in_the_kernel_that_stands_still_is_a_stall(
    run: Run, maybe_tls: TLS | None, credentials: Credentials
) -> None:
    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, reply=0.1, stall=0.5) as client:
            began = time.monotonic()
            with pytest.raises(SendInterrupted, match="No byte"):
                await client.apply(REQUEST, {"test_file_name": bytes(600_000)})
            assert 0.4 < time.monotonic() - began < 2

    with RawPeer(lambda _: time.sleep(1.5), maybe_tls) as peer:
        run(main(peer))


def test_a_reply_is_waited_for_from_the_last_byte_on(
    run: Run, maybe_tls: TLS | None, credentials: Credentials
) -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.recv(1)

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, reply=0.4, stall=5) as client:
            for call in (lambda: client.apply(REQUEST), lambda: client.version_detail("1.0.0")):
                began = time.monotonic()
                with pytest.raises(ReplyTimeout, match=r"Timeouts\.reply"):
                    await call()
                assert 0.35 < time.monotonic() - began < 1

    with RawPeer(serve, maybe_tls) as peer:
        run(main(peer))


def test_a_piece_of_the_head_of_a_reply_does_not_cut_the_upload(
    run: Run, credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    answer = reply(sign_with=alipay_key)

    def serve(connection: socket.socket) -> None:
        _, length, body = read_head(connection)
        connection.sendall(answer[:20])
        received = len(body)
        while received < length:
            received += len(connection.recv(120_000))
            time.sleep(0.03)
        connection.sendall(answer[20:])

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, reply=0.3, stall=2) as client:
            await client.apply(REQUEST, {"test_file_name": bytes(4_000_000)})

    with RawPeer(serve) as peer:
        run(main(peer))


BROKEN = {
    "chunk": (b"2\r\n{}\r\n", b"nonsense\r\n\r\n"),
    "trailer": (b"2\r\n{}\r\n0\r\n", b"\x00bad\xff: \x01\r\nno trailer\r\n\r\n"),
    "silence": (b"2\r\n{}\r\n", b""),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_follows_the_head_of_a_reply_is_waited_for_piece_by_piece(
    run: Run, credentials: Credentials, broken: str
) -> None:
    first, later = BROKEN[broken]
    head = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    )

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(head)
        time.sleep(0.1)
        connection.sendall(first)
        time.sleep(0.1)
        connection.sendall(later)
        connection.recv(1)

    async def main(peer: RawPeer) -> None:
        async with client_of(peer, credentials, reply=0.4, stall=5) as client:
            began = time.monotonic()
            with pytest.raises((ReplyTimeout, ReplyLost)):
                await client.apply(REQUEST)
            assert time.monotonic() - began < 2

    with RawPeer(serve) as peer:
        run(main(peer))


async def test_a_reply_that_comes_slowly_but_steadily_is_read(
    credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    answer = reply(sign_with=alipay_key, body=b'{"speed_up_memo":"' + b"x" * 50 + b'"}')
    head_end = answer.index(b"\r\n\r\n") + 4

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer[:head_end])
        for start in range(head_end, len(answer), 10):
            time.sleep(0.15)
            connection.sendall(answer[start : start + 10])

    with RawPeer(serve) as peer:
        async with client_of(peer, credentials, reply=0.5) as client:
            await client.apply(REQUEST)
    await asyncio.sleep(0)
