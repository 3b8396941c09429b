"""A real call on a real socket, with every logger at DEBUG.

No log line, event or traceback shows a secret.
"""

import asyncio
import base64
import logging
import traceback
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.leaks import find_leaks, pieces_of_key, spellings_of
from support.scripted_server import KEYS, ONCE, Request, ScriptedServer, reply

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    AuditError,
    ClientConfig,
    Credentials,
    Event,
    LoggingObserver,
    Preflight,
    RetryPolicy,
    Timeouts,
)

TOKEN, PASSWORD, ACCOUNT, LICENCE = (
    "c4TOKENn4ry",
    "c4PASSWORDn4ry",
    "c4ACCOUNTn4ry",
    "c4LICENCEn4ry",
)
PROXY_PASSWORD, AES_KEY = "c4PROXYn4ry", "AAECAwQFBgcICQoLDA0ODw=="
CANARIES = pieces_of_key(KEYS / "app.pkcs8.pem") | {AES_KEY.rstrip("="), ACCOUNT, LICENCE}
LOGIN = base64.b64encode(f"user:{PROXY_PASSWORD}".encode()).decode()
CANARIES |= spellings_of(TOKEN) | spellings_of(PASSWORD) | spellings_of(PROXY_PASSWORD) | {LOGIN}
REQUEST = AuditApply(
    app_version="0.0.1",
    test_account=ACCOUNT,
    test_password=PASSWORD,
    license_no=LICENCE,
    license_name=LICENCE,
)
LIMITS = Timeouts(connect=2, stall=2, reply=2, total=10)


@attrs.define
class Recorder:
    """Keeps every event."""

    events: list[Event] = attrs.Factory(list)

    def on_event(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture(params=[None, AES_KEY], ids=["plain", "encrypted"])
async def secretive(
    request: pytest.FixtureRequest, wire: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[tuple[AuditClient, Recorder]]:
    """A client with a token, whose every step is written down."""
    caplog.set_level(logging.DEBUG)
    for name in ("aiohttp", "aiohttp.client", "aiohttp.internal", "asyncio", "alipay_mini_audit"):
        caplog.set_level(logging.DEBUG, name)
    private, public = KEYS / "app.pkcs8.pem", KEYS / "alipay.public.pem"
    credentials = Credentials.from_keys(
        "2021000000000001", private, public, encrypt_key=request.param
    )
    config = ClientConfig(
        preflight=Preflight.OFF, base_url=wire.base_url, timeouts=LIMITS, retry=ONCE
    )
    recorder = Recorder()
    async with AuditClient(credentials, config, observers=[LoggingObserver(), recorder]) as client:
        yield client.with_options(app_auth_token=TOKEN), recorder


def check(caplog: pytest.LogCaptureFixture, *things: Any) -> None:
    """Look through the log, with its tracebacks and extra facts, and through everything else."""
    formatter = logging.Formatter()
    lines = [formatter.format(record) + repr(vars(record)) for record in caplog.records]
    assert any("alipay_mini_audit" in line for line in lines)
    assert [line for line in lines for canary in CANARIES if canary in line] == []
    assert find_leaks(things, CANARIES) == []


async def failure(client: AuditClient) -> AuditError:
    with pytest.raises(AuditError) as caught:
        await client.apply(REQUEST, {"app_logo": b"\x89PNG\r\n\x1a\n"})
    return caught.value


async def test_a_call_that_succeeds(
    secretive: tuple[AuditClient, Recorder], wire: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    client, recorder = secretive
    answer = await client.apply(REQUEST, {"app_logo": b"\x89PNG\r\n\x1a\n"})
    await client.cancel("0.0.1", extra={"test_password": PASSWORD})
    await client.call("POST", "/v3/x", body={"test_password": PASSWORD})
    assert wire.requests[0].headers["alipay-app-auth-token"] == TOKEN
    assert len(recorder.events) >= 9
    check(caplog, client, answer, *recorder.events)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"{}"),
        (400, b'{"code":"SUBMIT_REPEAT","message":"no"}'),
        (502, b"<html>"),
        (200, b"***"),
        (302, b""),
    ],
)
async def test_a_call_that_fails(
    secretive: tuple[AuditClient, Recorder],
    wire: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    other_key: RSAPrivateKey,
    status: int,
    body: bytes,
) -> None:
    client, recorder = secretive
    for signed in (None, other_key):
        wire.replies(reply(body, status=status, sign_with=signed))
        error = await failure(client)
        check(caplog, client, error, *recorder.events)
        assert error.__traceback__ is not None
        text = "".join(traceback.format_exception(error))
        assert not [canary for canary in CANARIES if canary in text]


async def test_a_connection_that_breaks(
    secretive: tuple[AuditClient, Recorder], wire: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def hang_up(_: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    client, recorder = secretive
    wire.answer = hang_up
    patient = client.with_options(retry=RetryPolicy(attempts=2, initial_delay=0.01, max_delay=0.02))
    check(caplog, client, await failure(patient), *recorder.events)


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nBad\x00Header: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Encoding: gzip\r\n\r\nnot gzip!",
    ],
)
async def test_an_answer_that_is_no_http(
    secretive: tuple[AuditClient, Recorder],
    wire: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    answer: bytes,
) -> None:
    client, recorder = secretive
    wire.replies(answer)
    error = await failure(client)
    assert error.__cause__ is not None
    check(caplog, client, error, error.__cause__, *recorder.events)


def test_the_search_looks_behind_an_error() -> None:
    error = AuditError("harmless")
    error.__cause__ = AuditError("next")
    error.__cause__.__context__ = AuditError(TOKEN)
    assert set(find_leaks([error], CANARIES)) == {"AuditError"}


async def test_an_observer_that_fails_is_logged_without_secrets(
    wire: ScriptedServer, credentials: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def on_event(self, event: Event) -> None:
            raise ValueError(event)

    caplog.set_level(logging.DEBUG)
    config = ClientConfig(
        preflight=Preflight.OFF, base_url=wire.base_url, timeouts=LIMITS, retry=ONCE
    )
    async with AuditClient(credentials, config, observers=[Broken()]) as client:
        await client.apply(REQUEST, app_auth_token=TOKEN)
    check(caplog, client)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", b"nonsense\r\n\r\n", None]
)
async def test_a_proxy_that_refuses(
    wire: ScriptedServer,
    credentials: Credentials,
    caplog: pytest.LogCaptureFixture,
    scheme: str,
    answer: bytes | None,
) -> None:
    async def hang_up(_: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    caplog.set_level(logging.DEBUG)
    wire.replies(answer or b"")
    wire.answer = wire.answer if answer else hang_up
    proxy = wire.base_url.replace("://", f"://user:{PROXY_PASSWORD}@")
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=f"{scheme}://openapi.invalid",
        allow_plain_http=True,
        proxy=proxy,
        timeouts=LIMITS,
        retry=ONCE,
    )
    async with AuditClient(credentials, config, observers=[LoggingObserver()]) as client:
        error = await failure(client)
        assert [request.headers["proxy-authorization"] for request in wire.requests] == [
            f"Basic {LOGIN}"
        ]
        check(caplog, client, config, error)


async def test_a_proxy_that_is_not_there(
    credentials: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    proxy = f"http://user:{PROXY_PASSWORD}@127.0.0.1:9"
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url="http://openapi.invalid",
        allow_plain_http=True,
        proxy=proxy,
        timeouts=LIMITS,
        retry=ONCE,
    )
    async with AuditClient(credentials, config, observers=[LoggingObserver()]) as client:
        check(caplog, await failure(client))
