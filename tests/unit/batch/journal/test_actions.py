import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.actions import begin, claim, extend, find_current, settle
from alipay_mini_audit.batch.journal.book import Pen
from alipay_mini_audit.batch.journal.memory import MemoryBook
from alipay_mini_audit.batch.journal.row import Claim, HoldKind, Identity, Settlement, Turn
from alipay_mini_audit.errors import BatchError

PEN = Pen("o", lambda: 1.0)
ONE = Identity("one", "1")


@pytest.fixture
def book() -> MemoryBook:
    book = MemoryBook()
    run = book.begin_run()
    claim(book, run, [Claim(identity=ONE, mini_app="m", template="t")], PEN)
    return book


def test_only_the_run_that_owns_the_journal_has_a_current_row(book: MemoryBook) -> None:
    assert find_current(book, 1, ONE, 0) is not None
    assert find_current(book, 1, ONE, 1) is None
    assert find_current(book, 0, ONE, 0) is None
    book.begin_run()
    assert find_current(book, 1, ONE, 0) is None
    with pytest.raises(BatchError):
        claim(book, 1, [], PEN)


def test_what_does_not_begin_uses_no_place_of_a_quota(book: MemoryBook) -> None:
    book.stop("hold", HoldKind.TEMPLATE, "t")
    book.stop("hold", HoldKind.MINI_APP, "m")
    place = begin(book, 1, ONE, 0, at=0.0, stamp="", quota=("d", 1), anew=False, pen=PEN)
    assert (place.turn, place.held_by) == (Turn.HELD, HoldKind.MINI_APP)
    assert book.take_place("d", "t", 1)


def test_what_goes_anew_needs_another_place_than_what_was_accepted(book: MemoryBook) -> None:
    begin(book, 1, ONE, 0, at=0.0, stamp="", quota=("d", 1), anew=False, pen=PEN)
    settle(book, 1, ONE, 1, Settlement(state=EntryState.DONE, ends_doubt=True), PEN)
    for limit, turn in ((1, Turn.NO_QUOTA), (2, Turn.GO)):
        place = begin(book, 1, ONE, 1, at=1.0, stamp="", quota=("d", limit), anew=True, pen=PEN)
        assert place.turn is turn
    assert not book.take_place("d", "t", 2)


def test_a_late_settlement_gives_no_place_back(book: MemoryBook) -> None:
    place = begin(book, 1, ONE, 0, at=0.0, stamp="", quota=("d", 1), anew=False, pen=PEN)
    assert place.turn is Turn.GO
    what = Settlement(state=EntryState.PLANNED, returns_quota=True)
    assert settle(book, 1, ONE, 0, what, PEN) is None
    assert not extend(book, 1, ONE, 0, alive_until=2.0, pen=PEN)
    assert not book.take_place("d", "t", 1)
    assert settle(book, 1, ONE, 1, what, PEN) is not None
    assert book.take_place("d", "t", 1)
