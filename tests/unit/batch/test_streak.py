"""So many failures of one kind in a row stop a batch, and nothing else does."""

import pytest

from alipay_mini_audit.batch.entry import BatchEntry, EntryState
from alipay_mini_audit.batch.streak import FailureStreak
from alipay_mini_audit.errors import InvalidRequest


def failed(reason: str, state: EntryState = EntryState.REFUSED) -> BatchEntry:
    error = InvalidRequest(reason, "")
    return BatchEntry(key="a", app_version="1", state=state, error=error, reason=reason)


def ended(state: EntryState, reason: str = "") -> BatchEntry:
    return BatchEntry(key="a", app_version="1", state=state, reason=reason)


DONE = ended(EntryState.DONE)


def test_so_many_of_one_kind_in_a_row_stop_it() -> None:
    streak = FailureStreak(3)
    assert streak.add(failed("A")) is None
    assert streak.add(failed("A")) is None
    error = streak.add(failed("A"))
    assert error is not None
    assert error.code == "batch_stopped"
    assert "A" in error.reason


def test_one_is_enough_if_it_is_said_so() -> None:
    assert FailureStreak(1).add(DONE) is None
    assert FailureStreak(1).add(failed("A")) is not None


@pytest.mark.parametrize("between", [DONE, failed("B")], ids=["done", "another"])
def test_success_and_another_failure_begin_anew(between: BatchEntry) -> None:
    streak = FailureStreak(2)
    for _ in range(3):
        assert streak.add(failed("A")) is None
        assert streak.add(between) is None


@pytest.mark.parametrize("state", [EntryState.SKIPPED, EntryState.HELD, EntryState.DEFERRED])
def test_what_did_not_fail_neither_counts_nor_begins_anew(state: EntryState) -> None:
    streak = FailureStreak(2)
    assert [streak.add(ended(state, "on hold")) for _ in range(5)] == [None] * 5
    assert streak.add(failed("A")) is None
    assert streak.add(ended(state, "on hold")) is None
    assert streak.add(failed("A")) is not None


def test_without_a_limit_nothing_stops_it() -> None:
    streak = FailureStreak(None)
    assert not any(streak.add(failed("A")) for _ in range(100))
