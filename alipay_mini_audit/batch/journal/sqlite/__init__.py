"""A journal in a file of SQLite: one thread writes, another one reads."""

from alipay_mini_audit.batch.journal.sqlite.journal import SqliteJournal
from alipay_mini_audit.batch.journal.sqlite.notifications import SqliteSeen

__all__ = ["SqliteJournal", "SqliteSeen"]
