"""Nights in processes of their own, and what has to be true of them in the end."""

import asyncio
import json
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.batches import Night
from support.forked_nights import Program

from alipay_mini_audit import EntryState, SqliteJournal
from alipay_mini_audit.batch.journal.row import Summary

TESTS = Path(__file__).parents[1]


async def start(order: dict[str, Any]) -> Program:
    """Start a night, and return once it runs or has ended."""
    program = await Program.start("support.night_program", json.dumps(order))
    await program.stdout.readline()
    return program


async def end_of(program: Program) -> list[str]:
    """Return what it has still to say."""
    return (await program.rest()).decode().splitlines()


async def freeze(program: Program, journal: Path, when: Callable[[], bool]) -> None:
    """Stop a night at a moment, but not in the midst of a write: nobody could take over then."""
    async with asyncio.timeout(30):
        while True:
            await asyncio.sleep(0.005)
            if not when():
                continue
            await program.stop()
            files = (journal, *journal.parent.glob("*.pace"))
            if when() and all(_is_free(path) for path in files):
                return
            program.send_signal(signal.SIGCONT)


def _is_free(path: Path) -> bool:
    db = sqlite3.connect(path, timeout=0.0, isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        db.close()
    return True


def assert_once(here: Night, count: int) -> None:
    """Check by the gateway's count that each entry was accepted once, and came whole once."""
    versions = [f"0.0.{number}" for number in range(1, count + 1)]
    accepted = {version: here.gateway.accepted(version) for version in versions}
    assert [version for version, times in accepted.items() if times != 1] == []
    arrived = Counter(each.fields["app_version"] for each in here.gateway.arrivals)
    assert arrived == Counter(versions)


async def assert_journal_agrees(here: Night, path: Path, count: int) -> Summary:
    """Check that the journal knows of each entry what the gateway knows."""
    async with SqliteJournal(path) as journal:
        rows = [row async for row in journal.entries()]
        summary = await journal.summary()
    assert len(rows) == count
    assert {row.state for row in rows} == {EntryState.DONE}
    assert {here.gateway.status(row.identity.app_version) for row in rows} == {"AUDITING"}
    told = {row.identity.app_version: row.request_id for row in rows if row.reply is not None}
    asked = {each.fields["app_version"]: each.request_id for each in here.gateway.arrivals}
    assert {version: asked[version] for version in told} == told
    assert summary.counts == {EntryState.DONE: count}
    return summary
