"""Whatever comes out of the HTTP client is mapped by what had left when it came."""

import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.raw_peer import RawPeer, read_request
from support.scripted_server import ONCE, reply

from alipay_mini_audit import (
    AttemptStarted,
    AuditApply,
    AuditClient,
    AuditError,
    ClientConfig,
    ConfigurationError,
    ConnectionFailed,
    Credentials,
    Event,
    Outcome,
    Preflight,
    ReplyLost,
    RequestSent,
    SendInterrupted,
    Timeouts,
)

REQUEST = AuditApply(app_version="1.0.0", version_desc="A version and a hook that raises.")
RAISED = [ValueError("x"), RuntimeError("x"), KeyError("x"), aiohttp.InvalidURL("x")]


def hooks_at(signal: str, error: Exception) -> aiohttp.TraceConfig:
    async def fail(*_: object) -> None:
        raise error

    hooks = aiohttp.TraceConfig()
    getattr(hooks, signal).append(fail)
    return hooks


@pytest.mark.parametrize("error", RAISED, ids=repr)
@pytest.mark.parametrize(
    ("signal", "outcome"),
    [
        ("on_request_start", Outcome.NOT_SENT),
        ("on_connection_create_start", Outcome.NOT_SENT),
        ("on_request_headers_sent", Outcome.NOT_SENT),
        ("on_request_chunk_sent", Outcome.UNKNOWN),
        ("on_request_end", Outcome.UNKNOWN),
        ("on_response_chunk_received", Outcome.UNKNOWN),
    ],
)
async def test_what_a_hook_raises_says_how_far_the_request_came(
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    signal: str,
    outcome: Outcome,
    error: Exception,
) -> None:
    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(reply(sign_with=alipay_key))

    with RawPeer(serve) as peer:
        config = ClientConfig(
            preflight=Preflight.OFF, base_url=peer.base_url, check_freshness=False, retry=ONCE
        )
        async with (
            aiohttp.ClientSession(trace_configs=[hooks_at(signal, error)]) as session,
            AuditClient(credentials, config, session=session) as client,
        ):
            if signal == "on_response_chunk_received":
                await client.apply(REQUEST)  # nobody calls it: the reply is read piece by piece
                return
            with pytest.raises(AuditError) as caught:
                await client.apply(REQUEST, {"test_file_name": bytes(1000)})
    assert caught.value.outcome is outcome
    if outcome is Outcome.UNKNOWN:
        assert isinstance(caught.value, ReplyLost | SendInterrupted)
    else:
        assert isinstance(caught.value, ConfigurationError | ConnectionFailed)
    assert caught.value.__cause__ is not None


class Listener:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


async def test_a_request_without_a_body_that_never_connects_was_not_sent(
    credentials: Credentials,
) -> None:
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = full.getsockname()[1]
    waiting = [socket.socket() for _ in range(4)]
    for each in waiting:
        each.settimeout(0)
        each.connect_ex(("127.0.0.1", port))
    listener = Listener()
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=f"http://127.0.0.1:{port}",
        retry=ONCE,
        timeouts=Timeouts(connect=0.2),
    )
    calls: list[Callable[[AuditClient], Awaitable[object]]] = [
        lambda client: client.call("POST", "/v3/x"),
        lambda client: client.version_detail("1.0.0"),
        lambda client: client.apply(REQUEST),
    ]
    async with AuditClient(credentials, config, observers=[listener]) as client:
        for call in calls:
            with pytest.raises(ConnectionFailed, match=r"Timeouts\.connect") as caught:
                await call(client)
            assert caught.value.outcome is Outcome.NOT_SENT
    assert RequestSent not in map(type, listener.events)
    for each in (full, *waiting):
        each.close()


async def test_a_request_without_a_body_is_told_once_it_has_left(
    credentials: Credentials, alipay_key: RSAPrivateKey
) -> None:
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        while data := connection.recv(65_536):
            heads.append(data)
            connection.sendall(reply(sign_with=alipay_key))

    listener = Listener()
    with RawPeer(serve) as peer:
        config = ClientConfig(
            preflight=Preflight.OFF, base_url=peer.base_url, check_freshness=False, retry=ONCE
        )
        async with AuditClient(credentials, config, observers=[listener]) as client:
            await client.call("GET", "/v3/x")
            await client.call("POST", "/v3/x")
    get, post = (head.lower() for head in heads)
    assert b"content-length" not in get
    assert b"content-type" not in get
    assert b"content-length: 0\r\n" in post
    assert [type(event) for event in listener.events].count(RequestSent) == 2


async def test_a_file_that_is_gone_before_the_first_byte_was_not_sent(
    credentials: Credentials, tmp_path: Path
) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))

    class Remover:
        def on_event(self, event: Event) -> None:
            if isinstance(event, AttemptStarted):
                picture.unlink()

    with RawPeer(lambda connection: connection.recv(1)) as peer:
        config = ClientConfig(
            preflight=Preflight.OFF, base_url=peer.base_url, check_freshness=False, retry=ONCE
        )
        async with AuditClient(credentials, config, observers=[Remover()]) as client:
            with pytest.raises(SendInterrupted) as caught:
                await client.apply(REQUEST, {"app_logo": picture})
    assert caught.value.outcome is Outcome.NOT_SENT
