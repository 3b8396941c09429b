"""Alipay's next certificate is fetched once, however many calls wait for it."""

import asyncio
import datetime
import threading
from collections.abc import Awaitable, Callable

import pytest

from alipay_mini_audit.calls.certificate_fetcher import CertificateFetcher
from alipay_mini_audit.crypto import CertificateVerifier, RSAVerifier, load_certificates
from alipay_mini_audit.errors import UntrustedReply
from alipay_mini_audit.protocol import RawReply
from alipay_mini_audit.sandbox import Material


def soon() -> float:
    return asyncio.get_running_loop().time() + 10


def signed_by(cert_sn: str, status: int = 200, signature: str = "c2ln") -> RawReply:
    headers = {"alipay-sn": cert_sn, "alipay-trace-id": "trace-1", "alipay-signature": signature}
    return RawReply(status, headers, b"{}")


def fetcher_of(
    material: Material, fetch: Callable[[str], Awaitable[bytes]] | None, **limits: float
) -> CertificateFetcher:
    verifier = CertificateVerifier(
        material.alipay_certificate, material.root_certificate, fetch_certificate=fetch
    )
    return CertificateFetcher(verifier, **limits)


class Hook:
    """Notes what it is asked for, and answers when and what it is told to."""

    def __init__(self, answer: bytes | Exception | None = None) -> None:
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.answer = answer
        if answer is not None:
            self.may_answer.set()

    async def __call__(self, cert_sn: str) -> bytes:
        self.asked.append(cert_sn)
        await self.may_answer.wait()
        if isinstance(self.answer, bytes):
            return self.answer
        raise self.answer or OSError


async def untrusted(fetcher: CertificateFetcher, raw: RawReply) -> UntrustedReply:
    with pytest.raises(UntrustedReply) as caught:
        await fetcher.ensure(raw, soon())
    return caught.value


async def test_calls_that_wait_together_fetch_once_and_fail_together(material: Material) -> None:
    asked: list[str] = []
    answer = asyncio.Event()

    async def fetch(cert_sn: str) -> bytes:
        asked.append(cert_sn)
        await answer.wait()
        return material.app_certificate.encode()

    fetcher = fetcher_of(material, fetch)
    waiting = [asyncio.create_task(fetcher.ensure(signed_by("ab12"), soon())) for _ in range(5)]
    await asyncio.sleep(0)
    answer.set()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert asked == ["ab12"]
    assert [type(each) for each in ended] == [UntrustedReply] * 5
    assert isinstance(ended[0], UntrustedReply)
    assert (ended[0].http_status, ended[0].trace_id) == (200, "trace-1")


async def test_nothing_is_fetched_for_what_is_known_or_cannot_be_asked(
    material: Material,
) -> None:
    async def never(_: str) -> bytes:
        raise AssertionError("nobody had to ask")

    await fetcher_of(material, never).ensure(RawReply(200, {}, b"{}"), soon())
    await fetcher_of(material, None).ensure(signed_by("ab12"), soon())
    await CertificateFetcher(RSAVerifier(material.alipay_public_key)).ensure(
        signed_by("ab12"), soon()
    )


@pytest.mark.parametrize("left", [0.01, -1])
async def test_a_hook_that_hangs_is_given_up_in_time(material: Material, left: float) -> None:
    async def hang(_: str) -> bytes:
        await asyncio.Event().wait()
        return b""

    fetcher = fetcher_of(material, hang)
    deadline = asyncio.get_running_loop().time() + left
    with pytest.raises(UntrustedReply):
        await fetcher.ensure(signed_by("ab12"), deadline)
    await fetcher.aclose()


async def test_a_hook_that_fails_shows_its_kind_and_no_text(material: Material) -> None:
    async def fail(_: str) -> bytes:
        raise OSError("canary")

    fetcher = fetcher_of(material, fail)
    with pytest.raises(UntrustedReply, match="OSError") as caught:
        await fetcher.ensure(signed_by("ab12"), soon())
    assert "canary" not in str(caught.value)


async def test_closing_ends_what_is_fetched(material: Material) -> None:
    ended = asyncio.Event()

    async def hang(_: str) -> bytes:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return b""

    fetcher = fetcher_of(material, hang)
    waiting = asyncio.create_task(fetcher.ensure(signed_by("ab12"), soon()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await fetcher.aclose()
    assert ended.is_set()
    with pytest.raises(UntrustedReply):
        await waiting


# The fetch has a limit of its own.


async def test_who_has_little_time_does_not_end_the_fetch_of_who_has_more(
    material: Material,
) -> None:
    next_one = material.successor()
    cert_sn = cert_sn_of(next_one)
    hook = Hook()
    fetcher = fetcher_of(material, hook)
    loop = asyncio.get_running_loop()
    with pytest.raises(UntrustedReply, match="no answer in time"):
        await fetcher.ensure(signed_by(cert_sn), loop.time() + 0.01)
    patient = asyncio.create_task(fetcher.ensure(signed_by(cert_sn), soon()))
    await asyncio.sleep(0)
    hook.answer = next_one.alipay_certificate.encode()
    hook.may_answer.set()
    await patient
    assert hook.asked == [cert_sn]


async def test_a_fetch_goes_on_after_the_call_that_asked_is_cancelled(material: Material) -> None:
    next_one = material.successor()
    cert_sn = cert_sn_of(next_one)
    hook = Hook()
    fetcher = fetcher_of(material, hook)
    first = asyncio.create_task(fetcher.ensure(signed_by(cert_sn), soon()))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    second = asyncio.create_task(fetcher.ensure(signed_by(cert_sn), soon()))
    hook.answer = next_one.alipay_certificate.encode()
    hook.may_answer.set()
    await second
    assert hook.asked == [cert_sn]


async def test_a_hook_that_hangs_is_ended_by_the_limit_of_the_fetch(material: Material) -> None:
    fetcher = fetcher_of(material, Hook(), fetch_limit=0.01)
    error = await untrusted(fetcher, signed_by("ab12"))
    assert "no answer in time" in error.reason
    assert not asyncio.all_tasks() - {asyncio.current_task()}


async def test_closing_does_not_wait_for_a_hook_that_will_not_end(material: Material) -> None:
    may_end = asyncio.Event()
    ended = asyncio.Event()

    async def stubborn(_: str) -> bytes:
        while not may_end.is_set():
            try:
                await may_end.wait()
            except asyncio.CancelledError:
                continue
        ended.set()
        return b""

    fetcher = fetcher_of(material, stubborn)
    waiting = asyncio.create_task(fetcher.ensure(signed_by("ab12"), soon()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    before = asyncio.get_running_loop().time()
    await fetcher.aclose()
    assert asyncio.get_running_loop().time() - before < 1
    may_end.set()
    await ended.wait()
    await asyncio.wait({waiting})
    assert isinstance(waiting.exception(), UntrustedReply)


# What the hook is asked, and how often.


@pytest.mark.parametrize(
    "cert_sn",
    ["", "../../etc/passwd", "ab12\n", "0x12", "a" * 33, "ab 12", "\u0661", "ab12'; drop table"],
)
@pytest.mark.parametrize("status", [200, 400])
async def test_the_hook_is_given_hex_digits_alone(
    material: Material, cert_sn: str, status: int
) -> None:
    hook = Hook(b"")
    await fetcher_of(material, hook).ensure(signed_by(cert_sn, status), soon())
    assert hook.asked == []


@pytest.mark.parametrize("signature", ["", "null"])
@pytest.mark.parametrize("status", [200, 400, 401, 429, 502])
async def test_a_reply_without_a_signature_asks_for_nothing(
    material: Material, status: int, signature: str
) -> None:
    hook = Hook(b"")
    await fetcher_of(material, hook).ensure(signed_by("ab12", status, signature), soon())
    assert hook.asked == []


@pytest.mark.parametrize("answer", [b"garbage", OSError("canary"), asyncio.CancelledError()])
async def test_a_failure_is_remembered_for_a_while(
    material: Material, answer: bytes | Exception
) -> None:
    hook = Hook(answer)
    fetcher = fetcher_of(material, hook)
    first = await untrusted(fetcher, signed_by("ab12"))
    for _ in range(3):
        again = await untrusted(fetcher, signed_by("ab12"))
        assert again.reason == first.reason
        assert (again.http_status, again.trace_id) == (200, "trace-1")
        assert "canary" not in str(again)
    assert hook.asked == ["ab12"]
    await untrusted(fetcher, signed_by("cd34"))
    assert hook.asked == ["ab12", "cd34"]


async def test_a_failure_is_forgotten(material: Material) -> None:
    next_one = material.successor()
    cert_sn = cert_sn_of(next_one)
    hook = Hook(OSError())
    fetcher = fetcher_of(material, hook, forget_after=0.0)
    await untrusted(fetcher, signed_by(cert_sn))
    hook.answer = next_one.alipay_certificate.encode()
    await fetcher.ensure(signed_by(cert_sn), soon())
    assert hook.asked == [cert_sn, cert_sn]


async def test_numbers_that_somebody_makes_up_are_not_all_asked_for(material: Material) -> None:
    hook = Hook(OSError())
    fetcher = fetcher_of(material, hook)
    errors = [await untrusted(fetcher, signed_by(f"{number:x}")) for number in range(1000)]
    assert len(hook.asked) == 8
    assert "too many" in errors[-1].reason
    together = Hook()
    fetcher = fetcher_of(material, together)
    calls = [
        asyncio.create_task(fetcher.ensure(signed_by(f"{number:x}"), soon()))
        for number in range(100)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    together.may_answer.set()
    await asyncio.wait(calls)
    assert len(together.asked) == 8
    assert all(isinstance(call.exception(), UntrustedReply) for call in calls)


async def test_what_was_fetched_is_read_in_a_thread(material: Material) -> None:
    threads: list[int] = []

    def clock() -> datetime.datetime:
        threads.append(threading.get_ident())
        return datetime.datetime.now(datetime.UTC)

    next_one = material.successor()
    verifier = CertificateVerifier(
        material.alipay_certificate,
        material.root_certificate,
        fetch_certificate=Hook(next_one.alipay_certificate.encode()),
        clock=clock,
    )
    threads.clear()
    await CertificateFetcher(verifier).ensure(signed_by(cert_sn_of(next_one)), soon())
    assert threads
    assert threading.get_ident() not in threads


def cert_sn_of(material: Material) -> str:
    return load_certificates(material.alipay_certificate, "alipay_certificate")[0].cert_sn
