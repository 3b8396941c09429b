"""Fetches an Alipay certificate that is not at hand: once, however many calls wait for it."""

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
    """Sees to it that the certificate that signed a reply is at hand, if the verifier has a hook
    for that.

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
        verifier, serial_number = self._verifier, raw.headers.get("alipay-sn")
        if not isinstance(verifier, CertificateVerifier) or verifier.fetch_certificate is None:
            return
        if not serial_number or verifier.knows(serial_number):
            return
        if (task := self._running.get(serial_number)) is None:
            task = asyncio.create_task(
                self._fetch(verifier, verifier.fetch_certificate, serial_number, deadline)
            )
            self._running[serial_number] = task
            task.add_done_callback(functools.partial(self._done, serial_number))
        await asyncio.wait({task}, timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        error = task.exception() if task.done() and not task.cancelled() else None
        if error is None and verifier.knows(serial_number):
            return
        why = "no answer in time" if error is None else type(error).__name__
        reason = (
            str(error.args[0])
            if isinstance(error, UntrustedReply)
            else f"fetch_certificate failed: {why}."
        )
        raise UntrustedReply(
            f"The reply is signed by Alipay certificate {serial_number}, which is not at hand. {reason}",
            http_status=raw.status,
            trace_id=raw.trace_id,
        ) from error

    async def aclose(self) -> None:
        """Cancel what is being fetched."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, serial_number: str, task: asyncio.Task[None]) -> None:
        del self._running[serial_number]
        if not task.cancelled():
            task.exception()  # those who wait have seen it; nobody may be left

    async def _fetch(
        self,
        verifier: CertificateVerifier,
        fetch: FetchCertificate,
        serial_number: str,
        deadline: float,
    ) -> None:
        async with asyncio.timeout_at(deadline):
            content = await fetch(serial_number)
        verifier.accept(content, serial_number)
