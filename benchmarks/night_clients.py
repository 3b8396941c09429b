"""The ways to submit a night: all at once without a batch, and batches with several journals.

Each makes the same submissions, in a process of its own:
`python -m benchmarks.night_clients < job`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import attrs

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    BatchPolicy,
    EntryState,
    Journal,
    MemoryJournal,
    SqliteJournal,
    Submission,
)
from alipay_mini_audit.attachments import FilePart
from benchmarks.clients import client_of
from benchmarks.gauge import Job, Result, resident_now, resident_peak
from benchmarks.material import PARTS, fields_of, file_of, folder_of

__all__ = ["GATHER", "NIGHTS", "NightWay", "journal_of"]

GATHER: Final = "gather"
"""The way that all others are compared with."""
_WARM_UP: Final = 4

Work = Callable[[Job, AuditClient], Awaitable[int]]
"""Submits the night of a job, and returns how many were accepted."""
Opener = Callable[[Job], AbstractAsyncContextManager[Work]]
"""Opens what is needed before the first submission."""


@attrs.frozen(kw_only=True)
class NightWay:
    """One way to submit a night.

    Attributes:
        title: what it is called in tables.
        opener: opens it.
        missing: says why it cannot take part, `None` if it can.
    """

    title: str
    opener: Opener
    missing: Callable[[], str | None] = lambda: None


def _night(job: Job) -> Iterator[Submission]:
    for number in range(1, job.count + 1):
        own = folder_of(Path(job.folder), job.workload, number)
        files = {part: file_of(own, job.workload, part) for part in PARTS}
        request = AuditApply(**fields_of(number))  # type: ignore[arg-type]  # all of them are texts
        yield Submission(f"shop-{number}", request, files)


async def _each_at_once(job: Job, submit: Callable[[int, Submission], Awaitable[object]]) -> int:
    night = enumerate(_night(job), start=1)
    done = 0

    async def work() -> None:
        nonlocal done
        for number, submission in night:
            await submit(number, submission)
            done += 1

    await asyncio.gather(*(work() for _ in range(job.concurrency)))
    return done


@contextlib.asynccontextmanager
async def _gather(job: Job) -> AsyncIterator[Work]:
    del job

    async def work(job: Job, client: AuditClient) -> int:
        async def submit(_: int, submission: Submission) -> None:
            await client.apply(submission.request, submission.attachments)

        return await _each_at_once(job, submit)

    yield work


@contextlib.asynccontextmanager
async def journal_of(name: str, folder: Path) -> AsyncIterator[Journal | None]:
    """Open a journal: none, in memory or in a new folder.

    Args:
        name: `none`, `memory` or `sqlite`.
        folder: where the new folder is made.
    """
    if name == "none":
        yield None
    elif name == "memory":
        async with MemoryJournal() as memory:
            yield memory
    else:
        with tempfile.TemporaryDirectory(dir=folder) as own:
            async with SqliteJournal(Path(own, "night.journal")) as sqlite:
                yield sqlite


def _batch(name: str) -> Opener:
    @contextlib.asynccontextmanager
    async def opened(job: Job) -> AsyncIterator[Work]:
        async with journal_of(name, Path(job.folder)) as journal:

            async def work(job: Job, client: AuditClient) -> int:
                policy = BatchPolicy(concurrency=job.concurrency, bytes_in_flight=2**40)
                entries = client.submit_many(_night(job), journal=journal, policy=policy)
                return sum([entry.state is EntryState.DONE async for entry in entries])

            yield work

    return opened


@contextlib.asynccontextmanager
async def _bare(job: Job) -> AsyncIterator[Work]:
    """A batch that writes nothing down, so that it needs no digests."""
    from alipay_mini_audit.files import FileDigests, PassingHashes  # noqa: PLC0415  # not public

    class NoHashes(PassingHashes):  # type: ignore[misc]  # there is no public switch
        """Says of each file that it is known."""

        def read(self, file: FilePart, content: memoryview) -> None:
            """Look at nothing."""
            del content
            self._whole[file.name] = ""

    FileDigests.in_passing = lambda self: NoHashes(self._known)  # type: ignore[method-assign]
    async with _batch("none")(job) as work:
        yield work


@contextlib.asynccontextmanager
async def _aiosqlite(job: Job) -> AsyncIterator[Work]:
    """What one would write in an afternoon: no digests, no ownership, no questions."""
    import aiosqlite  # noqa: PLC0415  # optional

    with tempfile.TemporaryDirectory(dir=job.folder) as own:
        path = Path(own, "night.db")
        async with aiosqlite.connect(path, isolation_level=None) as db:
            await db.execute("PRAGMA journal_mode = WAL")
            await db.execute("PRAGMA synchronous = FULL")
            await db.execute("CREATE TABLE entries (key INTEGER PRIMARY KEY, state TEXT)")

            async def note(state: str, number: int) -> None:
                await db.execute("UPDATE entries SET state = ? WHERE key = ?", (state, number))

            async def work(job: Job, client: AuditClient) -> int:
                async def submit(number: int, submission: Submission) -> None:
                    await note("sending", number)
                    await client.apply(submission.request, submission.attachments)
                    await note("done", number)

                await db.execute("BEGIN")
                planned = [(number, "planned") for number in range(1, job.count + 1)]
                await db.executemany("INSERT INTO entries VALUES (?, ?)", planned)
                await db.execute("COMMIT")
                return await _each_at_once(job, submit)

            yield work


def _no_aiosqlite() -> str | None:
    return None if importlib.util.find_spec("aiosqlite") else "aiosqlite is not installed"


NIGHTS: Final[dict[str, NightWay]] = {
    GATHER: NightWay(title="asyncio.gather over apply", opener=_gather),
    "bare": NightWay(title="submit_many, no journal, no digests", opener=_bare),
    "none": NightWay(title="submit_many, no journal", opener=_batch("none")),
    "memory": NightWay(title="submit_many, MemoryJournal", opener=_batch("memory")),
    "sqlite": NightWay(title="submit_many, SqliteJournal", opener=_batch("sqlite")),
    "aiosqlite": NightWay(title="gather with aiosqlite", opener=_aiosqlite, missing=_no_aiosqlite),
}


async def _measure(job: Job) -> Result:
    async with client_of(job) as client, NIGHTS[job.contender].opener(job) as work:
        base = resident_now()
        files = {part: file_of(Path(job.folder), job.workload, part) for part in PARTS}
        for number in range(_WARM_UP):
            await client.apply(AuditApply(**fields_of(-number)), files)  # type: ignore[arg-type]
        gc.collect()  # what the imports have left is not part of a submission
        cpu, started = time.process_time(), time.perf_counter()
        done = await work(job, client)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return Result(
        submitted=done,
        warm_up=_WARM_UP,
        seconds=seconds,
        cpu=cpu,
        memory=max(0, resident_peak() - base),
    )


if __name__ == "__main__":
    print(json.dumps(attrs.asdict(asyncio.run(_measure(Job(**json.load(sys.stdin)))))))
