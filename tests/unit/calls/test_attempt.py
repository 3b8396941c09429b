"""One attempt: what it tells, and what it knows of its outcome when it is cut short."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from alipay_mini_audit.calls.attempt import Attempt, AttemptContext
from alipay_mini_audit.calls.call import Call, CallOptions
from alipay_mini_audit.calls.certificate_fetcher import CertificateFetcher
from alipay_mini_audit.calls.reporting import CallReporter
from alipay_mini_audit.calls.signing import RequestSigning
from alipay_mini_audit.concurrency import StepLimiter
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import ConnectionFailed, Outcome, UntrustedReply
from alipay_mini_audit.events import AttemptCancelled, AttemptFailed, Event
from alipay_mini_audit.protocol import CANCEL, RawReply, ReplyFreshness, Request
from alipay_mini_audit.retry import RetryPolicy
from alipay_mini_audit.transport import Phase, Progress

CALL = Call(
    operation=CANCEL,
    target=CANCEL.path,
    body='{"app_version":"1"}',
    options=CallOptions(Timeouts(), RetryPolicy(), "token-1"),
)
NOW_MS = time.time_ns() // 1_000_000
Send = Callable[[Request, Progress], RawReply]


class Line:
    """A transport whose peer is a function."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self.requests: list[Request] = []

    async def send(
        self, request: Request, _: bytes, __: Timeouts, ___: float, progress: Progress
    ) -> RawReply:
        self.requests.append(request)
        reply: RawReply = await self._send(progress)
        return reply


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


class Signs:
    async def sign(self, _: bytes) -> bytes:
        return b"signature"


class Believes:
    def verify(self, *_: object, **__: object) -> None:
        pass


class Doubts:
    def verify(self, *_: object, **__: object) -> None:
        raise UntrustedReply("no")


def attempt_with(send: Any, verifier: Any, recorder: Recorder) -> tuple[Attempt, Line]:
    line = Line(send)
    credentials = Credentials(app_id="2021", signer=Signs(), verifier=verifier)
    context = AttemptContext(
        credentials=credentials,
        transport=line,  # type: ignore[arg-type]  # it sends
        signing=RequestSigning(credentials.signer, StepLimiter()),
        certificates=CertificateFetcher(verifier),
        freshness=ReplyFreshness(),
    )
    return Attempt(context, CALL, CallReporter([recorder], CANCEL)), line


def soon() -> float:
    return asyncio.get_running_loop().time() + 10


async def succeed(_: Progress) -> RawReply:
    headers = {"alipay-signature": "c2ln", "alipay-trace-id": "trace-1"}
    headers["alipay-timestamp"] = str(NOW_MS)
    return RawReply(200, headers, b'{"a":1}')


async def test_a_success_is_read_and_says_how_it_came_about() -> None:
    attempt, line = attempt_with(succeed, Believes(), Recorder())
    answer = await attempt.make(1, soon())
    meta = answer.meta
    (request,) = line.requests
    assert answer.fields == {"a": 1}
    assert answer.platform_time is not None
    assert answer.platform_time.timestamp() * 1000 == pytest.approx(NOW_MS)
    assert answer.received_at == pytest.approx(asyncio.get_running_loop().time(), abs=1)
    assert (meta.request_id, meta.trace_id, meta.http_status) == (
        request.request_id,
        "trace-1",
        200,
    )
    assert request.caller.app_auth_token == "token-1"


async def test_two_attempts_share_neither_nonce_nor_request_id() -> None:
    first, line_1 = attempt_with(succeed, Believes(), Recorder())
    second, line_2 = attempt_with(succeed, Believes(), Recorder())
    await first.make(1, soon())
    await second.make(2, soon())
    one, other = line_1.requests[0], line_2.requests[0]
    assert one.nonce != other.nonce
    assert one.request_id != other.request_id


async def test_a_failure_is_told_and_bears_the_request_id() -> None:
    async def fail(_: Progress) -> RawReply:
        raise ConnectionFailed("no")

    recorder = Recorder()
    attempt, line = attempt_with(fail, Believes(), recorder)
    with pytest.raises(ConnectionFailed) as caught:
        await attempt.make(3, soon())
    failed = recorder.events[-1]
    assert isinstance(failed, AttemptFailed)
    assert (failed.error, failed.attempt) == (caught.value, 3)
    assert caught.value.request_id == line.requests[0].request_id == failed.request_id


async def test_a_reply_that_is_not_believed_is_a_failure() -> None:
    attempt, _ = attempt_with(succeed, Doubts(), Recorder())
    with pytest.raises(UntrustedReply):
        await attempt.make(1, soon())


@pytest.mark.parametrize(
    ("phase", "outcome"),
    [
        (Phase.CONNECTING, Outcome.NOT_SENT),
        (Phase.SENDING, Outcome.UNKNOWN),
        (Phase.WAITING, Outcome.UNKNOWN),
        (Phase.READING, Outcome.UNKNOWN),
    ],
)
async def test_a_cancelled_attempt_knows_how_far_it_came(phase: Phase, outcome: Outcome) -> None:
    async def come_so_far(progress: Progress) -> RawReply:
        progress.phase = phase
        raise asyncio.CancelledError

    recorder = Recorder()
    attempt, _ = attempt_with(come_so_far, Believes(), recorder)
    assert attempt.outcome is Outcome.NOT_SENT
    with pytest.raises(asyncio.CancelledError):
        await attempt.make(1, soon())
    cancelled = recorder.events[-1]
    assert isinstance(cancelled, AttemptCancelled)
    assert attempt.outcome is cancelled.outcome is outcome
