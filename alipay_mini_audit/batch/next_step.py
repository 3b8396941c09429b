"""`next_step`: what happens to an entry next. The only place that decides; pure, no I/O here."""

from __future__ import annotations

from typing import final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.errors import Outcome

__all__ = ["Ask", "Final", "Limits", "Send", "Step", "Wait", "next_step"]


@final
@attrs.frozen
class Send:
    """Send it: nothing of it has arrived, nor can it any more."""


@final
@attrs.frozen
class Ask:
    """Ask the platform what became of it."""


@final
@attrs.frozen
class Wait:
    """Look at it again later.

    Attributes:
        until: when, in seconds since 1970.
    """

    until: float


@final
@attrs.frozen
class Final:
    """Nothing more happens in this run."""


Step = Send | Ask | Wait | Final


@final
@attrs.frozen(kw_only=True)
class Limits:
    """How far a run goes with one entry.

    Attributes:
        attempts: how often it is sent at the most.
        until: from when on nothing more is sent, in seconds since 1970; `None` for no end.
        may_ask: whether questions may still be put; those that failed are counted by the runner.
    """

    attempts: int = 3
    until: float | None = None
    may_ask: bool = True


_LIMITS = Limits()


def next_step(row: Row, now: float, window: float, limits: Limits = _LIMITS) -> Step:
    """Say what to do with an entry.

    Args:
        row: what is known of it.
        now: the time, in seconds since 1970.
        window: seconds after the end of an attempt for which what was sent may still arrive: until
            then a positive answer of the platform counts and a negative one does not.
        limits: how far to go.
    """
    match row.state:
        case EntryState.PLANNED:
            return _of_planned(row, now, limits)
        case EntryState.SENDING | EntryState.UNKNOWN:
            return _of_doubtful(row, now, window, limits)
        case _:
            return Final()


def _of_planned(row: Row, now: float, limits: Limits) -> Step:
    if row.tries >= limits.attempts or _is_over(max(now, row.retry_at), limits):
        return Final()
    return Wait(row.retry_at) if row.retry_at > now else Send()


def _of_doubtful(row: Row, now: float, window: float, limits: Limits) -> Step:
    closes = closes_at(row, window)
    if row.asked_at is None or row.asked_at < closes:
        if not limits.may_ask:
            return Final()
        due = max(row.retry_at, 0.0 if row.asked_at is None else closes)
        return Wait(due) if due > now else Ask()
    was_accepted = row.outcome is Outcome.ACCEPTED_UNREADABLE
    if row.landed is not False or was_accepted:
        return Final()
    return _of_planned(row, now, limits)


def closes_at(row: Row, window: float) -> float:
    """Return from when on nothing that was sent can arrive any more, in seconds since 1970.

    Args:
        row: the entry.
        window: seconds after the end of its last attempt.
    """
    return max(row.sending_at or 0.0, row.alive_until or 0.0) + window


def _is_over(moment: float, limits: Limits) -> bool:
    return limits.until is not None and moment >= limits.until
