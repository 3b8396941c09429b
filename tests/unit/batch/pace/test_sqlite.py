"""A pace that is kept in a file."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alipay_mini_audit.batch.pace import MemoryPaceBook, SqlitePaceBook
from alipay_mini_audit.batch.pace.book import APP
from alipay_mini_audit.batch.pace.controller import slot_of
from alipay_mini_audit.errors import BatchError

APP_ID = "2021000000000001"
NOW = 1_800_000_000.0
CALL = (APP,)
OF_SHOP = (APP, "merchant:1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pace.db"


async def failure(path: Path, app_id: str = APP_ID) -> str:
    """Return what is wrong with a file."""
    book = SqlitePaceBook(path, app_id)
    with pytest.raises(BatchError) as raised:
        await book.reserve([CALL], now=NOW, ceiling=1.0)
    await book.aclose()
    assert str(path) in str(raised.value)
    return str(raised.value)


async def made(path: Path) -> Path:
    book = SqlitePaceBook(path, APP_ID)
    await book.throttled(OF_SHOP, now=NOW, retry_after=None)
    await book.aclose()
    return path


def change(path: Path, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, values)


def read(path: Path) -> bytes:
    return path.read_bytes()


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def ask(path: Path, question: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        (answer,) = connection.execute(question).fetchone()
        return answer


async def test_it_says_what_the_one_in_memory_says(path: Path) -> None:
    memory, file = MemoryPaceBook(), SqlitePaceBook(path, APP_ID)
    answers = []
    for book in (memory, file):
        await book.accepted({APP: {slot_of(NOW): 40}, "merchant:1": {slot_of(NOW): 1}}, now=NOW)
        said: list[object] = [await book.reserve([CALL], now=NOW, ceiling=None)]
        said.append(await book.throttled(OF_SHOP, now=NOW + 1, retry_after=3.5))
        for number in range(5):
            calls = [OF_SHOP, CALL]
            said.append(await book.reserve(calls, now=NOW + 3 * number, ceiling=50.0))
            said.append(await book.limits(NOW + 3 * number))
        said.append(await book.throttled(CALL, now=NOW - 3600, retry_after=None))
        said.append(await book.reserve([CALL], now=NOW - 3600, ceiling=None))
        answers.append(said)
    await file.aclose()
    assert answers[0] == answers[1]


async def test_what_was_learnt_outlives_the_process(path: Path) -> None:
    book = SqlitePaceBook(await made(path), APP_ID)
    assert set(await book.limits(NOW)) == set(OF_SHOP)
    await book.aclose()


async def test_two_books_of_a_file_share_it(path: Path) -> None:
    one, other = SqlitePaceBook(path, APP_ID), SqlitePaceBook(path, APP_ID)
    first = await one.reserve([CALL], now=NOW, ceiling=10.0)
    second = await other.reserve([CALL], now=NOW, ceiling=10.0)
    third = await one.reserve([CALL], now=NOW, ceiling=10.0)
    moments = [*first.moments, *second.moments, *third.moments]
    assert moments == pytest.approx([NOW, NOW + 0.1, NOW + 0.2], abs=1e-5)
    await one.aclose()
    await other.aclose()


async def test_a_narrower_limit_is_forgotten_a_day_after_its_last_call(path: Path) -> None:
    book = SqlitePaceBook(await made(path), APP_ID)
    assert set(await book.limits(NOW + 86_000)) == set(OF_SHOP)
    assert set(await book.limits(NOW + 87_000)) == set(CALL)
    assert set(await book.limits(NOW)) == set(CALL)
    await book.aclose()


async def test_the_file_says_what_it_is(path: Path) -> None:
    await made(path)
    assert ask(path, "PRAGMA application_id") == 0x414D4150
    assert ask(path, "PRAGMA user_version") == 1
    assert ask(path, "PRAGMA journal_mode") == "wal"
    assert [each.name for each in path.parent.iterdir()] == ["pace.db"]


async def test_an_empty_file_is_taken(path: Path) -> None:
    write(path, b"")
    await made(path)


async def test_the_file_of_another_application_is_refused(path: Path) -> None:
    await made(path)
    assert f"holds the pace of the application {APP_ID}" in await failure(path, "2021000000000002")


async def test_the_database_of_another_program_is_refused_and_stays_as_it_was(path: Path) -> None:
    change(path, "CREATE TABLE theirs (x)")
    before = read(path)
    assert "another program" in await failure(path)
    change(path, "PRAGMA application_id = 77")
    assert "another program" in await failure(path)
    change(path, "PRAGMA application_id = 0")
    assert "another program" in await failure(path)
    assert len(read(path)) == len(before)


async def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    change(await made(path), "PRAGMA user_version = 2")
    assert "newer version" in await failure(path)


async def test_what_is_no_database_is_refused(path: Path) -> None:
    write(path, b"key,app_version\n" * 100)
    assert "damaged or no database" in await failure(path)
    assert read(path) == b"key,app_version\n" * 100


async def test_a_damaged_database_is_refused(path: Path) -> None:
    content = bytearray(read(await made(path)))
    size = int.from_bytes(content[16:18], "big")
    content[size:] = b"\xa5" * (len(content) - size)
    write(path, bytes(content))
    assert "damaged" in await failure(path)


@pytest.mark.parametrize("value", ["nonsense", "[1]", "{}x", "[[1, null]]"])
async def test_a_damaged_row_is_refused(path: Path, value: str) -> None:
    change(await made(path), "UPDATE pace SET accepted = ?", value)
    assert "damaged" in await failure(path)


async def test_a_folder_that_is_not_there_is_told(path: Path) -> None:
    assert "cannot be opened" in await failure(path.parent / "none" / "pace.db")


async def test_a_file_that_another_program_locks_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.pace.sqlite_thread._PAUSES", (0.001, 0.01))
    await made(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked" in await failure(path)


@pytest.fixture
def nobody() -> Iterator[Path]:
    """Yield a folder, for a user who may not do everything."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        if os.geteuid() != os.getuid():
            os.seteuid(os.getuid())


async def test_a_file_that_may_not_be_written_is_told(nobody: Path) -> None:
    path = await made(nobody / "pace.db")
    path.chmod(0o444)
    if os.geteuid() == 0:
        os.seteuid(65534)
    assert "read-only" in await failure(path)
