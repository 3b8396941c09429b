"""Thousands of versions in a night: nothing lost, nothing sent twice."""

from alipay_mini_audit.batch.entry import BatchEntry, EntryState
from alipay_mini_audit.batch.journal import (
    Journal,
    MemoryJournal,
    SqliteJournal,
    SqliteSeen,
)
from alipay_mini_audit.batch.journal.row import Binding, Group, Row, Summary
from alipay_mini_audit.batch.manifest import Manifest
from alipay_mini_audit.batch.policy import BatchPolicy
from alipay_mini_audit.batch.runner import run_batch
from alipay_mini_audit.batch.submission import Submission

__all__ = [
    "BatchEntry",
    "BatchPolicy",
    "Binding",
    "EntryState",
    "Group",
    "Journal",
    "Manifest",
    "MemoryJournal",
    "Row",
    "SqliteJournal",
    "SqliteSeen",
    "Submission",
    "Summary",
    "run_batch",
]
