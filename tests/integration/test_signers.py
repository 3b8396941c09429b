"""Signers of all kinds: remote ones, slow ones, broken ones."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator

import pytest

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    ClientConfig,
    Credentials,
    Outcome,
    Preflight,
    RetryPolicy,
    RSASigner,
    RSAVerifier,
    SigningError,
    Timeouts,
)
from alipay_mini_audit.sandbox import Material, SandboxGateway

ONCE = RetryPolicy(attempts=1)


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(strict=False, material=material) as gateway:
        yield gateway


def client_of(
    gateway: SandboxGateway, signer: object, retry: RetryPolicy = ONCE, *, sign: float = 10
) -> AuditClient:
    """Make a client that gives each signature `sign` seconds."""
    material = gateway.material
    credentials = Credentials(
        app_id=material.app_id,
        signer=signer,  # type: ignore[arg-type]
        verifier=RSAVerifier(material.alipay_public_key),
    )
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=gateway.base_url,
        timeouts=Timeouts(sign=sign, total=30),
        retry=retry,
        max_connections=100,  # what is signed has its place already, so that it is sent at once
    )
    return AuditClient(credentials, config)


class RemoteSigner:
    """Signs, as a key service does, when as many signatures are asked for at once as it expects."""

    def __init__(self, private_key: str, together: int = 1) -> None:
        self._local = RSASigner(private_key)
        self._waiting = asyncio.Barrier(together)

    async def sign(self, message: bytes) -> bytes:
        await self._waiting.wait()
        return await self._local.sign(message)


async def test_a_hundred_calls_wait_for_a_remote_signer_together(gateway: SandboxGateway) -> None:
    asyncio.get_running_loop().set_debug(False)
    signer = RemoteSigner(gateway.material.app_private_key, together=100)
    async with client_of(gateway, signer) as client:
        requests = (
            AuditApply(app_version=str(i), version_desc="signed far away") for i in range(100)
        )
        replies = await asyncio.gather(*(client.apply(request) for request in requests))
    assert len(replies) == len(gateway.submissions) == 100


async def test_a_signer_that_hangs_is_given_up(gateway: SandboxGateway) -> None:
    class Hanging:
        async def sign(self, message: bytes) -> bytes:
            await asyncio.Event().wait()
            return message

    async with client_of(gateway, Hanging(), sign=0.05) as client:
        with pytest.raises(SigningError, match="in time") as caught:
            await asyncio.wait_for(client.cancel("1"), 5)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert gateway.calls == 0


@pytest.mark.parametrize("rubbish", [None, "text", b"", 5])
async def test_a_signer_that_returns_rubbish_is_named(
    gateway: SandboxGateway, rubbish: object
) -> None:
    class Rubbish:
        async def sign(self, message: bytes) -> object:
            del message
            return rubbish

    async with client_of(gateway, Rubbish()) as client:
        with pytest.raises(SigningError, match="expected bytes"):
            await client.cancel("1")
    assert gateway.calls == 0


async def test_a_signer_that_fails_once_is_asked_again(gateway: SandboxGateway) -> None:
    class Shaky(RemoteSigner):
        asked = 0

        async def sign(self, message: bytes) -> bytes:
            self.asked += 1
            if self.asked == 1:
                raise ConnectionError("the key service is gone")
            return await super().sign(message)

    signer = Shaky(gateway.material.app_private_key)
    async with client_of(gateway, signer, RetryPolicy(initial_delay=0)) as client:
        reply = await client.apply(AuditApply(app_version="1", version_desc="d"))
    assert (signer.asked, reply.meta.attempts) == (2, 2)
    async with client_of(gateway, Shaky(gateway.material.app_private_key)) as client:
        with pytest.raises(SigningError, match="ConnectionError") as caught:
            await client.cancel("1")
    assert caught.value.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("backend", ["openssl", "pycryptodome"])
async def test_both_backends_are_believed_by_the_gateway(
    gateway: SandboxGateway, backend: str
) -> None:
    signer = RSASigner(gateway.material.app_private_key, backend=backend)  # type: ignore[arg-type]
    async with client_of(gateway, signer) as client:
        await client.apply(AuditApply(app_version=backend, version_desc="d"))
    assert [found.app_version for found in gateway.submissions] == [backend]


async def test_waiting_for_other_signatures_is_no_fault_of_the_signer(
    gateway: SandboxGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = RSASigner.sign_blocking

    def sign_blocking(self: RSASigner, message: bytes) -> bytes:
        time.sleep(0.1)
        return real(self, message)

    monkeypatch.setattr(RSASigner, "sign_blocking", sign_blocking)
    signer = RSASigner(gateway.material.app_private_key, backend="pycryptodome")
    async with client_of(gateway, signer, sign=1.0) as client:  # all signatures take 1.5 s
        await asyncio.gather(
            *(client.apply(AuditApply(app_version=str(i), version_desc="d")) for i in range(15))
        )
    assert len(gateway.submissions) == 15


async def test_signatures_that_take_long_are_made_one_at_a_time_and_never_on_the_loop(
    gateway: SandboxGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, running, most, threads = RSASigner.sign_blocking, 0, 0, set[int]()

    def sign_blocking(self: RSASigner, message: bytes) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        threads.add(threading.get_ident())
        signature = real(self, message)
        running -= 1
        return signature

    monkeypatch.setattr(RSASigner, "sign_blocking", sign_blocking)
    signer = RSASigner(gateway.material.app_private_key, backend="pycryptodome")
    async with client_of(gateway, signer) as client:
        await asyncio.gather(
            *(client.apply(AuditApply(app_version=str(i), version_desc="d")) for i in range(20))
        )
    assert most == 1
    assert threads
    assert threading.get_ident() not in threads
