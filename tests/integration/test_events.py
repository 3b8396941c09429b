"""Observers are told what happens, in order, without bodies and secrets.

One that raises harms nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from alipay_mini_audit import (
    AttemptCancelled,
    AttemptFailed,
    AttemptStarted,
    AuditApply,
    AuditClient,
    CallEnded,
    CallStarted,
    ClientConfig,
    Event,
    LoggingObserver,
    Outcome,
    OutcomeResolved,
    Preflight,
    ReplyLost,
    ReplyReceived,
    RequestSent,
    RetryPolicy,
    RetryScheduled,
    ServiceUnavailable,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

REQUEST = AuditApply(app_version="1", version_desc="canary-desc", test_password="canary-password")


class Recorder:
    def __init__(self) -> None:
        self.events: list[Any] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


def kinds_of(recorder: Recorder) -> list[type]:
    return [type(event) for event in recorder.events]


class Broken:
    def on_event(self, event: Event) -> None:
        raise RuntimeError(type(event).__name__)


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(strict=False, material=material) as gateway:
        yield gateway


def client_of(gateway: SandboxGateway, *observers: object, attempts: int = 3) -> AuditClient:
    retry = RetryPolicy(attempts=attempts, initial_delay=0, unknown_window=0)
    config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url, retry=retry)
    return AuditClient(gateway.credentials, config, observers=observers)  # type: ignore[arg-type]


async def test_a_call_tells_what_happens_in_order(gateway: SandboxGateway) -> None:
    recorder = Recorder()
    async with client_of(gateway, recorder) as client:
        reply = await client.apply(REQUEST)
    assert kinds_of(recorder) == [
        CallStarted,
        AttemptStarted,
        RequestSent,
        ReplyReceived,
        CallEnded,
    ]
    _, *attempt, ended = recorder.events
    received = attempt[-1]
    assert isinstance(received, ReplyReceived)
    assert (received.http_status, received.trace_id) == (200, reply.meta.trace_id)
    assert {event.request_id for event in attempt} == {reply.meta.request_id}
    assert {event.attempt for event in attempt} == {1}
    assert {(event.operation, event.method, event.path) for event in recorder.events} == {
        ("apply", "POST", "/v3/alipay/open/mini/version/audit/apply")
    }
    assert len({event.call_id for event in recorder.events}) == 1
    assert isinstance(ended, CallEnded)
    assert (ended.outcome, ended.error, ended.attempts) == (None, None, 1)


async def test_a_retry_is_told_with_its_reason_and_delay(gateway: SandboxGateway) -> None:
    recorder = Recorder()
    gateway.faults.add(Fault.throttled(0))
    async with client_of(gateway, recorder) as client:
        await client.apply(REQUEST)
    attempt = [AttemptStarted, RequestSent, ReplyReceived]
    between = [AttemptFailed, RetryScheduled]
    assert kinds_of(recorder) == [CallStarted, *attempt, *between, *attempt, CallEnded]
    assert [event.attempt for event in recorder.events[1:-1]] == [1, 1, 1, 1, 1, 2, 2, 2]
    assert recorder.events[5].delay == 0
    assert recorder.events[-1].attempts == 2


async def test_a_resolved_outcome_is_told(gateway: SandboxGateway) -> None:
    recorder = Recorder()
    gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING)
    async with client_of(gateway, recorder) as client:
        await client.apply(REQUEST)
    failed = [event for event in recorder.events if isinstance(event, AttemptFailed)]
    resolved = [event for event in recorder.events if isinstance(event, OutcomeResolved)]
    assert [type(event.error) for event in failed] == [ReplyLost]
    assert [event.landed for event in resolved] == [True]


@pytest.mark.parametrize(
    ("moment", "outcome"), [(AttemptStarted, Outcome.NOT_SENT), (RequestSent, Outcome.UNKNOWN)]
)
async def test_a_cancelled_attempt_tells_its_outcome(
    gateway: SandboxGateway, moment: type[Event], outcome: Outcome
) -> None:
    class Canceller(Recorder):
        def on_event(self, event: Event) -> None:
            super().on_event(event)
            if isinstance(event, moment):
                call.cancel()

    observer = Canceller()
    gateway.faults.add(Fault.HANG)
    async with client_of(gateway, observer) as client:
        call = asyncio.create_task(client.apply(REQUEST))
        with pytest.raises(asyncio.CancelledError):
            await call
    cancelled, ended = observer.events[-2:]
    assert isinstance(cancelled, AttemptCancelled)
    assert isinstance(ended, CallEnded)
    assert cancelled.outcome is ended.outcome is outcome
    assert isinstance(ended.error, asyncio.CancelledError)


async def test_an_observer_that_raises_harms_no_call_and_is_logged(
    gateway: SandboxGateway, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder()
    async with client_of(gateway, Broken(), recorder) as client:
        await client.apply(REQUEST)
    assert len(recorder.events) == 5
    ours = [each.getMessage() for each in caplog.records if each.name == "alipay_mini_audit"]
    assert ours == ["observer.failed Broken"] * 5


async def test_the_log_holds_facts_and_neither_bodies_nor_secrets(
    gateway: SandboxGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.faults.add(Fault.BAD_GATEWAY)
    async with client_of(gateway, LoggingObserver(), attempts=1) as client:
        with pytest.raises(ServiceUnavailable):
            await client.apply(REQUEST, app_auth_token="canary-token")
    records = [record for record in caplog.records if record.name == "alipay_mini_audit"]
    names = [record.getMessage().split()[0] for record in records]
    assert names[:5] == [
        "call.started",
        "attempt.started",
        "request.sent",
        "reply.received",
        "attempt.failed",
    ]
    assert [record.levelname for record in records[:5]] == ["DEBUG"] * 4 + ["WARNING"]
    assert records[3].audit["http_status"] == 502  # type: ignore[attr-defined]
    assert "canary" not in caplog.text
    assert all("canary" not in str(vars(record)) for record in caplog.records)


def test_the_logger_is_silent_by_default() -> None:
    logger = logging.getLogger("alipay_mini_audit")
    assert any(isinstance(handler, logging.NullHandler) for handler in logger.handlers)
