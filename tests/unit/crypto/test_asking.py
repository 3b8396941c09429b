"""Nothing but the silence of a verifier is a yes."""

import asyncio
import gc

import pytest

from alipay_mini_audit.crypto.asking import expect_signature
from alipay_mini_audit.errors import UntrustedReply


class Answering:
    """A verifier that returns or raises what it was given."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[object] = []

    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        self.asked += [message, signature, alipay_cert_sn]
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer  # type: ignore[return-value]


class Awaitable:
    """A verifier that nobody awaits."""

    async def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        del message, signature, alipay_cert_sn


def test_silence_is_a_yes() -> None:
    verifier = Answering(None)
    expect_signature(verifier, b"m", b"s", alipay_cert_sn="sn")
    assert verifier.asked == [b"m", b"s", "sn"]


@pytest.mark.parametrize("answer", [True, False, 0, "", ValueError("x"), asyncio.CancelledError()])
def test_anything_else_is_a_refusal(answer: object) -> None:
    with pytest.raises(UntrustedReply):
        expect_signature(Answering(answer), b"m", b"s", alipay_cert_sn=None)


def test_its_own_refusal_is_passed_on() -> None:
    refusal = UntrustedReply("no")
    with pytest.raises(UntrustedReply) as caught:
        expect_signature(Answering(refusal), b"m", b"s", alipay_cert_sn=None)
    assert caught.value is refusal


def test_a_coroutine_is_a_refusal_and_is_closed() -> None:
    with pytest.raises(UntrustedReply, match="coroutine"):
        expect_signature(Awaitable(), b"m", b"s", alipay_cert_sn=None)
    gc.collect()  # a warning that it was never awaited would be an error


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_the_end_of_the_program_is_passed_on(stop: type[BaseException]) -> None:
    with pytest.raises(stop):
        expect_signature(Answering(stop()), b"m", b"s", alipay_cert_sn=None)
