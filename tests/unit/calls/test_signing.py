"""Who signs where, and in which queue."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from support.content import SomeContent

from alipay_mini_audit.calls.signing import RequestSigning
from alipay_mini_audit.concurrency import StepLimiter
from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.errors import ConfigurationError, Outcome, SigningError
from alipay_mini_audit.protocol import CANCEL, Caller, Request

REQUEST = Request(
    call=SomeContent(CANCEL, CANCEL.path, "{}"),
    caller=Caller("1"),
    request_id="r",
    nonce="n",
    timestamp_ms=1,
)


def soon() -> float:
    return asyncio.get_running_loop().time() + 10


async def signed_by(signer: Any, seconds: float = 5, deadline: float | None = None) -> bytes:
    signing = RequestSigning(signer, StepLimiter())
    return await signing.sign(REQUEST, seconds, soon() if deadline is None else deadline)


@pytest.mark.parametrize("backend", ["openssl", "pycryptodome"])
async def test_local_keys_make_the_signature_of_the_string_to_sign(
    backend: Any, keys: Path, app_key: RSAPrivateKey
) -> None:
    signature = await signed_by(RSASigner(keys / "app.pkcs8.pem", backend=backend))
    message = f"app_id=1,nonce=n,timestamp=1\nPOST\n{CANCEL.path}\n{{}}\n".encode()
    app_key.public_key().verify(signature, message, PKCS1v15(), SHA256())


async def test_slow_local_keys_sign_one_at_a_time_in_worker_threads(keys: Path) -> None:
    signer = RSASigner(keys / "app.pkcs8.pem", backend="pycryptodome")
    assert not signer.is_quick
    compute = signer._sign
    at_work: list[int] = []
    together: list[int] = []

    def watched(message: bytes) -> bytes:
        at_work.append(threading.get_ident())
        together.append(len(at_work))
        try:
            return compute(message)
        finally:
            at_work.remove(threading.get_ident())

    signer._sign = watched
    signing = RequestSigning(signer, StepLimiter())
    made = await asyncio.gather(*(signing.sign(REQUEST, 5, soon()) for _ in range(5)))
    assert len(set(made)) == 1
    assert together == [1] * 5


async def test_a_quick_local_key_signs_on_the_loop(keys: Path) -> None:
    signer = RSASigner(keys / "app.pkcs8.pem", backend="openssl")
    compute = signer._sign
    threads: list[int] = []

    def watched(message: bytes) -> bytes:
        threads.append(threading.get_ident())
        return compute(message)

    signer._sign = watched
    await signed_by(signer)
    assert threads == [threading.get_ident()]


async def test_a_signer_of_the_users_is_awaited_without_a_queue() -> None:
    waiting = asyncio.Barrier(10)

    class Remote:
        async def sign(self, message: bytes) -> bytes:
            await waiting.wait()
            return b"signature of " + message[:8]

    signing = RequestSigning(Remote(), StepLimiter())
    made = await asyncio.gather(*(signing.sign(REQUEST, 5, soon()) for _ in range(10)))
    assert set(made) == {b"signature of app_id=1"}


class Broken:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def sign(self, _: bytes) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("answer", [OSError("canary"), None, "text", b"", bytearray(b"x")])
async def test_whatever_is_not_a_signature_is_an_error_of_the_tree(answer: Any) -> None:
    with pytest.raises(SigningError) as caught:
        await signed_by(Broken(answer))
    assert caught.value.outcome is Outcome.NOT_SENT
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(("seconds", "left"), [(0.01, 10), (10, 0.01), (10, -1)])
async def test_a_signer_that_hangs_is_given_up_in_time(seconds: float, left: float) -> None:
    class Hanging:
        async def sign(self, message: bytes) -> bytes:
            await asyncio.Event().wait()
            return message

    deadline = asyncio.get_running_loop().time() + left
    whose = "signer" if seconds < left else "time of the call"
    with pytest.raises(SigningError, match=whose):
        await signed_by(Hanging(), seconds, deadline)


async def test_a_signer_that_cancels_itself_cancels_no_call() -> None:
    class Cancels:
        async def sign(self, _: bytes) -> bytes:
            raise asyncio.CancelledError

    with pytest.raises(SigningError, match="cancelled itself"):
        await signed_by(Cancels())


async def test_closing_waits_for_no_signature() -> None:
    class Hanging:
        async def sign(self, message: bytes) -> bytes:
            await asyncio.Event().wait()
            return message

    signing = RequestSigning(Hanging(), StepLimiter())
    waiting = asyncio.create_task(signing.sign(REQUEST, 30, soon()))
    await asyncio.sleep(0)
    signing.close()
    for work in (waiting, signing.sign(REQUEST, 30, soon())):
        with pytest.raises(ConfigurationError) as caught:
            await asyncio.wait_for(work, 1)
        assert caught.value.code == "closed"
