"""Whatever ends or freezes a process: what was acknowledged is there, and nothing is half there."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.journal_owner import ONE, TWO
from support.journal_scene import (
    BINDING,
)

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal import SqliteJournal
from alipay_mini_audit.batch.journal.row import Claim, Row, Settlement, Turn
from alipay_mini_audit.errors import BatchError

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")
TESTS = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
LOG_HEADER = 32
FRAME = 24 + 4096


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder where a sync costs nothing: a process that ends loses nothing that was written."""
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as name:
        yield Path(name)


@pytest.mark.parametrize("half", ["1", "2"])
def test_a_process_may_end_between_any_two_statements(quick_folder: Path, half: str) -> None:
    command = [sys.executable, "-m", "support.journal_scene", str(quick_folder), half, "2"]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=55, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["complaints"] == []
    assert found["moments"] > 50
    assert found["told"] == 19


CUT = """
import json, shutil, sys
from pathlib import Path
from support.journal_scene import complaints_about, play_and_leave_the_log, play_in_child

folder = Path(sys.argv[1])
path = folder / "night.journal"
ending = play_in_child(lambda pipe: play_and_leave_the_log(path, pipe))
log = path.with_name(f"{path.name}-wal").read_bytes()
complaints, sizes = [], range(32, len(log) + 1, 24 + 4096)
for size in sizes:
    copy = folder / f"{size}" / "night.journal"
    copy.parent.mkdir()
    shutil.copy(path, copy)
    copy.with_name(f"{copy.name}-wal").write_bytes(log[:size])
    told = [(name, whose) for name, whose, synced in ending.told if synced <= size]
    complaints += [f"{size}: {text}" for text in complaints_about(copy, told)]
    shutil.rmtree(copy.parent)
print(json.dumps({
    "status": ending.status, "told": len(ending.told), "frames": len(sizes) - 1,
    "rest": (len(log) - 32) % (24 + 4096), "complaints": complaints,
}))
"""


def test_the_log_may_be_cut_behind_any_frame(quick_folder: Path) -> None:
    command = [sys.executable, "-c", CUT, str(quick_folder)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=55, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["frames"] > 50
    del found["frames"]
    assert found == {"status": 0, "told": 19, "rest": 0, "complaints": []}


@contextmanager
def owner_of(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a process that owns a journal, and is in the midst of sending."""
    command = [sys.executable, "-m", "support.journal_owner", str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=ENVIRONMENT, stdin=pipe, stdout=pipe, text=True) as owner:
        try:
            assert owner.stdout is not None
            assert owner.stdout.readline() == "sending\n"
            yield owner
        finally:
            owner.kill()


async def claim_both(journal: SqliteJournal, *, take_over: bool = False) -> list[Row]:
    """Run a journal, settle the first entry, and return what it found of both."""
    async with journal.run(BINDING, take_over=take_over) as run:
        claims = [Claim(identity=ONE, mini_app="m"), Claim(identity=TWO, mini_app="n")]
        one, two = (claimed.row for claimed in await run.claim(claims))
        assert await run.settle(ONE, one.epoch, Settlement(state=EntryState.DONE))
        assert (await run.begin(TWO, two.epoch, at=0.0, stamp="new", quota=None)).turn is Turn.GO
    return [one, two]


async def test_a_frozen_owner_keeps_the_journal_until_it_is_taken_over_and_then_writes_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "night.journal"
    with owner_of(path) as owner:
        owner.send_signal(signal.SIGSTOP)
        await asyncio.to_thread(os.waitid, os.P_PID, owner.pid, os.WSTOPPED)
        async with SqliteJournal(path) as journal:
            with pytest.raises(BatchError, match=f"Process {owner.pid} on ") as raised:
                await claim_both(journal)
            assert raised.value.code == "journal_locked"
            states = [row.state async for row in journal.entries()]
            assert states == [EntryState.SENDING, EntryState.PLANNED]
            await claim_both(journal, take_over=True)
            async with journal.run(BINDING):
                owner.send_signal(signal.SIGCONT)
                out, _ = await asyncio.to_thread(owner.communicate, "go on\n", 30)
                with pytest.raises(BatchError):  # its end gives no lock of ours back
                    await claim_both(journal)
            assert json.loads(out) == {"settled": False, "begun": "SUPERSEDED", "extended": False}
            rows = [row async for row in journal.entries()]
            assert [row.state for row in rows] == [EntryState.DONE, EntryState.SENDING]
            assert [row.stamp for row in rows] == ["old", "new"]
            assert (await journal.summary()).fenced == 1
    assert owner.returncode == 0


async def test_a_dead_owner_leaves_the_journal_to_the_next_one_at_once(tmp_path: Path) -> None:
    path = tmp_path / "night.journal"
    with owner_of(path) as owner:
        owner.kill()
        await asyncio.to_thread(owner.wait)
        async with SqliteJournal(path) as journal:
            one, two = await claim_both(journal)
    assert (one.state, one.stamp, one.attempts) == (EntryState.SENDING, "old", 1)
    assert (two.state, two.attempts) == (EntryState.PLANNED, 0)


FILL = """
import asyncio, sys
from support.journal_scene import BINDING
from alipay_mini_audit.batch.journal import SqliteJournal
from alipay_mini_audit.batch.journal.row import Claim, Identity
from alipay_mini_audit.errors import BatchError

async def fill(path):
    async with SqliteJournal(path) as journal, journal.run(BINDING) as run:
        for n in range(10_000):
            await run.claim([Claim(identity=Identity(f"{n}", "1"), mini_app=f"{n}" * 100)])
            print(n, flush=True)

try:
    asyncio.run(fill(sys.argv[1]))
except BatchError as error:
    print(error.code)
"""


def fill(path: Path, bytes_at_most: int | None = None) -> tuple[int, str]:
    """Write until it fails; return how many claims were acknowledged, and the code of the error."""

    def limit() -> None:
        if bytes_at_most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_at_most, bytes_at_most))

    # Nothing is compiled: the limit would leave half a module to all who import it later.
    command = [sys.executable, "-B", "-c", FILL, str(path)]
    done = subprocess.run(  # the child has no threads yet
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, timeout=50, check=True, preexec_fn=limit
    )
    *acknowledged, code = done.stdout.decode().split()
    return len(acknowledged), code


async def count(path: Path) -> int:
    async with SqliteJournal(path) as journal:
        return (await journal.summary()).total


async def test_a_file_that_may_not_grow_loses_nothing_that_was_acknowledged(
    quick_folder: Path,
) -> None:
    path = quick_folder / "night.journal"
    acknowledged, code = fill(path, 300_000)
    assert (acknowledged > 3, code) == (True, "journal_failed")
    assert await count(path) == acknowledged


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that is full soon."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=768k", "none", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


async def test_a_full_disk_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    path = small_disk / "night.journal"
    acknowledged, code = fill(path)
    assert (acknowledged > 3, code) == (True, "disk_full")
    shutil.copytree(small_disk, small_disk.parent / "copy")
    assert await count(small_disk.parent / "copy" / "night.journal") == acknowledged
