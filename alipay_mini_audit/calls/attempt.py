"""One attempt of a call: a new request, signed, sent, and its reply verified and read.

Whatever goes wrong is an error that knows how far the request had come.
"""

from __future__ import annotations

import asyncio
import datetime
import functools
import time
import uuid
from collections.abc import Callable
from typing import Final, TypeVar, final
from urllib.parse import quote_plus

import attrs

from alipay_mini_audit.calls.call import Call, SendGate
from alipay_mini_audit.calls.causes import clean_causes
from alipay_mini_audit.calls.certificate_fetcher import CertificateFetcher
from alipay_mini_audit.calls.reporting import CallReporter
from alipay_mini_audit.calls.signing import RequestSigning
from alipay_mini_audit.calls.state import Doubt
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import (
    AuditError,
    CallError,
    Outcome,
    ReplyLost,
    ReplyTimeout,
    SigningError,
)
from alipay_mini_audit.events import (
    AttemptCancelled,
    AttemptFailed,
    BytesSent,
    ClockDiffers,
    ReplyReceived,
    ReplyUnbound,
    RequestSent,
)
from alipay_mini_audit.models import ReplyMeta
from alipay_mini_audit.protocol import (
    TRACE_IDS,
    Caller,
    RawReply,
    ReplyFreshness,
    Request,
    RequestTiming,
    parse_reply,
    verify_reply,
)
from alipay_mini_audit.transport import Phase, Progress, Transport

__all__ = ["Answer", "Attempt", "AttemptContext"]

_T = TypeVar("_T")

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
    freshness: ReplyFreshness | None
    """Refuses replies that answer another request; `None` takes recorded ones."""


@final
@attrs.frozen(kw_only=True)
class Answer:
    """What a call came to.

    Attributes:
        fields: the JSON object of the verified reply; `{}` if it was lost and the platform said
            that the call took effect.
        meta: how it came about.
        platform_time: the platform's signed time; `None` if it sent none that can be read.
        received_at: when the reply was here, in the time of the event loop.
    """

    fields: dict[str, object] = attrs.field(repr=False)
    meta: ReplyMeta
    platform_time: datetime.datetime | None = None
    received_at: float = 0.0


@final
class Attempt:
    """Makes one attempt; to be used once.

    Args:
        context: of the client.
        call: what to do.
        reporter: tells what happens.
        gate: asked before the request and each piece of it; `None` lets everything through.
    """

    def __init__(
        self,
        context: AttemptContext,
        call: Call,
        reporter: CallReporter,
        gate: SendGate | None = None,
    ) -> None:
        self._context = context
        self._call = call
        self._reporter = reporter
        self._gate = gate
        self._started = _now()
        self.request_id = uuid.uuid4().hex
        options = call.options
        self._progress = Progress(stall=options.timeouts.stall, gate=gate, on_sent=self._tell_sent)
        if reporter.has_observers:
            self._progress.on_bytes = self._tell_bytes

    @property
    def outcome(self) -> Outcome:
        """What it has done on the platform, if it ends now without an answer."""
        connecting = self._progress.phase is Phase.CONNECTING
        return Outcome.NOT_SENT if connecting else Outcome.UNKNOWN

    @property
    def doubt(self) -> Doubt:
        """What may become of the attempt, if it ends now and its outcome is not certain."""
        first_byte = self._progress.first_byte_at
        return Doubt(
            began=self._started if first_byte is None else first_byte,
            ended=_now(),
            may_still_arrive=self._progress.may_still_arrive,
        )

    @property
    def queued_seconds(self) -> float:
        """How long it waited for its gate or a lent session's connection: no part of `total`."""
        return self._progress.queued_seconds

    async def make(self, number: int, deadline: float) -> Answer:
        """Send the call once, and return what the platform answered.

        Args:
            number: of the attempt within the call, from 1 on.
            deadline: when the whole call must be over, in the time of the event loop.

        Raises:
            CallError: it failed; `outcome` says how far it came.
            SigningError: the signer failed.
            ConfigurationError: the client is closed, or belongs to another event loop.
        """
        self._reporter.attempt_started(number, self.request_id)
        try:
            return await self._make(deadline)
        except AuditError as error:
            clean_causes(error)
            if isinstance(error, CallError):
                error.request_id = self.request_id
            if isinstance(error, CallError | SigningError):
                self._reporter.tell(AttemptFailed, elapsed=self._elapsed(), error=error)
            raise
        except asyncio.CancelledError:
            elapsed = self._elapsed()
            self._reporter.tell(AttemptCancelled, elapsed=elapsed, outcome=self.outcome)
            raise

    async def _make(self, deadline: float) -> Answer:
        request = self._request()
        began = _now()
        try:
            raw = await self._exchange(request, deadline)
            received_at = _now()
            deadline += self._progress.queued_seconds
            await self._fetch_certificate(raw, deadline)
            fields = await self._read(
                raw,
                RequestTiming(signed_ms=request.timestamp_ms, began=began, ended=received_at),
                deadline,
            )
        except AuditError:
            raise
        except Exception as error:
            reason = f"The reply could not be read ({type(error).__name__})."
            raise ReplyLost(reason, outcome=self.outcome) from error
        meta = ReplyMeta(
            request_id=self.request_id,
            trace_id=raw.trace_id,
            http_status=raw.status,
            platform_time=raw.platform_time,
        )
        return Answer(
            fields=fields, meta=meta, platform_time=raw.platform_time, received_at=received_at
        )

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
            request_id=self.request_id,
            nonce=uuid.uuid4().hex,
            timestamp_ms=time.time_ns() // 1_000_000,
        )

    async def _exchange(self, request: Request, deadline: float) -> RawReply:
        timeouts = self._call.options.timeouts
        signature = await self._context.signing.sign(request, timeouts.sign, deadline)
        if self._gate is not None:
            await self._gate.before_request(self.request_id)
        raw = await self._context.transport.send(
            request, signature, timeouts, deadline, self._progress
        )
        raw = _with_trace_id(raw, self._call.secret)
        stated = raw.stated_time
        self._reporter.tell(
            ReplyReceived,
            elapsed=self._elapsed(),
            http_status=raw.status,
            trace_id=raw.trace_id,
            stated_time=None if stated is None else stated.timestamp(),
        )
        return raw

    async def _fetch_certificate(self, raw: RawReply, deadline: float) -> None:
        fetched_by = min(deadline, _now() + self._call.options.timeouts.reply)
        await self._context.certificates.ensure(raw, fetched_by)

    async def _read(
        self, raw: RawReply, exchange: RequestTiming, deadline: float
    ) -> dict[str, object]:
        credentials = self._context.credentials
        verify = functools.partial(verify_reply, raw, credentials.verifier)
        parse = functools.partial(
            parse_reply,
            _without_secret(raw, self._call.secret),
            cipher=credentials.cipher,
            may_be_empty=self._call.operation.may_be_empty,
        )
        if await _step(verify, raw, deadline):
            self._admit(raw, exchange)
        return await _step(parse, raw, deadline)

    def _admit(self, raw: RawReply, exchange: RequestTiming) -> None:
        if self._context.freshness is None:
            return
        admission = self._context.freshness.admit(raw, exchange)
        if admission.missing:
            self._reporter.tell(ReplyUnbound, missing=admission.missing)
        if admission.clock_offset is not None:
            self._reporter.tell(ClockDiffers, offset=admission.clock_offset)

    def _elapsed(self) -> float:
        return _now() - self._started

    def _tell_sent(self) -> None:
        if self._gate is not None:
            self._gate.sent()
        self._reporter.tell(RequestSent, elapsed=self._elapsed())

    def _tell_bytes(self, sent: int) -> None:
        self._reporter.tell(BytesSent, sent=sent, total=self._progress.total)


def _without_secret(raw: RawReply, secret: str | None) -> RawReply:
    """Return a refusal that does not repeat a secret: whoever answers may quote the URL."""
    if secret is None or raw.is_success:
        return raw
    body = raw.body
    for spelling in (secret, quote_plus(secret)):
        body = body.replace(spelling.encode(), b"***")
    return attrs.evolve(raw, body=body)


def _with_trace_id(raw: RawReply, secret: str | None) -> RawReply:
    """Return a reply whose trace id, which is not signed and printed at once, has no secret."""
    if secret is None:
        return raw
    headers = dict(raw.headers)
    for name in TRACE_IDS:
        for spelling in (secret, quote_plus(secret)):
            if name in headers:
                headers[name] = headers[name].replace(spelling, "***")
    return attrs.evolve(raw, headers=headers)


async def _step(work: Callable[[], _T], raw: RawReply, deadline: float) -> _T:
    """Do what takes as long as the reply is large: in a worker thread if that is long."""
    if len(raw.body) <= _LARGE_REPLY:
        return work()
    try:
        async with asyncio.timeout_at(deadline):
            return await asyncio.to_thread(work)
    except TimeoutError:
        reason = "The reply is here, but no worker thread read it in time."
        raise ReplyTimeout(reason, http_status=raw.status, trace_id=raw.trace_id) from None
