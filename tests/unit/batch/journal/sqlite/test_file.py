import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.journal.sqlite import schema
from alipay_mini_audit.batch.journal.sqlite.file import (
    JournalFile,
    _prepare,
    open_journal,
    open_to_read,
)
from alipay_mini_audit.batch.journal.sqlite.lock import OwnerLock
from alipay_mini_audit.batch.journal.sqlite.reading import read_page, read_summary
from alipay_mini_audit.batch.journal.sqlite.rows import COLUMNS, to_columns
from alipay_mini_audit.errors import BatchError

SECOND_STEP = (
    "ALTER TABLE journal ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'",
    "CREATE TABLE extra (id INTEGER PRIMARY KEY)",
)


def make_journal(path: Path) -> None:
    file = open_journal(path)
    file.db.execute("UPDATE journal SET host = 'kept'")
    file.close()


def make_text(path: Path) -> None:
    path.write_text("not a database\n" * 1000)


def make_foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE journal (id INTEGER PRIMARY KEY)")
        db.commit()


def make_foreign_with_log(path: Path) -> None:
    make_foreign(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")


def make_newer(path: Path) -> None:
    make_journal(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")


def make_short(path: Path) -> None:
    make_journal(path)
    os.truncate(path, path.stat().st_size - 4096)


def make_scribbled(path: Path) -> None:
    make_journal(path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 4096)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {found.name: found.read_bytes() for found in folder.iterdir()}


def raised_code(path: Path) -> str:
    with pytest.raises(BatchError) as raised:
        open_journal(path)
    assert str(path) in raised.value.reason
    return raised.value.code


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (make_text, "journal_foreign"),
        (make_foreign, "journal_foreign"),
        (make_foreign_with_log, "journal_foreign"),
        (make_newer, "journal_newer"),
        (make_short, "journal_damaged"),
        (make_scribbled, "journal_damaged"),
    ],
)
def test_what_cannot_be_used_is_left_as_it_is(
    path: Path, make: Callable[[Path], None], code: str
) -> None:
    make(path)
    before = snapshot(path.parent)
    assert raised_code(path) == code
    after = snapshot(path.parent)
    for name in (f"{path.name}-wal", f"{path.name}-shm"):  # SQLite needs them to look
        if code != "journal_foreign":
            after.pop(name, None)
    assert after == before


def test_what_turns_out_to_be_foreign_after_all_is_left_as_it_is(path: Path) -> None:
    make_foreign(path)
    before = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        with pytest.raises(BatchError) as raised:
            _prepare(path, db)
        assert raised.value.code == "journal_foreign"
    assert path.read_bytes() == before


def test_a_place_without_a_folder_is_gone(path: Path) -> None:
    assert raised_code(path / "night.journal") == "journal_gone"
    assert not path.exists()
    path.write_text("a file")
    assert raised_code(path / "night.journal") == "journal_gone"


def test_a_folder_is_not_a_journal(path: Path) -> None:
    path.mkdir()
    with pytest.raises(BatchError):
        open_journal(path)
    assert list(path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o555, 0o777])
@pytest.mark.parametrize("is_new", [False, True])
def test_what_is_read_only_is_said_to_be(
    open_folder: Path, request: pytest.FixtureRequest, mode: int, is_new: bool
) -> None:
    path = open_folder / "night.journal"
    if not is_new:
        make_journal(path)
        path.chmod(0o444)
    before = snapshot(open_folder)
    open_folder.chmod(mode)
    request.getfixturevalue("as_nobody")
    if is_new and mode == 0o777:
        open_journal(path).close()
        return
    with pytest.raises(BatchError) as raised:
        open_journal(path)
    assert raised.value.code == "journal_read_only"
    after = snapshot(open_folder)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("name", ["a b?c#d%41&mode=ro.journal", "夜.journal", "'.journal"])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    make_journal(tmp_path / name)
    assert [found.name for found in tmp_path.iterdir()] == [name]
    open_journal(tmp_path / name).close()


def test_an_empty_file_becomes_a_journal(path: Path) -> None:
    path.touch()
    make_journal(path)
    with closing(sqlite3.connect(path)) as db:
        facts = [
            db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version", "journal_mode")
        ]
    assert facts == [schema.APPLICATION_ID, len(schema.STEPS), "wal"]


def test_what_is_written_is_synced(file: JournalFile) -> None:
    assert file.db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_many_may_make_the_same_journal_at_once(path: Path) -> None:
    failures: list[BaseException] = []
    together = threading.Barrier(6)

    def make() -> None:
        try:
            together.wait()
            file = open_journal(path)
            file.verify()
            assert file.db.execute("SELECT count(*) FROM journal").fetchone() == (1,)
            file.close()
        except BaseException as error:  # noqa: BLE001  # it is looked at below
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_reader_cannot_write(file: JournalFile) -> None:
    reader = open_journal(file.path, is_reader=True)
    with pytest.raises(sqlite3.OperationalError):
        reader.db.execute("UPDATE journal SET host = ''")
    reader.close()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_that_is_not_there_any_more_is_gone(
    file: JournalFile, suffix: str, is_replaced: bool
) -> None:
    file.db.execute("UPDATE journal SET host = 'h'")
    file.verify()
    victim = file.path.with_name(file.path.name + suffix)
    content = victim.read_bytes()
    victim.unlink()
    if is_replaced:
        victim.write_bytes(content)
    with pytest.raises(BatchError) as raised:
        file.verify()
    assert raised.value.code == "journal_gone"


def test_a_log_that_somebody_has_cut_is_damaged(file: JournalFile) -> None:
    file.db.execute("UPDATE journal SET host = 'lost'")
    file.verify()
    os.truncate(file.path.with_name(f"{file.path.name}-wal"), 0)
    file.verify()  # another program may have put all of it into the file
    file.db.execute("UPDATE journal SET host = 'behind the gap'")
    with pytest.raises(BatchError) as raised:
        file.verify()
    assert raised.value.code == "journal_damaged"


def test_a_log_that_another_program_has_emptied_is_as_good(file: JournalFile) -> None:
    for host in ("a", "b"):
        file.db.execute("UPDATE journal SET host = ?", (host,))
        file.verify()
        with closing(sqlite3.connect(file.path)) as other:
            assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
        file.verify()
    file.db.execute("UPDATE journal SET host = 'c'")
    file.verify()


def test_an_older_journal_is_brought_up_to_date_and_copied_before(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_journal(path)
    now = len(schema.STEPS)
    kept = path.parent / f"{path.name}.version-{now}"
    kept.write_text("of a migration that was cut off")
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, SECOND_STEP))
    file = open_journal(path)
    assert file.db.execute("SELECT host, colour FROM journal").fetchall() == [("kept", "blue")]
    assert file.db.execute("PRAGMA user_version").fetchone() == (now + 1,)
    file.close()
    with closing(sqlite3.connect(kept)) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (now,)
        assert copy.execute("SELECT host FROM journal").fetchall() == [("kept",)]


LATER = {
    1: {"accepted_at", "audit_since", "verdict", "verdict_at", "caller", "former"},
    2: {"former"},
}
"""What journals of these versions do not have."""


def make_earlier(path: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a journal as an earlier version wrote it, with an entry."""
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", schema.STEPS[:version])
        file = open_journal(path)
    columns = [name for name in COLUMNS if name not in LATER[version]]
    row = Row(identity=Identity("shop-1", "1.0.0"), state=EntryState.DONE, attempts=1)
    given = dict(zip(COLUMNS, to_columns(row, 1), strict=True))
    places = ", ".join("?" for _ in columns)
    insert = f"INSERT INTO entries ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
    file.db.execute(insert, [given[name] for name in columns])
    file.close()


@pytest.mark.parametrize("version", LATER)
def test_an_earlier_journal_is_read_as_it_is_and_then_brought_up_to_date(
    path: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_earlier(path, version, monkeypatch)
    before = snapshot(path.parent)
    with closing(open_to_read(path)) as file:
        (row,), _ = read_page(file.db, 0, None)
        assert (row.identity.key, row.state, row.verdict) == ("shop-1", EntryState.DONE, None)
        assert row.caller is None
        assert read_summary(file.db).counts == {EntryState.DONE: 1}
    assert snapshot(path.parent) == before
    with closing(open_journal(path)) as file:
        (again,), _ = read_page(file.db, 0, EntryState.DONE)
        assert again == row
        assert file.db.execute("PRAGMA user_version").fetchone() == (len(schema.STEPS),)
    assert (path.parent / f"{path.name}.version-{version}").exists()


def test_a_step_that_fails_leaves_the_older_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_journal(path)
    steps = schema.STEPS
    monkeypatch.setattr(schema, "STEPS", (*steps, (*SECOND_STEP, "INSERT INTO nothing VALUES (1)")))
    with pytest.raises(BatchError):
        open_journal(path)
    monkeypatch.setattr(schema, "STEPS", steps)
    file = open_journal(path)
    assert file.db.execute("SELECT * FROM journal").fetchall() == [(1, None, None, 0, "kept", 0, 0)]
    file.close()


def test_a_journal_that_an_older_version_runs_is_not_migrated(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_journal(path)
    before = path.read_bytes()
    lock = OwnerLock(path)
    assert lock.acquire()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", (*schema.STEPS, SECOND_STEP))
        assert raised_code(path) == "journal_locked"
    lock.release()
    assert path.read_bytes() == before


def test_looking_leaves_no_trace(path: Path) -> None:
    make_journal(path)
    before = path.read_bytes()
    file = open_to_read(path)
    assert file.db.execute("SELECT host FROM journal").fetchone() == ("kept",)
    with pytest.raises(sqlite3.OperationalError):
        file.db.execute("UPDATE journal SET host = 'changed'")
    file.close()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_what_another_one_writes_is_seen(file: JournalFile, path: Path) -> None:
    file.db.execute("UPDATE journal SET host = 'a run'")
    seen = open_to_read(path)
    assert seen.db.execute("SELECT host FROM journal").fetchone() == ("a run",)
    file.db.execute("UPDATE journal SET host = 'another'")
    assert seen.db.execute("SELECT host FROM journal").fetchone() == ("another",)
    seen.close()


@pytest.mark.parametrize(
    "make", [make_text, make_foreign, Path.touch], ids=lambda make: make.__name__
)
def test_what_is_no_journal_is_not_looked_at(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    before = path.read_bytes()
    with pytest.raises(BatchError) as caught:
        open_to_read(path)
    assert caught.value.code == "journal_foreign"
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_journal_that_is_missing_is_not_made_by_looking(path: Path) -> None:
    with pytest.raises(BatchError) as caught:
        open_to_read(path)
    assert caught.value.code == "journal_gone"
    assert not path.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.timeout(10)
def test_a_pipe_is_no_journal_and_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(BatchError) as caught:
        open_to_read(path)
    assert caught.value.code == "journal_foreign"
