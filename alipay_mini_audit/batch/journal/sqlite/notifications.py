"""`SqliteSeen`: which notifications were dealt with, in the file of a journal or in one of its own.

A table that older versions of this package do not look at, so that it is no step of the schema.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self, final

from alipay_mini_audit.batch.journal.sqlite.faults import batch_error
from alipay_mini_audit.batch.journal.sqlite.file import JournalFile, open_journal
from alipay_mini_audit.batch.journal.sqlite.thread import DatabaseThread, expect_ended
from alipay_mini_audit.notifications.seen import KEPT

__all__ = ["SqliteSeen"]

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS notifications "
    "(notify_id TEXT PRIMARY KEY, seen_at REAL NOT NULL) WITHOUT ROWID"
)
_INDEX: Final = "CREATE INDEX IF NOT EXISTS notifications_by_time ON notifications (seen_at)"
_HAS: Final = "SELECT 1 FROM notifications WHERE notify_id = ?"
_ADD: Final = "INSERT OR REPLACE INTO notifications VALUES (?, ?)"
_FORGET: Final = "DELETE FROM notifications WHERE seen_at < ?"


@final
class SqliteSeen:
    """Remembers notifications in a file, so that it survives the process; several may share it.

    Use it as `async with SqliteSeen("night.journal") as seen:`, in one event loop, and give it to a
    `NotificationRouter`. The file is that of a `SqliteJournal`, which may be in use meanwhile, or
    is made. What `add` returned of is on disk. It is forgotten after 26 hours.

    Args:
        path: of the file.
        clock: returns seconds since 1970.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = Path(path).resolve()  # SQLite names the files beside it so
        self._clock = clock
        self._thread: DatabaseThread | None = None

    async def __aenter__(self) -> Self:
        """Open the file, and make it if it is missing or empty.

        Raises:
            BatchError: it is foreign, newer, damaged, or cannot be opened; it is as it was.
            ConfigurationError: it is open already.
        """
        expect_ended(self._thread)
        self._thread = DatabaseThread(
            "journal-notifications",
            self._path,
            self._open,
            lambda db: db.execute("BEGIN IMMEDIATE"),
            lambda db: db.execute("COMMIT"),
        )
        await self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Write what is under way, and close the file; it waits 30 s at most.

        Raises:
            BatchError: the disk does not answer.
        """
        if self._thread is not None:
            await self._thread.stop()

    async def has(self, notify_id: str) -> bool:
        """See `SeenStore`.

        Raises:
            BatchError: the file cannot be read.
        """

        def look(db: sqlite3.Connection) -> bool:
            """Say whether the file has it."""
            return db.execute(_HAS, (notify_id,)).fetchone() is not None

        return await self._open_thread.carry_out(look)

    async def add(self, notify_id: str) -> None:
        """See `SeenStore`.

        Raises:
            BatchError: the file cannot be written.
        """
        now = self._clock()

        def write(db: sqlite3.Connection) -> None:
            """Keep it, and forget what was kept for long enough."""
            db.execute(_ADD, (notify_id, now))
            db.execute(_FORGET, (now - KEPT.total_seconds(),))

        await self._open_thread.carry_out(write)

    @property
    def _open_thread(self) -> DatabaseThread:
        if self._thread is None:
            raise batch_error(self._path, "journal_closed")
        return self._thread

    def _open(self) -> JournalFile:
        file = open_journal(self._path)
        try:
            for statement in (_TABLE, _INDEX):
                file.db.execute(statement)
        except BaseException:
            file.close()
            raise
        return file
