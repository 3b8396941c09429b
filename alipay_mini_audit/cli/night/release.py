"""`release_refused`: what was refused goes again, once the journal is this run's."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from alipay_mini_audit.batch import EntryState, SqliteJournal
from alipay_mini_audit.batch.journal.names import Known
from alipay_mini_audit.batch.journal.row import Claim, HoldKind
from alipay_mini_audit.cli.night.snapshot import stopped_in

__all__ = ["release_refused"]


async def release_refused(journal: SqliteJournal, path: Path, claims: Collection[Claim]) -> None:
    """Release what was refused, by a run that owns the journal, so that nobody else is disturbed.

    What an operator has stopped by its key stays stopped.

    Args:
        journal: of the run.
        path: of the journal.
        claims: of the entries in question; what else was refused stays so.
    """
    stopped = await asyncio.to_thread(stopped_in, path)
    refused: Known[str] = Known()
    async for row in journal.entries(EntryState.REFUSED):
        refused.add(row, row.identity.key)
    found = dict.fromkeys(refused.find(each) for each in claims)
    again = [key for key in found if key is not None and key not in stopped[HoldKind.KEY]]
    await asyncio.gather(*(journal.release(key=key) for key in again))
