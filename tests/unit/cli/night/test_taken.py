"""What became of a version that was to be taken back, and the exit status of many."""

from collections import Counter

import pytest
from support.languages import CHINESE

from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.cli.night.taken import Fate, Taken, counts_said, status_for
from alipay_mini_audit.errors import ConnectionFailed, Outcome, ReplyLost, SigningError

ROW = Row(identity=Identity("shop-1", "0.0.1"), mini_app="mini-1")


@pytest.mark.parametrize(
    ("status", "error", "fate"),
    [
        ("", ReplyLost("gone"), Fate.NOT_SENT),  # the look: nothing can have changed
        ("AUDIT_REJECT", ReplyLost("gone"), Fate.UNKNOWN),
        ("AUDIT_REJECT", ConnectionFailed("down"), Fate.NOT_SENT),
        ("AUDIT_REJECT", SigningError("no key"), Fate.NOT_SENT),
        ("AUDIT_REJECT", ReplyLost("x", outcome=Outcome.ACCEPTED_UNREADABLE), Fate.UNKNOWN),
        ("", ReplyLost("x", outcome=Outcome.REFUSED), Fate.REFUSED),
    ],
)
def test_a_failure_is_told_no_more_certain_than_it_is(
    status: str, error: ReplyLost | ConnectionFailed | SigningError, fate: Fate
) -> None:
    taken = Taken.failed(ROW, status, error)
    assert taken.fate is fate
    assert taken.facts("en")["outcome"] == fate.value


@pytest.mark.parametrize(
    ("fates", "status"),
    [
        ((), 0),
        ((Fate.TAKEN_BACK, Fate.LEFT_ALONE), 0),
        ((Fate.TAKEN_BACK, Fate.NOT_SENT), 4),
        ((Fate.NOT_SENT, Fate.REFUSED), 2),
        ((Fate.REFUSED, Fate.UNKNOWN, Fate.NOT_SENT), 3),
    ],
)
def test_the_least_certain_one_decides_the_exit_status(
    fates: tuple[Fate, ...], status: int
) -> None:
    assert status_for(Counter(fates)) == status


def test_each_is_said_in_both_languages() -> None:
    for fate in Fate:
        line = Taken(row=ROW, fate=fate, status="INIT").line("zh")
        assert line.startswith("shop-1 0.0.1：")
        assert CHINESE.search(line)
        assert not CHINESE.search(Taken(row=ROW, fate=fate, status="INIT").line("en"))
    counts = Counter({Fate.TAKEN_BACK: 2, Fate.UNKNOWN: 1})
    assert counts_said(counts, 3, "en") == "taken back 2, unknown 1, not begun 3"
    assert counts_said(Counter(), 0, "en") == ""
