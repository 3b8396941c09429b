"""Fetches Alipay's next certificate: once, however many calls wait for it."""

from __future__ import annotations

import asyncio
import functools
from typing import Final, final

import attrs

from alipay_mini_audit.crypto import CertificateVerifier, FetchCertificate, Verifier
from alipay_mini_audit.crypto.trust import is_serial_number
from alipay_mini_audit.errors import UntrustedReply
from alipay_mini_audit.protocol import RawReply

__all__ = ["CertificateFetcher"]

_FETCH_LIMIT: Final = 30.0
_FORGET_AFTER: Final = 10.0
_MOST: Final = 8
"""Fetches under way, and failures that are not forgotten; beyond them nothing more is fetched.

Alipay changes one certificate in five years: more than that is somebody who makes numbers up.
"""
_TOO_MANY: Final = (
    "fetch_certificate is not asked: too many certificates could not be fetched a moment ago."
)
_CLOSE_LIMIT: Final = 0.5
"""Seconds for a hook to end once it is cancelled."""


@final
@attrs.frozen
class _Failure:
    """Why a certificate could not be fetched, and when to try it again."""

    reason: str
    until: float


@final
class CertificateFetcher:
    """Sees to it that the certificate that signed a reply is loaded.

    It does so only if the verifier has a hook for that. Alipay re-issues its certificate every five
    years or so, and a reply then names a serial number that nobody has seen yet. Anybody can write
    such a number, so the hook is given nothing but hex digits, and not the same ones again and
    again.

    Args:
        verifier: of the client's credentials.
        fetch_limit: seconds that the hook may take for one certificate, however long the calls
            wait.
        forget_after: seconds after a failure in which the hook is not asked for the same one.
    """

    def __init__(
        self,
        verifier: Verifier,
        *,
        fetch_limit: float = _FETCH_LIMIT,
        forget_after: float = _FORGET_AFTER,
    ) -> None:
        self._verifier = verifier
        self._fetch_limit = fetch_limit
        self._forget_after = forget_after
        self._running: dict[str, asyncio.Task[None]] = {}
        self._failures: dict[str, _Failure] = {}

    async def ensure(self, raw: RawReply, deadline: float) -> None:
        """Fetch the certificate that `raw` names, unless it is known or there is no hook.

        A reply without a signature is left as it is, and so is one that names no serial number.

        Args:
            raw: a reply that is not verified yet.
            deadline: when to wait no longer, in the time of the event loop; the fetch itself goes
                on for those who have more time.

        Raises:
            UntrustedReply: the hook failed, or what it returned is not trusted.
        """
        verifier = self._verifier
        if not isinstance(verifier, CertificateVerifier) or verifier.fetch_certificate is None:
            return
        cert_sn = raw.headers.get("alipay-sn", "")
        if not raw.is_signed or not is_serial_number(cert_sn) or verifier.knows(cert_sn):
            return
        task = self._running.get(cert_sn)
        if task is None:
            self._expect_no_failure(raw, cert_sn)
            task = self._start(verifier, verifier.fetch_certificate, cert_sn)
        left = deadline - asyncio.get_running_loop().time()
        await asyncio.wait({task}, timeout=max(0.0, left))
        if verifier.knows(cert_sn):
            return
        error = task.exception() if task.done() and not task.cancelled() else None
        raise _not_loaded(raw, cert_sn, _reason(task)) from error

    async def aclose(self) -> None:
        """Cancel what is being fetched."""
        tasks = set(self._running.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CLOSE_LIMIT)

    def _expect_no_failure(self, raw: RawReply, cert_sn: str) -> None:
        now = asyncio.get_running_loop().time()
        self._failures = {sn: each for sn, each in self._failures.items() if now < each.until}
        if (failure := self._failures.get(cert_sn)) is not None:
            raise _not_loaded(raw, cert_sn, failure.reason)
        if len(self._failures) + len(self._running) >= _MOST:
            raise _not_loaded(raw, cert_sn, _TOO_MANY)

    def _start(
        self, verifier: CertificateVerifier, fetch: FetchCertificate, cert_sn: str
    ) -> asyncio.Task[None]:
        # A task of its own: the call that asked first may be cancelled while others still wait.
        task = asyncio.create_task(_fetch(verifier, fetch, cert_sn, self._fetch_limit))
        self._running[cert_sn] = task
        task.add_done_callback(functools.partial(self._done, cert_sn))
        return task

    def _done(self, cert_sn: str, task: asyncio.Task[None]) -> None:
        del self._running[cert_sn]
        if task.cancelled() or task.exception() is not None:  # which also marks it as seen
            until = asyncio.get_running_loop().time() + self._forget_after
            self._failures[cert_sn] = _Failure(_reason(task), until)


async def _fetch(
    verifier: CertificateVerifier, fetch: FetchCertificate, cert_sn: str, limit: float
) -> None:
    async with asyncio.timeout(limit):
        content = await fetch(cert_sn)
    await asyncio.to_thread(verifier.accept, content, cert_sn)


def _not_loaded(raw: RawReply, cert_sn: str, reason: str) -> UntrustedReply:
    return UntrustedReply(
        f"The reply is signed by Alipay certificate {cert_sn}, which is not loaded. {reason}",
        http_status=raw.status,
        trace_id=raw.trace_id,
    )


def _reason(task: asyncio.Task[None]) -> str:
    if task.done() and task.cancelled():
        return "fetch_certificate was cancelled."
    error = task.exception() if task.done() else None
    if isinstance(error, UntrustedReply):
        return error.reason
    is_late = error is None or isinstance(error, TimeoutError)
    what = "no answer in time" if is_late else type(error).__name__
    return f"fetch_certificate failed: {what}."
