import asyncio
import gc
import os
import threading
import time
from collections.abc import Coroutine, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Binding, Claim, Identity, Settlement, Turn
from alipay_mini_audit.batch.journal.sqlite.journal import SqliteJournal
from alipay_mini_audit.batch.journal.sqlite.lock import OwnerLock
from alipay_mini_audit.batch.journal.sqlite.notifications import SqliteSeen
from alipay_mini_audit.errors import BatchError, ConfigurationError

BINDING = Binding(app_id="2021000000000001", base_url="https://openapi.alipay.com")
ONE = Identity("one", "0.0.1")
CLAIM = Claim(identity=ONE, mini_app="m")


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if "journal" in thread.name}


async def use(path: Path) -> None:
    """Do a bit of everything."""
    async with SqliteJournal(path) as journal, journal.run(BINDING, take_over=True) as run:
        (claimed,) = await run.claim([CLAIM])
        place = await run.begin(ONE, claimed.row.epoch, at=0.0, stamp="", quota=None)
        await run.settle(ONE, place.row.epoch, Settlement(state=EntryState.PLANNED))
        assert [row.identity async for row in journal.entries()] == [ONE]
        assert (await journal.summary()).total == 1


class CancelledAt:
    """Awaits a coroutine, and has the task cancelled at its n-th wait."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], n: int) -> None:
        self._coroutine = coroutine
        self._left = n

    def __await__(self) -> Generator[Any, Any, bool]:
        step: Any = self._coroutine.send
        value: Any = None
        while True:
            try:
                future = step(value)
            except StopIteration:
                return False
            except asyncio.CancelledError:
                return True
            self._left -= 1
            if self._left == 0:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                yield future
                step, value = self._coroutine.send, None
            except asyncio.CancelledError as error:
                step, value = self._coroutine.throw, error


async def cancel_at(path: Path, n: int) -> bool:
    return await CancelledAt(use(path), n)


async def test_nothing_is_left_wherever_it_is_cancelled(path: Path) -> None:
    await use(path)
    process = psutil.Process()
    open_files = process.num_fds()
    for n in range(1, 100):
        was_cancelled = await asyncio.create_task(cancel_at(path, n))
        assert threads() == set()
        assert process.num_fds() == open_files
        lock = OwnerLock(path)
        assert lock.acquire()
        lock.release()
        if not was_cancelled:
            break
    assert n > 10
    assert sorted(found.name for found in path.parent.iterdir()) == [path.name, f"{path.name}.lock"]


async def test_what_was_written_is_there_the_next_time(path: Path) -> None:
    async with SqliteJournal(str(path)) as journal:
        await journal.hold(key="one")
        async with journal.run(BINDING) as run:
            await run.claim([CLAIM])
    async with SqliteJournal(path) as journal:
        with pytest.raises(BatchError):
            async with journal.run(Binding(app_id="2", base_url=BINDING.base_url)):
                pass
        async with journal.run(BINDING) as run:
            (claimed,) = await run.claim([CLAIM])
            place = await run.begin(ONE, claimed.row.epoch, at=0.0, stamp="", quota=None)
    assert (claimed.row.epoch, claimed.conflict, place.turn) == (1, None, Turn.HELD)


async def test_others_look_and_hold_while_it_runs(path: Path) -> None:
    async with SqliteJournal(path) as journal, journal.run(BINDING) as run:
        await run.claim([CLAIM])
        async with SqliteJournal(path) as other:
            assert (await other.summary()).total == 1
            await other.hold(key="one")
            with pytest.raises(BatchError, match=f"Process {os.getpid()} on ") as raised:
                async with other.run(BINDING):
                    pass
            assert raised.value.code == "journal_locked"
        place = await run.begin(ONE, 0, at=0.0, stamp="", quota=None)
        assert place.turn is Turn.HELD


async def test_of_those_who_take_over_at_once_the_last_one_owns_it_and_has_the_lock(
    path: Path,
) -> None:
    async def take_over(journal: SqliteJournal, together: asyncio.Barrier) -> bool:
        async with journal.run(BINDING, take_over=True) as run:
            await together.wait()
            place = await run.look(ONE, 0)
            assert not OwnerLock(path).acquire()
            await together.wait()
        return place.turn is Turn.GO

    together = asyncio.Barrier(3)
    async with (
        SqliteJournal(path) as frozen,
        SqliteJournal(path) as one,
        SqliteJournal(path) as two,
        SqliteJournal(path) as three,
        frozen.run(BINDING) as run,
    ):
        await run.claim([CLAIM])
        journals = (one, two, three)
        owners = await asyncio.gather(*(take_over(journal, together) for journal in journals))
        assert (await run.look(ONE, 0)).turn is Turn.SUPERSEDED
    assert owners.count(True) == 1


async def test_closing_gives_the_lock_of_a_run_under_way_back(path: Path) -> None:
    journal = await SqliteJournal(path).__aenter__()
    async with journal.run(BINDING):
        await journal.aclose()
        async with SqliteJournal(path) as other, other.run(BINDING):
            pass


async def test_a_close_that_is_cancelled_gives_the_lock_back_all_the_same(path: Path) -> None:
    journal = await SqliteJournal(path).__aenter__()
    async with journal.run(BINDING):
        closing = asyncio.create_task(journal.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert threads() == set()
        async with SqliteJournal(path) as other, other.run(BINDING):
            pass


async def test_a_run_that_leaves_a_hanging_disk_behind_has_no_error_that_nobody_sees(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.journal.sqlite.thread._LOOK_SECONDS", 0.01)
    monkeypatch.setattr("alipay_mini_audit.batch.journal.sqlite.journal._ENDING_SECONDS", 0.0)
    unseen: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    gate = threading.Event()
    async with SqliteJournal(path) as journal:
        async with journal.run(BINDING) as run:
            hanging = asyncio.create_task(run._transact(lambda _: gate.wait(30)))
            await asyncio.sleep(0)
        with pytest.raises(BatchError):
            await hanging
        gc.collect()
        gate.set()
        await journal.hold(key="k")
    gc.collect()
    assert unseen == []


async def test_a_link_leads_to_the_same_journal(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    async with SqliteJournal(path) as journal, journal.run(BINDING), SqliteJournal(link) as other:
        with pytest.raises(BatchError):
            async with other.run(BINDING):
                pass


async def test_a_key_that_cannot_be_written_hinders_nobody(path: Path) -> None:
    wrong = Claim(identity=Identity("\ud800", "1"), mini_app="n")
    async with SqliteJournal(path) as journal, journal.run(BINDING) as run:
        failed, done = await asyncio.gather(
            run.claim([wrong]), run.claim([CLAIM]), return_exceptions=True
        )
        assert isinstance(failed, BatchError)
        assert failed.code == "journal_unwritable"
        assert isinstance(done, list)


async def test_an_outcome_that_cannot_be_written_hinders_nobody(path: Path) -> None:
    entries = [Identity(f"shop {number}", "1") for number in range(6)]  # they share a transaction
    unknown = Settlement(state=EntryState.UNKNOWN)
    wrong = Settlement(state=EntryState.UNKNOWN, code="\ud800")
    async with SqliteJournal(path) as journal, journal.run(BINDING) as run:
        await run.claim([Claim(identity=each, mini_app=each.key) for each in entries])
        for each in entries:
            await run.begin(each, 0, at=1.0, stamp="s", quota=None)
        outcomes = [unknown, unknown, wrong, unknown, unknown, unknown]
        done = await asyncio.gather(
            *(run.settle(each, 1, what) for each, what in zip(entries, outcomes, strict=True)),
            return_exceptions=True,
        )
        assert [isinstance(each, BatchError) for each in done] == [
            what is not unknown for what in outcomes
        ]
        counts = (await journal.summary()).counts
        assert counts == {EntryState.UNKNOWN: 5, EntryState.SENDING: 1}


async def test_a_file_that_is_replaced_acknowledges_nothing(path: Path) -> None:
    async with SqliteJournal(path) as journal, journal.run(BINDING) as run:
        await run.claim([CLAIM])
        path.rename(path.with_name("moved"))  # noqa: ASYNC240
        for act in (run.begin(ONE, 0, at=0.0, stamp="", quota=None), journal.summary()):
            with pytest.raises(BatchError) as raised:
                await act
            assert raised.value.code == "journal_gone"
    lock = OwnerLock(path)
    assert lock.acquire()
    lock.release()


async def test_a_file_that_is_no_journal_leaves_nothing_open(path: Path) -> None:
    path.write_text("a letter")  # noqa: ASYNC240
    with pytest.raises(BatchError) as raised:
        async with SqliteJournal(path):
            pass
    assert raised.value.code == "journal_foreign"
    assert threads() == set()
    assert path.read_text() == "a letter"  # noqa: ASYNC240


async def test_other_tasks_go_on_while_it_writes(path: Path) -> None:
    async with SqliteJournal(path) as journal, journal.run(BINDING) as run:
        claims = [Claim(identity=Identity(f"{n}", "1"), mini_app=f"{n}") for n in range(1000)]
        task = asyncio.create_task(run.claim(claims))
        rounds = 0
        while not task.done():
            rounds += 1
            await asyncio.sleep(0)
        assert rounds > 3
        assert len(await task) == 1000


def test_it_runs_on_every_loop(path: Path, run: Any) -> None:
    run(use(path))


async def test_a_journal_is_opened_once_at_a_time(path: Path) -> None:
    journal, seen = SqliteJournal(path), SqliteSeen(path.with_name("seen"))
    for _ in range(2):
        async with journal, seen:
            running = set(threading.enumerate())
            for each in (journal, seen):
                with pytest.raises(ConfigurationError) as caught:
                    await each.__aenter__()
                assert caught.value.code == "open_already"
            assert set(threading.enumerate()) == running
            assert (await journal.summary()).total == 0
            assert not await seen.has("n")


def test_a_journal_that_was_opened_in_another_loop_is_refused_at_once(path: Path) -> None:
    journal = SqliteJournal(path)

    async def run() -> None:
        async with journal.run(BINDING):
            pass

    with closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(journal.__aenter__())
        began = time.monotonic()
        with pytest.raises(ConfigurationError, match="another event loop"):
            asyncio.run(run())
        assert time.monotonic() - began < 5
        loop.run_until_complete(journal.aclose())
