"""Who owns a journal on disk: the lock, and the number that fences off whoever owned it before."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.batch.journal.row import Binding
from alipay_mini_audit.batch.journal.sqlite.lock import OwnerLock
from alipay_mini_audit.errors import BatchError

__all__ = ["STATEMENTS", "Ownership", "expect_binding"]

_KNOWN: Final = "SELECT app_id, base_url, host, pid FROM journal WHERE id = 1"
_OWN: Final = (
    "UPDATE journal SET app_id = ?, base_url = ?, host = ?, pid = ?, number = number + 1 "
    "WHERE id = 1"
)
_NUMBER: Final = "SELECT number FROM journal WHERE id = 1"
STATEMENTS: Final = (_KNOWN, _OWN, _NUMBER)


def expect_binding(app_id: str | None, base_url: str | None, mine: Binding, path: Path) -> None:
    """Return if a journal is bound to this application and place, or to none so far.

    Args:
        app_id: what it is bound to; `None` before the first run.
        base_url: where its entries are sent; `None` before the first run.
        mine: who is about to use it.
        path: of the journal.

    Raises:
        BatchError: it belongs to others (`journal_other_app`).
    """
    if app_id is not None and (app_id, base_url) != (mine.app_id, mine.base_url):
        raise BatchError(
            f"The journal belongs to app {app_id} at {base_url}, not to {mine.app_id} at "
            f"{mine.base_url}: {path}.",
            code="journal_other_app",
        )


@final
@attrs.define(eq=False)
class Ownership:
    """A run's hold on a journal; its methods are for the thread that writes.

    Attributes:
        path: of the journal.
        binding: whose entries they are.
        host: of this process.
        pid: of this process.
    """

    path: Path
    binding: Binding
    host: str
    pid: int
    _lock: OwnerLock | None = attrs.field(default=None, init=False)

    def begin(self, db: sqlite3.Connection, *, take_over: bool) -> int:
        """Own the journal, in a transaction of its own, and return the number of the run.

        Raises:
            BatchError: another process owns it, or it belongs to another app or base URL.
        """
        db.execute("BEGIN IMMEDIATE")
        try:
            number = self._own(db, take_over=take_over)
            db.execute("COMMIT")
        except BaseException:
            self.end()
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return number

    def end(self) -> None:
        """Leave the journal to others; once more changes nothing."""
        if self._lock is not None:
            self._lock.release()

    def _own(self, db: sqlite3.Connection, *, take_over: bool) -> int:
        app_id, base_url, host, pid = db.execute(_KNOWN).fetchone()
        mine = self.binding
        expect_binding(app_id, base_url, mine, self.path)
        self._lock = OwnerLock(self.path)
        if not self._lock.acquire() and not (take_over and self._lock.replace()):
            raise BatchError(
                f"Process {pid} on {host} runs the journal: {self.path}.", code="journal_locked"
            )
        db.execute(_OWN, (mine.app_id, mine.base_url, self.host, self.pid))
        number: int = db.execute(_NUMBER).fetchone()[0]
        return number
