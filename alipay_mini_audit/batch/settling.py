"""What an answer, a failure or the lack of either makes of an entry. Pure, no I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import HoldKind, Row, Settlement
from alipay_mini_audit.batch.next_step import closes_at
from alipay_mini_audit.codes import look_up
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    CallError,
    ConnectionFailed,
    Outcome,
    RateLimited,
    SendInterrupted,
    SigningError,
    ValidationError,
)
from alipay_mini_audit.models import ApplyReply, Resolution
from alipay_mini_audit.preflight import RULE_FAILED
from alipay_mini_audit.problems import Problem

__all__ = [
    "HOLD_REASONS",
    "REASONS",
    "after_answer",
    "after_break",
    "after_failure",
    "after_reply",
    "delay_after",
]

REASONS: Final[Mapping[EntryState, str]] = {
    EntryState.PLANNED: "lost on its way",
    EntryState.DONE: "already done",
    EntryState.UNKNOWN: "outcome unknown",
    EntryState.DEFERRED: "quota of the template used up",
    EntryState.SKIPPED: "skipped",
}
HOLD_REASONS: Final[Mapping[HoldKind, str]] = {
    HoldKind.KEY: "on hold",
    HoldKind.MINI_APP: "mini-program on hold",
    HoldKind.TEMPLATE: "template on hold",
}
_BY_KIND: Final[Mapping[type[AuditError], str]] = {
    RateLimited: "throttled",
    ConnectionFailed: "no connection",
    SigningError: "no signature",
}
_DOUBTFUL: Final = (Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE)
_FIRST_DELAY: Final = 1.0
_LONGEST_DELAY: Final = 60.0
_MOST_DOUBLINGS: Final = 10


def after_reply(reply: ApplyReply, digest: str = "") -> Settlement:
    """Return what the platform's reply makes of an entry.

    Args:
        reply: the reply.
        digest: of what was sent; empty if it is not known.
    """
    given = {"speed_up": reply.speed_up, "speed_up_memo": reply.speed_up_memo, **reply.extra}
    accepted = reply.meta.platform_time
    return Settlement(
        state=EntryState.DONE,
        accepted_at=None if accepted is None else accepted.timestamp(),
        reply={name: value for name, value in given.items() if value is not None},
        request_id=reply.meta.request_id,
        trace_id=reply.meta.trace_id,
        digest=digest,
        ends_doubt=True,
    )


def after_failure(row: Row, error: AuditError, now: float, delay: float) -> Settlement:
    """Return what a failed attempt makes of an entry.

    Args:
        row: as it was when the attempt began, or before if nothing began.
        error: why it failed.
        now: the time, in seconds since 1970.
        delay: seconds before another attempt, if there is one.
    """
    facts = Settlement(
        state=EntryState.PLANNED,
        outcome=error.outcome,
        is_repeatable=error.is_repeatable,
        code=error.code if isinstance(error, ApiError) else "",
        request_id=error.request_id if isinstance(error, CallError) else None,
        trace_id=error.trace_id if isinstance(error, CallError) else None,
        alive_until=now,
        reason=_reason_of(error),
    )
    is_first = row.state is EntryState.SENDING and row.doubt_since == row.sending_at
    was_in_doubt = row.doubt_since is not None and not is_first
    if error.outcome in _DOUBTFUL or (was_in_doubt and _may_have_landed(error)):
        return attrs.evolve(facts, state=EntryState.UNKNOWN)
    facts = attrs.evolve(facts, returns_quota=True, ends_doubt=not was_in_doubt)
    if error.is_repeatable:
        asked = error.retry_after if isinstance(error, ApiError) else None
        throttled = isinstance(error, RateLimited)
        retry_at = now + max(delay, asked or 0.0)
        return attrs.evolve(facts, retry_at=retry_at, refunds_try=throttled)
    if error.outcome is Outcome.REFUSED:
        return attrs.evolve(facts, state=EntryState.REFUSED)
    if isinstance(error, ValidationError | SendInterrupted):
        return attrs.evolve(facts, state=EntryState.INVALID)
    return facts


def after_break(
    row: Row, error: AuditError | None, now: float, *, may_have_left: bool
) -> Settlement:
    """Return what is left of an attempt that was broken off.

    Args:
        row: as it was when the attempt began.
        error: what broke it off; `None` if it was cancelled.
        now: the time, in seconds since 1970.
        may_have_left: something of it may be on its way.
    """
    outcome = Outcome.UNKNOWN if error is None else error.outcome
    outcome = outcome if may_have_left else Outcome.NOT_SENT
    is_unsent = outcome is Outcome.NOT_SENT
    return Settlement(
        state=EntryState.PLANNED if is_unsent else EntryState.UNKNOWN,
        outcome=outcome,
        is_repeatable=is_unsent,
        reason="not sent" if is_unsent else REASONS[EntryState.UNKNOWN],
        alive_until=now,
        returns_quota=is_unsent,
        ends_doubt=is_unsent and row.doubt_since == row.sending_at,
    )


def after_answer(row: Row, found: Resolution, now: float, window: float) -> Settlement:
    """Return what the platform's answer to the question makes of an entry.

    Args:
        row: the entry.
        found: what the answer proves.
        now: when the question was put, in seconds since 1970.
        window: seconds for which what was sent may still arrive.
    """
    meta = None if found.detail is None else found.detail.meta
    facts = Settlement(
        state=EntryState.UNKNOWN,
        outcome=row.outcome,
        code=row.code,
        reason=REASONS[EntryState.UNKNOWN],
        asked_at=now,
        landed=found.landed,
        trace_id=None if meta is None else meta.trace_id,
    )
    if found.landed:
        submitted = None if found.detail is None else found.detail.gmt_apply_audit
        since = None if submitted is None else submitted.timestamp()
        done = attrs.evolve(facts, state=EntryState.DONE, reason="", ends_doubt=True)
        return attrs.evolve(done, audit_since=since)
    was_accepted = row.outcome is Outcome.ACCEPTED_UNREADABLE
    if found.landed is False and now >= closes_at(row, window) and not was_accepted:
        lost = attrs.evolve(facts, reason=REASONS[EntryState.PLANNED], returns_quota=True)
        return attrs.evolve(lost, state=EntryState.PLANNED)
    return facts


def delay_after(failures: int) -> float:
    """Return the seconds to wait after so many failures of an entry."""
    doublings = min(max(failures - 1, 0), _MOST_DOUBLINGS)
    return min(_LONGEST_DELAY, _FIRST_DELAY * 2.0**doublings)


def _reason_of(error: AuditError) -> str:
    if isinstance(error, ValidationError):
        return ", ".join(sorted({_reason_in(problem) for problem in error.problems}))
    for kind, reason in _BY_KIND.items():
        if isinstance(error, kind):
            return reason
    if isinstance(error, ApiError):
        return error.code
    if error.outcome in _DOUBTFUL:
        return REASONS[EntryState.UNKNOWN]
    is_of_file = isinstance(error, SendInterrupted) and error.path is not None
    return "a file is gone or has changed" if is_of_file else "not sent"


def _reason_in(problem: Problem) -> str:
    is_of_rule = problem.code == RULE_FAILED
    return f"{problem.code}: {problem.path}" if is_of_rule else problem.code


def _may_have_landed(error: AuditError) -> bool:
    known = look_up(error.code) if isinstance(error, ApiError) else None
    return known is not None and known.may_have_landed
