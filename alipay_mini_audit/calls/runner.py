"""The one way that every call goes: attempt, decide, wait or ask the platform, attempt again.

Everything in an attempt is new: time, nonce, signature and body. Nothing is kept but the earlier
errors.
"""

from __future__ import annotations

import asyncio
import datetime
import functools
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final, NoReturn, final

import attrs

from alipay_mini_audit.attachments import FilePart
from alipay_mini_audit.calls.certificate_fetcher import CertificateFetcher
from alipay_mini_audit.calls.resolution import has_landed
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.crypto import RSASigner, Signer
from alipay_mini_audit.errors import CallError, Outcome, SigningError
from alipay_mini_audit.events import (
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    Event,
    Observer,
    OutcomeResolved,
    ReplyReceived,
    RequestSent,
    RetryScheduled,
    notify,
)
from alipay_mini_audit.files.resources import UploadResources
from alipay_mini_audit.models import ReplyMeta, VersionDetail, read_model
from alipay_mini_audit.protocol import (
    DETAIL,
    Caller,
    Operation,
    RawReply,
    Request,
    query_target,
    read_reply,
)
from alipay_mini_audit.retry import Decision, GiveUp, Resolve, Retry, RetryPolicy
from alipay_mini_audit.transport import Phase, Progress, Transport

__all__ = ["Call", "CallOptions", "CallRunner"]

_LARGE_REPLY: Final = 32 * 1024


def _now() -> float:
    return asyncio.get_running_loop().time()


@attrs.frozen
class CallOptions:
    """What differs between a client and its views.

    Attributes:
        timeouts: seconds for each phase.
        retry: what to do after a failed attempt.
        app_auth_token: token of the merchant that is called for; `None` for the application itself.
    """

    timeouts: Timeouts
    retry: RetryPolicy
    app_auth_token: str | None = attrs.field(default=None, repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("CallOptions may hold a token and are not pickled")


@attrs.frozen(kw_only=True)
class Call:
    """One call, the same for each of its attempts.

    Attributes:
        operation: which call.
        target: path and query, exactly as they go on the wire.
        body: the text that is signed and sent; empty if there is none.
        files: file parts of an upload.
        upload: the body is multipart.
        options: of the client or view.
        version: query that asks for the version in question; `None` if an unknown outcome cannot be
            resolved.
    """

    operation: Operation
    target: str
    body: str = attrs.field(default="", repr=False)
    files: tuple[FilePart, ...] = ()
    upload: bool = False
    options: CallOptions
    version: Mapping[str, str] | None = None

    @property
    def repeatable(self) -> bool:
        """The call only asks."""
        return self.operation.only_asks


@attrs.define
class _CallState:
    """How a call has gone so far."""

    call: Call
    deadline: float
    started: float = attrs.field(factory=_now)
    began: datetime.datetime = attrs.field(factory=lambda: datetime.datetime.now(datetime.UTC))
    attempt: int = 0
    request_id: str = ""
    errors: list[CallError | SigningError] = attrs.field(factory=list)

    def decide(self, error: CallError | SigningError) -> Decision:
        """Ask the policy."""
        return self.call.options.retry.decide(
            error,
            self.attempt,
            _now() - self.started,
            total=self.deadline - self.started,
            jitter=random.random(),  # noqa: S311  # it spreads delays and hides nothing
            repeatable=self.call.repeatable,
        )

    def again(self, error: CallError | SigningError) -> Decision:
        """Decide after the platform said that the attempt did not land."""
        policy = self.call.options.retry
        delay = policy.delay_after(self.attempt, error, random.random())  # noqa: S311  # as above
        in_time = _now() + delay < self.deadline
        return Retry(delay) if self.attempt < policy.attempts and in_time else GiveUp()

    def finish(self, error: CallError | SigningError) -> CallError | SigningError:
        """Tell the last error what came before it; an unknown outcome before it stays unknown."""
        earlier = tuple(before for before in self.errors if before is not error)
        if any(before.outcome is Outcome.UNKNOWN for before in earlier):
            error.outcome = Outcome.UNKNOWN
        if isinstance(error, CallError):
            error.attempts, error.earlier = self.attempt, earlier
        return error


@final
class CallRunner:
    """Runs calls for one client and its views."""

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        resources: UploadResources,
        observers: Sequence[Observer],
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._steps = resources.steps
        self._signing = (
            asyncio.Lock()
        )  # threads that compute take the interpreter from the loop, all in turn
        self._observers = tuple(observers)
        self._certificates = CertificateFetcher(credentials.verifier)

    async def run(
        self, call: Call, deadline: float | None = None
    ) -> tuple[dict[str, object], ReplyMeta]:
        """Make the attempts of a call.

        Args:
            call: what to do.
            deadline: when it must be over, in the time of the event loop; `None` takes
                `Timeouts.total`.

        Raises:
            CallError: the last attempt failed; `earlier` holds the errors before it.
            SigningError: the signer failed.
            ConfigurationError: the client is closed, or belongs to another event loop.
        """
        self._transport.check()
        course = _CallState(
            call, _now() + call.options.timeouts.total if deadline is None else deadline
        )
        while True:
            course.attempt += 1
            try:
                reply, meta = await self._attempt(course)
            except (CallError, SigningError) as error:
                landed = await self._after(course, error)
                if landed is None:
                    continue
                reply, meta = {}, attrs.evolve(landed, resolved=True)
            return reply, attrs.evolve(
                meta, attempts=course.attempt, elapsed=_now() - course.started
            )

    async def aclose(self) -> None:
        """End what still runs in the background."""
        await self._certificates.aclose()

    async def _after(self, course: _CallState, error: CallError | SigningError) -> ReplyMeta | None:
        """Wait for the next attempt and return `None`, or return what shows that this one landed."""
        course.errors.append(error)
        decision = course.decide(error)
        if isinstance(decision, Resolve):
            landed, meta = await self._resolve(course)
            if landed:
                return meta
            decision = GiveUp() if landed is None else course.again(error)
        if not isinstance(decision, Retry):
            raise course.finish(error)
        self._tell(RetryScheduled, course, delay=decision.delay)
        await asyncio.sleep(decision.delay)
        return None

    async def _resolve(self, course: _CallState) -> tuple[bool | None, ReplyMeta | None]:
        """Ask the platform whether the last attempt landed. Only a signed answer is believed."""
        call, landed, meta = course.call, None, None
        if call.version is not None and _now() < course.deadline:
            target = query_target(DETAIL.path, call.version)
            question = Call(operation=DETAIL, target=target, options=call.options)
            try:
                reply, meta = await self.run(question, course.deadline)
            except (CallError, SigningError) as error:
                course.errors.append(error)
            else:
                landed = has_landed(
                    call.operation, read_model(VersionDetail, reply, meta), course.began
                )
        self._tell(OutcomeResolved, course, landed=landed)
        return landed, meta

    async def _attempt(self, course: _CallState) -> tuple[dict[str, object], ReplyMeta]:
        """Request, sign, send and read once."""
        call, started = course.call, _now()
        request = self._request(call)
        course.request_id = request.request_id
        self._tell(AttemptStarted, course)
        progress = Progress(
            stall=call.options.timeouts.stall,
            on_sent=lambda: self._tell(RequestSent, course, elapsed=_now() - started),
        )
        try:
            signature = await self._sign(request, call.options.timeouts.sign, course.deadline)
            raw = await self._transport.send(
                request, signature, call.options.timeouts, course.deadline, progress
            )
            elapsed = _now() - started
            self._tell(
                ReplyReceived,
                course,
                elapsed=elapsed,
                http_status=raw.status,
                trace_id=raw.trace_id,
            )
            await self._certificates.ensure(
                raw, min(course.deadline, _now() + call.options.timeouts.reply)
            )
            reply = await self._read(call.operation, raw)
        except (CallError, SigningError) as error:
            if isinstance(error, CallError):
                error.request_id = request.request_id
            self._tell(AttemptFailed, course, elapsed=_now() - started, error=error)
            raise
        except asyncio.CancelledError:
            outcome = Outcome.NOT_SENT if progress.phase is Phase.CONNECTING else Outcome.UNKNOWN
            self._tell(AttemptCancelled, course, elapsed=_now() - started, outcome=outcome)
            raise
        return reply, ReplyMeta(
            request_id=request.request_id, trace_id=raw.trace_id, http_status=raw.status
        )

    async def _read(self, operation: Operation, raw: RawReply) -> dict[str, object]:
        read = functools.partial(
            read_reply,
            raw,
            self._credentials.verifier,
            cipher=self._credentials.cipher,
            may_be_empty=operation.may_be_empty,
        )
        return await asyncio.to_thread(read) if len(raw.body) > _LARGE_REPLY else read()

    def _request(self, call: Call) -> Request:
        credentials, cipher = self._credentials, self._credentials.cipher
        return Request(
            operation=call.operation,
            target=call.target,
            body=cipher.encrypt(call.body) if cipher and call.body else call.body,
            files=call.files,
            upload=call.upload,
            encrypted=cipher is not None,
            caller=Caller(
                credentials.app_id,
                credentials.app_cert_sn,
                credentials.alipay_root_cert_sn,
                call.options.app_auth_token,
            ),
            request_id=uuid.uuid4().hex,
            nonce=uuid.uuid4().hex,
            timestamp_ms=time.time_ns() // 1_000_000,
        )

    async def _sign(self, request: Request, seconds: float, deadline: float) -> bytes:
        message, signer = request.string_to_sign.encode(), self._credentials.signer
        try:
            async with (
                asyncio.timeout_at(deadline),
                self._place_of(signer),
                asyncio.timeout(seconds),
            ):
                if isinstance(signer, RSASigner) and not signer.is_quick:
                    signature = await asyncio.to_thread(signer.sign_blocking, message)
                else:
                    signature = await signer.sign(message)
        except TimeoutError:
            raise SigningError("The signer gave no signature in time. Nothing was sent.") from None
        except Exception as error:
            raise SigningError(
                f"The signer failed: {type(error).__name__}. Nothing was sent."
            ) from error
        if not isinstance(signature, bytes) or not signature:
            raise SigningError("The signer returned no bytes. Nothing was sent.")
        return signature

    def _place_of(self, signer: Signer) -> AbstractAsyncContextManager[None]:
        """Return where to wait for other signatures; it is not the signer that takes this time."""
        if not isinstance(signer, RSASigner):
            return nullcontext()
        return self._steps if signer.is_quick else self._signing

    def _tell(self, kind: Callable[..., Event], course: _CallState, **facts: object) -> None:
        if self._observers:
            operation = course.call.operation
            event = kind(
                method=operation.method,
                path=operation.path,
                request_id=course.request_id,
                attempt=course.attempt,
                **facts,
            )
            notify(self._observers, event)
