"""Alipay's next certificate is fetched once, however many calls wait for it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from alipay_mini_audit.calls.certificate_fetcher import CertificateFetcher
from alipay_mini_audit.crypto import CertificateVerifier, RSAVerifier
from alipay_mini_audit.errors import UntrustedReply
from alipay_mini_audit.protocol import RawReply
from alipay_mini_audit.sandbox import Material


def soon() -> float:
    return asyncio.get_running_loop().time() + 10


def signed_by(cert_sn: str) -> RawReply:
    return RawReply(200, {"alipay-sn": cert_sn, "alipay-trace-id": "trace-1"}, b"{}")


def fetcher_of(
    material: Material, fetch: Callable[[str], Awaitable[bytes]] | None
) -> CertificateFetcher:
    verifier = CertificateVerifier(
        material.alipay_certificate, material.root_certificate, fetch_certificate=fetch
    )
    return CertificateFetcher(verifier)


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
