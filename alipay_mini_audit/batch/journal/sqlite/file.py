"""`JournalFile`: opens the file of a journal, and notices when it is another one.

Nothing is written to a file before it is known to be a journal of this version or an older one:
neither foreign, nor newer, nor damaged. SQLite itself does all the reading, because closing another
descriptor of the file would drop the locks of every connection of this process to it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, final

from alipay_mini_audit.batch.journal.sqlite import schema
from alipay_mini_audit.batch.journal.sqlite.faults import batch_error
from alipay_mini_audit.batch.journal.sqlite.lock import OwnerLock
from alipay_mini_audit.errors import BatchError

__all__ = ["JournalFile", "open_journal", "open_to_read"]

_BUSY_SECONDS: Final = 5.0
"""How long a write of another process is waited for."""
_PAUSE_SECONDS: Final = 0.02
_LOG_MAGIC: Final = b"\x37\x7f\x06"  # and another bit, which is the order of bytes
_Inode = tuple[int, int]


@final
class JournalFile:
    """An open journal; for one thread.

    Args:
        path: of the journal.
        db: the connection.
    """

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self.db = db
        self._log = path.with_name(f"{path.name}-wal")
        self._index = path.with_name(f"{path.name}-shm")
        self._inodes: list[_Inode | None] = [_inode_of(_status_of(path)), None, None]
        self._log_size = 0
        self._is_log_cut = False

    def verify(self) -> None:
        """See that what was written is in the file that others would find.

        Raises:
            BatchError: the file, its write-ahead log or the index of that was removed or replaced,
                or the log was cut.
        """
        statuses = [_status_of(path) for path in (self.path, self._log, self._index)]
        found = [_inode_of(status) for status in statuses]
        for place in (1, 2):  # SQLite makes them when they are first needed
            if self._inodes[place] is None:
                self._inodes[place] = found[place]
        if found != self._inodes:
            raise batch_error(self.path, "journal_gone")
        size = _size_of(statuses[1])
        self._is_log_cut |= size < self._log_size
        self._log_size = size
        if self._is_log_cut and size:
            self._see_head_of_log()

    def _see_head_of_log(self) -> None:
        """Tell a log that SQLite has begun anew from one that somebody has cut: that has no head.

        A connection goes on behind the gap, and everybody after it finds nothing of what it wrote.
        """
        with self._log.open("rb") as file:
            if file.read(len(_LOG_MAGIC)) != _LOG_MAGIC:
                raise batch_error(self.path, "journal_damaged")
        self._is_log_cut = False

    def close(self) -> None:
        """Close the file; the last one to do so empties the write-ahead log."""
        with suppress(sqlite3.Error):
            self.db.close()


def open_journal(path: Path, *, is_reader: bool = False) -> JournalFile:
    """Open a journal; a missing or empty file becomes one, an older one is brought up to date.

    Args:
        path: of the journal.
        is_reader: it has been opened to write already, and this connection never writes.

    Raises:
        BatchError: it is not a journal that this version can use.
    """
    with _said_of(path):
        if not is_reader:
            _inspect(path)
        db = _connect(path, "rw" if is_reader else "rwc")
    try:
        with _said_of(path):
            if is_reader:
                db.execute("PRAGMA query_only = ON")
            else:
                _prepare(path, db)
            return JournalFile(path, db)
    except BaseException:
        db.close()
        raise


def open_to_read(path: Path) -> JournalFile:
    """Open a journal that is only looked at, whoever runs it meanwhile; it stays as it is.

    Args:
        path: of the journal, with all links resolved.

    Raises:
        BatchError: it is missing, or not a journal that this version can read.
    """
    with _said_of(path):
        status = _status_of(path)
        if status is None:
            raise batch_error(path, "journal_gone")
        if stat.S_ISFIFO(status.st_mode):  # SQLite would wait for a writer
            raise batch_error(path, "journal_foreign")
        has_log = _size_of(_status_of(path.with_name(f"{path.name}-wal"))) > 0
        mode = "ro" if has_log else "ro&immutable=1"  # which leaves no files beside it
        _see_that_it_is_one(path, mode)
        db = _connect(path, mode)
    try:
        with _said_of(path):
            version = _pragma(db, "user_version")
            if 0 < version < len(schema.STEPS):
                db.execute(_as_new(version))
    except BaseException:
        db.close()
        raise
    if not version:  # it is empty, or was cut off at its first
        db.close()
        raise batch_error(path, "journal_foreign")
    return JournalFile(path, db)


def _as_new(version: int) -> str:
    """Return what lets an older journal be read as if it were of today; its file stays as it is."""
    names = [name for added in schema.ADDED[version - 1 :] for name in added]
    missing = ", ".join(f"NULL AS {name}" for name in names)
    return f"CREATE TEMP VIEW entries AS SELECT *, {missing} FROM main.entries"  # noqa: S608


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise batch_error(path, _code_of_place(path) or error) from error


def _code_of_place(path: Path) -> str | None:
    """Say what is wrong with where a journal is, since SQLite only says that it cannot open it."""
    if not path.parent.is_dir():
        return "journal_gone"
    is_writable = all(_may_write(place) for place in (path.parent, path) if place.exists())
    return None if is_writable else "journal_read_only"


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=_BUSY_SECONDS
    )


def _inspect(path: Path) -> None:
    """Look at a file without leaving a trace."""
    if not _size_of(_status_of(path)):
        return
    if not _may_write(path):
        raise batch_error(path, "journal_read_only")
    _see_that_it_is_one(path, "ro")


def _see_that_it_is_one(path: Path, mode: str) -> None:
    # Immutable: no locks, no files beside it, should it be somebody else's.
    with closing(_connect(path, "ro&immutable=1")) as db:
        try:
            application_id = _pragma(db, "application_id")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                raise
            application_id = schema.APPLICATION_ID  # the log beside it may have what is missing
    if application_id != schema.APPLICATION_ID:
        raise batch_error(path, "journal_foreign")
    with closing(_connect(path, mode)) as db:
        try:
            if _pragma(db, "user_version") > len(schema.STEPS):
                raise batch_error(path, "journal_newer")
            if _pragma(db, "quick_check(1)") != "ok":
                raise batch_error(path, "journal_damaged")
        except sqlite3.OperationalError as error:
            # Its first transaction was cut off: whoever may write takes it back.
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise


def _prepare(path: Path, db: sqlite3.Connection) -> None:
    db.execute("PRAGMA synchronous = FULL")
    version = _pragma(db, "user_version")
    if version == 0:
        if _pragma(db, "schema_version") and not _pragma(db, "application_id"):
            raise batch_error(path, "journal_foreign")  # of which nothing could be read before
        _climb(db)
    elif version < len(schema.STEPS):
        _migrate(path, db, version)
    _use_log(db)


def _migrate(path: Path, db: sqlite3.Connection, version: int) -> None:
    lock = OwnerLock(path)
    if not lock.acquire():
        raise BatchError(
            f"A process of an older version runs the journal: {path}.", code="journal_locked"
        )
    try:
        copy = path.with_name(f"{path.name}.version-{version}")
        copy.unlink(missing_ok=True)  # of a migration that was cut off
        db.execute("VACUUM INTO ?", (str(copy),))
        _climb(db)
    finally:
        lock.release()


def _climb(db: sqlite3.Connection) -> None:
    """Take the steps that are missing, in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in schema.STEPS[_pragma(db, "user_version") :]:
            for statement in step:
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {len(schema.STEPS)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _use_log(db: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait for others who are about to, so do."""
    pause = threading.Event()
    for is_last in [False] * int(_BUSY_SECONDS / _PAUSE_SECONDS) + [True]:
        try:
            if _pragma(db, "journal_mode = WAL") == "wal":
                return
        except sqlite3.OperationalError as error:
            if is_last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        pause.wait(_PAUSE_SECONDS)
    raise OSError("this file system has no write-ahead log")


def _pragma(db: sqlite3.Connection, text: str) -> Any:
    return db.execute(f"PRAGMA {text}").fetchone()[0]


def _status_of(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _inode_of(status: os.stat_result | None) -> _Inode | None:
    return None if status is None else (status.st_dev, status.st_ino)


def _size_of(status: os.stat_result | None) -> int:
    return 0 if status is None else status.st_size
