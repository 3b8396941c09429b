"""A journal in a file of SQLite: one thread writes, another one reads."""

from alipay_mini_audit.batch.journal.sqlite.journal import SqliteJournal

__all__ = ["SqliteJournal"]
