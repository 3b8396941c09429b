"""`SqliteJournal`: a journal in a file, which survives whatever ends the process."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar, final

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.book import Book, Pen
from alipay_mini_audit.batch.journal.row import Binding, Row, Summary
from alipay_mini_audit.batch.journal.run import Run, Stops
from alipay_mini_audit.batch.journal.sqlite.faults import batch_error
from alipay_mini_audit.batch.journal.sqlite.file import open_journal
from alipay_mini_audit.batch.journal.sqlite.memo import MemoBook
from alipay_mini_audit.batch.journal.sqlite.owner import Ownership
from alipay_mini_audit.batch.journal.sqlite.reading import (
    PAGE_ROWS,
    read_page,
    read_summary,
)
from alipay_mini_audit.batch.journal.sqlite.thread import DatabaseThread, expect_ended
from alipay_mini_audit.batch.pace import PaceBook, SqlitePaceBook
from alipay_mini_audit.concurrency import wait_through
from alipay_mini_audit.errors import BatchError

__all__ = ["SqliteJournal"]

_ENDING_SECONDS: Final = 30.0
_PLACE_CHARACTERS: Final = 8
_T = TypeVar("_T")


@final
class SqliteJournal(Stops):
    """A journal in a file of SQLite.

    Use it as `async with SqliteJournal("night.journal") as journal:`, in one event loop. The file
    is made if it is missing; `-wal`, `-shm` and `.lock` lie beside it, and a file `.pace` for all
    journals of the app in the folder. It has to be on a disk of this machine: locks of network file
    systems are not to be relied on.

    Whatever returns is on disk. What fails with `BatchError` has changed nothing, unless the system
    has failed to sync the disk: then nobody knows. It holds no tokens.

    Args:
        path: of the file.
        clock: returns seconds since 1970.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._host = platform.node()
        super().__init__(self._carry_out, Pen(f"{self._host}:{os.getpid()}", clock))
        self._path = Path(path).resolve()  # SQLite names the files beside it so
        self._writer: DatabaseThread | None = None
        self._reader: DatabaseThread | None = None
        self._book = MemoBook()
        self._owning: set[Ownership] = set()
        self._paces: list[SqlitePaceBook] = []

    async def __aenter__(self) -> Self:
        """Open the file, and make it if it is missing or empty.

        Raises:
            BatchError: it is foreign, newer, damaged, or cannot be opened; it is as it was.
            ConfigurationError: it is open already.
        """
        expect_ended(self._writer)
        book = self._book = MemoBook()
        self._writer = DatabaseThread(
            "journal-writer",
            self._path,
            lambda: open_journal(self._path),
            book.begin,
            book.commit,
            book.forget,
        )
        await self._writer.start()
        self._reader = DatabaseThread(
            "journal-reader",
            self._path,
            lambda: open_journal(self._path, is_reader=True),
            lambda db: db.execute("BEGIN"),
            lambda db: db.execute("COMMIT"),
        )
        try:
            await self._reader.start()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Write what is under way, and close the file; a run can write nothing more then.

        It waits 30 s at most for each of its threads, even if it is cancelled meanwhile.

        Raises:
            BatchError: the disk does not answer.
        """
        try:
            if self._reader is not None:
                await self._reader.stop()
        finally:
            try:
                if self._writer is not None:
                    await self._stop_writing(self._writer)
            finally:
                for book in self._paces:  # of an iterator that nobody has closed
                    await book.aclose()

    @asynccontextmanager
    async def run(self, binding: Binding, *, take_over: bool = False) -> AsyncIterator[Run]:
        """Own the journal for the length of the block.

        Args:
            binding: whose entries they are; the first run binds the journal.
            take_over: own it though another process does, a frozen one, say. Whatever that one
                still writes is refused. One that is frozen in the midst of a write keeps the
                journal: end it.

        Raises:
            BatchError: another process runs it (`journal_locked`), it belongs to another app or
                base URL (`journal_other_app`), or it cannot be written.
            ConfigurationError: `filelock` is not installed, or it was opened in another event loop.
        """
        writer = self._open_thread(self._writer)
        ownership = Ownership(self._path, binding, self._host, os.getpid())
        self._owning.add(ownership)
        try:
            number = await writer.carry_out(
                lambda db: ownership.begin(db, take_over=take_over), is_alone=True
            )
            run = Run(self._carry_out, number, self._pen)
            try:
                yield run
            finally:
                run.end()
        finally:
            await self._leave(writer, ownership)

    def pace_book(self, binding: Binding) -> PaceBook:
        """Return where the pace of an application is kept: a small database beside the journal.

        All journals in one folder share it, if they are of one app and base URL.
        """
        place = hashlib.sha256(binding.base_url.encode()).hexdigest()[:_PLACE_CHARACTERS]
        path = self._path.with_name(f"{binding.app_id}-{place}.pace")
        book = SqlitePaceBook(path, binding.app_id)
        self._paces = [*(each for each in self._paces if not each.is_closed), book]
        return book

    async def entries(self, state: EntryState | None = None) -> AsyncIterator[Row]:
        """Yield rows in the order of their planning; all of them, or those in one state.

        They are read 500 at a time: of rows that change meanwhile, it yields what they are when
        their turn comes.

        Raises:
            BatchError: the journal cannot be read.
        """
        seq = 0
        while True:
            read = functools.partial(read_page, after=seq, state=state)
            rows, seq = await self._open_thread(self._reader).carry_out(read)
            for row in rows:
                yield row
            if len(rows) < PAGE_ROWS:
                return

    async def summary(self) -> Summary:
        """Count entries by state and reason, see `Journal.summary`.

        Raises:
            BatchError: the journal cannot be read.
        """
        return await self._open_thread(self._reader).carry_out(read_summary)

    async def _carry_out(self, action: Callable[[Book], _T], *, may_wait: bool = False) -> _T:
        writer, book = self._open_thread(self._writer), self._book
        return await writer.carry_out(lambda _: action(book), may_wait=may_wait)

    def _open_thread(self, thread: DatabaseThread | None) -> DatabaseThread:
        if thread is None:
            raise batch_error(self._path, "journal_closed")
        return thread

    async def _stop_writing(self, writer: DatabaseThread) -> None:
        try:
            await writer.stop()
        finally:
            if writer.has_ended:  # otherwise it may still write: nobody else must run the journal
                for ownership in self._owning:
                    ownership.end()
                self._owning.clear()

    async def _leave(self, writer: DatabaseThread, ownership: Ownership) -> None:
        try:
            left = writer.submit(lambda _: ownership.end(), is_alone=True)
        except BatchError:
            return  # it is being closed, which ends this as well
        try:
            await wait_through(left, _ENDING_SECONDS)
        finally:
            # What was submitted is done all the same, but nobody is there to hear of it any more.
            if not left.cancel() and left.exception() is None:
                self._owning.discard(ownership)
