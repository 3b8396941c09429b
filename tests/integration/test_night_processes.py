"""A night in several processes: each entry goes once, whichever of them ends, and whenever."""

import asyncio
import errno
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.batches import Night, night
from support.forked_nights import Program
from support.night_process import assert_journal_agrees, assert_once
from support.process_nights import TESTS, ProcessNight, children_of, is_running

from alipay_mini_audit import BatchError, EntryState
from alipay_mini_audit.sandbox import Fault, Material

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks for processes in /proc")
COUNT = 30


@pytest.fixture
async def here(material: Material) -> AsyncIterator[Night]:
    async with night(material) as found:
        yield found


@pytest.fixture
def many(here: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProcessNight:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent)]))
    return ProcessNight(here.gateway.base_url, tmp_path, COUNT)


async def until_gone(pids: set[int]) -> None:
    async with asyncio.timeout(20):
        while any(is_running(pid) for pid in pids):  # noqa: ASYNC110  # other processes
            await asyncio.sleep(0.02)


async def test_each_has_its_share_and_each_entry_goes_once(here: Night, many: ProcessNight) -> None:
    entries = await many.run()
    assert sorted(entry.key for entry in entries) == sorted(f"shop-{n + 1}" for n in range(COUNT))
    assert {entry.state for entry in entries} == {EntryState.DONE}
    assert_once(here, COUNT)
    await assert_journal_agrees(here, many.journal, COUNT)
    again = await many.run()
    assert {entry.reason for entry in again} == {"already done"}
    assert_once(here, COUNT)


async def test_one_that_is_killed_stops_the_others_and_loses_nothing(
    here: Night, many: ProcessNight
) -> None:
    here.gateway.faults.add(Fault.HANG, operation="apply", times=None)
    before = children_of(os.getpid())
    running = asyncio.create_task(many.run())
    async with asyncio.timeout(20):
        while here.gateway.calls < 4:  # noqa: ASYNC110  # of other processes
            await asyncio.sleep(0.01)
    started = children_of(os.getpid()) - before
    os.kill(min(started), signal.SIGKILL)
    here.gateway.faults.clear()
    with pytest.raises(BatchError) as caught:
        await running
    assert caught.value.code == "batch_stopped"
    assert len(started) == 2
    assert not any(is_running(pid) for pid in started)
    await many.run()
    assert_once(here, COUNT)
    await assert_journal_agrees(here, many.journal, COUNT)


async def test_when_the_parent_is_killed_its_processes_end_and_nothing_goes_twice(
    here: Night, many: ProcessNight
) -> None:
    order = {"base_url": many.base_url, "folder": str(many.folder), "count": COUNT}
    program = await Program.start("support.process_night_program", json.dumps(order))
    await program.stdout.readline()  # an entry is done, so others are under way
    started = children_of(program.pid)
    program.kill()
    await program.wait()
    assert len(started) == 2
    await until_gone(started)
    await program.rest()
    await many.run()
    assert_once(here, COUNT)
    await assert_journal_agrees(here, many.journal, COUNT)


async def test_a_soft_stop_lets_what_is_being_sent_end(here: Night, many: ProcessNight) -> None:
    stop, done = asyncio.Event(), 0
    async with many.entries(stop) as entries:
        async for entry in entries:
            stop.set()
            done += entry.state is EntryState.DONE
    assert 1 <= done < COUNT
    assert len(here.gateway.arrivals) == done
    await many.run()
    assert_once(here, COUNT)


async def test_who_leaves_ends_all_processes(here: Night, many: ProcessNight) -> None:
    before = children_of(os.getpid())
    async with many.entries() as entries:
        await anext(entries)
        started = children_of(os.getpid()) - before
        assert len(started) == 2
    assert children_of(os.getpid()) == before
    await many.run()
    assert_once(here, COUNT)


async def test_a_process_whose_parent_is_gone_at_once_says_nothing() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        worker = "alipay_mini_audit.cli.night.worker"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", worker, str(theirs.fileno())),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=[theirs.fileno()],
        )
    ours.close()
    assert await process.communicate() == (b"", None)
    assert process.returncode == 0


async def test_if_there_is_no_room_for_a_process_the_others_stop(
    here: Night, many: ProcessNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, started = asyncio.create_subprocess_exec, 0

    async def start_one(*args: str, **options: Any) -> asyncio.subprocess.Process:
        """Start the first one; for the second one there is no memory."""
        nonlocal started
        started += 1
        if started > 1:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return await start(*args, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start_one)
    with pytest.raises(BatchError, match="could not be started: Resource temp") as caught:
        await many.run()
    assert caught.value.code == "batch_stopped"
    assert len(here.gateway.arrivals) < COUNT / 2
