import sqlite3

import pytest

from alipay_mini_audit.batch.journal.row import Binding
from alipay_mini_audit.batch.journal.sqlite.file import JournalFile
from alipay_mini_audit.batch.journal.sqlite.lock import OwnerLock
from alipay_mini_audit.batch.journal.sqlite.owner import Ownership
from alipay_mini_audit.errors import BatchError

BINDING = Binding(app_id="1", base_url="https://one.example")


def ownership_of(file: JournalFile, binding: Binding = BINDING) -> Ownership:
    return Ownership(file.path, binding, "machine", 4711)


def test_each_run_has_a_higher_number(file: JournalFile) -> None:
    numbers = []
    for _ in range(3):
        ownership = ownership_of(file)
        numbers.append(ownership.begin(file.db, take_over=False))
        ownership.end()
        ownership.end()
    assert numbers == [1, 2, 3]


def test_the_owner_is_named_to_whoever_comes_second(file: JournalFile) -> None:
    owner = ownership_of(file)
    owner.begin(file.db, take_over=False)
    with pytest.raises(BatchError, match="Process 4711 on machine") as raised:
        Ownership(file.path, BINDING, "other", 1).begin(file.db, take_over=False)
    assert raised.value.code == "journal_locked"
    assert ownership_of(file).begin(file.db, take_over=True) == 2


def test_another_app_is_told_whose_journal_it_is_and_locks_nothing(file: JournalFile) -> None:
    first = ownership_of(file)
    first.begin(file.db, take_over=False)
    first.end()
    other = ownership_of(file, Binding(app_id="2", base_url="https://one.example"))
    with pytest.raises(BatchError, match=r"belongs to app 1 at https://one\.example") as raised:
        other.begin(file.db, take_over=True)
    assert raised.value.code == "journal_other_app"
    assert not file.db.in_transaction
    assert OwnerLock(file.path).acquire()


def test_a_run_that_cannot_be_written_down_holds_no_lock(file: JournalFile) -> None:
    file.db.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError):
        ownership_of(file).begin(file.db, take_over=False)
    lock = OwnerLock(file.path)
    assert lock.acquire()
    lock.release()
