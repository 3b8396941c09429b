"""Records of events: their names, and what the log makes of them."""

import asyncio
import json
import logging
from typing import Any, get_args

import attrs
import pytest

from alipay_mini_audit import events
from alipay_mini_audit.errors import Outcome, Problem, RateLimited, ReplyLost, ValidationError
from alipay_mini_audit.events import (
    AttemptFailed,
    CallEnded,
    ClockDiffers,
    Event,
    LoggingObserver,
    ReplyReceived,
    ReplyUnbound,
    notify,
)

CALL: dict[str, Any] = {"call_id": "c", "operation": "apply", "method": "POST", "path": "/v3/x"}
ATTEMPT: dict[str, Any] = CALL | {"request_id": "r", "attempt": 1}


def logged(event: Event, caplog: pytest.LogCaptureFixture) -> tuple[logging.LogRecord, Any]:
    caplog.set_level(logging.DEBUG, "alipay_mini_audit")
    LoggingObserver().on_event(event)
    (record,) = caplog.records
    return record, json.loads(json.dumps(vars(record)["audit"]))


def test_every_event_has_a_name_of_its_own_and_a_docstring() -> None:
    kinds = get_args(Event)
    names = [kind.event for kind in kinds]
    assert len(set(names)) == len(names) == 13
    assert all(kind.__doc__ for kind in kinds)
    assert {kind.__name__ for kind in kinds} <= set(events.__all__)


def test_every_event_can_be_joined_to_its_call() -> None:
    for kind in get_args(Event):
        names = {field.name for field in attrs.fields(kind)}
        assert {"call_id", "operation", "label", "resolves"} <= names


def test_an_error_is_logged_as_facts_that_json_takes(caplog: pytest.LogCaptureFixture) -> None:
    error = RateLimited("app-call-limited", "慢一点", trace_id="t-1")
    record, facts = logged(AttemptFailed(**ATTEMPT, elapsed=0.5, error=error), caplog)
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith("attempt.failed call_id=c operation=apply")
    assert (facts["error"], facts["code"]) == ("RateLimited", "app-call-limited")
    assert "慢一点" in facts["message"]


@pytest.mark.parametrize(
    ("error", "outcome", "shown"),
    [
        (None, None, None),
        (ReplyLost("lost"), Outcome.UNKNOWN, "unknown"),
        (asyncio.CancelledError(), Outcome.NOT_SENT, "not sent"),
    ],
)
def test_the_end_of_a_call_is_logged_with_its_outcome(
    error: BaseException | None,
    outcome: Outcome | None,
    shown: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    event = CallEnded(**CALL, outcome=outcome, error=error, attempts=1, elapsed=2.0)
    _, facts = logged(event, caplog)
    assert facts["outcome"] == shown
    assert facts["error"] == (None if error is None else type(error).__name__)
    assert facts["elapsed"] == 2.0


def test_an_observer_that_raises_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Event] = []

    class Broken:
        def on_event(self, event: Event) -> None:
            raise RuntimeError(event.event)

    class Recorder:
        def on_event(self, event: Event) -> None:
            seen.append(event)

    event = CallEnded(**CALL, outcome=None, error=None, attempts=1, elapsed=0.0)
    notify([Broken(), Recorder()], event)
    assert seen == [event]
    assert caplog.messages == ["observer.failed Broken"]


FORGERY = "\r\nWARNING \x1b[31mforged\u202e\ud800"


@pytest.mark.parametrize(
    "event",
    [
        CallEnded(**CALL | {"label": FORGERY}, outcome=None, error=None, attempts=1, elapsed=0.0),
        AttemptFailed(**ATTEMPT, elapsed=0.5, error=RateLimited(FORGERY, FORGERY)),
        AttemptFailed(
            **ATTEMPT, elapsed=0.5, error=ValidationError([Problem(FORGERY, "x", FORGERY)] * 2)
        ),
        ReplyReceived(**ATTEMPT, elapsed=0.5, http_status=200, trace_id=FORGERY),
    ],
    ids=lambda event: event.event,
)
def test_no_text_from_outside_forges_a_line_of_the_log(
    event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    record, facts = logged(event, caplog)
    assert record.getMessage().isprintable()
    assert "forged" in record.getMessage()
    assert all(value.isprintable() for value in facts.values() if isinstance(value, str))


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (ReplyUnbound(**ATTEMPT, missing=("alipay-nonce",)), "missing=('alipay-nonce',)"),
        (ClockDiffers(**ATTEMPT, offset=-301.5), "offset=-301.5"),
    ],
    ids=["unbound", "clock"],
)
def test_doubts_about_a_reply_are_warnings(
    event: Event, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    record, _ = logged(event, caplog)
    assert record.levelname == "WARNING"
    assert shown in record.getMessage()
