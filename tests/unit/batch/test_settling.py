"""What an answer or a failure makes of an entry: every class of error, every outcome."""

import attrs
import pytest

from alipay_mini_audit import errors
from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import HoldKind, Identity, Row
from alipay_mini_audit.batch.settling import (
    HOLD_REASONS,
    REASONS,
    after_answer,
    after_failure,
    after_reply,
    delay_after,
)
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    BatchError,
    CallError,
    ConnectionFailed,
    InvalidRequest,
    Outcome,
    Problem,
    RateLimited,
    ReplyLost,
    SendInterrupted,
    ServiceUnavailable,
    SigningError,
    StateConflict,
    ValidationError,
)
from alipay_mini_audit.models import ApplyReply, ReplyMeta, Resolution, VersionDetail

PLANNED = Row(identity=Identity("a", "1"))
FIRST = attrs.evolve(
    PLANNED,
    state=EntryState.SENDING,
    attempts=1,
    sending_at=1000.0,
    doubt_since=1000.0,
    alive_until=1000.0,
)
"""Its first attempt is under way."""
AFTER_DOUBT = attrs.evolve(FIRST, attempts=2, sending_at=1200.0, alive_until=1200.0)
"""Another one is under way, after one that may have been accepted."""
META = ReplyMeta(request_id="r-1", trace_id="t-1", http_status=200)


def calls_errors() -> list[type[CallError]]:
    found: list[type[CallError]] = [CallError]
    for kind in found:
        found += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == errors.__name__]


def make(kind: type[CallError], outcome: Outcome) -> CallError:
    if issubclass(kind, ApiError):
        return kind("A_CODE", "No.", outcome=outcome)
    return kind("Why.", outcome=outcome)


@pytest.mark.parametrize("kind", calls_errors())
@pytest.mark.parametrize("row", [FIRST, AFTER_DOUBT], ids=["first", "after doubt"])
def test_the_outcome_of_a_call_decides(kind: type[CallError], row: Row) -> None:
    for outcome in (Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE):
        doubtful = after_failure(row, make(kind, outcome), 1300.0, 2.0)
        assert (doubtful.state, doubtful.outcome) == (EntryState.UNKNOWN, outcome)
        assert not doubtful.returns_quota
        assert not doubtful.ends_doubt
        assert doubtful.alive_until == 1300.0
        assert doubtful.retry_at == 0.0
    unsent = after_failure(row, make(kind, Outcome.NOT_SENT), 1300.0, 2.0)
    assert (unsent.state, unsent.retry_at) == (EntryState.PLANNED, 1302.0)
    refused = after_failure(row, make(kind, Outcome.REFUSED), 1300.0, 2.0)
    assert refused.state is (
        EntryState.PLANNED if issubclass(kind, RateLimited) else EntryState.REFUSED
    )
    for sure in (unsent, refused):
        assert sure.returns_quota
        assert sure.ends_doubt is (row is FIRST)


@pytest.mark.parametrize(
    ("error", "state", "reason", "retry_at", "refunds"),
    [
        (RateLimited("LIMIT", ""), EntryState.PLANNED, "throttled", 1302.0, True),
        (RateLimited("LIMIT", "", retry_after=9), EntryState.PLANNED, "throttled", 1309.0, True),
        (RateLimited("LIMIT", "", retry_after=0.5), EntryState.PLANNED, "throttled", 1302.0, True),
        (ConnectionFailed("x"), EntryState.PLANNED, "no connection", 1302.0, False),
        (SigningError("x"), EntryState.PLANNED, "no signature", 1302.0, False),
        (InvalidRequest("INVALID_LOGO", ""), EntryState.REFUSED, "INVALID_LOGO", 0.0, False),
        (ApiError("NEW_CODE", ""), EntryState.REFUSED, "NEW_CODE", 0.0, False),
        (ServiceUnavailable("SYSTEM_ERROR", ""), EntryState.UNKNOWN, "SYSTEM_ERROR", 0.0, False),
        (ReplyLost("x"), EntryState.UNKNOWN, "outcome unknown", 0.0, False),
        (
            SendInterrupted("x", outcome=Outcome.NOT_SENT),
            *(EntryState.PLANNED, "not sent", 1302.0, False),
        ),
        (
            SendInterrupted("x", path="attachments.app_logo", outcome=Outcome.NOT_SENT),
            *(EntryState.INVALID, "a file is gone or has changed", 0.0, False),
        ),
        (
            SendInterrupted("x", path="attachments.app_logo"),
            *(EntryState.UNKNOWN, "outcome unknown", 0.0, False),
        ),
        (
            ValidationError([Problem("b", "B", ""), Problem("a", "A", ""), Problem("c", "B", "")]),
            *(EntryState.INVALID, "A, B", 0.0, False),
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, AuditError) else None,
)
def test_each_failure_has_its_state_its_reason_and_its_moment(
    error: AuditError, state: EntryState, reason: str, retry_at: float, *, refunds: bool
) -> None:
    found = after_failure(FIRST, error, 1300.0, 2.0)
    assert (found.state, found.reason, found.retry_at) == (state, reason, retry_at)
    assert found.refunds_try is refunds
    assert found.is_repeatable is error.is_repeatable


@pytest.mark.parametrize(
    "code", ["SUBMIT_REPEAT", "CAN_NOT_SUBMIT_WITH_AUDIT", "CAN_NOT_SUBMIT_WITHOUT_INIT"]
)
def test_a_refusal_that_the_earlier_attempt_may_have_caused_is_asked_for(code: str) -> None:
    error = StateConflict(code, "It is in audit.")
    first = after_failure(FIRST, error, 1300.0, 2.0)
    assert (first.state, first.reason, first.ends_doubt) == (EntryState.REFUSED, code, True)
    later = after_failure(AFTER_DOUBT, error, 1300.0, 2.0)
    assert (later.state, later.reason, later.ends_doubt) == (EntryState.UNKNOWN, code, False)
    assert not later.returns_quota


def test_a_refusal_for_another_reason_ends_it_after_a_doubt_too() -> None:
    found = after_failure(AFTER_DOUBT, InvalidRequest("INVALID_LOGO", ""), 1300.0, 2.0)
    assert (found.state, found.ends_doubt) == (EntryState.REFUSED, False)


def test_what_fails_before_it_is_sent_forgets_no_doubt() -> None:
    doubted = attrs.evolve(AFTER_DOUBT, state=EntryState.PLANNED)
    error = ValidationError([Problem("app_logo", "file_not_found", "")])
    assert not after_failure(doubted, error, 1300.0, 2.0).ends_doubt
    assert not after_failure(
        attrs.evolve(doubted, sending_at=1000.0), error, 1300.0, 2.0
    ).ends_doubt
    assert after_failure(PLANNED, error, 1300.0, 2.0).ends_doubt


def test_what_the_platform_tells_with_a_failure_is_kept() -> None:
    error = InvalidRequest("INVALID_LOGO", "", trace_id="t-2")
    error.request_id = "r-2"
    found = after_failure(FIRST, error, 1300.0, 2.0)
    assert (found.code, found.request_id, found.trace_id) == ("INVALID_LOGO", "r-2", "t-2")
    other = after_failure(FIRST, BatchError("x"), 1300.0, 2.0)
    assert (other.code, other.request_id, other.trace_id) == ("", None, None)


def test_a_reply_makes_it_done() -> None:
    reply = ApplyReply(speed_up=True, extra={"new": [1]}, meta=META)
    found = after_reply(reply)
    assert (found.state, found.reason, found.ends_doubt) == (EntryState.DONE, "", True)
    assert found.reply == {"speed_up": True, "new": [1]}
    assert (found.request_id, found.trace_id, found.returns_quota) == ("r-1", "t-1", False)


@pytest.mark.parametrize(
    ("landed", "now", "state"),
    [
        (True, 1001.0, EntryState.DONE),
        (True, 5000.0, EntryState.DONE),
        (False, 1119.0, EntryState.UNKNOWN),
        (False, 1120.0, EntryState.PLANNED),
        (None, 1119.0, EntryState.UNKNOWN),
        (None, 5000.0, EntryState.UNKNOWN),
    ],
)
def test_a_positive_answer_counts_at_once_and_a_negative_one_after_the_window(
    landed: bool | None, now: float, state: EntryState
) -> None:
    row = attrs.evolve(FIRST, state=EntryState.UNKNOWN, outcome=Outcome.UNKNOWN, code="C")
    found = after_answer(row, Resolution(landed=landed), now, 120.0)
    assert (found.state, found.asked_at, found.landed) == (state, now, landed)
    assert found.returns_quota is (state is EntryState.PLANNED)
    assert found.ends_doubt is (state is EntryState.DONE)
    told = {EntryState.DONE: "", EntryState.PLANNED: "lost on its way"}
    assert found.reason == told.get(state, "outcome unknown")


def test_what_was_accepted_is_never_planned_again() -> None:
    row = attrs.evolve(FIRST, state=EntryState.UNKNOWN, outcome=Outcome.ACCEPTED_UNREADABLE)
    found = after_answer(row, Resolution(landed=False), 5000.0, 120.0)
    assert (found.state, found.outcome) == (EntryState.UNKNOWN, Outcome.ACCEPTED_UNREADABLE)


def test_the_trace_of_an_answer_is_kept() -> None:
    detail = VersionDetail(app_version="1", meta=META)
    assert after_answer(FIRST, Resolution(landed=True, detail=detail), 1.0, 1.0).trace_id == "t-1"
    assert after_answer(FIRST, Resolution(landed=None), 1.0, 1.0).trace_id is None


def test_delays_double_up_to_a_minute() -> None:
    delays = [delay_after(failures) for failures in (0, 1, 2, 3, 6, 7, 8, 10_000)]
    assert delays == [1, 1, 2, 4, 32, 60, 60, 60]


def test_no_two_reasons_are_the_same() -> None:
    told = [*REASONS.values(), *HOLD_REASONS.values()]
    assert len(set(told)) == len(told)
    assert set(HOLD_REASONS) == set(HoldKind)
