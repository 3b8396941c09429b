"""Which notifications were dealt with survives the process."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from support.notifications import APP_ID, HEADERS, VERIFIER, passed

from alipay_mini_audit import AuditPassed, NotificationRouter
from alipay_mini_audit.batch.journal.row import Binding, Claim, Identity
from alipay_mini_audit.batch.journal.sqlite.journal import SqliteJournal
from alipay_mini_audit.batch.journal.sqlite.notifications import SqliteSeen
from alipay_mini_audit.errors import BatchError
from alipay_mini_audit.notifications import SeenStore

HOURS = 3600.0
BINDING = Binding(app_id="2021000000000001", base_url="https://openapi.alipay.com")


async def test_what_was_added_is_known_to_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "night.journal"
    async with SqliteSeen(path) as seen:
        assert isinstance(seen, SeenStore)
        assert not await seen.has("n-1")
        await seen.add("n-1")
        assert await seen.has("n-1")
    async with SqliteSeen(path) as seen:
        assert await seen.has("n-1")
        assert not await seen.has("n-2")
    assert not [each for each in threading.enumerate() if "journal" in each.name]


async def test_two_processes_share_it(tmp_path: Path) -> None:
    path = tmp_path / "night.journal"
    async with SqliteSeen(path) as one, SqliteSeen(path) as other:
        await one.add("n-1")
        assert await other.has("n-1")


async def test_it_is_forgotten_after_26_hours(tmp_path: Path) -> None:
    now = 1_800_000_000.0
    async with SqliteSeen(tmp_path / "night.journal", clock=lambda: now) as seen:
        await seen.add("n-1")
        now += 26 * HOURS
        await seen.add("n-2")
        assert await seen.has("n-1")
        now += 1
        await seen.add("n-3")
        assert [await seen.has(f"n-{number}") for number in (1, 2, 3)] == [False, True, True]


async def test_it_lives_in_the_file_of_a_journal_that_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "night.journal"
    claim = Claim(identity=Identity("one", "0.0.1"), mini_app="m")
    async with (
        SqliteJournal(path) as journal,
        journal.run(BINDING) as run,
        SqliteSeen(path) as seen,
    ):
        await run.claim([claim])
        await asyncio.gather(*(seen.add(f"n-{number}") for number in range(50)))
        await run.claim([Claim(identity=Identity("two", "0.0.1"), mini_app="m")])
        assert await seen.has("n-49")
    async with SqliteJournal(path) as journal:
        assert [row.identity.key async for row in journal.entries()] == ["one", "two"]


async def test_a_foreign_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE mine (x)")
    before = path.read_bytes()
    with pytest.raises(BatchError) as caught:
        async with SqliteSeen(path):
            pass
    assert caught.value.code == "journal_foreign"
    assert path.read_bytes() == before
    assert not [each for each in threading.enumerate() if "journal" in each.name]


async def test_it_is_used_inside_of_the_block(tmp_path: Path) -> None:
    seen = SqliteSeen(tmp_path / "night.journal")
    for _ in range(2):
        with pytest.raises(BatchError) as caught:
            await seen.has("n-1")
        assert caught.value.code == "journal_closed"
        async with seen:
            pass


async def test_a_repeat_after_a_restart_calls_no_handler(tmp_path: Path) -> None:
    calls = []

    async def handle(message: AuditPassed) -> None:
        calls.append(message)

    for _ in range(2):
        async with SqliteSeen(tmp_path / "night.journal") as seen:
            router = NotificationRouter(APP_ID, verifier=VERIFIER, seen=seen)
            router.on(AuditPassed)(handle)
            assert (await router.handle(passed(), HEADERS)).body == b"success"
    assert len(calls) == 1
