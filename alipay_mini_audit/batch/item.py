"""`Item`: one entry while a run has it in hand, and what its caller is told in the end."""

from __future__ import annotations

import datetime
from typing import final

import attrs

from alipay_mini_audit.batch.entry import BatchEntry, EntryState
from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.errors import AuditError, ValidationError
from alipay_mini_audit.models import ApplyReply
from alipay_mini_audit.problems import Problem

__all__ = ["Item"]


@final
@attrs.define(kw_only=True)
class Item:
    """One entry while a run has it in hand.

    Attributes:
        submission: what is submitted.
        row: what is known of it.
        starts_at: before when it is not sent, in seconds since 1970.
        has_row: the journal has a row of it, and it is not the one of an entry given before.
        may_be_stopped: it was on hold or skipped when it was read.
        is_recalled: it was compared with what was sent before.
        is_changed: it is another than what was sent last, until this is sent.
        standing: the row of what it was before, as the journal has it until this is sent; `None`
            if the journal speaks of this.
        is_under_way: it is being sent, or what became of that is being written down.
        reply: the platform's, if it came in this run.
        error: of the last attempt or question that failed.
        problems: what is wrong with it, or worth a look.
        failed_questions: how many questions failed in a row.
        unsent: how many attempts failed before the journal was told of them.
        suspicions: how often it was refused for what may be the quota of its template.
        throttles: how often it was throttled in this run.
        verdict: where it stands for its caller, if that is not where its row stands.
        deferred_until: from when on it may be sent, in seconds since 1970; `None` if nothing defers
            it.
    """

    submission: Submission
    row: Row
    starts_at: float = 0.0
    has_row: bool = True
    may_be_stopped: bool = False
    is_recalled: bool = False
    is_changed: bool = False
    standing: Row | None = None
    is_under_way: bool = False
    reply: ApplyReply | None = None
    error: AuditError | None = None
    problems: tuple[Problem, ...] = ()
    failed_questions: int = 0
    unsent: int = 0
    suspicions: int = 0
    throttles: int = 0
    verdict: tuple[EntryState, str] | None = None
    deferred_until: float | None = None

    @property
    def priority(self) -> int:
        """Of the submission."""
        return self.submission.priority

    @property
    def is_anew(self) -> bool:
        """Whether the journal says still what became of what was sent before."""
        return self.standing is not None

    def plan_anew(self, at: float) -> None:
        """Plan it as it is now; the journal goes on saying what became of it as it was before.

        Args:
            at: before when it is not sent, in seconds since 1970.
        """
        self.standing = self.row
        self.row = attrs.evolve(self.row, state=EntryState.PLANNED, reason="", retry_at=at)

    def note(self, error: AuditError) -> None:
        """Keep an error for its caller, and what it says of the content."""
        self.error = error
        if isinstance(error, ValidationError):
            self.problems = error.problems

    def begins(self) -> None:
        """Note that it is being sent."""
        self.is_under_way = True

    def entry(self) -> BatchEntry:
        """Return what its caller is told."""
        row = self.row
        state, reason = self.verdict or (row.state, row.reason)
        until = self.deferred_until
        aware = None if until is None else datetime.datetime.fromtimestamp(until, datetime.UTC)
        return BatchEntry(
            key=row.identity.key,
            app_version=row.identity.app_version,
            bundle_id=row.identity.bundle_id or None,
            state=state,
            reply=self.reply,
            error=None if state.is_submitted else self.error,
            problems=self.problems,
            reason=reason,
            attempts=row.attempts,
            deferred_until=aware,
            mini_app=row.mini_app,
            template_id=row.template or None,
            verdict=row.verdict if state.is_submitted else None,
        )
