from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Summary


def test_a_summary_has_a_total() -> None:
    assert Summary(counts={EntryState.DONE: 2, EntryState.HELD: 3}, groups=()).total == 5
