"""What is hostile to a night: clocks that are set, iterables and sources that break, odd texts."""

import asyncio
import datetime
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import attrs
import pytest
from support.batches import Night, night, states, submissions

from alipay_mini_audit import (
    AuditApply,
    BatchError,
    BatchPolicy,
    EntryState,
    MemoryJournal,
    SqliteJournal,
    Submission,
    Timeouts,
)
from alipay_mini_audit.files import FileDigests
from alipay_mini_audit.sandbox import Fault, Material

QUICK = BatchPolicy(unknown_window=0.3)


@pytest.fixture
async def here(material: Material) -> AsyncIterator[Night]:
    async with night(material) as found:
        yield found


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other content waits for no moment of its own."""
    monkeypatch.setattr("alipay_mini_audit.batch.steps._APART_SECONDS", 0.0)


def threads_of_journals() -> list[str]:
    names = [each.name for each in threading.enumerate()]
    return [name for name in names if "journal" in name or "pace" in name]


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so, a few seconds at most."""
    async with asyncio.timeout(5):
        while not await is_so():  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.005)


async def leave_in_doubt(
    here: Night, path: Path, *, asked: bool, folder: Path | None = None
) -> None:
    """Leave one entry unknown, with or without an answer of the platform."""
    if not asked:
        here.gateway.faults.add(Fault.UNSIGNED, operation="detail", times=100)
    async with SqliteJournal(path) as journal:
        policy = BatchPolicy(unknown_window=60)
        leaving = asyncio.create_task(here.run(submissions(1, folder), journal, policy))

        async def is_left() -> bool:
            rows = [row async for row in journal.entries(EntryState.UNKNOWN)]
            return any(row.asked_at is not None or not asked for row in rows)

        await until(is_left)
        leaving.cancel()
        await asyncio.wait([leaving])
    here.gateway.faults.clear()


async def test_a_clock_that_was_put_back_neither_opens_nor_moves_the_window(
    here: Night, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    here.gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
    await leave_in_doubt(here, path, asked=True)
    with sqlite3.connect(path) as db:  # it was written when the clock was an hour ahead
        db.execute(
            "UPDATE entries SET sending_at = sending_at + 3600, doubt_since = doubt_since + 3600,"
            " alive_until = alive_until + 3600, asked_at = asked_at + 3600"
        )
    db.close()
    began = time.monotonic()
    async with SqliteJournal(path) as journal, asyncio.timeout(10):
        (entry,) = await here.run(submissions(1), journal, BatchPolicy(unknown_window=0.5))
    assert time.monotonic() - began >= 0.5
    assert (entry.state, entry.attempts) == (EntryState.DONE, 2)


async def test_what_an_answer_left_unknown_is_asked_for_again_by_the_next_run(
    here: Night, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    here.gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply")
    await leave_in_doubt(here, path, asked=False)
    with sqlite3.connect(path) as db:  # the answer after the window proved nothing
        db.execute("UPDATE entries SET asked_at = alive_until + 61, landed = NULL")
    db.close()
    async with SqliteJournal(path) as journal:
        (entry,) = await here.run(submissions(1), journal, QUICK)
    assert (entry.state, entry.attempts) == (EntryState.DONE, 1)


@pytest.mark.usefixtures("at_once")
async def test_a_changed_entry_of_which_the_earlier_content_was_accepted_is_not_done(
    here: Night, tmp_path: Path
) -> None:
    async with MemoryJournal() as journal:
        here.gateway.faults.add(Fault.HANG_AFTER_ACCEPTING, operation="apply")
        leaving = asyncio.create_task(here.run(submissions(1, tmp_path), journal, QUICK))

        async def has_arrived() -> bool:
            return bool(here.gateway.submissions)

        await until(has_arrived)
        leaving.cancel()
        await asyncio.wait([leaving])
        tmp_path.joinpath("1.png").write_bytes(b"another picture")
        policy = attrs.evolve(QUICK, changed="send")
        (entry,) = await here.run(submissions(1, tmp_path), journal, policy)
    # The new content was sent, and the old one is in audit.
    assert (entry.state, entry.attempts, entry.reason) == (EntryState.REFUSED, 2, "SUBMIT_REPEAT")


async def test_what_was_accepted_a_moment_before_is_not_taken_for_its_other_content(
    here: Night, tmp_path: Path
) -> None:
    async with MemoryJournal() as journal:
        await here.run(submissions(1, tmp_path), journal, QUICK)
        tmp_path.joinpath("1.png").write_bytes(b"another picture")
        here.gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
        policy = attrs.evolve(QUICK, changed="send")
        (entry,) = await here.run(submissions(1, tmp_path), journal, policy)
    assert (entry.state, entry.attempts) == (EntryState.UNKNOWN, 2)
    assert len(here.gateway.submissions) == 1


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("fault", [None, Fault.CLOSE_AFTER_ACCEPTING])
async def test_what_was_accepted_stays_done_if_what_it_is_now_cannot_be_sent(
    here: Night, tmp_path: Path, fault: Fault | None
) -> None:
    path = tmp_path / "journal"
    policy = attrs.evolve(QUICK, changed="send")
    if fault is None:
        async with SqliteJournal(path) as journal:
            await here.run(submissions(1, tmp_path), journal, policy)
    else:
        here.gateway.faults.add(fault, operation="apply")
        await leave_in_doubt(here, path, asked=False, folder=tmp_path)
    tmp_path.joinpath("1.png").unlink()
    given = attrs.evolve(next(submissions(1)), attachments={"app_logo": tmp_path / "1.png"})
    rival = attrs.evolve(given, key="rival", attachments=None)
    async with SqliteJournal(path) as journal:
        (entry,) = await here.run([given], journal, policy)
        (row,) = [row async for row in journal.entries()]
        (other,) = await here.run([rival], journal, policy)
    assert (entry.state, entry.reason) == (EntryState.INVALID, "file_not_found")
    assert entry.problems
    assert row.state is EntryState.DONE
    assert (other.state, len(here.gateway.arrivals)) == (EntryState.INVALID, 1)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("against", ["time", "hold", "skip"])
async def test_what_was_accepted_is_not_forgotten_while_its_other_content_may_not_be_sent(
    here: Night, against: str
) -> None:
    (old,), (new,) = submissions(1), submissions(1, desc="Another text.")
    policy = attrs.evolve(QUICK, changed="send")
    async with MemoryJournal() as journal:
        await here.run([old], journal, policy)
        match against:
            case "time":
                policy = attrs.evolve(policy, until=datetime.datetime.now(datetime.UTC))
            case "hold":
                await journal.hold(key="shop-1")
            case _:
                await journal.skip(key="shop-1")
        sent = len(here.gateway.arrivals)
        (entry,) = await here.run([new], journal, policy)
        rows = {row.identity.key: row.state async for row in journal.entries()}
        rival = attrs.evolve(old, key="rival")
        (other,) = await here.run([rival], journal, QUICK)
        (again,) = await here.run([old], journal, QUICK)
    assert entry.state is not EntryState.DONE
    assert rows["shop-1"] is EntryState.DONE
    assert other.state is EntryState.INVALID
    assert (again.state, again.reason) == (EntryState.DONE, "already done")
    assert len(here.gateway.arrivals) == sent


async def test_what_was_accepted_is_written_down_though_its_file_is_on_a_slow_disk(
    here: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: object) -> NoReturn:
        await asyncio.sleep(3600)
        raise AssertionError

    monkeypatch.setattr(FileDigests, "of", hang)
    async with MemoryJournal() as journal:
        leaving = asyncio.create_task(here.run(submissions(1, tmp_path), journal, QUICK))

        async def is_done() -> bool:
            return (await journal.summary()).counts == {EntryState.DONE: 1}

        await until(is_done)
        leaving.cancel()
        await asyncio.wait([leaving])


@pytest.mark.parametrize("is_async", [False, True])
async def test_submissions_that_cancel_themselves_end_the_batch(
    here: Night, *, is_async: bool
) -> None:
    def given() -> Iterator[Submission]:
        yield from submissions(2)
        raise asyncio.CancelledError

    async def given_later() -> AsyncIterator[Submission]:
        for each in given():
            yield each

    async with asyncio.timeout(10):
        with pytest.raises(BatchError) as caught:
            await here.run(given_later() if is_async else given())
    assert caught.value.code == "batch_stopped"


class Wicked:
    """A source that hangs or cancels itself."""

    filename = "logo.png"
    size = 1000

    def __init__(self, where: str, *, hangs: bool) -> None:
        self._where = where
        self._hangs = hangs

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Wicked"]:
        await self._misbehave("open")
        yield self

    async def read(self, size: int) -> bytes:
        await self._misbehave("read")
        return bytes(size)

    async def _misbehave(self, where: str) -> None:
        if where == self._where:
            if not self._hangs:
                raise asyncio.CancelledError
            await asyncio.sleep(3600)


@pytest.mark.parametrize("hangs", [False, True])
@pytest.mark.parametrize("where", ["open", "read"])
async def test_a_source_that_hangs_or_cancels_itself_stops_no_other_entry(
    material: Material, where: str, *, hangs: bool
) -> None:
    limits = Timeouts(connect=1, sign=1, stall=1, reply=1, total=1)
    request = AuditApply(app_version="9.0.1", version_desc="It has a wicked logo.")
    bad = Submission("bad", request, {"app_logo": Wicked(where, hangs=hangs)}, mini_app="b")
    policy = BatchPolicy(attempts=1, concurrency=1)
    async with night(material, timeouts=limits) as here, asyncio.timeout(10):
        entries = await here.run([bad, *submissions(3)], policy=policy)
    found = states(entries)
    assert found.pop("bad") is (EntryState.PLANNED if hangs else EntryState.INVALID)
    assert set(found.values()) == {EntryState.DONE}
    assert len(here.gateway.submissions) == 3


async def test_an_iterator_that_nobody_closes_leaves_no_thread_behind_its_journal(
    here: Night, tmp_path: Path
) -> None:
    async with SqliteJournal(tmp_path / "journal") as journal:
        entries = here.client.submit_many(submissions(3), journal=journal)
        await anext(entries)
        assert len(threads_of_journals()) == 3
    assert threads_of_journals() == []
    await entries.aclose()


async def test_what_cannot_be_written_down_makes_nobody_forget_the_entry_that_it_repeats(
    here: Night,
) -> None:
    here.gateway.faults.add(Fault.slow_answer(0.3), operation="apply")
    (good,) = submissions(1)
    entries = await here.run([good, attrs.evolve(good, template_id="half \ud800"), good])
    assert sorted(entry.state for entry in entries) == [
        *(EntryState.DONE, EntryState.INVALID, EntryState.INVALID),
    ]
    assert len(here.gateway.arrivals) == 1


@pytest.mark.parametrize("name", ["key", "mini_app", "template_id", "app_auth_token"])
@pytest.mark.parametrize("has_journal", [True, False])
async def test_a_text_that_cannot_be_written_down_stops_no_other_entry(
    here: Night, tmp_path: Path, name: str, *, has_journal: bool
) -> None:
    (good,) = submissions(1)
    bad = attrs.evolve(next(submissions(1, first=2)), **{name: "half \ud800"})
    async with SqliteJournal(tmp_path / "journal") as journal:
        entries = await here.run([bad, good], journal if has_journal else None, QUICK)
    assert {entry.state: entry.reason for entry in entries} == {
        EntryState.DONE: "",
        EntryState.INVALID: "bad_character",
    }
    (invalid,) = [entry for entry in entries if entry.state is EntryState.INVALID]
    assert [problem.path for problem in invalid.problems] == [name]
