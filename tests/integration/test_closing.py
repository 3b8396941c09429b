"""Closing a client: at once whatever the peers do, and no error is surer than what is known."""

import asyncio
import contextlib
import random
import socket
import time
from collections.abc import Callable, Coroutine

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.raw_peer import TLS, RawPeer, client_of, read_request
from support.scripted_server import ONCE, reply

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    CallError,
    ClientConfig,
    ConfigurationError,
    ConnectionFailed,
    Credentials,
    Outcome,
    Preflight,
    ReplyLost,
    SendInterrupted,
)

REQUEST = AuditApply(app_version="1.0.0", version_desc="A version whose client is closed.")
Run = Callable[[Coroutine[object, object, None]], None]


def sleep(connection: socket.socket) -> None:
    connection.recv(100)
    time.sleep(2)


def hang(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


@pytest.mark.parametrize(
    ("serve", "size", "expected"),
    [(sleep, 8_000_000, SendInterrupted), (hang, 1000, ReplyLost)],
    ids=["sending", "waiting"],
)
def test_what_is_broken_off_knows_its_outcome(
    run: Run,
    maybe_tls: TLS | None,
    credentials: Credentials,
    serve: Callable[[socket.socket], None],
    size: int,
    expected: type[CallError],
) -> None:
    async def main(peer: RawPeer) -> None:
        client = client_of(peer, credentials, max_connections=4)
        calls = [
            asyncio.create_task(client.apply(REQUEST, {"test_file_name": bytes(size)}))
            for _ in range(6)
        ]
        await asyncio.sleep(0.5)
        began = time.monotonic()
        await client.aclose()
        assert time.monotonic() - began < 1
        errors = await asyncio.gather(*calls, return_exceptions=True)
        kinds = [type(error) for error in errors]
        assert kinds == [expected] * 4 + [ConfigurationError] * 2, "two had no place yet"
        outcomes = [error.outcome for error in errors]  # type: ignore[union-attr]
        assert outcomes == [Outcome.UNKNOWN] * 4 + [Outcome.NOT_SENT] * 2
        with pytest.raises(ConfigurationError):
            await client.apply(REQUEST)

    with RawPeer(serve, maybe_tls) as peer:
        run(main(peer))


class SlowResolver(AbstractResolver):
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del host, port, family
        await asyncio.sleep(30)
        return []

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("closes", ["client", "session"])
def test_closing_during_a_host_look_up_is_no_cancel(
    run: Run, credentials: Credentials, closes: str
) -> None:
    async def main() -> None:
        config = ClientConfig(preflight=Preflight.OFF, base_url="https://audit.invalid", retry=ONCE)
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=SlowResolver()))
        client = AuditClient(credentials, config, session=session)
        calls = [asyncio.create_task(client.apply(REQUEST)) for _ in range(2)]
        await asyncio.sleep(0.1)
        await (client.aclose() if closes == "client" else session.close())
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(error) for error in errors] == [ConnectionFailed] * 2
        await session.close()
        await client.aclose()

    run(main())


async def test_a_session_that_its_owner_closes_hides_no_doubt(credentials: Credentials) -> None:
    with RawPeer(hang) as peer:
        session = aiohttp.ClientSession()
        config = ClientConfig(
            preflight=Preflight.OFF, base_url=peer.base_url, check_freshness=False, retry=ONCE
        )
        client = AuditClient(credentials, config, session=session)
        call = asyncio.create_task(client.apply(REQUEST))
        await asyncio.sleep(0.2)
        await session.close()
        with pytest.raises(ReplyLost) as caught:
            await call
        assert caught.value.outcome is Outcome.UNKNOWN
        await client.aclose()


@pytest.mark.parametrize("limit", ["cancel", "timeout"])
async def test_a_cancel_of_the_callers_stays_one(credentials: Credentials, limit: str) -> None:
    with RawPeer(hang) as peer:
        async with client_of(peer, credentials, max_connections=4) as client:
            call = asyncio.create_task(client.apply(REQUEST))
            await asyncio.sleep(0.1)
            if limit == "cancel":
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            else:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await client.apply(REQUEST)
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)


def test_calls_under_way_may_end_within_the_grace(
    run: Run, credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    answer = reply(sign_with=alipay_key)

    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            time.sleep(0.3)
            connection.sendall(answer)

    async def main(peer: RawPeer) -> None:
        client = client_of(peer, credentials, max_connections=4)
        calls = [asyncio.create_task(client.apply(REQUEST)) for _ in range(8)]
        await asyncio.sleep(0.1)
        closing = asyncio.create_task(client.aclose(grace=5))
        await asyncio.sleep(0.05)
        with pytest.raises(ConfigurationError) as caught:
            await client.apply(REQUEST)
        assert caught.value.code == "closed"
        began = time.monotonic()
        await closing
        assert time.monotonic() - began < 3, "it ends with the last call"
        await asyncio.gather(*calls)

    with RawPeer(serve) as peer:
        run(main(peer))


async def test_the_grace_ends(credentials: Credentials) -> None:
    with RawPeer(hang) as peer:
        client = client_of(peer, credentials, max_connections=4)
        call = asyncio.create_task(client.apply(REQUEST))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await client.aclose(grace=0.3)
        assert 0.3 <= time.monotonic() - began < 1.3
        with pytest.raises(ReplyLost):
            await call


def test_a_client_is_closed_within_a_second_at_any_moment(
    run: Run, credentials: Credentials
) -> None:
    moments = random.Random(10)

    async def main(peer: RawPeer) -> None:
        asyncio.get_running_loop().set_debug(False)
        for _ in range(25):
            client = client_of(peer, credentials, max_connections=4, stall=1)
            calls = [
                asyncio.create_task(client.apply(REQUEST, {"test_file_name": bytes(2_000_000)}))
                for _ in range(3)
            ]
            await asyncio.sleep(moments.random() * 0.05)
            began = time.monotonic()
            await client.aclose()
            assert time.monotonic() - began < 1
            for error in await asyncio.gather(*calls, return_exceptions=True):
                assert isinstance(error, CallError | ConfigurationError)

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.recv(10_000)
            connection.recv(10_000)
            time.sleep(0.5)

    with RawPeer(serve) as peer:
        run(main(peer))
