"""`Journal`: what a night writes down, so that nothing is lost or sent twice.

A journal belongs to one run at a time. Whoever only looks, or puts entries on hold, may do so from
any process, meanwhile too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import (
    Binding,
    Claim,
    Claimed,
    Identity,
    Place,
    Row,
    Settlement,
    Summary,
)
from alipay_mini_audit.batch.pace import PaceBook
from alipay_mini_audit.models import Verdict

__all__ = ["Journal", "JournalRun"]


class JournalRun(Protocol):
    """A run that owns a journal. Each method returns once what it wrote is on disk."""

    async def claim(self, claims: Sequence[Claim]) -> list[Claimed]:
        """Return what is known of entries, and plan those that are new; in the same order.

        A row that this run has not claimed yet counts no `tries`, and one that was invalid, on hold
        or deferred is planned again, and so is one that was skipped and is not any more. Rows that
        were `sending` stay so: ask what became of them. `asked_at` of those in doubt is forgotten,
        and their window begins anew, for the clock may have been set since; no time lies ahead. A
        claim with a conflict changes nothing.

        Args:
            claims: 1,000 at most at a time, so that others have their turn.

        Raises:
            BatchError: it could not be written down, or another process has taken the journal over.
        """
        ...

    async def begin(
        self,
        identity: Identity,
        epoch: int,
        *,
        at: float,
        stamp: str,
        quota: tuple[str, int] | None,
        anew: bool = False,
        doubt_since: float | None = None,
    ) -> Place:
        """Mark an entry as being sent, unless something is against it.

        In one transaction: nothing is on hold, the row has this epoch and may be sent, the quota of
        its template has room, and then `sending`, a new epoch, one attempt more.

        Args:
            identity: which entry.
            epoch: of the row, as it was last seen.
            at: the time, in seconds since 1970.
            stamp: of what is sent.
            quota: the day in Beijing and how many entries of a template may go on it; `None` does
                not count. An entry whose `quota_day` is that day has its place already,
                unless what was accepted has used it.
            anew: it is another than what was accepted, refused or in doubt before, of which nothing
                is asked any more.
            doubt_since: when this, which goes anew, was first sent if that may have been accepted;
                `None` if none may. Otherwise the row says it.

        Returns:
            What was decided; if that is not `GO`, nothing has changed. What is done, invalid,
            refused or skipped is `SUPERSEDED` unless it goes anew, as is an older epoch.

        Raises:
            BatchError: it could not be written down.
        """
        ...

    async def look(self, identity: Identity, epoch: int, *, anew: bool = False) -> Place:
        """Say what stops an entry now, and change nothing; quotas are not looked at."""
        ...

    async def extend(self, identity: Identity, epoch: int, *, alive_until: float) -> bool:
        """Note that an attempt is under way until then, in seconds since 1970.

        Returns:
            `False`, and nothing changes, if the epoch is over.

        Raises:
            BatchError: it could not be written down.
        """
        ...

    async def settle(self, identity: Identity, epoch: int, what: Settlement) -> Row | None:
        """Write down what was learnt; `None`, and nothing changes, if the epoch is over.

        A refused settlement is counted, see `Summary.fenced`. If other content was accepted before,
        and this was not, the row of that stands again, and is returned: see `Row.former`.

        Raises:
            BatchError: it could not be written down.
        """
        ...

    async def judge(
        self, identity: Identity, epoch: int, *, since: float | None, verdict: Verdict | None
    ) -> Row | None:
        """Write down what the platform said of the audit of an entry that was submitted.

        Args:
            identity: which entry.
            epoch: of the row, as it was last seen.
            since: when the version was submitted, in seconds since 1970 by the platform's clock;
                `None` leaves what is known.
            verdict: how the audit ended, which makes it `PASSED`, `REJECTED` or `ONLINE`, or leaves
                it `DONE`; `None` if the audit goes on.

        Returns:
            The row; `None`, and nothing changes, if the epoch is over, nothing was submitted, or
            its verdict is known.

        Raises:
            BatchError: it could not be written down.
        """
        ...


@runtime_checkable
class Journal(Protocol):
    """Where a batch writes down what becomes of its entries."""

    def run(
        self, binding: Binding, *, take_over: bool = False
    ) -> AbstractAsyncContextManager[JournalRun]:
        """Own the journal for the length of the block.

        Args:
            binding: whose entries they are.
            take_over: own it though another process does, one that is frozen, say; its late
                settlements are refused.

        Raises:
            BatchError: another process runs it, or it belongs to another app or base URL.
        """
        ...

    def pace_book(self, binding: Binding) -> PaceBook:
        """Return where the pace of an application is kept, for all runs beside this journal."""
        ...

    def entries(self, state: EntryState | None = None) -> AsyncIterator[Row]:
        """Yield rows in the order of their planning; all of them, or those in one state."""
        ...

    async def summary(self) -> Summary:
        """Count entries by state and reason.

        An entry that was given twice in one run is in it once: of the second one only the run
        tells, as `INVALID`.
        """
        ...

    async def hold(
        self, *, key: str | None = None, mini_app: str | None = None, template: str | None = None
    ) -> None:
        """Let nothing of this be sent until it is released; give one of the three."""
        ...

    async def release(
        self, *, key: str | None = None, mini_app: str | None = None, template: str | None = None
    ) -> None:
        """Take back `hold` and `skip`; give one of the three.

        What the platform refused of this is planned again: somebody has mended it there.
        """
        ...

    async def skip(
        self, *, key: str | None = None, mini_app: str | None = None, template: str | None = None
    ) -> None:
        """Let nothing of this be sent, for good; give one of the three."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
