"""What the caller is told of an entry."""

import datetime

import attrs

from alipay_mini_audit.batch.entry import BatchEntry, EntryState
from alipay_mini_audit.batch.item import Item
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.errors import Problem, ReplyLost
from alipay_mini_audit.models import ApplyReply, AuditApply, ReplyMeta

ROW = Row(
    identity=Identity("a", "1.0", "bundle"),
    mini_app="2021",
    template="t",
    state=EntryState.UNKNOWN,
    attempts=4,
    tries=1,
    reason="outcome unknown",
)
SUBMISSION = Submission("a", AuditApply(app_version="1.0"), priority=7)
LOST = ReplyLost("Lost.")
REPLY = ApplyReply(meta=ReplyMeta(request_id="r", trace_id=None, http_status=200))


def test_it_stands_where_its_row_stands() -> None:
    problem = Problem("memo", "long", "It is long.")
    item = Item(submission=SUBMISSION, row=ROW, error=LOST, problems=(problem,))
    assert item.priority == 7
    assert item.entry() == BatchEntry(
        key="a",
        app_version="1.0",
        bundle_id="bundle",
        state=EntryState.UNKNOWN,
        error=LOST,
        problems=(problem,),
        reason="outcome unknown",
        attempts=4,
        mini_app="2021",
        template_id="t",
    )


def test_what_its_caller_is_told_may_be_something_else() -> None:
    item = Item(submission=SUBMISSION, row=ROW, verdict=(EntryState.HELD, "content changed"))
    entry = item.entry()
    assert (entry.state, entry.reason) == (EntryState.HELD, "content changed")


def test_what_is_done_in_the_end_has_no_error() -> None:
    row = attrs.evolve(ROW, state=EntryState.DONE, reason="")
    entry = Item(submission=SUBMISSION, row=row, error=LOST, reply=REPLY).entry()
    assert (entry.error, entry.reply) == (None, REPLY)


def test_what_is_empty_in_a_row_is_none_for_the_caller() -> None:
    row = attrs.evolve(ROW, identity=Identity("a", "1.0"), template="")
    entry = Item(submission=SUBMISSION, row=row).entry()
    assert (entry.bundle_id, entry.template_id, entry.deferred_until) == (None, None, None)


def test_a_moment_is_aware() -> None:
    item = Item(submission=SUBMISSION, row=ROW, deferred_until=1_800_000_000.0)
    expected = datetime.datetime(2027, 1, 15, 8, 0, tzinfo=datetime.UTC)
    assert item.entry().deferred_until == expected
