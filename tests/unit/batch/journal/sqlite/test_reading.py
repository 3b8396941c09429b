from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.actions import begin, claim, settle
from alipay_mini_audit.batch.journal.book import Pen
from alipay_mini_audit.batch.journal.row import Claim, HoldKind, Identity, Settlement, Summary
from alipay_mini_audit.batch.journal.sqlite.book import SqliteBook
from alipay_mini_audit.batch.journal.sqlite.file import JournalFile
from alipay_mini_audit.batch.journal.sqlite.reading import (
    PAGE_ROWS,
    Owner,
    TemplateCount,
    first_deferral,
    read_owner,
    read_page,
    read_stopped,
    read_summary,
    read_templates,
    sent_since,
)

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


def test_before_the_first_run_nobody_has_run_it(file: JournalFile) -> None:
    assert read_owner(file.db) == Owner(app_id=None, base_url=None, host="", pid=0, runs=0)
    file.db.execute("UPDATE journal SET app_id = '2021', base_url = 'u', host = 'h', pid = 7")
    assert read_owner(file.db) == Owner(app_id="2021", base_url="u", host="h", pid=7, runs=0)


def test_templates_and_what_was_sent_are_counted(file: JournalFile) -> None:
    book = SqliteBook(file.db)
    file.db.execute("BEGIN")
    claims = [
        Claim(identity=Identity(str(n), "1"), mini_app=str(n), template="T" if n else "")
        for n in range(5)
    ]
    rows = [claimed.row for claimed in claim(book, 0, claims, PEN)]

    def send(number: int, at: float, state: EntryState, quota: tuple[str, int] | None) -> None:
        row = rows[number]
        begun = begin(
            book, 0, row.identity, row.epoch, at=at, stamp="", quota=quota, anew=False, pen=PEN
        ).row
        settled = Settlement(state=state, retry_at=500.0 if state is EntryState.DEFERRED else 0.0)
        settle(book, 0, begun.identity, begun.epoch, settled, PEN)

    send(0, 100.0, EntryState.DONE, None)
    send(1, 100.0, EntryState.DONE, ("today", 9))
    send(2, 40.0, EntryState.DONE, ("yesterday", 9))
    assert first_deferral(file.db) is None
    send(3, 110.0, EntryState.DEFERRED, None)
    assert first_deferral(file.db) == 500.0
    sent = [sent_since(file.db, moment) for moment in (0.0, 50.0, 101.0)]
    assert sent == [(3, 40.0), (2, 100.0), (0, None)]
    assert read_templates(file.db, "today", 90.0) == [
        TemplateCount(template="T", waiting=2, used=1)
    ]
    assert read_templates(file.db, "tomorrow", 200.0) == [
        TemplateCount(template="T", waiting=2, used=0)
    ]
    send(4, 105.0, EntryState.DONE, None)  # by a run without a quota
    assert read_templates(file.db, "today", 90.0)[0].used == 2


def test_what_is_stopped_is_read(file: JournalFile) -> None:
    book = SqliteBook(file.db)
    book.stop("hold", HoldKind.KEY, "a")
    book.stop("skip", HoldKind.KEY, "a")
    book.stop("skip", HoldKind.TEMPLATE, "t")
    assert read_stopped(file.db) == {
        HoldKind.KEY: {"a"},
        HoldKind.MINI_APP: frozenset(),
        HoldKind.TEMPLATE: {"t"},
    }
