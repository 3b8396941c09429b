"""Replies are bound to their requests: what Alipay signed for another call is no answer to ours."""

import time
from collections.abc import AsyncIterator, Callable

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.reply_signer import signed_headers
from support.scripted_server import ONCE, ScriptedServer, reply

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    AuthenticationError,
    CallError,
    ClientConfig,
    ClockDiffers,
    Credentials,
    Event,
    LoggingObserver,
    MalformedReply,
    Outcome,
    Preflight,
    ReplyUnbound,
    StateConflict,
    Timeouts,
    UntrustedReply,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

VERSION = AuditApply(app_version="1.0.0", version_desc="A version that says what it changes.")
DETAIL = b'{"app_version":"1.0.0","status":"INIT"}'
LIMITS = Timeouts(connect=2, stall=2, reply=2, total=10)


@attrs.define
class Recorder:
    """Keeps what is told."""

    events: list[Event] = attrs.Factory(list)

    def on_event(self, event: Event) -> None:
        self.events.append(event)


Call = Callable[[AuditClient], object]
CALLS = {
    "apply": lambda client: client.apply(VERSION),
    "cancel": lambda client: client.cancel("1.0.0"),
    "detail": lambda client: client.version_detail("1.0.0"),
    "call": lambda client: client.call("POST", "/v3/x", body={}),
}


async def failure(client: AuditClient, name: str = "apply") -> CallError:
    with pytest.raises(CallError) as caught:
        await CALLS[name](client)
    return caught.value


def signed_at(
    key: RSAPrivateKey, off: float, nonce: str | None = None, body: bytes = DETAIL
) -> bytes:
    """Return a signed success of another moment, `off` seconds from now."""
    timestamp = str(round((time.time() + off) * 1000))
    return bytes(reply(body, headers=signed_headers(body, key, timestamp=timestamp, nonce=nonce)))


@pytest.mark.parametrize("name", CALLS)
async def test_an_old_reply_is_no_answer(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey, name: str
) -> None:
    for off in (-time.time(), -86400.0, -601.0, 620.0, 86400.0):
        wire.replies(signed_at(alipay_key, off))
        error = await failure(client, name)
        assert type(error) is UntrustedReply
        assert error.outcome is Outcome.UNKNOWN
        assert (error.http_status, error.trace_id) == (200, "trace-1")
        assert error.request_id == wire.requests[-1].headers["alipay-request-id"]
    wire.replies(signed_at(alipay_key, -590.0))
    await CALLS[name](client)


@pytest.mark.parametrize("name", CALLS)
async def test_a_reply_that_comes_again_is_no_answer(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey, name: str
) -> None:
    wire.replies(bytes(reply(DETAIL, sign_with=alipay_key)))
    await client.with_options(label="a view shares the memory").cancel("1.0.0")
    error = await failure(client, name)
    assert type(error) is UntrustedReply
    assert error.outcome is Outcome.UNKNOWN


async def test_a_reply_that_was_signed_by_a_stranger_uses_up_no_nonce(
    client: AuditClient,
    wire: ScriptedServer,
    alipay_key: RSAPrivateKey,
    other_key: RSAPrivateKey,
) -> None:
    wire.replies(signed_at(other_key, 0.0, "nonce-1"))
    assert "signature of the reply is wrong" in (await failure(client)).reason
    wire.replies(signed_at(alipay_key, 0.0, "nonce-1"))
    await client.apply(VERSION)


async def test_a_signed_refusal_of_another_day_is_no_refusal(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey
) -> None:
    body = b'{"code":"SUBMIT_REPEAT","message":"m"}'
    old = signed_headers(body, alipay_key, timestamp="1600000000000")
    wire.replies(reply(body, status=400, headers=old))
    error = await failure(client)
    assert type(error) is UntrustedReply
    assert error.outcome is Outcome.UNKNOWN
    wire.replies(reply(body, status=400))
    assert type(await failure(client)) is StateConflict, "what is not signed stays a hint"


@pytest.fixture
async def trusting(wire: ScriptedServer, credentials: Credentials) -> AsyncIterator[AuditClient]:
    """A client that takes recorded replies."""
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=wire.base_url,
        timeouts=LIMITS,
        retry=ONCE,
        check_freshness=False,
    )
    async with AuditClient(credentials, config) as client:
        yield client


async def test_recorded_replies_are_taken_where_that_is_asked_for(
    trusting: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey
) -> None:
    wire.replies(signed_at(alipay_key, -(10**8)))
    for _ in range(2):
        assert (await trusting.version_detail("1.0.0")).status == "INIT"


@pytest.mark.parametrize(
    ("timestamp", "nonce", "missing"),
    [
        ("", "n", ("alipay-timestamp",)),
        ("2026-11-24 12:00:00", "n", ("alipay-timestamp",)),
        (None, "", ("alipay-nonce",)),
        ("", "", ("alipay-timestamp", "alipay-nonce")),
    ],
)
async def test_a_reply_that_is_bound_to_nothing_is_believed_and_told(
    wire: ScriptedServer,
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    caplog: pytest.LogCaptureFixture,
    timestamp: str | None,
    nonce: str,
    missing: tuple[str, ...],
) -> None:
    headers = signed_headers(DETAIL, alipay_key, timestamp=timestamp, nonce=nonce)
    wire.replies(reply(DETAIL, headers={name: value for name, value in headers.items() if value}))
    config = ClientConfig(
        preflight=Preflight.OFF, base_url=wire.base_url, timeouts=LIMITS, retry=ONCE
    )
    recorder = Recorder()
    async with AuditClient(credentials, config, observers=[recorder, LoggingObserver()]) as client:
        await client.apply(VERSION)
    told = [event for event in recorder.events if isinstance(event, ReplyUnbound)]
    assert [event.missing for event in told] == [missing]
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert [record.getMessage().split()[0] for record in warnings] == ["reply.unbound"]


@pytest.mark.parametrize("off", [-590.0, -300.0, 300.0, 590.0])
async def test_a_wrong_clock_of_ours_is_told_once_and_harms_nothing(
    material: Material, off: float
) -> None:
    recorder = Recorder()
    async with SandboxGateway(
        strict=False, material=material, clock=lambda: time.time() + off
    ) as gateway:
        config = ClientConfig(
            preflight=Preflight.OFF, base_url=gateway.base_url, timeouts=LIMITS, retry=ONCE
        )
        async with AuditClient(gateway.credentials, config, observers=[recorder]) as client:
            for number in range(3):
                version = f"1.0.{number}"
                await client.apply(AuditApply(app_version=version, version_desc="x" * 40))
                assert (await client.version_detail(version)).status == "AUDITING"
                await client.cancel(version)
    told = [event.offset for event in recorder.events if isinstance(event, ClockDiffers)]
    assert told == [pytest.approx(off, abs=5)]


async def test_a_clock_that_is_wrong_by_more_is_refused_by_the_platform(
    material: Material,
) -> None:
    async with SandboxGateway(
        strict=False, material=material, clock=lambda: time.time() + 700
    ) as gateway:
        config = ClientConfig(
            preflight=Preflight.OFF, base_url=gateway.base_url, timeouts=LIMITS, retry=ONCE
        )
        async with AuditClient(gateway.credentials, config) as client:
            error = await failure(client)
    assert type(error) is AuthenticationError
    assert error.outcome is Outcome.REFUSED


async def test_the_length_of_a_call_counts(material: Material) -> None:
    async with SandboxGateway(
        strict=False, material=material, clock=lambda: time.time() + 599.5
    ) as gateway:
        gateway.faults.add(Fault.slow_answer(0.3))
        config = ClientConfig(
            preflight=Preflight.OFF, base_url=gateway.base_url, timeouts=LIMITS, retry=ONCE
        )
        async with AuditClient(gateway.credentials, config) as client:
            await client.apply(VERSION)


@pytest.mark.parametrize("name", ["apply", "detail"])
@pytest.mark.parametrize("status", [200, 201, 204])
async def test_an_empty_success_is_unreadable_where_fields_may_come(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey, name: str, status: int
) -> None:
    headers = {"Content-Length": ""} if status == 204 else {}
    raw = reply(b"", status=status, sign_with=alipay_key, headers=headers)
    wire.replies(bytes(raw).replace(b"Content-Length: \r\n", b""))
    error = await failure(client, name)
    assert type(error) is MalformedReply
    assert error.outcome is Outcome.ACCEPTED_UNREADABLE


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("body", [b'{"code":"SYSTEM_ERROR","message":"m"}', b'{"code":null}'])
async def test_a_success_that_holds_a_code_is_unreadable(
    client: AuditClient,
    wire: ScriptedServer,
    alipay_key: RSAPrivateKey,
    name: str,
    body: bytes,
) -> None:
    wire.replies(reply(body, sign_with=alipay_key))
    error = await failure(client, name)
    assert type(error) is MalformedReply
    assert error.outcome is Outcome.ACCEPTED_UNREADABLE


@pytest.mark.parametrize("name", CALLS)
async def test_an_empty_object_is_a_success(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey, name: str
) -> None:
    wire.replies(reply(b"{}", sign_with=alipay_key))
    await CALLS[name](client)


async def test_an_empty_cancel_is_a_success(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey
) -> None:
    wire.replies(reply(b"", sign_with=alipay_key))
    await client.cancel("1.0.0")


async def test_a_large_reply_is_bound_like_a_small_one(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey
) -> None:
    body = b'{"speed_up_memo":"' + b"x" * 100_000 + b'"}'
    wire.replies(bytes(reply(body, sign_with=alipay_key)))
    await client.apply(VERSION)
    assert type(await failure(client)) is UntrustedReply
