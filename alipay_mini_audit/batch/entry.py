"""`BatchEntry`: what became of one submission of a batch. No I/O here."""

from __future__ import annotations

import datetime
import enum
from typing import Final, final

import attrs

from alipay_mini_audit.errors import AuditError
from alipay_mini_audit.models import ApplyReply, Verdict
from alipay_mini_audit.problems import Problem

__all__ = ["BatchEntry", "EntryState"]


class EntryState(enum.StrEnum):
    """Where an entry stands."""

    PLANNED = "planned"
    """Nothing of it has been sent, or what was sent surely did not count: it may be sent."""
    SENDING = "sending"
    """It is being sent, or was when its process ended: ask before it is sent again."""
    DONE = "done"
    """The platform has accepted it."""
    INVALID = "invalid"
    """It cannot be sent as it is; nothing was."""
    REFUSED = "refused"
    """The platform has refused it."""
    UNKNOWN = "unknown"
    """It may have been accepted: ask before it is sent again."""
    DEFERRED = "deferred"
    """A quota is used up; it may be sent from `deferred_until` on."""
    HELD = "held"
    """Somebody has put it on hold, or its content changed while its outcome was unknown."""
    SKIPPED = "skipped"
    """An operator has skipped it."""
    PASSED = "passed"
    """It was accepted, and passed the audit."""
    REJECTED = "rejected"
    """It was accepted, and the auditors rejected it."""
    ONLINE = "online"
    """It was accepted, passed the audit, and is online."""

    @property
    def is_submitted(self) -> bool:
        """Whether the platform has accepted it, whatever the auditors say: never send it again."""
        return self in _SUBMITTED


_SUBMITTED: Final = frozenset(
    {EntryState.DONE, EntryState.PASSED, EntryState.REJECTED, EntryState.ONLINE}
)


@final
@attrs.frozen(kw_only=True)
class BatchEntry:
    """What became of one submission, as far as this run has brought it.

    Attributes:
        key: as given.
        app_version: the version.
        bundle_id: the application it runs in; `None` is the Alipay wallet.
        state: where it stands.
        reply: the platform's answer, if it was accepted in this run; otherwise `None`.
        error: why it is not done; `None` if it is, or if nothing failed.
        problems: what is wrong with it, and what a person should look at.
        reason: why it is where it is, in a few words that are the same for all entries of which it
            is true; the platform's code of a refusal. Empty for what was accepted in this run.
        attempts: how many attempts were made, in all runs of the journal.
        deferred_until: the aware moment from which it may be sent; `None` if nothing defers it.
        mini_app: whose version it is: what was given, now or for the same token before, or a digest
            of the token. Empty for the application itself.
        template_id: as given.
        verdict: how its audit ended; `None` while nobody knows. One that was withdrawn or taken
            over stays `DONE`.
    """

    key: str
    app_version: str
    bundle_id: str | None = None
    state: EntryState
    reply: ApplyReply | None = attrs.field(default=None, repr=False)
    error: AuditError | None = attrs.field(default=None, repr=False)
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    attempts: int = 0
    deferred_until: datetime.datetime | None = None
    mini_app: str = ""
    template_id: str | None = None
    verdict: Verdict | None = attrs.field(default=None, repr=False)
