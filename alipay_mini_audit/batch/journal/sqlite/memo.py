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
from alipay_mini_audit.batch.journal.sqlite.faults import is_of_the_value

__all__ = ["MemoBook", "Outdated"]

_VERSION: Final = "PRAGMA data_version"
_MOST_NOTED: Final = 16
_MOST_ROWS: Final = 2048
"""More than a run reads ahead and has under way."""


class Outdated(Exception):
    """What was remembered is not what stands in the database, or could not be written at once.

    Do it once more, after `MemoBook.forget`: then the database is asked, and written row by row.
    """


@final
class MemoBook:
    """The rows of a database, for the one thread that writes them.

    As long as it knows all that is asked for, it only notes what to write, and writes it in one
    statement, which does nothing if another connection has written meanwhile.
    """

    def __init__(self) -> None:
        self._book: SqliteBook | None = None
        self._db: sqlite3.Connection | None = None
        self._version: int | None = None
        self._number: int | None = None
        self._has_stops: bool | None = None
        self._rows: dict[Identity, tuple[Row, int]] = {}
        self._noted: dict[Identity, tuple[Row, int]] = {}

    def begin(self, db: sqlite3.Connection) -> None:
        """Begin what is to be one transaction."""
        if self._db is not db:
            self._db, self._book = db, SqliteBook(db)
            self._version = None
        self._noted.clear()
        if self._version is None:
            self._enter(db)

    def commit(self, db: sqlite3.Connection) -> None:
        """Commit it.

        Raises:
            Outdated: nothing of it is done.
        """
        if db.in_transaction:
            db.execute("COMMIT")
            return
        assert self._book is not None and self._version is not None  # noqa: PT018, S101  # `begin`
        noted = list(self._noted.values())
        try:
            if noted:
                is_done = self._book.put_unless_changed(noted, self._version)
            else:
                is_done = self._version == _version_of(db)
        except Exception as error:
            if is_of_the_value(error):  # row by row it shows of whose
                raise Outdated from error
            raise
        if not is_done:
            raise Outdated

    def forget(self) -> None:
        """Remember nothing: what was written was undone, or written by other hands."""
        self._version = None

    def _enter(self, db: sqlite3.Connection) -> None:
        """Begin a transaction in which the database is asked, too."""
        if db.in_transaction:
            return
        db.execute("BEGIN IMMEDIATE")
        version = _version_of(db)
        if self._version is None:
            self._version = version
            self._forget_rows()
        elif self._version != version:
            raise Outdated
        for row, run in self._noted.values():
            self._db_book.put(row, run)
        self._noted.clear()

    def _forget_rows(self) -> None:
        self._number = self._has_stops = None
        self._rows.clear()

    def number(self) -> int:
        """See `Book`."""
        if self._number is None:
            self._number = self._db_book.number()
        return self._number

    def find(self, identity: Identity) -> tuple[Row, int] | None:
        """See `Book`."""
        known = self._noted.get(identity) or self._rows.get(identity)
        return known or self._db_book.find(identity)

    def add(self, row: Row, run: int) -> None:
        """See `Book`."""
        self._db_book.add(row, run)
        self._keep(row, run)

    def put(self, row: Row, run: int) -> None:
        """See `Book`."""
        if self._is_entered or len(self._noted) == _MOST_NOTED:
            self._db_book.put(row, run)
        else:
            self._noted[row.identity] = (row, run)
        self._keep(row, run)

    def other(self, claim: Claim) -> tuple[Row, int] | None:
        """See `Book`."""
        return self._db_book.other(claim)

    def rename(self, former: Identity, identity: Identity) -> None:
        """See `Book`."""
        self._db_book.rename(former, identity)
        for each in (former, identity):
            self._rows.pop(each, None)

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
        self._forget_rows()

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
    def _is_entered(self) -> bool:
        return self._db is not None and self._db.in_transaction

    @property
    def _db_book(self) -> SqliteBook:
        assert self._db is not None and self._book is not None  # noqa: PT018, S101  # `begin`
        self._enter(self._db)
        return self._book

    def _keep(self, row: Row, run: int) -> None:
        self._rows.pop(row.identity, None)
        if row.state in FINAL_STATES:  # it is not asked for again
            return
        self._rows[row.identity] = (row, run)
        if len(self._rows) > _MOST_ROWS:
            del self._rows[next(iter(self._rows))]


def _version_of(db: sqlite3.Connection) -> int:
    """Return a number that changes when another connection commits something."""
    version: int = db.execute(_VERSION).fetchone()[0]
    return version
