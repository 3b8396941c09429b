"""A scene of a night on a journal, and whether what was acknowledged of it is there.

    PYTHONPATH=tests python -m support.journal_scene FOLDER [FIRST STEP]

It ends processes between any two statements of the thread that writes, and prints one object
of JSON: how many moments there were, and complaints. `1 2` and `2 2` are two halves.
"""

import asyncio
import gc
import itertools
import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal import JournalRun, SqliteJournal
from alipay_mini_audit.batch.journal.row import Binding, Claim, Identity, Row, Settlement
from alipay_mini_audit.batch.journal.sqlite.file import open_journal
from alipay_mini_audit.batch.journal.sqlite.reading import read_page

BINDING = Binding(app_id="2021000000000001", base_url="https://openapi.alipay.com")
KEYS = tuple(f"key {n}" for n in range(5))
DAY = "2027-01-15"
LIMIT = 4
"""Entries that have a place in the quota; the others are told so."""
NOW = 1_800_000_000.0
Tell = Callable[[str, str], None]
Facts = tuple[object, ...]


async def play(path: Path, tell: Tell, *, tasks: int = len(KEYS)) -> None:
    """Play the scene, some entries at a time, and tell each operation that is acknowledged."""
    places = asyncio.Semaphore(tasks)

    async def submit(run: JournalRun, key: str) -> None:
        async with places:
            await _submit(run, key, tell)

    async with SqliteJournal(path, clock=lambda: NOW) as journal:
        await journal.hold(key="nobody")
        tell("hold", "nobody")
        async with journal.run(BINDING) as run:
            for keys in (KEYS[:3], KEYS[3:]):
                claims = [Claim(identity=Identity(key, "1"), mini_app=key) for key in keys]
                await run.claim(claims)
                for key in keys:
                    tell("claim", key)
            await asyncio.gather(*(submit(run, key) for key in KEYS))
            await journal.skip(template="t")
            tell("skip", "t")


async def _submit(run: JournalRun, key: str, tell: Tell) -> None:
    identity = Identity(key, "1")
    place = await run.begin(identity, 0, at=NOW, stamp="stamp", quota=(DAY, LIMIT))
    if place.row.epoch == 0:
        return
    tell("begin", key)
    await run.extend(identity, 1, alive_until=NOW + 60)
    tell("extend", key)
    done = Settlement(
        state=EntryState.DONE, reply={"speed_up": True}, digest="digest", reason="done"
    )
    await run.settle(identity, 1, done)
    tell("settle", key)


STAGES: dict[str, Facts | None] = {
    "": None,
    "claim": (EntryState.PLANNED, 0, 0, 0, "", None, "", "", None, ""),
    "begin": (EntryState.SENDING, 1, 1, 1, DAY, NOW, "stamp", "", None, ""),
    "extend": (EntryState.SENDING, 1, 1, 1, DAY, NOW + 60, "stamp", "", None, ""),
    "settle": (
        *(EntryState.DONE, 1, 1, 1, DAY, NOW + 60, "stamp", "digest", {"speed_up": True}),
        "done",
    ),
}
"""What is there of an entry, operation by operation."""


def facts_of(row: Row) -> Facts:
    """Return what the scene has changed of a row."""
    return (
        *(row.state, row.epoch, row.attempts, row.tries, row.quota_day, row.alive_until),
        *(row.stamp, row.digest, row.reply, row.reason),
    )


def complaints_about(path: Path, told: list[tuple[str, str]]) -> Iterator[str]:
    """Open a journal, and yield what is missing of what was told, or half there."""
    file = open_journal(path)
    try:
        rows = {row.identity.key: row for row in read_page(file.db, 0, None)[0]}
        stops = {value for (value,) in file.db.execute("SELECT value FROM stops")}
        used = sum(used for (used,) in file.db.execute("SELECT used FROM quota"))
        damage = file.db.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        file.close()
    if damage != "ok":
        yield f"damaged: {damage}"
    stages = list(STAGES)
    for key in KEYS:
        facts = facts_of(rows[key]) if key in rows else None
        if facts not in STAGES.values():
            yield f"{key} is half there: {facts}"
            continue
        there = list(STAGES.values()).index(facts)
        acknowledged = max((stages.index(name) for name, whose in told if whose == key), default=0)
        if not acknowledged <= there <= acknowledged + 1:
            yield f"{key} is at {stages[there]}, and {stages[acknowledged]} was acknowledged"
    if len(rows) not in (0, 3, 5):
        yield f"a claim is half there: {sorted(rows)}"
    missing = {whose for name, whose in told if name in ("hold", "skip")} - stops
    if missing:
        yield f"missing: {missing}"
    counted = sum(bool(row.quota_day) for row in rows.values())
    if used != counted:
        yield f"{used} places are used by {counted} entries"


class _Moments:
    """Ends the process at a moment; the thread that writes passes many."""

    def __init__(self, last: int) -> None:
        self._left = last

    def __call__(self) -> None:
        if threading.current_thread().name == "journal-writer":
            self._left -= 1
            if not self._left:
                os._exit(9)


def _play_until(path: Path, last: int, pipe: int) -> None:
    moment = _Moments(last)

    class Connection(sqlite3.Connection):
        def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
            moment()
            try:
                return super().execute(statement, *arguments)
            finally:
                if not self.in_transaction:  # within one it is as before the next statement
                    moment()

    connect = sqlite3.connect
    sqlite3.connect = lambda *given, **named: connect(*given, **named, factory=Connection)  # type: ignore[assignment,misc]

    def tell(name: str, whose: str) -> None:
        os.write(pipe, (json.dumps((name, whose)) + "\n").encode())

    asyncio.run(play(path, tell))


def play_and_leave_the_log(path: Path, pipe: int) -> None:
    """Play one entry after the other, tell the size of the log too, and end before it is closed."""
    log = path.with_name(f"{path.name}-wal")

    def tell(name: str, whose: str) -> None:
        os.write(pipe, (json.dumps((name, whose, log.stat().st_size)) + "\n").encode())
        if name == "skip":
            os._exit(0)

    asyncio.run(play(path, tell, tasks=1))


@attrs.frozen
class Ending:
    """How a process ended that played the scene, and what it told."""

    status: int
    told: list[Any]


def play_in_child(play_it: Callable[[int], None]) -> Ending:
    """Fork a process that plays, and return what it wrote to its pipe."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        status = 1
        try:
            os.close(reading)
            play_it(writing)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as lines:
        told = [tuple(json.loads(line)) for line in lines]
    return Ending(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told)


def _warm_up(folder: Path) -> None:
    """Import here what every child would import."""
    asyncio.run(play(folder / "warm.journal", lambda *_: None))
    gc.collect()
    gc.freeze()


def end_at_every_moment(folder: Path, first: int = 1, step: int = 1) -> dict[str, object]:
    """Play the scene again and again, each time longer."""
    complaints: list[str] = []
    _warm_up(folder)
    for last in itertools.count(first, step):
        path = folder / f"{last}.journal"
        ending = play_in_child(lambda pipe, path=path, last=last: _play_until(path, last, pipe))  # type: ignore[misc]
        complaints += [f"moment {last}: {text}" for text in complaints_about(path, ending.told)]
        if ending.status not in (0, 9):
            complaints.append(f"moment {last}: exit status {ending.status}")
        for left in folder.iterdir():
            left.unlink()
        if ending.status != 9:
            return {"moments": last - 1, "told": len(ending.told), "complaints": complaints}
    raise AssertionError


if __name__ == "__main__":
    found = end_at_every_moment(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    sys.stdout.write(json.dumps(found))
