"""How fast calls may go: one pace for all workers, runs and processes of an application."""

from alipay_mini_audit.batch.pace.book import MemoryPaceBook, PaceBook
from alipay_mini_audit.batch.pace.pace import Pace
from alipay_mini_audit.batch.pace.sqlite import SqlitePaceBook

__all__ = ["MemoryPaceBook", "Pace", "PaceBook", "SqlitePaceBook"]
