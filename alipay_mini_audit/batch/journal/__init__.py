"""What a night writes down, so that nothing is lost or sent twice."""

from alipay_mini_audit.batch.journal.memory import MemoryJournal
from alipay_mini_audit.batch.journal.sqlite import SqliteJournal, SqliteSeen
from alipay_mini_audit.batch.journal.store import Journal, JournalRun

__all__ = ["Journal", "JournalRun", "MemoryJournal", "SqliteJournal", "SqliteSeen"]
