"""`Row`: what a journal knows of an entry, and what is asked of a journal. No I/O here."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.errors import Outcome
from alipay_mini_audit.models import Verdict

__all__ = [
    "BY_TOKEN",
    "FINAL_STATES",
    "Binding",
    "Claim",
    "Claimed",
    "Conflict",
    "Group",
    "HoldKind",
    "Identity",
    "Place",
    "Row",
    "Settlement",
    "Summary",
    "Turn",
]


@final
@attrs.frozen(kw_only=True)
class Binding:
    """What a journal is bound to, so that a rehearsal does not mark production done.

    Attributes:
        app_id: of the credentials.
        base_url: where the client calls.
    """

    app_id: str
    base_url: str


@final
@attrs.frozen
class Identity:
    """Which entry: the next version under the same key is another one.

    Attributes:
        key: as given.
        app_version: the version.
        bundle_id: empty for the Alipay wallet.
    """

    key: str
    app_version: str
    bundle_id: str = ""


@final
@attrs.frozen(kw_only=True)
class Row:
    """What is known of an entry. All times are seconds since 1970 by this machine's clock.

    Attributes:
        identity: which entry.
        mini_app: whose version it is; a digest where a token says it, never the token.
        caller: the digest of the merchant's token, as `mini_app` would have it; empty without a
            token, `None` if it is not known: an older version has written the row.
        template: the template that it is built from; empty for none.
        state: where it stands.
        epoch: rises with each sending and each change of owner; who knows an older one may settle
            nothing.
        stamp: digest of the fields and of what the file system says of the files, as last sent;
            empty if it was never sent or its files are not on disk.
        digest: digest of the fields and the content of the files, as last sent; empty if it is not
            known.
        attempts: how many were made in all runs.
        tries: how many were made in the present run.
        sending_at: when the last attempt began; `None` before the first.
        doubt_since: when the first attempt began that may have been accepted; `None` if none may.
        alive_until: until when it was under way at the most: what another run left in doubt, until
            the present run claimed it. `None` before the first attempt.
        asked_at: when the platform was last asked what became of it; `None` if it was not, since
            the last attempt.
        landed: what the platform said then; `None` if its answer proves nothing.
        outcome: of the last attempt; `None` while it is not known.
        is_repeatable: the last attempt may be repeated unchanged.
        code: the platform's code of the last refusal; empty for none.
        retry_at: from when on it may be sent or asked for again; 0 for at once.
        reason: as of `BatchEntry`.
        reply: what the platform answered, as JSON; `None` if it answered nothing.
        request_id: of the last attempt.
        trace_id: the platform's, of its last answer.
        quota_day: the day in Beijing, as `2026-03-04`, whose quota it has used; empty for none.
        accepted_at: when the platform accepted it, as its reply says by its own clock; `None` if it
            does not, or no reply came.
        audit_since: when it was submitted by the platform's clock, once that was seen; else `None`.
        verdict: how its audit ended; `None` while nobody knows.
        verdict_at: when that was learnt; `None` before.
        former: the row as it was when other content of the same version was accepted, as long as
            this is being sent or in doubt: it stands again if this was not accepted. `None` if
            nothing else was accepted before.
        updated_at: when the row was last changed.
        owner: host and process that changed it.
    """

    identity: Identity
    mini_app: str = ""
    caller: str | None = None
    template: str = ""
    state: EntryState = EntryState.PLANNED
    epoch: int = 0
    stamp: str = ""
    digest: str = ""
    attempts: int = 0
    tries: int = 0
    sending_at: float | None = None
    doubt_since: float | None = None
    alive_until: float | None = None
    asked_at: float | None = None
    landed: bool | None = None
    outcome: Outcome | None = None
    is_repeatable: bool = False
    code: str = ""
    retry_at: float = 0.0
    reason: str = ""
    reply: Mapping[str, object] | None = attrs.field(default=None, repr=False)
    request_id: str = ""
    trace_id: str = ""
    quota_day: str = ""
    accepted_at: float | None = None
    audit_since: float | None = None
    verdict: Verdict | None = attrs.field(default=None, repr=False)
    verdict_at: float | None = None
    former: Row | None = attrs.field(default=None, repr=False)
    updated_at: float = 0.0
    owner: str = ""


@final
@attrs.frozen(kw_only=True)
class Claim:
    """What a run wants to send.

    Attributes:
        identity: which entry.
        mini_app: see `Row`.
        template: see `Row`.
        caller: what `mini_app` is where none is given: a digest of the token, or empty.
        at: the time by the clock of the run, in seconds since 1970; `None` takes the journal's,
            which may be set meanwhile.
    """

    identity: Identity
    mini_app: str = ""
    template: str = ""
    caller: str = ""
    at: float | None = None


BY_TOKEN: Final = "token:"  # noqa: S105  # none itself
"""Begins a `mini_app` that only a token tells; a merchant may have another token tomorrow."""


class Conflict(enum.Enum):
    """Why an entry may not be sent beside another one."""

    SAME_KEY = "the same entry was given before in this run"
    SAME_VERSION = "another entry submits the same version of the same mini-program"
    OTHER_MINI_APP = "the key stands for another mini-program"


@final
@attrs.frozen(kw_only=True)
class Claimed:
    """The answer to a claim.

    Attributes:
        row: what is known of the entry; a new one is planned.
        conflict: why it may not be sent; `None` if nothing is against it.
        other: the key of the entry that it collides with; empty for none.
        is_stopped: it is on hold or skipped now.
    """

    row: Row
    conflict: Conflict | None = None
    other: str = ""
    is_stopped: bool = False


class HoldKind(enum.StrEnum):
    """What is on hold."""

    KEY = "key"
    MINI_APP = "mini_app"
    TEMPLATE = "template"


class Turn(enum.Enum):
    """Whether an entry may be sent now."""

    GO = "go"
    """Its row is `sending` now, and that is on disk."""
    HELD = "held"
    SKIPPED = "skipped"
    NO_QUOTA = "no quota"
    SUPERSEDED = "superseded"
    """Another process has taken the journal over, or settled this entry."""


@final
@attrs.frozen(kw_only=True)
class Place:
    """The answer to the wish to send.

    Attributes:
        turn: whether it may be sent.
        row: what is known of the entry now.
        held_by: what is on hold, if it is; otherwise `None`.
    """

    turn: Turn
    row: Row
    held_by: HoldKind | None = None


@final
@attrs.frozen(kw_only=True)
class Settlement:
    """What was learnt of an entry; what is `None` here stays as it is.

    The columns are those of `Row`. With `asked_at` comes what was answered then, so `landed` is
    written too, `None` as well.
    """

    state: EntryState
    reason: str = ""
    outcome: Outcome | None = None
    is_repeatable: bool = False
    code: str = ""
    retry_at: float = 0.0
    reply: Mapping[str, object] | None = attrs.field(default=None, repr=False)
    request_id: str | None = None
    trace_id: str | None = None
    asked_at: float | None = None
    landed: bool | None = None
    alive_until: float | None = None
    digest: str | None = None
    accepted_at: float | None = None
    audit_since: float | None = None
    returns_quota: bool = False
    refunds_try: bool = False
    """It counts for no try: it was throttled."""
    ends_doubt: bool = False
    """No attempt of this entry can have been accepted, or it is known that one was."""


@final
@attrs.frozen(kw_only=True)
class Group:
    """Entries of which the same is true.

    Attributes:
        state: where they stand.
        reason: why.
        count: how many.
        keys: the keys of the first of them, ten at most.
    """

    state: EntryState
    reason: str
    count: int
    keys: tuple[str, ...]


@final
@attrs.frozen(kw_only=True)
class Summary:
    """What a journal holds.

    Attributes:
        counts: how many entries stand where; states without entries are left out.
        groups: the same by state and reason, the largest first.
        fenced: how many late settlements of processes that were superseded were refused.
    """

    counts: Mapping[EntryState, int]
    groups: tuple[Group, ...]
    fenced: int = 0

    @property
    def total(self) -> int:
        """How many entries there are."""
        return sum(self.counts.values())


FINAL_STATES: Final = frozenset(
    {
        *(state for state in EntryState if state.is_submitted),
        *(EntryState.INVALID, EntryState.REFUSED, EntryState.SKIPPED),
    }
)
"""Where nothing more happens by itself."""
