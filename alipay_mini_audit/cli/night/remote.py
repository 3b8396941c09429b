"""The journal of another process: its child asks over a channel, and never opens the file.

A journal has one owner. The processes of a night share it: the parent owns it, and does for its
children what they ask for. A child whose parent is gone can begin nothing more.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, final

import attrs

from alipay_mini_audit.batch import Binding, SqliteJournal
from alipay_mini_audit.batch.journal import JournalRun
from alipay_mini_audit.batch.journal.row import Claim, Claimed, Identity, Place, Row, Settlement
from alipay_mini_audit.batch.pace import PaceBook
from alipay_mini_audit.cli.night.channel import Channel
from alipay_mini_audit.errors import AuditError, BatchError

__all__ = ["Answer", "Question", "RemoteJournal", "answer"]

_PATIENCE_SECONDS: Final = 90.0
"""Longer than the parent waits for its disk."""
_METHODS: Final = frozenset({"claim", "begin", "look", "extend", "settle"})


@final
@attrs.frozen
class Question:
    """What a child asks of the journal's owner.

    Attributes:
        number: of the question.
        method: of `JournalRun`.
        args: its arguments.
        options: its keyword arguments.
    """

    number: int
    method: str
    args: tuple[Any, ...]
    options: dict[str, Any]


@final
@attrs.frozen
class Answer:
    """What became of a question.

    Attributes:
        number: of the question.
        result: what the method returned.
        error: what it raised; `None` if it did not fail.
    """

    number: int
    result: object = None
    error: AuditError | None = None


async def answer(run: JournalRun, question: Question) -> Answer:
    """Do what a child asks for.

    Raises:
        ValueError: it asks for something else than a method of a run.
    """
    if question.method not in _METHODS:
        raise ValueError(question.method)
    try:
        result = await getattr(run, question.method)(*question.args, **question.options)
    except AuditError as error:
        return Answer(question.number, error=error)
    return Answer(question.number, result)


@final
class RemoteJournal:
    """A journal that the parent owns.

    Args:
        path: of the journal's file; the pace of all processes is kept beside it.
        channel: to the parent.
    """

    def __init__(self, path: Path, channel: Channel) -> None:
        self._files = SqliteJournal(path)
        self._channel = channel
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[object]] = {}
        self._is_closed = False

    @asynccontextmanager
    async def run(self, binding: Binding, *, take_over: bool = False) -> AsyncIterator[JournalRun]:
        """See `OwnableJournal`; the parent has seen to the owner and the binding."""
        del binding, take_over
        yield _RemoteRun(self)

    def pace_book(self, binding: Binding) -> PaceBook:
        """See `OwnableJournal`."""
        return self._files.pace_book(binding)

    async def ask(self, method: str, *args: object, **options: object) -> Any:
        """Have the parent do something, and return what comes of it.

        Raises:
            BatchError: it failed, or the parent is gone.
        """
        if self._is_closed:
            raise _gone()
        number = next(self._numbers)
        future = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._channel.send(Question(number, method, args, options))
                return await future
        except OSError as error:  # a TimeoutError, too
            raise _gone() from error
        finally:
            self._waiting.pop(number, None)

    def answered(self, given: Answer) -> None:
        """Pass an answer on to who waits for it."""
        future = self._waiting.get(given.number)
        if future is None or future.done():
            return
        if given.error is None:
            future.set_result(given.result)
        else:
            future.set_exception(given.error)

    def close(self) -> None:
        """Let nobody wait any more: the parent is gone."""
        self._is_closed = True
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(_gone())


@final
class _RemoteRun:
    """See `JournalRun`."""

    def __init__(self, journal: RemoteJournal) -> None:
        self._ask = journal.ask

    async def claim(self, claims: Sequence[Claim]) -> list[Claimed]:
        found: list[Claimed] = await self._ask("claim", tuple(claims))
        return found

    async def begin(
        self,
        identity: Identity,
        epoch: int,
        *,
        at: float,
        stamp: str,
        quota: tuple[str, int] | None,
        anew: bool = False,
    ) -> Place:
        place: Place = await self._ask(
            "begin", identity, epoch, at=at, stamp=stamp, quota=quota, anew=anew
        )
        return place

    async def look(self, identity: Identity, epoch: int, *, anew: bool = False) -> Place:
        place: Place = await self._ask("look", identity, epoch, anew=anew)
        return place

    async def extend(self, identity: Identity, epoch: int, *, alive_until: float) -> bool:
        is_ours: bool = await self._ask("extend", identity, epoch, alive_until=alive_until)
        return is_ours

    async def settle(self, identity: Identity, epoch: int, what: Settlement) -> Row | None:
        row: Row | None = await self._ask("settle", identity, epoch, what)
        return row


def _gone() -> BatchError:
    return BatchError("The process that owns the journal is gone.", code="journal_closed")
