"""`MemoBook`: a `SqliteBook` that asks nothing twice while nobody else writes.

Each statement lets go of the interpreter and has to wait for it again, while uploads keep it busy:
what a statement costs is not what SQLite does, but that. So a row that this connection has written
is not read again until another connection has committed something (`PRAGMA data_version`).
"""

from __future__ import annotations

import sqlite3
from typing import Final, final

from alipay_mini_audit.batch.journal.book import Pen, StopAction
from alipay_mini_audit.batch.journal.row import FINAL_STATES, Claim, HoldKind, Identity, Row
from alipay_mini_audit.batch.journal.sqlite.book import SqliteBook

__all__ = ["MemoBook"]

_VERSION: Final = "PRAGMA data_version"
_MOST_ROWS: Final = 2048
"""More than a run reads ahead and has under way."""


@final
class MemoBook:
    """The rows of a database, for the one thread that writes them."""

    def __init__(self) -> None:
        self._book: SqliteBook | None = None
        self._version: int | None = None
        self._number: int | None = None
        self._has_stops: bool | None = None
        self._rows: dict[Identity, tuple[Row, int]] = {}

    def begin(self, db: sqlite3.Connection) -> None:
        """Begin a transaction."""
        db.execute("BEGIN IMMEDIATE")
        (version,) = db.execute(_VERSION).fetchone()
        if version != self._version or self._book is None:
            self.forget()
            self._book, self._version = SqliteBook(db), version

    def forget(self) -> None:
        """Read everything anew: what was written was undone, or written by other hands."""
        self._number = self._has_stops = None
        self._rows.clear()

    def number(self) -> int:
        """See `Book`."""
        if self._number is None:
            self._number = self._db_book.number()
        return self._number

    def find(self, identity: Identity) -> tuple[Row, int] | None:
        """See `Book`."""
        return self._rows.get(identity) or self._db_book.find(identity)

    def add(self, row: Row, run: int) -> None:
        """See `Book`."""
        self._db_book.add(row, run)
        self._keep(row, run)

    def put(self, row: Row, run: int) -> None:
        """See `Book`."""
        self._db_book.put(row, run)
        self._keep(row, run)

    def rival(self, claim: Claim) -> str | None:
        """See `Book`."""
        return self._db_book.rival(claim)

    def stops(self, row: Row) -> list[tuple[StopAction, HoldKind]]:
        """See `Book`."""
        if self._has_stops is None:
            self._has_stops = self._db_book.has_stops()
        return self._db_book.stops(row) if self._has_stops else []

    def stop(self, action: StopAction, kind: HoldKind, value: str) -> None:
        """See `Book`."""
        self._db_book.stop(action, kind, value)
        self._has_stops = True

    def release(self, kind: HoldKind, value: str, pen: Pen) -> None:
        """See `Book`."""
        self._db_book.release(kind, value, pen)
        self.forget()

    def take_place(self, day: str, template: str, limit: int) -> bool:
        """See `Book`."""
        return self._db_book.take_place(day, template, limit)

    def return_place(self, day: str, template: str) -> None:
        """See `Book`."""
        self._db_book.return_place(day, template)

    def count_fenced(self) -> None:
        """See `Book`."""
        self._db_book.count_fenced()

    @property
    def _db_book(self) -> SqliteBook:
        assert self._book is not None, "begin comes first"  # noqa: S101  # narrows the type
        return self._book

    def _keep(self, row: Row, run: int) -> None:
        self._rows.pop(row.identity, None)
        if row.state in FINAL_STATES:  # it is not asked for again
            return
        self._rows[row.identity] = (row, run)
        if len(self._rows) > _MOST_ROWS:
            del self._rows[next(iter(self._rows))]
