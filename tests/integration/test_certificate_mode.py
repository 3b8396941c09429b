"""Certificate mode and encrypted content, end to end."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator

import pytest
from support import certificates
from support.reply_signer import signed_headers
from support.scripted_server import ScriptedServer, reply

from alipay_mini_audit import (
    ApiError,
    AuditApply,
    AuditClient,
    AuthenticationError,
    ClientConfig,
    ConfigurationError,
    Credentials,
    MalformedReply,
    Outcome,
    Preflight,
    RateLimited,
    RetryPolicy,
    StateConflict,
    Timeouts,
    UntrustedReply,
)
from alipay_mini_audit.crypto import FetchCertificate, load_certificates
from alipay_mini_audit.sandbox import Material, SandboxGateway

ONCE = RetryPolicy(attempts=1, resolve=False)
KEY, OTHER_KEY = "AAECAwQFBgcICQoLDA0ODw==", "DwAODQwLCgkIBwYFBAMCAQ=="


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(strict=False, material=material, encrypt_key=KEY) as gateway:
        yield gateway


def credentials_of(
    gateway: SandboxGateway,
    fetch: FetchCertificate | None = None,
    *,
    encrypt_key: str | None = None,
) -> Credentials:
    material = gateway.material
    return Credentials.from_certificates(
        material.app_id,
        material.app_private_key,
        material.app_certificate,
        material.alipay_certificate,
        material.root_certificate,
        fetch_certificate=fetch,
        encrypt_key=encrypt_key,
    )


def client_of(gateway: SandboxGateway, credentials: Credentials) -> AuditClient:
    return AuditClient(
        credentials, ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url, retry=ONCE)
    )


def request(version: str = "1") -> AuditApply:
    return AuditApply(app_version=version, version_desc="一个加密的版本。", test_password="canary")


async def test_a_version_goes_in_and_out_in_certificate_mode(gateway: SandboxGateway) -> None:
    async with client_of(gateway, credentials_of(gateway)) as client:
        await client.apply(request(), {"app_logo": b"\x89PNG\r\n\x1a\n"})
        assert (await client.version_detail("1")).status == "AUDITING"
        await client.cancel("1")
    assert [part.name for part in gateway.submissions[0].parts] == ["app_logo"]


async def test_without_the_hook_a_new_certificate_is_not_believed(gateway: SandboxGateway) -> None:
    async with client_of(gateway, credentials_of(gateway)) as client:
        await client.version_detail("1")
        await gateway.change_certificate()
        with pytest.raises(UntrustedReply, match="not loaded") as caught:
            await client.apply(request())
    assert caught.value.outcome is Outcome.UNKNOWN
    assert "alipay_certificate" in caught.value.advice


async def test_two_hundred_calls_across_a_change_fetch_once_and_none_fails(
    gateway: SandboxGateway,
) -> None:
    asyncio.get_running_loop().set_debug(False)
    fetched: list[str] = []

    async def fetch(alipay_cert_sn: str) -> bytes:
        fetched.append(alipay_cert_sn)
        await asyncio.sleep(0.05)
        return gateway.certificate_of(alipay_cert_sn).encode()

    async with client_of(gateway, credentials_of(gateway, fetch)) as client:
        before = [asyncio.create_task(client.apply(request(f"1.{i}"))) for i in range(100)]
        await before[0]
        await gateway.change_certificate()
        after = [asyncio.create_task(client.apply(request(f"2.{i}"))) for i in range(100)]
        replies = await asyncio.gather(*before, *after)
    assert len(replies) == len(gateway.submissions) == 200
    assert len(fetched) == 1
    assert not any(reply.meta.resolved for reply in replies)


@pytest.mark.parametrize(
    ("kind", "reason"), [("expired", "expired on"), ("forged", "did not sign it")]
)
async def test_what_the_hook_returns_is_not_believed_blindly(
    gateway: SandboxGateway, kind: str, reason: str
) -> None:
    async def fetch(alipay_cert_sn: str) -> bytes:
        return gateway.certificate_of(alipay_cert_sn).encode()

    async with client_of(gateway, credentials_of(gateway, fetch)) as client:
        await gateway.change_certificate(**{kind: True})
        with pytest.raises(UntrustedReply, match=reason):
            await client.version_detail("1")


async def test_a_reply_forged_by_the_holder_of_another_certificate_is_not_believed(
    gateway: SandboxGateway, wire: ScriptedServer
) -> None:
    """The root signs for every application, so whoever has one could answer for Alipay."""
    material = gateway.material
    serial_number = load_certificates(material.app_certificate, "app_certificate")[0].cert_sn
    body = b'{"speed_up":"true"}'
    now = str(time.time_ns() // 1_000_000)
    forged = signed_headers(body, certificates.key("app"), timestamp=now, nonce=uuid.uuid4().hex)
    wire.replies(reply(body, headers=forged | {"alipay-sn": serial_number}))
    asked: list[str] = []

    async def fetch(alipay_cert_sn: str) -> bytes:
        asked.append(alipay_cert_sn)
        return material.app_certificate.encode()

    config = ClientConfig(preflight=Preflight.OFF, base_url=wire.base_url, retry=ONCE)
    async with AuditClient(credentials_of(gateway, fetch), config) as client:
        with pytest.raises(UntrustedReply, match="not Alipay's") as caught:
            await client.apply(request())
    assert asked == [serial_number]
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(400, "SUBMIT_REPEAT", StateConflict), (429, "app-call-limited", RateLimited)],
)
async def test_an_unsigned_error_that_names_a_strange_certificate_stays_what_it_is(
    gateway: SandboxGateway, wire: ScriptedServer, status: int, code: str, kind: type[ApiError]
) -> None:
    asked: list[str] = []

    async def fetch(alipay_cert_sn: str) -> bytes:
        asked.append(alipay_cert_sn)
        return b""

    body = f'{{"code":"{code}","message":""}}'.encode()
    config = ClientConfig(preflight=Preflight.OFF, base_url=wire.base_url, retry=ONCE)
    async with AuditClient(credentials_of(gateway, fetch), config) as client:
        for alipay_cert_sn in ("../../etc/passwd", "ab12"):
            headers = {"alipay-sn": alipay_cert_sn}
            wire.replies(reply(body, status=status, headers=headers))
            with pytest.raises(ApiError) as caught:
                await client.apply(request())
            assert type(caught.value) is kind
            assert caught.value.outcome is Outcome.REFUSED
    assert asked == []


async def test_a_certificate_that_cannot_be_fetched_is_asked_for_once(
    gateway: SandboxGateway,
) -> None:
    asked: list[str] = []

    async def fetch(alipay_cert_sn: str) -> bytes:
        asked.append(alipay_cert_sn)
        raise OSError

    async with client_of(gateway, credentials_of(gateway, fetch)) as client:
        await gateway.change_certificate()
        for _ in range(5):
            with pytest.raises(UntrustedReply, match="OSError"):
                await client.version_detail("1")
    assert len(asked) == 1


async def test_a_call_in_a_hurry_does_not_end_the_fetch_of_a_patient_one(
    gateway: SandboxGateway,
) -> None:
    asked = asyncio.Event()
    may_answer = asyncio.Event()

    async def fetch(alipay_cert_sn: str) -> bytes:
        asked.set()
        await may_answer.wait()
        return gateway.certificate_of(alipay_cert_sn).encode()

    async with client_of(gateway, credentials_of(gateway, fetch)) as client:
        await gateway.change_certificate()
        hurried = client.with_options(timeouts=Timeouts(total=0.3))
        first = asyncio.create_task(hurried.version_detail("1"))
        await asked.wait()
        second = asyncio.create_task(client.version_detail("2"))
        with pytest.raises(UntrustedReply, match="no answer in time"):
            await first
        may_answer.set()
        assert (await second).status == "INIT"


async def test_a_hook_that_returns_another_certificate_or_fails_is_told(
    gateway: SandboxGateway,
) -> None:
    first = gateway.material.alipay_certificate.encode()

    async def old(_: str) -> bytes:
        return first

    async def failing(_: str) -> bytes:
        raise OSError("no network")

    hooks = [
        (credentials_of(gateway, old), "not the one"),
        (credentials_of(gateway, failing), "OSError"),
    ]
    await gateway.change_certificate()
    for credentials, reason in hooks:
        async with client_of(gateway, credentials) as client:
            with pytest.raises(UntrustedReply, match=reason):
                await client.version_detail("1")


async def test_a_hook_that_hangs_ends_with_the_client(gateway: SandboxGateway) -> None:
    asked = asyncio.Event()

    async def hanging(_: str) -> bytes:
        asked.set()
        await asyncio.Event().wait()
        return b""

    credentials = credentials_of(gateway, hanging)
    await gateway.change_certificate()
    tasks = asyncio.all_tasks()
    async with client_of(gateway, credentials) as client:
        call = asyncio.create_task(client.version_detail("1"))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert not [task for task in asyncio.all_tasks() - tasks if "_fetch" in repr(task.get_coro())]


@pytest.mark.parametrize("mode", ["key", "certificate"])
async def test_encrypted_calls_are_read_by_the_gateway_and_answered_in_kind(
    gateway: SandboxGateway, mode: str
) -> None:
    material = gateway.material
    in_key_mode = Credentials.from_keys(
        material.app_id, material.app_private_key, material.alipay_public_key, encrypt_key=KEY
    )
    credentials = in_key_mode if mode == "key" else credentials_of(gateway, encrypt_key=KEY)
    async with client_of(gateway, credentials) as client:
        reply = await client.apply(request(), {"app_logo": b"\x89PNG\r\n\x1a\n"})
        assert reply.speed_up is True
        assert (await client.version_detail("1")).version_desc == "一个加密的版本。"
        await client.cancel("1")
    (submission,) = gateway.submissions
    assert submission.fields["version_desc"] == "一个加密的版本。"


async def test_a_wrong_key_is_one_clear_error_on_each_side(gateway: SandboxGateway) -> None:
    async with client_of(gateway, credentials_of(gateway, encrypt_key=OTHER_KEY)) as client:
        with pytest.raises(AuthenticationError) as refused:
            await client.apply(request())
        assert refused.value.code.startswith("decryption-error")
        assert refused.value.outcome is Outcome.REFUSED
        with pytest.raises(MalformedReply, match="cannot be decrypted") as unreadable:
            await client.version_detail("1")
        assert "encrypt_key" in unreadable.value.advice
    assert gateway.submissions == ()


async def test_expired_and_forged_certificates_are_refused_at_construction(
    gateway: SandboxGateway,
) -> None:
    material = gateway.material
    for certificate, reason in (
        (material.expired_certificate(), "expired on"),
        (material.forged_certificate(), "did not sign it"),
    ):
        with pytest.raises(ConfigurationError, match=reason):
            Credentials.from_certificates(
                material.app_id,
                material.app_private_key,
                material.app_certificate,
                certificate,
                material.root_certificate,
            )
