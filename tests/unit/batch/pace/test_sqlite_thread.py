"""Work that is done in the thread of a database."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from alipay_mini_audit.batch.pace.sqlite_thread import SqliteThread
from alipay_mini_audit.errors import BatchError


def make_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER)")


def write(connection: sqlite3.Connection) -> int:
    connection.execute("INSERT INTO t VALUES (1)")
    return count(connection)


def count(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("SELECT count(*) FROM t").fetchone()
    return int(number)


@pytest.fixture
def thread(tmp_path: Path) -> SqliteThread:
    return SqliteThread(str(tmp_path / "x.db"), make_table)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def threads() -> list[str]:
    return [each.name for each in threading.enumerate() if "pace" in each.name]


async def test_what_is_queued_together_shares_a_transaction(thread: SqliteThread) -> None:
    began = 0

    def begins(statement: str) -> None:
        nonlocal began
        began += statement.startswith("BEGIN")

    await thread.run(lambda connection: connection.set_trace_callback(begins))
    gate = threading.Event()
    first = asyncio.create_task(thread.run(lambda _: gate.wait(5)))
    await asyncio.sleep(0)
    others = [asyncio.create_task(thread.run(write)) for _ in range(16)]
    await asyncio.sleep(0)
    gate.set()
    assert await first
    assert await asyncio.gather(*others) == list(range(1, 17))
    assert began == 2
    await thread.aclose()


async def test_nothing_is_opened_before_the_first_use(thread: SqliteThread, tmp_path: Path) -> None:
    assert names(tmp_path) == []
    await thread.aclose()
    assert threads() == []


async def test_closing_does_what_is_queued_and_ends_the_thread(
    thread: SqliteThread, tmp_path: Path
) -> None:
    writes = [asyncio.create_task(thread.run(write)) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.gather(thread.aclose(), thread.aclose())
    assert await asyncio.gather(*writes) == [1, 2, 3, 4, 5]
    assert threads() == []
    await thread.aclose()
    with pytest.raises(BatchError, match="closed"):
        await thread.run(write)
    assert names(tmp_path) == ["x.db"]


async def test_a_failure_takes_the_transaction_back_and_the_next_one_works(
    thread: SqliteThread,
) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        write(connection)
        connection.execute("SELECT nonsense")

    def mistake(connection: sqlite3.Connection) -> None:
        write(connection)
        raise KeyError("a mistake of ours")

    with pytest.raises(BatchError, match="cannot be used: no such column"):
        await thread.run(fail)
    with pytest.raises(KeyError):
        await thread.run(mistake)
    assert await thread.run(write) == 1
    await thread.aclose()


async def test_a_lock_that_is_given_back_is_waited_for(
    thread: SqliteThread, tmp_path: Path
) -> None:
    await thread.run(write)
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(thread.run(write))
    await asyncio.wait({waiting}, timeout=0.1)
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    assert await waiting == 2
    await thread.aclose()


async def test_a_lock_that_stays_does_not_hold_up_closing(
    thread: SqliteThread, tmp_path: Path
) -> None:
    await thread.run(write)
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(thread.run(write))
    await asyncio.wait({waiting}, timeout=0.05)
    async with asyncio.timeout(1):
        await thread.aclose()
    with pytest.raises(BatchError, match="locked"):
        await waiting
    other.close()
    assert threads() == []


async def test_a_lock_that_stays_is_an_error_after_some_seconds(
    thread: SqliteThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.pace.sqlite_thread._PAUSES", (0.001, 0.01))
    await thread.run(write)
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BatchError, match="locked"):
        await thread.run(write)
    other.close()
    assert await thread.run(write) == 2
    await thread.aclose()


async def test_closing_that_is_cancelled_ends_the_thread_nevertheless(thread: SqliteThread) -> None:
    gate = threading.Event()
    work = asyncio.create_task(thread.run(lambda _: gate.wait(5)))
    await asyncio.sleep(0)
    closing = asyncio.create_task(thread.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert threads() == []
    assert await work


async def test_a_disk_that_does_not_answer_does_not_hold_up_closing_for_ever(
    thread: SqliteThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.pace.sqlite_thread._CLOSING_SECONDS", 0.05)
    gate = threading.Event()
    work = asyncio.create_task(thread.run(lambda _: gate.wait(5)))
    await asyncio.sleep(0)
    with pytest.raises(BatchError, match="does not answer"):
        await thread.aclose()
    gate.set()
    await work
    await thread.aclose()
    assert threads() == []


async def test_work_whose_caller_is_cancelled_is_done(thread: SqliteThread) -> None:
    gate = threading.Event()
    first = asyncio.create_task(thread.run(lambda _: gate.wait(5)))
    await asyncio.sleep(0)
    cancelled = asyncio.create_task(thread.run(write))
    await asyncio.sleep(0)
    cancelled.cancel()
    gate.set()
    await first
    assert cancelled.cancelled()
    assert await thread.run(count) == 1
    await thread.aclose()


def test_a_loop_that_was_closed_meanwhile_harms_nobody(thread: SqliteThread) -> None:
    gate = threading.Event()

    async def leave() -> None:
        task = asyncio.create_task(thread.run(lambda _: gate.wait(5)))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave())
    gate.set()

    async def come_back() -> None:
        assert await thread.run(write) == 1
        await thread.aclose()

    asyncio.run(come_back())


LEFT_OPEN = """
import asyncio, sqlite3, sys
from alipay_mini_audit.batch.pace.sqlite_thread import SqliteThread
asyncio.run(SqliteThread(sys.argv[1], lambda connection: None).run(lambda connection: None))
"""


def test_a_thread_that_nobody_closes_does_not_keep_the_process_alive(tmp_path: Path) -> None:
    order = [sys.executable, "-c", LEFT_OPEN, str(tmp_path / "x.db")]
    subprocess.run(order, check=True, timeout=20)
