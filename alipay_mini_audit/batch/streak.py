"""`FailureStreak`: so many failures of one kind in a row mean that the rest will fail, too."""

from __future__ import annotations

from typing import final

from alipay_mini_audit.batch.entry import BatchEntry
from alipay_mini_audit.errors import BatchError

__all__ = ["FailureStreak"]


@final
class FailureStreak:
    """Counts failures of one kind that follow one another.

    Args:
        limit: how many stop the batch; `None` for any number.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._reason = ""
        self._count = 0

    def add(self, entry: BatchEntry) -> BatchError | None:
        """Note how an entry ended; return the error that stops the batch, if it has to stop."""
        if entry.state.is_submitted:
            self._count = 0
        if self._limit is None or entry.error is None:
            return None
        if entry.reason != self._reason:
            self._reason = entry.reason
            self._count = 0
        self._count += 1
        if self._count < self._limit:
            return None
        reason = f"{self._count} entries in a row failed alike: {entry.reason}."
        return BatchError(reason, code="batch_stopped")
