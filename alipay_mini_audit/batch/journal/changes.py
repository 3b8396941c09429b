"""How rows change, whatever keeps them. No I/O here."""

from __future__ import annotations

from typing import Final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.names import name_kept
from alipay_mini_audit.batch.journal.row import Claim, HoldKind, Row, Settlement
from alipay_mini_audit.models import Verdict, VerdictKind

__all__ = [
    "LEASE_SECONDS",
    "begun",
    "judged",
    "planned",
    "released",
    "settled",
    "stop_of",
    "taken_over",
]

_IN_DOUBT: Final = frozenset({EntryState.SENDING, EntryState.UNKNOWN})
LEASE_SECONDS: Final = 1.0
"""For how long a process believes what the journal said of an attempt that is under way."""
_LONGEST_PAUSE: Final = 60.0
"""How far ahead a failure puts the next attempt, in seconds; the pace remembers what the platform
asks for beyond that."""
_PLANNED_AGAIN: Final = frozenset({EntryState.INVALID, EntryState.HELD, EntryState.DEFERRED})
_VERDICT_REASONS: Final = {
    VerdictKind.WITHDRAWN: "withdrawn from audit",
    VerdictKind.TAKEN_OVER: "submitted again, or taken offline",
}
_STANDING_AGAIN: Final = (
    *("state", "reason", "code", "stamp", "digest", "reply", "request_id", "trace_id"),
    *("sending_at", "alive_until", "asked_at", "landed", "outcome", "quota_day"),
    *("accepted_at", "audit_since", "verdict", "verdict_at", "doubt_since"),
)
"""What an attempt with other content has changed, and nothing has come of it."""
_STAYING: Final = (
    *("reply", "request_id", "trace_id", "asked_at", "landed"),
    *("outcome", "alive_until", "digest", "accepted_at", "audit_since"),
)


def planned(claim: Claim, *, at: float, owner: str) -> Row:
    """Return the row of a new entry."""
    return Row(
        identity=claim.identity,
        mini_app=claim.mini_app,
        caller=claim.caller,
        template=claim.template,
        updated_at=at,
        owner=owner,
    )


def taken_over(row: Row, claim: Claim, *, is_skipped: bool, at: float, owner: str) -> Row:
    """Return the row that another run has left, for the run that claims it now.

    Its place in the quota of a template is not carried over to another template.

    The clock may have been set since the other run, so that none of its times says how long ago
    anything was. What is in doubt counts as under way until now, and for as long as a process that
    looked at it just before goes on, however old it seems: it is asked for anew, and only once a
    whole window of this run has passed does a negative answer count. No time lies ahead, and no
    pause is longer than failures make it.

    Args:
        row: as it was left.
        claim: of the run.
        is_skipped: an operator has skipped it.
        at: the time by the clock of the run, in seconds since 1970.
        owner: who claims it.
    """
    is_in_doubt = row.state in _IN_DOUBT
    latest = at + LEASE_SECONDS
    again = row.state in _PLANNED_AGAIN or (row.state is EntryState.SKIPPED and not is_skipped)
    return attrs.evolve(
        row,
        mini_app=name_kept(row, claim),
        caller=claim.caller,
        template=claim.template,
        state=EntryState.PLANNED if again else row.state,
        reason="" if again else row.reason,
        retry_at=0.0 if again else min(row.retry_at, at + _LONGEST_PAUSE),
        epoch=row.epoch + 1,
        tries=0,
        asked_at=None if is_in_doubt else row.asked_at,
        sending_at=_at_most(row.sending_at, latest),
        doubt_since=_at_most(row.doubt_since, latest),
        alive_until=latest if is_in_doubt else _at_most(row.alive_until, latest),
        quota_day=row.quota_day if claim.template == row.template else "",
        updated_at=at,
        owner=owner,
    )


def _at_most(moment: float | None, latest: float) -> float | None:
    return None if moment is None else min(moment, latest)


def begun(
    row: Row, *, began: float, stamp: str, quota_day: str | None, at: float, owner: str
) -> Row:
    """Return the row of an entry that is being sent; nothing is known of the new attempt yet.

    Args:
        row: as it was.
        began: when the attempt begins, in seconds since 1970.
        stamp: of what is sent.
        quota_day: the day whose quota it uses; `None` changes nothing.
        at: when this is written, in seconds since 1970.
        owner: who writes it.
    """
    kept_day = "" if row.state.is_submitted else row.quota_day  # what was accepted keeps its place
    return attrs.evolve(
        row,
        state=EntryState.SENDING,
        epoch=row.epoch + 1,
        attempts=row.attempts + 1,
        tries=row.tries + 1,
        sending_at=began,
        doubt_since=began if row.doubt_since is None else row.doubt_since,
        alive_until=began,
        asked_at=None,
        landed=None,
        outcome=None,
        is_repeatable=False,
        reason="",
        retry_at=0.0,
        request_id="",
        stamp=stamp,
        digest="",
        quota_day=kept_day if quota_day is None else quota_day,
        accepted_at=None,
        audit_since=None,
        verdict=None,
        verdict_at=None,
        former=_to_keep(row) if row.state.is_submitted else row.former,
        updated_at=at,
        owner=owner,
    )


def _to_keep(row: Row) -> Row:
    return attrs.evolve(row, former=None, doubt_since=None)


def settled(row: Row, what: Settlement, *, at: float, owner: str) -> Row:
    """Return the row with what was learnt.

    If other content was accepted before, and what was sent since surely is not, that stands again,
    even if the other content is sent once more later: no end of a run may come between.
    """
    learnt = {name: getattr(what, name) for name in _STAYING if getattr(what, name) is not None}
    if what.asked_at is not None:
        learnt["landed"] = what.landed
    row = attrs.evolve(
        row,
        state=what.state,
        reason=what.reason,
        is_repeatable=what.is_repeatable,
        code=what.code,
        retry_at=what.retry_at,
        quota_day="" if what.returns_quota else row.quota_day,
        tries=row.tries - 1 if what.refunds_try and row.tries else row.tries,
        doubt_since=None if what.ends_doubt else row.doubt_since,
        former=None if what.state.is_submitted else row.former,
        updated_at=at,
        owner=owner,
        **learnt,
    )
    if row.former is None or row.state in _IN_DOUBT:
        return row
    standing = {name: getattr(row.former, name) for name in _STANDING_AGAIN}
    return attrs.evolve(row, former=None, is_repeatable=False, retry_at=0.0, **standing)


def judged(row: Row, since: float | None, verdict: Verdict | None, *, at: float, owner: str) -> Row:
    """Return the row with what the platform said of its audit.

    Args:
        row: of an entry that was submitted.
        since: when the version was submitted, in seconds since 1970; `None` leaves it.
        verdict: how the audit ended; `None` if it goes on.
        at: when that was learnt, in seconds since 1970.
        owner: who writes it.
    """
    row = attrs.evolve(
        row,
        audit_since=row.audit_since if since is None else since,
        updated_at=at,
        owner=owner,
    )
    if verdict is None:
        return row
    state, reason = row.state, _VERDICT_REASONS.get(verdict.kind, "")
    if verdict.kind is VerdictKind.PASSED:
        state = EntryState.ONLINE if verdict.is_online else EntryState.PASSED
    elif verdict.kind is VerdictKind.REJECTED:
        state, reason = EntryState.REJECTED, "; ".join(verdict.reasons)
    return attrs.evolve(row, state=state, reason=reason, verdict=verdict, verdict_at=at)


def released(row: Row, *, at: float, owner: str) -> Row:
    """Return the row of a refused entry that may be sent again."""
    return attrs.evolve(
        row,
        state=EntryState.PLANNED,
        reason="",
        code="",
        is_repeatable=False,
        retry_at=0.0,
        tries=0,
        updated_at=at,
        owner=owner,
    )


def stop_of(key: str | None, mini_app: str | None, template: str | None) -> tuple[HoldKind, str]:
    """Return what is put on hold, released or skipped.

    Raises:
        TypeError: not exactly one of the three is given, or it is not a text.
    """
    given = {HoldKind.KEY: key, HoldKind.MINI_APP: mini_app, HoldKind.TEMPLATE: template}
    found = [(kind, value) for kind, value in given.items() if value is not None]
    if len(found) != 1:
        raise TypeError("give exactly one of key, mini_app and template")
    kind, value = found[0]
    if not isinstance(value, str):
        raise TypeError(f"{kind} is a text, not {type(value).__name__}")
    return kind, value
