from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.actions import claim
from alipay_mini_audit.batch.journal.book import Pen
from alipay_mini_audit.batch.journal.row import Claim, Identity, Summary
from alipay_mini_audit.batch.journal.sqlite.book import SqliteBook
from alipay_mini_audit.batch.journal.sqlite.file import JournalFile
from alipay_mini_audit.batch.journal.sqlite.reading import PAGE_ROWS, read_page, read_summary

PEN = Pen("o", lambda: 0.0)


def test_a_page_begins_behind_the_one_before(file: JournalFile) -> None:
    keys = [f"{n}" for n in range(PAGE_ROWS + 3)]
    claims = [Claim(identity=Identity(key, "1"), mini_app=key) for key in keys]
    file.db.execute("BEGIN")
    claim(SqliteBook(file.db), 0, claims, PEN)
    first, after = read_page(file.db, 0, None)
    second, end = read_page(file.db, after, None)
    assert [row.identity.key for row in first + second] == keys
    assert len(first) == PAGE_ROWS
    assert read_page(file.db, end, None) == ([], end)
    assert read_page(file.db, 0, EntryState.DONE) == ([], 0)


def test_a_new_journal_holds_nothing(file: JournalFile) -> None:
    assert read_summary(file.db) == Summary(counts={}, groups=(), fenced=0)
