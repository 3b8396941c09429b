"""Waiting for a place on the wire is not failing, and no error blames the network for it."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.raw_peer import RawPeer, read_request
from support.scripted_server import ONCE, reply

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    ClientConfig,
    ConnectionFailed,
    Credentials,
    Outcome,
    Preflight,
    RetryPolicy,
    Timeouts,
)

REQUEST = AuditApply(app_version="1.0.0", version_desc="A version that waits for its turn.")
Run = Callable[[Coroutine[object, object, None]], None]


def answering(answer: bytes, pause: float) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            time.sleep(pause)
            connection.sendall(answer)

    return serve


@pytest.mark.parametrize("lends", [False, True])
def test_the_time_of_a_call_begins_at_its_place(
    run: Run, credentials: Credentials, alipay_key: RSAPrivateKey, lends: bool
) -> None:
    async def main(peer: RawPeer) -> None:
        limits = Timeouts(connect=0.8, reply=0.8, total=1)
        connector = aiohttp.TCPConnector(limit=2)
        config = ClientConfig(
            preflight=Preflight.OFF,
            base_url=peer.base_url,
            check_freshness=False,
            timeouts=limits,
            max_connections=50 if lends else 2,
            retry=ONCE,
        )
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            AuditClient(credentials, config, session=session if lends else None) as client,
        ):
            await asyncio.gather(*(client.apply(REQUEST) for _ in range(20)))

    with RawPeer(answering(reply(sign_with=alipay_key), 0.15)) as peer:
        run(main(peer))
        assert peer.connections <= 2


def test_a_pool_that_others_use_too_is_waited_for(
    run: Run, credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    async def main(peer: RawPeer) -> None:
        limits = Timeouts(connect=1, reply=1, total=1.2)
        config = ClientConfig(
            preflight=Preflight.OFF,
            base_url=peer.base_url,
            check_freshness=False,
            timeouts=limits,
            retry=ONCE,
        )
        connector = aiohttp.TCPConnector(limit=1)
        async with aiohttp.ClientSession(connector=connector) as session:
            clients = [AuditClient(credentials, config, session=session) for _ in range(8)]
            await asyncio.gather(*(client.apply(REQUEST) for client in clients))
            impatient = clients[0].with_options(
                timeouts=Timeouts(queue=0.2, connect=0.1, reply=1, total=2)
            )
            first = asyncio.create_task(clients[1].apply(REQUEST))
            await asyncio.sleep(0.01)
            second = asyncio.create_task(clients[2].apply(REQUEST))
            await asyncio.sleep(0.01)
            with pytest.raises(ConnectionFailed, match=r"Timeouts\.queue") as caught:
                await impatient.apply(REQUEST)
            assert caught.value.outcome is Outcome.NOT_SENT
            assert "lent" in str(caught.value)
            await asyncio.gather(first, second)

    with RawPeer(answering(reply(sign_with=alipay_key), 0.25)) as peer:
        run(main(peer))


async def test_who_waits_too_long_for_a_place_was_not_sent_and_is_told_so(
    credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    with RawPeer(answering(reply(sign_with=alipay_key), 0.5)) as peer:
        config = ClientConfig(
            preflight=Preflight.OFF,
            base_url=peer.base_url,
            check_freshness=False,
            timeouts=Timeouts(queue=0.1),
            max_connections=1,
            retry=RetryPolicy(attempts=5, initial_delay=0),
        )
        async with AuditClient(credentials, config) as client:
            first = asyncio.create_task(client.apply(REQUEST))
            await asyncio.sleep(0.05)
            began = time.monotonic()
            with pytest.raises(ConnectionFailed) as caught:
                await client.apply(REQUEST)
            assert time.monotonic() - began < 0.3, "it is not tried five times"
            await first
    assert caught.value.outcome is Outcome.NOT_SENT
    assert "max_connections" in str(caught.value)
    assert "Timeouts.queue" in str(caught.value)


async def test_a_call_that_waits_for_its_next_attempt_has_no_place(
    credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    success = reply(sign_with=alipay_key)
    throttled = reply(
        b'{"code":"too-many-requests","message":"x"}', status=429, headers={"Retry-After": "1"}
    )
    answers = iter([throttled, success, success])

    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(next(answers))

    with RawPeer(serve) as peer:
        config = ClientConfig(
            preflight=Preflight.OFF,
            base_url=peer.base_url,
            check_freshness=False,
            max_connections=1,
        )
        async with AuditClient(credentials, config) as client:
            first = asyncio.create_task(client.apply(REQUEST))
            await asyncio.sleep(0.2)
            await asyncio.wait_for(client.apply(REQUEST), 0.5)
            assert (await first).meta.attempts == 2
