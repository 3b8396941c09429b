"""`MemoBook` asks nothing twice, and yet knows what others have written meanwhile."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal import actions
from alipay_mini_audit.batch.journal.book import Pen
from alipay_mini_audit.batch.journal.row import (
    Claim,
    HoldKind,
    Identity,
    Place,
    Row,
    Settlement,
    Turn,
)
from alipay_mini_audit.batch.journal.sqlite.file import open_journal
from alipay_mini_audit.batch.journal.sqlite.memo import MemoBook, Outdated
from alipay_mini_audit.errors import Outcome

ENTRY = Identity("shop", "1.0.0")
OTHER = Identity("other", "2.0.0")
PEN = Pen("here:1", lambda: 1000.0)


T = TypeVar("T")


def begin(
    book: MemoBook, entry: Identity, epoch: int, quota: tuple[str, int] | None = None
) -> Place:
    return actions.begin(
        book, 0, entry, epoch, at=1000.0, stamp="s", quota=quota, anew=False, pen=PEN
    )


class Desk:
    """A journal, a book that remembers, and the statements that it makes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = open_journal(path).db
        self.book = MemoBook()
        self.statements: list[str] = []
        self.done_elsewhere: set[str] = set()
        self.db.set_trace_callback(self.note)

    def note(self, statement: str) -> None:
        if not statement.startswith("--"):  # a part of the one before
            self.statements.append(statement)

    def transact(self, action: Callable[[MemoBook], T]) -> T:
        """Do what the thread does."""
        while True:
            try:
                self.book.begin(self.db)
                result = action(self.book)
                self.book.commit(self.db)
            except Outdated:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                self.book.forget()
            else:
                return result

    def claim(self, *entries: Identity) -> int:
        claims = [Claim(identity=entry) for entry in entries or (ENTRY,)]
        (claimed, *_) = self.transact(lambda book: actions.claim(book, 0, claims, PEN))
        return claimed.row.epoch

    def send(self, epoch: int) -> Turn:
        return self.transact(lambda book: begin(book, ENTRY, epoch)).turn

    def settle(self, epoch: int, state: EntryState) -> bool:
        what = Settlement(state=state)
        row = self.transact(lambda book: actions.settle(book, 0, ENTRY, epoch, what, PEN))
        return row is not None

    def elsewhere(self, statement: str) -> None:
        with closing(sqlite3.connect(self.path)) as other, other:
            other.execute(statement)

    def elsewhere_once(self, statement: str) -> None:
        if statement not in self.done_elsewhere:
            self.done_elsewhere.add(statement)
            self.elsewhere(statement)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "night.journal")
    with closing(desk.db):
        yield desk


def test_what_it_wrote_it_does_not_read(desk: Desk) -> None:
    epoch = desk.claim()
    desk.statements.clear()
    assert desk.send(epoch) is Turn.GO
    assert desk.settle(epoch + 1, EntryState.UNKNOWN)
    kinds = [statement.split()[0] for statement in desk.statements]
    assert kinds == ["UPDATE"] * 2


@pytest.mark.parametrize(
    ("statement", "turn"),
    [
        ("UPDATE journal SET number = 7", Turn.SUPERSEDED),
        ("UPDATE entries SET epoch = epoch + 1", Turn.SUPERSEDED),
        ("INSERT INTO stops VALUES ('key', 'shop', 'hold')", Turn.HELD),
        ("INSERT INTO stops VALUES ('key', 'shop', 'skip')", Turn.SKIPPED),
    ],
)
def test_what_others_write_counts_at_once(desk: Desk, statement: str, turn: Turn) -> None:
    epoch = desk.claim()
    desk.elsewhere(statement)
    assert desk.send(epoch) is turn


def test_who_was_superseded_meanwhile_settles_nothing(desk: Desk) -> None:
    epoch = desk.claim()
    assert desk.send(epoch) is Turn.GO
    desk.elsewhere("UPDATE journal SET number = 7")
    assert not desk.settle(epoch + 1, EntryState.DONE)
    assert desk.db.execute("SELECT fenced, state FROM journal, entries").fetchone() == (
        1,
        "sending",
    )


def test_what_was_undone_is_forgotten(desk: Desk) -> None:
    epoch = desk.claim()
    desk.book.begin(desk.db)
    begin(desk.book, ENTRY, epoch)
    desk.book.forget()
    assert desk.send(epoch) is Turn.GO


def test_its_own_holds_count(desk: Desk) -> None:
    epoch = desk.claim()
    desk.transact(lambda book: book.stop("hold", HoldKind.KEY, "shop"))
    assert desk.send(epoch) is Turn.HELD
    desk.transact(lambda book: book.release(HoldKind.KEY, "shop", PEN))
    assert desk.send(epoch) is Turn.GO


@pytest.mark.parametrize("count", [1, 2, 16, 40])
def test_what_comes_together_is_written_together(desk: Desk, count: int) -> None:
    entries = [Identity("shop", f"1.0.{number}", "b") for number in range(count)]
    epoch = desk.claim(*entries)
    desk.statements.clear()

    def send_all(book: MemoBook) -> list[Row]:
        return [begin(book, entry, epoch).row for entry in entries]

    rows = desk.transact(send_all)
    assert len(desk.statements) == (1 if count <= 16 else count + 3)
    desk.book.forget()
    found = desk.transact(lambda book: [book.find(entry) for entry in entries])
    assert found == [(row, 0) for row in rows]


def test_each_value_is_written_as_it_is(desk: Desk) -> None:
    desk.claim(ENTRY, OTHER)
    full = Row(
        identity=ENTRY,
        mini_app="m",
        template="t",
        state=EntryState.UNKNOWN,
        epoch=3,
        stamp="s",
        digest="d",
        attempts=2,
        tries=1,
        sending_at=1764153600.123457,
        doubt_since=1e-9,
        alive_until=2.5,
        asked_at=0.1 + 0.2,
        landed=False,
        outcome=Outcome.UNKNOWN,
        is_repeatable=True,
        code="c",
        retry_at=1.0,
        reason="因为",
        reply={"speedUp": "1"},
        request_id="r",
        trace_id="x",
        quota_day="2026-11-26",
        updated_at=7.25,
        owner="o",
    )
    empty = Row(identity=OTHER)
    desk.transact(lambda book: [book.put(row, 7) for row in (full, empty)])
    desk.book.forget()
    found = desk.transact(lambda book: [book.find(row.identity) for row in (full, empty)])
    assert found == [(full, 7), (empty, 7)]


@pytest.mark.parametrize("is_late", [False, True])
def test_what_was_noted_holds_when_the_database_has_to_be_asked(desk: Desk, is_late: bool) -> None:
    epoch = desk.claim(ENTRY, OTHER)
    assert desk.send(epoch) is Turn.GO

    def work(book: MemoBook) -> list[Turn]:
        first = actions.settle(book, 0, ENTRY, epoch + 1, Settlement(state=EntryState.DONE), PEN)
        assert first is not None
        if is_late:
            desk.elsewhere_once("UPDATE journal SET fenced = 5")
        second = begin(book, OTHER, epoch, ("2026-11-26", 1))
        third = begin(book, ENTRY, epoch + 1)
        return [second.turn, third.turn]

    assert desk.transact(work) == [Turn.GO, Turn.SUPERSEDED]
    found = desk.db.execute("SELECT key, state, quota_day FROM entries ORDER BY key").fetchall()
    assert found == [("other", "sending", "2026-11-26"), ("shop", "done", "")]


def test_what_was_only_looked_at_is_seen_to_be_true(desk: Desk) -> None:
    epoch = desk.claim()
    desk.elsewhere("INSERT INTO stops VALUES ('key', 'shop', 'hold')")
    assert desk.transact(lambda book: actions.look(book, 0, ENTRY, epoch)).turn is Turn.HELD


def test_it_remembers_no_more_than_a_run_has_in_hand(desk: Desk) -> None:
    desk.book.begin(desk.db)
    claims = [Claim(identity=Identity(str(n), "1"), mini_app=str(n)) for n in range(3000)]
    actions.claim(desk.book, 0, claims, PEN)
    assert len(desk.book._rows) == 2048
    assert desk.book.find(Identity("0", "1")) is not None, "it is read"
    desk.book.commit(desk.db)
