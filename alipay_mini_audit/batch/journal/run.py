"""`Run`: a run that owns a journal, and `Stops`: what anybody may do at any time."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar, final

from alipay_mini_audit.batch.journal import actions
from alipay_mini_audit.batch.journal.book import Book, Pen
from alipay_mini_audit.batch.journal.changes import stop_of
from alipay_mini_audit.batch.journal.row import (
    Claim,
    Claimed,
    Identity,
    Place,
    Row,
    Settlement,
    Turn,
)
from alipay_mini_audit.errors import BatchError
from alipay_mini_audit.models import Verdict

__all__ = ["Run", "Stops", "Transact"]

_FEW: Final = 4
"""With more entries under way than that, writing waits for others to share a transaction."""
_T = TypeVar("_T")


class Transact(Protocol):
    """Carries an action out in a transaction, and returns once that is on disk."""

    def __call__(self, action: Callable[[Book], _T], /, *, may_wait: bool = False) -> Awaitable[_T]:
        """Return what the action returns.

        Args:
            action: what to do.
            may_wait: it may wait for a few milliseconds, to share a transaction with others.
        """
        ...


@final
class Run:
    """A run that owns a journal, see `JournalRun`.

    Args:
        transact: carries out what it does.
        number: of the run.
        pen: who writes.
    """

    def __init__(self, transact: Transact, number: int, pen: Pen) -> None:
        self._transact = transact
        self._number = number
        self._pen = pen
        self._is_over = False
        self._sending: set[Identity] = set()

    def end(self) -> None:
        """Let nothing more be written."""
        self._is_over = True

    async def claim(self, claims: Sequence[Claim]) -> list[Claimed]:
        """Return what is known of entries, and plan those that are new; in the same order.

        Raises:
            BatchError: another process has taken the journal over, or it cannot be written.
        """
        given = tuple(claims)
        return await self._do(
            functools.partial(actions.claim, run=self._number, claims=given, pen=self._pen)
        )

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
        """Mark an entry as being sent, see `JournalRun.begin`.

        Raises:
            BatchError: it could not be written down.
        """
        place = await self._do(
            lambda book: actions.begin(
                book,
                self._number,
                identity,
                epoch,
                at=at,
                stamp=stamp,
                quota=quota,
                anew=anew,
                doubt_since=doubt_since,
                pen=self._pen,
            )
        )
        if place.turn is Turn.GO:
            self._sending.add(identity)
        return place

    async def look(self, identity: Identity, epoch: int, *, anew: bool = False) -> Place:
        """Say what stops an entry now, and change nothing; quotas are not looked at.

        Raises:
            BatchError: the journal cannot be read.
        """
        return await self._do(
            lambda book: actions.look(book, self._number, identity, epoch, anew=anew)
        )

    async def extend(self, identity: Identity, epoch: int, *, alive_until: float) -> bool:
        """Note that an attempt is under way until then; `False` if the epoch is over.

        Raises:
            BatchError: it could not be written down.
        """
        return await self._do(
            lambda book: actions.extend(
                book, self._number, identity, epoch, alive_until=alive_until, pen=self._pen
            )
        )

    async def settle(self, identity: Identity, epoch: int, what: Settlement) -> Row | None:
        """Write down what was learnt; `None`, and nothing changes, if the epoch is over.

        Raises:
            BatchError: it could not be written down.
        """
        row = await self._do(
            lambda book: actions.settle(book, self._number, identity, epoch, what, self._pen)
        )
        self._sending.discard(identity)
        return row

    async def judge(
        self, identity: Identity, epoch: int, *, since: float | None, verdict: Verdict | None
    ) -> Row | None:
        """Write down what the platform said of an audit, see `JournalRun.judge`.

        Raises:
            BatchError: it could not be written down.
        """
        return await self._do(
            lambda book: actions.judge(
                book, self._number, identity, epoch, since=since, verdict=verdict, pen=self._pen
            )
        )

    async def _do(self, action: Callable[[Book], _T]) -> _T:
        if self._is_over:
            raise BatchError("The run is over.", code="journal_closed")
        return await self._transact(action, may_wait=len(self._sending) > _FEW)


class Stops:
    """Holding, skipping and releasing, by key, mini-program or template.

    Args:
        transact: carries out what it does.
        pen: who writes.
    """

    def __init__(self, transact: Transact, pen: Pen) -> None:
        self._transact = transact
        self._pen = pen

    async def hold(
        self, *, key: str | None = None, mini_app: str | None = None, template: str | None = None
    ) -> None:
        """Let nothing of this be sent until it is released; give one of the three.

        Raises:
            BatchError: it could not be written down.
            TypeError: not exactly one of the three is given.
        """
        kind, value = stop_of(key, mini_app, template)
        await self._transact(lambda book: book.stop("hold", kind, value))

    async def skip(
        self, *, key: str | None = None, mini_app: str | None = None, template: str | None = None
    ) -> None:
        """Let nothing of this be sent, for good; give one of the three.

        Raises:
            BatchError: it could not be written down.
            TypeError: not exactly one of the three is given.
        """
        kind, value = stop_of(key, mini_app, template)
        await self._transact(lambda book: book.stop("skip", kind, value))

    async def release(
        self, *, key: str | None = None, mini_app: str | None = None, template: str | None = None
    ) -> None:
        """Take back `hold` and `skip`, and plan again what was refused; give one of the three.

        Raises:
            BatchError: it could not be written down.
            TypeError: not exactly one of the three is given.
        """
        kind, value = stop_of(key, mini_app, template)
        await self._transact(lambda book: book.release(kind, value, self._pen))
