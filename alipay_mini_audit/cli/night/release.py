"""`released_first`: what was refused goes again, once the journal is this run's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Collection
from pathlib import Path

from alipay_mini_audit.batch import EntryState, SqliteJournal, Submission
from alipay_mini_audit.batch.journal.row import HoldKind
from alipay_mini_audit.cli.night.snapshot import stopped_in

__all__ = ["released_first"]


async def released_first(
    submissions: AsyncIterable[Submission],
    journal: SqliteJournal,
    path: Path,
    keys: Collection[str],
) -> AsyncGenerator[Submission, None]:
    """Release what was refused, and yield the submissions.

    A run reads its submissions when it owns the journal, and so nobody else is disturbed. What an
    operator has stopped by its key stays stopped.

    Args:
        submissions: all of them.
        journal: of the run.
        path: of the journal.
        keys: of the entries in question; what else was refused stays so.
    """
    stopped = await asyncio.to_thread(stopped_in, path)
    wanted = set(keys) - stopped[HoldKind.KEY]
    refused = [row.identity.key async for row in journal.entries(EntryState.REFUSED)]
    again = dict.fromkeys(key for key in refused if key in wanted)
    await asyncio.gather(*(journal.release(key=key) for key in again))
    async for submission in submissions:
        yield submission
