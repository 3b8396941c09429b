"""Fetches Alipay's next certificate: once, however many calls wait for it."""

from __future__ import annotations

import asyncio
import functools
from typing import final

from alipay_mini_audit.crypto import CertificateVerifier, FetchCertificate, Verifier
from alipay_mini_audit.errors import UntrustedReply
from alipay_mini_audit.protocol import RawReply

__all__ = ["CertificateFetcher"]


@final
class CertificateFetcher:
    """Sees to it that the certificate that signed a reply is loaded.

    It does so only if the verifier has a hook for that. Alipay re-issues its certificate every five
    years or so, and a reply then names a serial number that nobody has seen yet.

    Args:
        verifier: of the client's credentials.
    """

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._running: dict[str, asyncio.Task[None]] = {}

    async def ensure(self, raw: RawReply, deadline: float) -> None:
        """Fetch the certificate that `raw` names, unless it is known or there is no hook.

        Args:
            raw: a reply that is not verified yet.
            deadline: when to give up, in the time of the event loop.

        Raises:
            UntrustedReply: the hook failed, or what it returned is not trusted.
        """
        verifier = self._verifier
        if not isinstance(verifier, CertificateVerifier) or verifier.fetch_certificate is None:
            return
        cert_sn = raw.headers.get("alipay-sn")
        if not cert_sn or verifier.knows(cert_sn):
            return
        task = self._running.get(cert_sn)
        if task is None:
            task = self._start(verifier, verifier.fetch_certificate, cert_sn, deadline)
        left = deadline - asyncio.get_running_loop().time()
        await asyncio.wait({task}, timeout=max(0.0, left))
        error = task.exception() if task.done() and not task.cancelled() else None
        if error is None and verifier.knows(cert_sn):
            return
        raise UntrustedReply(
            f"The reply is signed by Alipay certificate {cert_sn}, which is not loaded. "
            f"{_reason(error)}",
            http_status=raw.status,
            trace_id=raw.trace_id,
        ) from error

    async def aclose(self) -> None:
        """Cancel what is being fetched."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(
        self,
        verifier: CertificateVerifier,
        fetch: FetchCertificate,
        cert_sn: str,
        deadline: float,
    ) -> asyncio.Task[None]:
        # A task of its own: the call that asked first may be cancelled while others still wait.
        task = asyncio.create_task(_fetch(verifier, fetch, cert_sn, deadline))
        self._running[cert_sn] = task
        task.add_done_callback(functools.partial(self._done, cert_sn))
        return task

    def _done(self, cert_sn: str, task: asyncio.Task[None]) -> None:
        del self._running[cert_sn]
        if not task.cancelled():
            task.exception()  # those who wait have seen it; nobody may be left


async def _fetch(
    verifier: CertificateVerifier, fetch: FetchCertificate, cert_sn: str, deadline: float
) -> None:
    async with asyncio.timeout_at(deadline):
        content = await fetch(cert_sn)
    verifier.accept(content, cert_sn)


def _reason(error: BaseException | None) -> str:
    if isinstance(error, UntrustedReply):
        return error.reason
    what = "no answer in time" if error is None else type(error).__name__
    return f"fetch_certificate failed: {what}."
