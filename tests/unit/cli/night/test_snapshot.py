import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alipay_mini_audit.batch import Binding
from alipay_mini_audit.batch.journal.sqlite.file import JournalFile, open_journal
from alipay_mini_audit.batch.journal.sqlite.owner import Ownership
from alipay_mini_audit.cli.night.snapshot import take_snapshot

BINDING = Binding(app_id="2021", base_url="https://x")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JournalFile]:
    with closing(open_journal(tmp_path / "journal")) as file:
        yield file


def owned_by(file: JournalFile, host: str, pid: int) -> Ownership:
    ownership = Ownership(file.path, BINDING, host, pid)
    ownership.begin(file.db, take_over=False)
    return ownership


def test_a_journal_that_nobody_has_run(journal: JournalFile) -> None:
    snapshot = take_snapshot(journal.path, 1000.0)
    assert snapshot.is_running is False
    assert (snapshot.open, snapshot.waiting, snapshot.per_second) == (0, 0, 0.0)
    assert snapshot.ends_at is None


def test_who_runs_it_is_seen_without_touching_its_lock(journal: JournalFile) -> None:
    ownership = owned_by(journal, platform.node(), os.getpid())
    lock = journal.path.with_name("journal.lock")
    before = lock.stat()
    snapshot = take_snapshot(journal.path, 1000.0)
    assert snapshot.is_running is True
    assert (snapshot.owner.pid, snapshot.owner.runs) == (os.getpid(), 1)
    assert lock.stat().st_mtime_ns == before.st_mtime_ns
    ownership.end()
    if Path("/proc/locks").exists():  # the process lives, and runs it no more
        assert take_snapshot(journal.path, 1000.0).is_running is False


def test_a_run_that_died_is_not_running_and_of_another_machine_nobody_knows(
    journal: JournalFile,
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    owned_by(journal, platform.node(), dead.pid).end()
    assert take_snapshot(journal.path, 1000.0).is_running is False
    owned_by(journal, "another machine", os.getpid()).end()
    assert take_snapshot(journal.path, 1000.0).is_running is None
