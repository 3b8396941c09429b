import asyncio
import gc
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alipay_mini_audit.batch.journal.sqlite.file import JournalFile, open_journal
from alipay_mini_audit.batch.journal.sqlite.thread import DatabaseThread
from alipay_mini_audit.concurrency import wait_through
from alipay_mini_audit.errors import BatchError

Work = Callable[[sqlite3.Connection], object]


@asynccontextmanager
async def writer_of(
    path: Path, prepare: Callable[[sqlite3.Connection], object] = lambda _: None
) -> AsyncIterator[DatabaseThread]:
    def open_file() -> JournalFile:
        file = open_journal(path)
        prepare(file.db)
        return file

    thread = DatabaseThread("journal-test", path, open_file, begin, commit)
    await thread.start()
    try:
        yield thread
    finally:
        await thread.stop()
    assert "journal-test" not in [thread.name for thread in threading.enumerate()]


def begin(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")


def commit(db: sqlite3.Connection) -> None:
    db.execute("COMMIT")


def hold(value: str) -> Work:
    return lambda db: db.execute("INSERT INTO stops VALUES ('key', ?, 'hold')", (value,)).rowcount


def held(db: sqlite3.Connection) -> list[str]:
    return [value for (value,) in db.execute("SELECT value FROM stops ORDER BY value")]


async def shut(thread: DatabaseThread) -> threading.Event:
    """Keep the thread busy until the event is set, so that what is submitted waits together."""
    gate, entered = threading.Event(), threading.Event()

    def wait(_: object) -> None:
        entered.set()
        gate.wait(30)

    thread.submit(wait)
    await asyncio.to_thread(entered.wait, 30)
    return gate


def code_of(error: object) -> str:
    assert isinstance(error, BatchError)
    return error.code


async def test_what_waits_together_is_committed_together(path: Path) -> None:
    statements: list[str] = []
    async with writer_of(path, lambda db: db.set_trace_callback(statements.append)) as thread:
        gate = await shut(thread)
        futures = [thread.submit(hold(f"{n}")) for n in range(10)]
        gate.set()
        assert await asyncio.gather(*futures) == [1] * 10
    assert statements.count("COMMIT") == 2


async def test_nobody_is_told_before_the_commit(path: Path) -> None:
    seen: list[bool] = []
    async with writer_of(path) as thread:
        gate = await shut(thread)
        first = thread.submit(hold("a"))
        thread.submit(lambda _: seen.append(first.done()))
        gate.set()
        await first
        with sqlite3.connect(path) as other:
            assert held(other) == ["a"]
        other.close()
    assert seen == [False]


@pytest.mark.parametrize(
    "wrong",
    [
        hold("\ud800"),
        lambda db: db.execute("INSERT INTO stops VALUES ('key', NULL, 'hold')"),
        lambda db: db.execute("INSERT INTO stops VALUES ('key', ?, 'hold')", (object(),)),
        lambda db: db.execute("no SQL"),
        lambda _: 1 // 0,
    ],
)
async def test_work_that_is_wrong_leaves_nothing_and_hinders_nobody(
    path: Path, wrong: Work
) -> None:
    def half(db: sqlite3.Connection) -> None:
        hold("half")(db)
        wrong(db)

    async with writer_of(path) as thread:
        gate = await shut(thread)
        futures = [thread.submit(work) for work in (hold("a"), half, hold("b"), half, hold("c"))]
        gate.set()
        a, first, b, second, c = await asyncio.gather(*futures, return_exceptions=True)
        assert [a, b, c] == [1, 1, 1]
        assert code_of(first) == code_of(second) == "journal_unwritable"
        assert await thread.submit(held) == ["a", "b", "c"]


async def test_when_the_disk_is_full_the_whole_group_fails_and_nothing_is_there(
    path: Path,
) -> None:
    def limit(db: sqlite3.Connection) -> None:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")

    async with writer_of(path, limit) as thread:
        gate = await shut(thread)
        futures = [thread.submit(hold(text)) for text in ("a", "b" * 100_000, "c")]
        gate.set()
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        assert [code_of(outcome) for outcome in outcomes] == ["disk_full"] * 3
        assert len({id(outcome) for outcome in outcomes}) == 3
        assert await thread.submit(held) == []
        assert await thread.submit(hold("d")) == 1


async def test_what_another_process_locks_for_too_long_fails(path: Path) -> None:
    async with writer_of(path, lambda db: db.execute("PRAGMA busy_timeout = 20")) as thread:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BatchError) as raised:
            await thread.submit(hold("a"))
        assert raised.value.code == "journal_locked"
        other.close()
        await thread.submit(hold("b"))
        assert await thread.submit(held) == ["b"]


@pytest.mark.parametrize("is_replaced", [False, True])
async def test_what_is_written_to_a_file_that_is_gone_is_not_acknowledged(
    path: Path, is_replaced: bool
) -> None:
    def lose(db: sqlite3.Connection) -> None:
        hold("a")(db)
        path.unlink()
        if is_replaced:
            path.write_bytes(b"")

    async with writer_of(path) as thread:
        await thread.submit(hold("before"))
        for work in (lose, hold("b")):
            with pytest.raises(BatchError) as raised:
                await thread.submit(work)
            assert raised.value.code == "journal_gone"


async def test_work_alone_sees_to_its_own_transaction_in_its_turn(path: Path) -> None:
    seen: list[tuple[bool, list[str]]] = []
    async with writer_of(path) as thread:
        gate = await shut(thread)
        thread.submit(hold("a"))
        alone = thread.submit(lambda db: seen.append((db.in_transaction, held(db))), is_alone=True)
        wrong = thread.submit(lambda db: db.execute("no SQL"), is_alone=True)
        last = thread.submit(held)
        gate.set()
        await alone
        assert code_of((await asyncio.gather(wrong, return_exceptions=True))[0])
        assert await last == ["a"]
    assert seen == [(False, ["a"])]


async def test_stopping_waits_for_what_was_submitted_and_takes_nothing_more(path: Path) -> None:
    async with writer_of(path) as thread:
        gate = await shut(thread)
        futures = [thread.submit(hold(f"{n}")) for n in range(3)]
        stopping = asyncio.create_task(thread.stop())
        await asyncio.sleep(0)
        with pytest.raises(BatchError) as raised:
            thread.submit(held)
        assert raised.value.code == "journal_closed"
        stopping.cancel()
        await asyncio.sleep(0)
        assert not stopping.done()
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        assert [future.result() for future in futures] == [1, 1, 1]


async def test_a_thread_that_dies_leaves_nobody_waiting(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    async with writer_of(path) as thread:
        gate = await shut(thread)
        futures = [thread.submit(die), thread.submit(held)]
        gate.set()
        outcomes = await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), 30)
        assert [code_of(outcome) for outcome in outcomes] == ["journal_closed"] * 2
        with pytest.raises(BatchError):
            await thread.submit(held)


async def test_a_file_that_cannot_be_opened_ends_the_thread(path: Path) -> None:
    path.write_text("not a journal")  # noqa: ASYNC240
    with pytest.raises(BatchError) as raised:
        async with writer_of(path):
            pass
    assert raised.value.code == "journal_foreign"


@pytest.mark.parametrize("error", [ValueError, SystemExit])
async def test_whatever_keeps_a_file_from_being_opened_is_told(
    path: Path, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)

    def fail() -> JournalFile:
        raise error

    with pytest.raises(BatchError):
        await asyncio.wait_for(
            DatabaseThread("journal-test", path, fail, begin, commit).start(), 30
        )


async def test_a_start_that_is_cancelled_has_no_error_that_nobody_sees(path: Path) -> None:
    unseen: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    gate, entered = threading.Event(), threading.Event()

    def fail() -> JournalFile:
        entered.set()
        gate.wait(30)
        raise OSError

    start = asyncio.create_task(DatabaseThread("journal-test", path, fail, begin, commit).start())
    await asyncio.to_thread(entered.wait, 30)
    start.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await start
    del start
    gc.collect()
    assert unseen == []


async def test_a_wait_has_an_end() -> None:
    assert not await wait_through(asyncio.get_running_loop().create_future(), 0.01)


async def test_a_disk_that_hangs_is_not_waited_for_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.journal.sqlite.thread._LOOK_SECONDS", 0.01)
    async with writer_of(path) as thread:
        gate = await shut(thread)
        with pytest.raises(BatchError) as raised:
            await thread.carry_out(hold("a"))
        assert raised.value.code == "journal_failed"
        gate.set()
        assert await thread.carry_out(held) == ["a"], "what was asked for is done all the same"
