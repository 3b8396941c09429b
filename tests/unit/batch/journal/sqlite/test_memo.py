"""`MemoBook` asks nothing twice, and yet knows what others have written meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal import actions
from alipay_mini_audit.batch.journal.book import Pen
from alipay_mini_audit.batch.journal.row import Claim, HoldKind, Identity, Settlement, Turn
from alipay_mini_audit.batch.journal.sqlite.file import open_journal
from alipay_mini_audit.batch.journal.sqlite.memo import MemoBook

ENTRY = Identity("shop", "1.0.0")
PEN = Pen("here:1", lambda: 1000.0)


class Desk:
    """A journal, a book that remembers, and the statements that it makes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = open_journal(path).db
        self.book = MemoBook()
        self.statements: list[str] = []
        self.db.set_trace_callback(self.statements.append)

    def claim(self) -> int:
        self.book.begin(self.db)
        (claimed,) = actions.claim(self.book, 0, [Claim(identity=ENTRY)], PEN)
        self.db.execute("COMMIT")
        return claimed.row.epoch

    def send(self, epoch: int) -> Turn:
        self.book.begin(self.db)
        place = actions.begin(
            self.book, 0, ENTRY, epoch, at=1000.0, stamp="", quota=None, anew=False, pen=PEN
        )
        self.db.execute("COMMIT")
        return place.turn

    def settle(self, epoch: int, state: EntryState) -> bool:
        self.book.begin(self.db)
        row = actions.settle(self.book, 0, ENTRY, epoch, Settlement(state=state), PEN)
        self.db.execute("COMMIT")
        return row is not None

    def elsewhere(self, statement: str) -> None:
        with closing(sqlite3.connect(self.path)) as other, other:
            other.execute(statement)


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
    assert kinds == ["BEGIN", "PRAGMA", "UPDATE", "COMMIT"] * 2


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
    actions.begin(desk.book, 0, ENTRY, epoch, at=1000.0, stamp="", quota=None, anew=False, pen=PEN)
    desk.db.execute("ROLLBACK")
    desk.book.forget()
    assert desk.send(epoch) is Turn.GO


def test_its_own_holds_count(desk: Desk) -> None:
    epoch = desk.claim()
    desk.book.begin(desk.db)
    desk.book.stop("hold", HoldKind.KEY, "shop")
    desk.db.execute("COMMIT")
    assert desk.send(epoch) is Turn.HELD
    desk.book.begin(desk.db)
    desk.book.release(HoldKind.KEY, "shop", PEN)
    desk.db.execute("COMMIT")
    assert desk.send(epoch) is Turn.GO


def test_it_remembers_no_more_than_a_run_has_in_hand(desk: Desk) -> None:
    desk.book.begin(desk.db)
    claims = [Claim(identity=Identity(str(n), "1"), mini_app=str(n)) for n in range(3000)]
    actions.claim(desk.book, 0, claims, PEN)
    assert len(desk.book._rows) == 2048
    assert desk.book.find(Identity("0", "1")) is not None, "it is read"
    desk.db.execute("COMMIT")
