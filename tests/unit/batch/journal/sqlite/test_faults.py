import errno
import sqlite3
from pathlib import Path

import pytest

from alipay_mini_audit.batch.journal.sqlite.faults import batch_error, is_of_the_value
from alipay_mini_audit.errors import BatchError

PATH = Path("/nights/night.journal")


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("text of SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (sqlite_error(sqlite3.SQLITE_BUSY), "journal_locked"),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), "journal_locked"),
        (sqlite_error(sqlite3.SQLITE_FULL), "disk_full"),
        (sqlite_error(sqlite3.SQLITE_IOERR_FSYNC), "journal_failed"),
        (sqlite_error(sqlite3.SQLITE_CORRUPT), "journal_damaged"),
        (sqlite_error(sqlite3.SQLITE_NOTADB), "journal_foreign"),
        (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED), "journal_read_only"),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN), "journal_failed"),
        (OSError(errno.ENOSPC, "text"), "disk_full"),
        (OSError(errno.EROFS, "text"), "journal_read_only"),
        (FileNotFoundError(errno.ENOENT, "text"), "journal_gone"),
        (OSError("text"), "journal_failed"),
        (sqlite_error(sqlite3.SQLITE_TOOBIG), "journal_unwritable"),
        (sqlite3.ProgrammingError("text"), "journal_unwritable"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "text"), "journal_unwritable"),
        ("journal_newer", "journal_newer"),
    ],
)
def test_what_went_wrong_has_a_code_of_ours(cause: Exception | str, code: str) -> None:
    error = batch_error(PATH, cause)
    assert error.code == code
    assert str(PATH) in error.reason
    if isinstance(cause, Exception):
        assert error.__cause__ is cause
        assert is_of_the_value(cause) is (code == "journal_unwritable")


def test_each_waiter_has_an_error_of_its_own() -> None:
    first = BatchError("reason", code="code")
    second = batch_error(PATH, first)
    assert second is not first
    assert (second.reason, second.code) == ("reason", "code")
