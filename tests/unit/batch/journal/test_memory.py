import attrs
import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal import actions
from alipay_mini_audit.batch.journal.book import Pen
from alipay_mini_audit.batch.journal.memory import MemoryBook
from alipay_mini_audit.batch.journal.row import Claim, Conflict, Identity, Row


def test_a_version_that_is_claimed_for_another_mini_program_is_no_rival_any_more() -> None:
    book = MemoryBook()
    one = Row(identity=Identity("one", "1"), mini_app="m")
    book.add(one, 1)
    claim = Claim(identity=Identity("two", "1"), mini_app="m")
    assert book.other(claim) == (one, 1)
    book.put(Row(identity=one.identity, mini_app="n"), 1)
    assert book.other(claim) is None


def test_a_row_keeps_its_place_in_the_order() -> None:
    book = MemoryBook()
    rows = [Row(identity=Identity(key, "1")) for key in ("one", "two")]
    for row in rows:
        book.add(row, 1)
    changed = Row(identity=rows[0].identity, state=EntryState.DONE)
    book.put(changed, 1)
    assert book.rows() == [changed, rows[1]]


def test_a_forgotten_row_is_known_to_have_been_there_and_cannot_be_changed_any_more() -> None:
    book, pen = MemoryBook(), Pen("me", lambda: 1.0)
    run = book.begin_run()
    claim = Claim(identity=Identity("one", "1"), mini_app="m", template="t")
    [first] = actions.claim(book, run, [claim], pen)
    book.put(attrs.evolve(first.row, state=EntryState.DONE), run)
    book.forget(claim.identity)
    assert book.rows() == []
    [again] = actions.claim(book, run, [claim], pen)
    assert again.conflict is Conflict.SAME_KEY
    assert (again.row.mini_app, again.row.template) == ("m", "t")
    assert actions.find_current(book, run, claim.identity, first.row.epoch) is None
    other = attrs.evolve(claim, identity=Identity("two", "1"))
    [rival] = actions.claim(book, run, [other], pen)
    assert (rival.conflict, rival.other) == (Conflict.SAME_VERSION, "one")


@pytest.mark.parametrize("state", [EntryState.INVALID, EntryState.SKIPPED])
def test_a_forgotten_row_that_was_never_sent_is_no_rival(state: EntryState) -> None:
    book = MemoryBook()
    book.add(Row(identity=Identity("one", "1"), mini_app="m", state=state), book.begin_run())
    book.forget(Identity("one", "1"))
    assert book.other(Claim(identity=Identity("two", "1"), mini_app="m")) is None
