"""What observers are told of one call, and what they cannot do to it."""

import contextlib
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from alipay_mini_audit.calls.reporting import CallReporter
from alipay_mini_audit.errors import Outcome, ReplyLost
from alipay_mini_audit.events import (
    AttemptStarted,
    CallEnded,
    CallStarted,
    Event,
    RetryScheduled,
)
from alipay_mini_audit.protocol import APPLY


@attrs.define
class Summary:
    attempts: int = 2
    outcome: Outcome = Outcome.UNKNOWN


class Recorder:
    def __init__(self) -> None:
        self.events: list[Any] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


async def test_every_event_names_its_call_and_its_attempt() -> None:
    recorder = Recorder()
    reporter = CallReporter([recorder], APPLY, label="order 7", resolves="another")
    with reporter.around(Summary()):
        reporter.attempt_started(1, "request-1")
        reporter.tell(RetryScheduled, delay=0.5)
        reporter.attempt_started(2, "request-2")
    kinds = [type(event) for event in recorder.events]
    assert kinds == [CallStarted, AttemptStarted, RetryScheduled, AttemptStarted, CallEnded]
    for event in recorder.events:
        assert (event.call_id, event.operation) == (reporter.call_id, "apply")
        assert (event.label, event.resolves) == ("order 7", "another")
    attempts = [(event.attempt, event.request_id) for event in recorder.events[1:-1]]
    assert attempts == [(1, "request-1"), (1, "request-1"), (2, "request-2")]
    ended = recorder.events[-1]
    assert (ended.outcome, ended.error, ended.attempts) == (None, None, 2)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ReplyLost("lost"), Outcome.UNKNOWN),
        (ReplyLost("lost", outcome=Outcome.REFUSED), Outcome.REFUSED),
        (KeyboardInterrupt(), Outcome.NOT_SENT),
        (ValueError(), Outcome.NOT_SENT),
    ],
)
async def test_the_end_tells_the_error_and_its_outcome_or_what_was_learnt(
    error: BaseException, outcome: Outcome
) -> None:
    recorder = Recorder()
    reporter = CallReporter([recorder], APPLY)
    with pytest.raises(type(error)), reporter.around(Summary(outcome=Outcome.NOT_SENT)):
        raise error
    ended = recorder.events[-1]
    assert (ended.outcome, ended.error) == (outcome, error)


async def test_without_observers_nothing_happens() -> None:
    reporter = CallReporter([], APPLY)
    with reporter.around(Summary()):
        reporter.attempt_started(1, "request-1")
    assert not reporter.has_observers


async def test_two_calls_have_two_ids() -> None:
    assert CallReporter([], APPLY).call_id != CallReporter([], APPLY).call_id


async def test_contexts_nest_in_the_order_of_the_observers() -> None:
    steps: list[str] = []

    class Present(Recorder):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        @contextlib.contextmanager
        def on_call(self, event: CallStarted) -> Iterator[None]:
            steps.append(f"{self.name} enters {event.operation}")
            yield
            steps.append(f"{self.name} leaves")

        def on_event(self, event: Event) -> None:
            steps.append(f"{self.name}: {event.event}")

    reporter = CallReporter([Present("a"), Present("b")], APPLY)
    with reporter.around(Summary()):
        steps.append("the call")
    assert steps == [
        "a enters apply",
        "b enters apply",
        "a: call.started",
        "b: call.started",
        "the call",
        "a: call.ended",
        "b: call.ended",
        "b leaves",
        "a leaves",
    ]
