"""`MemoryJournal`: a journal for tests, and for batches that may be forgotten."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Final, Self, TypeVar, final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.book import Book, Pen, StopAction, stops_on
from alipay_mini_audit.batch.journal.changes import released
from alipay_mini_audit.batch.journal.names import (
    UNSENT,
    Name,
    has_made_key,
    names_asked,
    names_of,
)
from alipay_mini_audit.batch.journal.opening import open_already
from alipay_mini_audit.batch.journal.row import (
    Binding,
    Claim,
    Group,
    HoldKind,
    Identity,
    Row,
    Summary,
)
from alipay_mini_audit.batch.journal.run import Run, Stops
from alipay_mini_audit.batch.journal.seen import SeenNames
from alipay_mini_audit.batch.pace import MemoryPaceBook, PaceBook
from alipay_mini_audit.errors import BatchError

__all__ = ["MemoryBook", "MemoryJournal"]

_FIRST_KEYS: Final = 10
_T = TypeVar("_T")


@final
class MemoryJournal(Stops):
    """A journal that is gone with its process.

    Use it as `async with MemoryJournal() as journal:`, in one event loop.

    Args:
        clock: returns seconds since 1970.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(self._carry_out, Pen(f"{platform.node()}:{os.getpid()}", clock))
        self._book = MemoryBook()
        self._binding: Binding | None = None
        self._is_open = False
        self._running = 0
        self._pace = MemoryPaceBook()

    def pace_book(self, binding: Binding) -> PaceBook:
        """Return where the pace is kept, for all runs of this journal."""
        del binding
        return self._pace

    async def __aenter__(self) -> Self:
        """Open the journal; what it held before it was closed is still there.

        Raises:
            ConfigurationError: it is open already.
        """
        if self._is_open:  # the exit of this block would close it for the other one
            raise open_already(has_file=False)
        self._is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the journal; a run that is under way can write nothing more."""
        self._is_open = False

    @asynccontextmanager
    async def run(self, binding: Binding, *, take_over: bool = False) -> AsyncIterator[Run]:
        """Own the journal for the length of the block.

        Args:
            binding: whose entries they are.
            take_over: own it though another run does; its late settlements are refused.

        Raises:
            BatchError: another run owns it, it belongs to another app or base URL, or it is closed.
        """
        self._require_open()
        if self._binding not in (None, binding):
            raise BatchError(
                "The journal belongs to another app or base URL.", code="journal_other_app"
            )
        if self._running and not take_over:
            raise BatchError(f"{self._pen.owner} runs the journal.", code="journal_locked")
        self._binding = binding
        self._running = number = self._book.begin_run()
        run = Run(self._carry_out, number, self._pen)
        try:
            yield run
        finally:
            run.end()
            if self._running == number:
                self._running = 0

    async def entries(self, state: EntryState | None = None) -> AsyncIterator[Row]:
        """Yield rows in the order of their planning; all of them, or those in one state.

        Raises:
            BatchError: the journal is closed.
        """
        for row in await self._carry_out(lambda _: self._book.rows()):
            if state in (None, row.state):
                yield row

    async def summary(self) -> Summary:
        """Count entries by state and reason, see `Journal.summary`.

        Raises:
            BatchError: the journal is closed.
        """
        return await self._carry_out(lambda _: self._book.summary())

    def forget(self, identity: Identity) -> None:
        """Forget an entry, but for the fact that it was there, so that it is not sent again."""
        self._book.forget(identity)

    async def _carry_out(self, action: Callable[[Book], _T], *, may_wait: bool = False) -> _T:
        del may_wait
        self._require_open()
        result = action(self._book)
        await asyncio.sleep(0)  # others have their turn, as with a journal on disk
        return result

    def _require_open(self) -> None:
        if not self._is_open:
            raise BatchError("The journal is not open.", code="journal_closed")


@final
class MemoryBook:
    """A `Book` in memory."""

    def __init__(self) -> None:
        self._number = 0
        self._fenced = 0
        self._rows: dict[Identity, tuple[Row, int]] = {}
        self._versions: defaultdict[Name, dict[Identity, None]] = defaultdict(dict)
        self._stops: set[tuple[StopAction, HoldKind, str]] = set()
        self._quota: Counter[tuple[str, str]] = Counter()
        self._forgotten = SeenNames()
        self._forgotten_versions = SeenNames()

    def begin_run(self) -> int:
        """Make the run that begins now the owner, and return its number."""
        self._number += 1
        return self._number

    def rows(self) -> list[Row]:
        """Return all rows in the order of their planning."""
        return [row for row, _ in self._rows.values()]

    def summary(self) -> Summary:
        """Count entries by state and reason."""
        groups: defaultdict[tuple[EntryState, str], list[str]] = defaultdict(list)
        for row in self.rows():
            groups[row.state, row.reason].append(row.identity.key)
        found = [
            Group(state=state, reason=reason, count=len(keys), keys=tuple(keys[:_FIRST_KEYS]))
            for (state, reason), keys in groups.items()
        ]
        found.sort(key=lambda group: (-group.count, group.state, group.reason))
        counts = Counter(row.state for row in self.rows())
        return Summary(counts=dict(counts), groups=tuple(found), fenced=self._fenced)

    def number(self) -> int:
        """See `Book`."""
        return self._number

    def find(self, identity: Identity) -> tuple[Row, int] | None:
        """See `Book`."""
        found = self._rows.get(identity)
        if found is not None:
            return found
        whose = self._forgotten.find(_name_of(identity))
        if whose is None:
            return None
        mini_app, _, template = whose.partition("\0")
        # No row that anybody has seen has this epoch.
        row = Row(identity=identity, mini_app=mini_app, template=template, epoch=-1)
        return row, self._number

    def add(self, row: Row, run: int) -> None:
        """See `Book`."""
        self._rows[row.identity] = (row, run)
        for name in names_of(row):
            self._versions[name][row.identity] = None

    def put(self, row: Row, run: int) -> None:
        """See `Book`."""
        self._unlist(self._rows[row.identity][0])
        self.add(row, run)

    def other(self, claim: Claim) -> tuple[Row, int] | None:
        """See `Book`."""
        unsent = None
        for name in names_asked(claim):
            for identity in self._versions.get(name, ()):
                if identity.key == claim.identity.key:
                    continue
                found = self._rows[identity]
                if found[0].state not in UNSENT:
                    return found
                if unsent is None and has_made_key(found[0]):
                    unsent = found
            if (key := self._forgotten_versions.find(name)) is not None:
                return Row(identity=attrs.evolve(claim.identity, key=key)), self._number
        return unsent

    def rename(self, former: Identity, identity: Identity) -> None:
        """See `Book`."""
        if identity in self._rows:
            self._unlist(self._rows.pop(identity)[0])
        row, run = self._rows.pop(former)
        self._unlist(row)
        self.add(attrs.evolve(row, identity=identity), run)
        self._stops |= {
            (action, kind, identity.key)
            for action, kind, value in self._stops
            if (kind, value) == (HoldKind.KEY, former.key)
        }

    def forget(self, identity: Identity) -> None:
        """Keep only of a row that it was there, and which version it has sent."""
        row, _ = self._rows.pop(identity)
        self._unlist(row)
        self._forgotten.add(_name_of(identity), f"{row.mini_app}\0{row.template}")
        if row.state in UNSENT:
            return
        for name in names_of(row):
            if self._forgotten_versions.find(name) is None:
                self._forgotten_versions.add(name, identity.key)

    def _unlist(self, row: Row) -> None:
        for name in names_of(row):
            same = self._versions[name]
            del same[row.identity]
            if not same:
                del self._versions[name]

    def stops(self, row: Row) -> list[tuple[StopAction, HoldKind]]:
        """See `Book`."""
        return [
            (action, kind)
            for kind, value in stops_on(row).items()
            for action in ("hold", "skip")
            if (action, kind, value) in self._stops
        ]

    def stop(self, action: StopAction, kind: HoldKind, value: str) -> None:
        """See `Book`."""
        self._stops.add((action, kind, value))

    def release(self, kind: HoldKind, value: str, pen: Pen) -> None:
        """See `Book`."""
        self._stops -= {(action, kind, value) for action in ("hold", "skip")}
        for row, run in list(self._rows.values()):
            if row.state is EntryState.REFUSED and stops_on(row)[kind] == value:
                self.put(released(row, at=pen.clock(), owner=pen.owner), run)

    def take_place(self, day: str, template: str, limit: int) -> bool:
        """See `Book`."""
        has_room = self._quota[day, template] < limit
        self._quota[day, template] += has_room
        return has_room

    def return_place(self, day: str, template: str) -> None:
        """See `Book`."""
        self._quota[day, template] -= 1

    def count_fenced(self) -> None:
        """See `Book`."""
        self._fenced += 1


def _name_of(identity: Identity) -> tuple[str, ...]:
    return identity.key, identity.app_version, identity.bundle_id
