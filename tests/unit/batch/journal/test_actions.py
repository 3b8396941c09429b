import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.actions import (
    begin,
    claim,
    extend,
    find_current,
    judge,
    settle,
)
from alipay_mini_audit.batch.journal.book import Pen
from alipay_mini_audit.batch.journal.memory import MemoryBook
from alipay_mini_audit.batch.journal.row import (
    Claim,
    Conflict,
    HoldKind,
    Identity,
    Settlement,
    Turn,
)
from alipay_mini_audit.errors import BatchError
from alipay_mini_audit.models import Verdict, VerdictKind

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


def verdict(kind: VerdictKind, status: str = "AUDIT_REJECT") -> Verdict:
    return Verdict(app_version="1", kind=kind, status=status, reject_reason="Blurred.")


def test_a_verdict_is_of_what_was_submitted_and_known_once(book: MemoryBook) -> None:
    rejected = verdict(VerdictKind.REJECTED)
    assert judge(book, 1, ONE, 0, since=5.0, verdict=rejected, pen=PEN) is None  # it is planned
    begin(book, 1, ONE, 0, at=0.0, stamp="", quota=None, anew=False, pen=PEN)
    assert judge(book, 1, ONE, 1, since=5.0, verdict=rejected, pen=PEN) is None
    settle(book, 1, ONE, 1, Settlement(state=EntryState.DONE), PEN)
    seen = judge(book, 1, ONE, 1, since=5.0, verdict=None, pen=PEN)
    assert seen is not None
    assert (seen.state, seen.audit_since, seen.verdict) == (EntryState.DONE, 5.0, None)
    assert judge(book, 0, ONE, 1, since=5.0, verdict=rejected, pen=PEN) is None
    row = judge(book, 1, ONE, 1, since=5.0, verdict=rejected, pen=PEN)
    assert row is not None
    assert (row.state, row.reason, row.verdict_at) == (EntryState.REJECTED, "Blurred.", 1.0)
    passed = verdict(VerdictKind.PASSED)
    assert judge(book, 1, ONE, 1, since=5.0, verdict=passed, pen=PEN) is None


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        (VerdictKind.PASSED, "WAIT_RELEASE", EntryState.PASSED),
        (VerdictKind.PASSED, "RELEASE", EntryState.ONLINE),
        (VerdictKind.REJECTED, "AUDIT_REJECT", EntryState.REJECTED),
        (VerdictKind.WITHDRAWN, "INIT", EntryState.DONE),
    ],
)
def test_what_has_a_verdict_is_sent_again_by_no_run(
    book: MemoryBook, kind: VerdictKind, status: str, state: EntryState
) -> None:
    begin(book, 1, ONE, 0, at=0.0, stamp="", quota=("d", 1), anew=False, pen=PEN)
    settle(book, 1, ONE, 1, Settlement(state=EntryState.DONE), PEN)
    judge(book, 1, ONE, 1, since=5.0, verdict=verdict(kind, status), pen=PEN)
    run = book.begin_run()
    same = Identity("two", "1")
    claims = [Claim(identity=ONE, mini_app="m", template="t"), Claim(identity=same, mini_app="m")]
    (first, second) = claim(book, run, claims, PEN)
    assert (first.row.state, first.conflict) == (state, None)
    assert second.conflict is Conflict.SAME_VERSION
    place = begin(book, run, ONE, 2, at=1.0, stamp="", quota=None, anew=False, pen=PEN)
    assert place.turn is Turn.SUPERSEDED
    for limit, turn in ((1, Turn.NO_QUOTA), (2, Turn.GO)):  # a changed one takes another place
        quota = ("d", limit)
        place = begin(book, run, ONE, 2, at=1.0, stamp="", quota=quota, anew=True, pen=PEN)
        assert place.turn is turn
    assert (place.row.verdict, place.row.audit_since, place.row.verdict_at) == (None, None, None)
