"""One attempt of a call: a new request, signed, sent, and its reply verified and read."""

from __future__ import annotations

import asyncio
import functools
import time
import uuid
from typing import Final, final

import attrs

from alipay_mini_audit.calls.call import Call
from alipay_mini_audit.calls.certificate_fetcher import CertificateFetcher
from alipay_mini_audit.calls.reporting import CallReporter
from alipay_mini_audit.calls.signing import RequestSigning
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import CallError, Outcome, SigningError
from alipay_mini_audit.events import (
    AttemptCancelled,
    AttemptFailed,
    BytesSent,
    ReplyReceived,
    RequestSent,
)
from alipay_mini_audit.models import ReplyMeta
from alipay_mini_audit.protocol import Caller, RawReply, Request, read_reply
from alipay_mini_audit.transport import Phase, Progress, Transport

__all__ = ["Attempt", "AttemptContext"]

_LARGE_REPLY: Final = 32 * 1024
"""From this size on, in bytes, a reply is verified and parsed in a worker thread."""


def _now() -> float:
    return asyncio.get_running_loop().time()


@final
@attrs.frozen(kw_only=True)
class AttemptContext:
    """What every attempt of a client is made with."""

    credentials: Credentials
    transport: Transport
    signing: RequestSigning
    certificates: CertificateFetcher


@final
class Attempt:
    """Makes one attempt; to be used once.

    Args:
        context: of the client.
        call: what to do.
        reporter: tells what happens.
    """

    def __init__(self, context: AttemptContext, call: Call, reporter: CallReporter) -> None:
        self._context = context
        self._call = call
        self._reporter = reporter
        self._started = _now()
        self._progress = Progress(stall=call.options.timeouts.stall, on_sent=self._tell_sent)
        if reporter.has_observers:
            self._progress.on_bytes = self._tell_bytes

    @property
    def outcome(self) -> Outcome:
        """What it has done on the platform, if it ends now without an answer."""
        connecting = self._progress.phase is Phase.CONNECTING
        return Outcome.NOT_SENT if connecting else Outcome.UNKNOWN

    async def make(self, number: int, deadline: float) -> tuple[dict[str, object], ReplyMeta]:
        """Send the call once, and return the JSON object of its reply and how it came about.

        Args:
            number: of the attempt within the call, from 1 on.
            deadline: when the whole call must be over, in the time of the event loop.

        Raises:
            CallError: it failed; `outcome` says how far it came.
            SigningError: the signer failed.
            ConfigurationError: the client is closed, or belongs to another event loop.
        """
        request = self._request()
        self._reporter.attempt_started(number, request.request_id)
        try:
            raw = await self._exchange(request, deadline)
            reply = await self._read(raw)
        except (CallError, SigningError) as error:
            if isinstance(error, CallError):
                error.request_id = request.request_id
            self._reporter.tell(AttemptFailed, elapsed=self._elapsed(), error=error)
            raise
        except asyncio.CancelledError:
            elapsed = self._elapsed()
            self._reporter.tell(AttemptCancelled, elapsed=elapsed, outcome=self.outcome)
            raise
        meta = ReplyMeta(
            request_id=request.request_id,
            trace_id=raw.trace_id,
            http_status=raw.status,
        )
        return reply, meta

    def _request(self) -> Request:
        credentials = self._context.credentials
        return Request(
            call=self._call,
            cipher=credentials.cipher,
            caller=Caller(
                credentials.app_id,
                credentials.app_cert_sn,
                credentials.alipay_root_cert_sn,
                self._call.options.app_auth_token,
            ),
            request_id=uuid.uuid4().hex,
            nonce=uuid.uuid4().hex,
            timestamp_ms=time.time_ns() // 1_000_000,
        )

    async def _exchange(self, request: Request, deadline: float) -> RawReply:
        timeouts = self._call.options.timeouts
        signature = await self._context.signing.sign(request, timeouts.sign, deadline)
        raw = await self._context.transport.send(
            request, signature, timeouts, deadline, self._progress
        )
        self._reporter.tell(
            ReplyReceived,
            elapsed=self._elapsed(),
            http_status=raw.status,
            trace_id=raw.trace_id,
        )
        fetched_by = min(deadline, _now() + timeouts.reply)
        await self._context.certificates.ensure(raw, fetched_by)
        return raw

    async def _read(self, raw: RawReply) -> dict[str, object]:
        credentials = self._context.credentials
        read = functools.partial(
            read_reply,
            raw,
            credentials.verifier,
            cipher=credentials.cipher,
            may_be_empty=self._call.operation.may_be_empty,
        )
        return await asyncio.to_thread(read) if len(raw.body) > _LARGE_REPLY else read()

    def _elapsed(self) -> float:
        return _now() - self._started

    def _tell_sent(self) -> None:
        self._reporter.tell(RequestSent, elapsed=self._elapsed())

    def _tell_bytes(self, sent: int) -> None:
        self._reporter.tell(BytesSent, sent=sent, total=self._progress.total)
