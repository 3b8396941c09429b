"""`take_snapshot`: what a journal says at a moment, whoever runs it; it stays as it is."""

from __future__ import annotations

import contextlib
import os
import platform
import re
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.batch import EntryState, Row, Summary
from alipay_mini_audit.batch.journal.row import HoldKind
from alipay_mini_audit.batch.journal.sqlite.faults import batch_error
from alipay_mini_audit.batch.journal.sqlite.file import open_to_read
from alipay_mini_audit.batch.journal.sqlite.reading import (
    Owner,
    Stop,
    TemplateCount,
    count_stopped,
    first_deferral,
    read_owner,
    read_page,
    read_stopped,
    read_stops,
    read_summary,
    read_templates,
    sent_since,
)
from alipay_mini_audit.batch.quota import day_in_beijing, next_midnight

__all__ = ["OPEN_STATES", "Snapshot", "owner_of", "rows_of", "stopped_in", "take_snapshot"]

OPEN_STATES: Final = (EntryState.PLANNED, EntryState.SENDING, EntryState.UNKNOWN)
"""What a run still has to do by itself."""
_MINUTE: Final = 60.0
_DAY: Final = 86_400.0
_LOCKS: Final = Path("/proc/locks")


@final
@attrs.frozen(kw_only=True)
class Snapshot:
    """What a journal says at a moment.

    Attributes:
        path: of the journal.
        at: when, in seconds since 1970.
        owner: who ran it last.
        is_running: whether that one still does; `None` if it is on another machine.
        summary: how many entries stand where, and why.
        sent_lately: how many entries were answered that were sent in the minute before.
        sent_from: when the first of them was sent, in seconds since 1970; `None` for none.
        deferred_until: when the first deferred entry may be sent, in seconds since 1970; `None`
            if none is.
        stops: what an operator has put on hold or skipped, whether a run has met it or not.
        stopped: how many entries are planned still and yet are not sent, for one of these.
        templates: what the entries of each template use of today's quota.
    """

    path: Path
    at: float
    owner: Owner
    is_running: bool | None
    summary: Summary
    sent_lately: int
    sent_from: float | None
    deferred_until: float | None
    templates: tuple[TemplateCount, ...]
    stops: tuple[Stop, ...] = ()
    stopped: int = 0

    @property
    def open(self) -> int:
        """How many entries a run has still to do by itself; what is stopped is not its affair."""
        planned = sum(self.summary.counts.get(state, 0) for state in OPEN_STATES)
        return max(0, planned - self.stopped)

    @property
    def waiting(self) -> int:
        """How many entries may still be sent, those that a quota defers among them."""
        return self.open + self.summary.counts.get(EntryState.DEFERRED, 0)

    @property
    def per_second(self) -> float:
        """How many entries a second were answered in the last minute."""
        if self.sent_from is None:
            return 0.0
        return self.sent_lately / max(1.0, min(_MINUTE, self.at - self.sent_from))

    @property
    def ends_at(self) -> float | None:
        """When a run that goes on like this is over, in seconds since 1970; `None` if unknown."""
        if self.is_running is False or not self.per_second:
            return None
        return self.at + self.open / self.per_second


def take_snapshot(path: Path, now: float) -> Snapshot:
    """Look into a journal; it blocks.

    Args:
        path: of the journal.
        now: the time in seconds since 1970.

    Raises:
        BatchError: it is missing, or not a journal that this version can read.
    """
    path = path.resolve()
    with contextlib.closing(open_to_read(path)) as file:
        file.db.execute("BEGIN")  # all of it as of one moment
        owner = read_owner(file.db)
        sent, began = sent_since(file.db, now - _MINUTE)
        return Snapshot(
            path=path,
            at=now,
            owner=owner,
            is_running=_is_running(owner, path),
            summary=read_summary(file.db),
            sent_lately=sent,
            sent_from=began,
            deferred_until=first_deferral(file.db),
            templates=tuple(
                read_templates(file.db, day_in_beijing(now), next_midnight(now) - _DAY)
            ),
            stops=tuple(read_stops(file.db)),
            stopped=count_stopped(file.db),
        )


def rows_of(path: Path) -> list[Row]:
    """Return all rows of a journal, in the order of their planning; it blocks.

    Raises:
        BatchError: it is missing, or not a journal that this version can read.
    """
    found: list[Row] = []
    after = 0
    with contextlib.closing(open_to_read(path.resolve())) as file:
        file.db.execute("BEGIN")
        while True:
            try:
                rows, after = read_page(file.db, after, None)
            except (LookupError, TypeError, ValueError) as error:  # edited by hand
                raise batch_error(path, "journal_damaged") from error
            found += rows
            if not rows:
                return found


def owner_of(path: Path) -> Owner:
    """Return who ran a journal last, and to what it is bound; it blocks.

    Raises:
        BatchError: it is missing, or not a journal that this version can read.
    """
    with contextlib.closing(open_to_read(path.resolve())) as file:
        return read_owner(file.db)


def stopped_in(path: Path) -> dict[HoldKind, frozenset[str]]:
    """Return what an operator has put on hold or skipped; it blocks.

    Raises:
        BatchError: it is missing, or not a journal that this version can read.
    """
    with contextlib.closing(open_to_read(path.resolve())) as file:
        return read_stopped(file.db)


def _is_running(owner: Owner, path: Path) -> bool | None:
    """Say whether the last owner still runs a journal, without touching its lock."""
    if not owner.runs:
        return False
    if owner.host != platform.node():
        return None
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is there, and another user's
    return _holds_lock(owner.pid, path)


def _holds_lock(pid: int, path: Path) -> bool:
    """Say whether a process has locked a journal; `True` where the system does not tell."""
    try:
        inode = path.with_name(f"{path.name}.lock").stat().st_ino
        lines = _LOCKS.read_text(encoding="ascii")
    except OSError:
        return True
    return re.search(rf"FLOCK\s+\S+\s+\S+\s+{pid}\s+\S+:{inode}\s", lines) is not None
