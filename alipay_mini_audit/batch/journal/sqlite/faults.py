"""What SQLite and the system say, as a `BatchError`. No I/O here."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Final

from alipay_mini_audit.errors import BatchError

__all__ = ["batch_error", "is_of_the_value"]

_PRIMARY: Final = 0xFF
_OF_THE_VALUE: Final = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_TOOBIG,
    }
)
_TEXTS: Final = {
    "disk_full": "The disk is full: {path}. Nothing of this was written.",
    "journal_closed": "The journal is not open: {path}.",
    "journal_damaged": "The journal is damaged: {path}. Keep the file, and restore a copy.",
    "journal_failed": "The journal cannot be read or written: {path}.",
    "journal_foreign": "This file is not a journal: {path}.",
    "journal_gone": "The journal, or its folder, is missing or was replaced: {path}.",
    "journal_locked": "Another process does not end its write to the journal: {path}.",
    "journal_newer": "A later version of this package has written the journal: {path}.",
    "journal_read_only": "The journal, or its folder, cannot be written to: {path}.",
    "journal_unwritable": "This cannot be written to the journal: {path}.",
}
_CODES: Final = {
    sqlite3.SQLITE_BUSY: "journal_locked",
    sqlite3.SQLITE_CORRUPT: "journal_damaged",
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_LOCKED: "journal_locked",
    sqlite3.SQLITE_NOTADB: "journal_foreign",
    sqlite3.SQLITE_PERM: "journal_read_only",
    sqlite3.SQLITE_READONLY: "journal_read_only",
}
_SYSTEM_CODES: Final = {
    errno.EACCES: "journal_read_only",
    errno.EDQUOT: "disk_full",
    errno.ENOENT: "journal_gone",
    errno.ENOSPC: "disk_full",
    errno.ENOTDIR: "journal_gone",
    errno.EPERM: "journal_read_only",
    errno.EROFS: "journal_read_only",
}


def is_of_the_value(error: Exception) -> bool:
    """Say whether an action failed by itself, so that its neighbours would succeed without it."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)  # the module's own errors have none
        return code is None or code & _PRIMARY in _OF_THE_VALUE
    return not isinstance(error, OSError)


def batch_error(path: Path, cause: Exception | str) -> BatchError:
    """Return the error to raise; its cause is what the system said.

    Args:
        path: of the journal.
        cause: what was raised, or a code of `BatchError`.
    """
    if isinstance(cause, BatchError):
        return BatchError(cause.reason, code=cause.code)  # each waiter raises one of its own
    code = cause if isinstance(cause, str) else _code_of(cause)
    error = BatchError(_TEXTS[code].format(path=path), code=code)
    if isinstance(cause, Exception):
        error.__cause__ = cause
    return error


def _code_of(error: Exception) -> str:
    if isinstance(error, sqlite3.Error) and not is_of_the_value(error):
        return _CODES.get(error.sqlite_errorcode & _PRIMARY, "journal_failed")
    if isinstance(error, OSError):
        return _SYSTEM_CODES.get(error.errno or 0, "journal_failed")
    return "journal_unwritable"
