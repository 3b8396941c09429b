import attrs
import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.changes import (
    begun,
    planned,
    released,
    settled,
    stop_of,
    taken_over,
)
from alipay_mini_audit.batch.journal.row import Claim, HoldKind, Identity, Row, Settlement
from alipay_mini_audit.errors import Outcome
from alipay_mini_audit.models import Verdict, VerdictKind

CLAIM = Claim(identity=Identity("one", "1"), mini_app="m", template="t")
ROW = Row(identity=CLAIM.identity, mini_app="m", template="t", updated_at=1.0, owner="a")


def test_every_change_says_who_made_it_and_when() -> None:
    changes = (
        planned(CLAIM, at=2.0, owner="b"),
        taken_over(ROW, CLAIM, is_skipped=False, at=2.0, owner="b"),
        begun(ROW, began=1.0, stamp="", quota_day=None, at=2.0, owner="b"),
        settled(ROW, Settlement(state=EntryState.DONE), at=2.0, owner="b"),
        released(ROW, at=2.0, owner="b"),
    )
    assert {(row.updated_at, row.owner) for row in changes} == {(2.0, "b")}


def test_a_place_in_a_quota_stays_with_its_template() -> None:
    row = attrs.evolve(ROW, quota_day="2027-01-15")
    same = taken_over(row, CLAIM, is_skipped=False, at=2.0, owner="b")
    other = taken_over(row, attrs.evolve(CLAIM, template="u"), is_skipped=False, at=2.0, owner="b")
    assert (same.quota_day, other.quota_day) == ("2027-01-15", "")


ACCEPTED = attrs.evolve(
    ROW,
    state=EntryState.REJECTED,
    stamp="first",
    digest="of the first",
    attempts=1,
    sending_at=1.0,
    outcome=None,
    reason="The logo is blurred.",
    trace_id="of the first",
    accepted_at=2.0,
    verdict=Verdict(app_version="1", kind=VerdictKind.REJECTED, status="AUDIT_REJECT"),
    verdict_at=3.0,
)


def sent_again(*, doubt_since: float | None = None) -> Row:
    before = attrs.evolve(ACCEPTED, doubt_since=doubt_since)
    return begun(before, began=5.0, stamp="second", quota_day=None, at=5.0, owner="b")


@pytest.mark.parametrize("state", [EntryState.REFUSED, EntryState.INVALID])
def test_what_was_accepted_stands_again_if_other_content_is_not(state: EntryState) -> None:
    failed = Settlement(
        state=state, reason="r", code="C", outcome=Outcome.REFUSED, trace_id="x", ends_doubt=True
    )
    row = settled(sent_again(), failed, at=6.0, owner="b")
    changed = attrs.evolve(
        ACCEPTED, epoch=1, attempts=2, tries=1, updated_at=6.0, owner="b", doubt_since=None
    )
    assert row == changed


def test_it_stands_again_after_a_failure_that_is_repeated() -> None:
    later = Settlement(state=EntryState.PLANNED, retry_at=9.0, refunds_try=True)
    row = settled(sent_again(), later, at=6.0, owner="b")
    assert (row.state, row.stamp, row.verdict) == (EntryState.REJECTED, "first", ACCEPTED.verdict)
    assert (row.retry_at, row.doubt_since, row.tries, row.attempts) == (0.0, None, 0, 2)
    row = begun(row, began=9.0, stamp="second", quota_day=None, at=9.0, owner="b")
    assert (row.doubt_since, row.former and row.former.stamp) == (9.0, "first")


def test_it_is_over_once_other_content_is_accepted() -> None:
    done = Settlement(state=EntryState.DONE, ends_doubt=True)
    row = settled(sent_again(), done, at=6.0, owner="b")
    assert (row.state, row.stamp, row.verdict, row.former) == (
        EntryState.DONE,
        "second",
        None,
        None,
    )


def test_it_does_not_stand_again_while_other_content_may_have_been_accepted() -> None:
    row = settled(sent_again(), Settlement(state=EntryState.UNKNOWN), at=6.0, owner="b")
    assert (row.state, row.stamp, row.former is not None) == (EntryState.UNKNOWN, "second", True)


@pytest.mark.parametrize("state", sorted(set(EntryState) - {EntryState.SENDING}))
def test_a_journal_keeps_what_was_accepted_apart_only_while_there_is_doubt(
    state: EntryState,
) -> None:
    row = settled(sent_again(), Settlement(state=state), at=6.0, owner="b")
    assert (row.former is not None) == (state is EntryState.UNKNOWN)
    assert row.state.is_submitted == (state is not EntryState.UNKNOWN)


def test_the_place_that_it_used_is_not_given_back_for_other_content() -> None:
    before = attrs.evolve(ACCEPTED, quota_day="2027-01-15")
    row = begun(before, began=5.0, stamp="second", quota_day=None, at=5.0, owner="b")
    assert row.quota_day == ""
    refused = Settlement(state=EntryState.REFUSED, returns_quota=True)
    assert settled(row, refused, at=6.0, owner="b").quota_day == "2027-01-15"


def test_without_a_quota_the_day_stays() -> None:
    row = attrs.evolve(ROW, quota_day="2027-01-15")
    sending = begun(row, began=1.0, stamp="", quota_day=None, at=2.0, owner="b")
    assert sending.quota_day == "2027-01-15"
    back = Settlement(state=EntryState.PLANNED, returns_quota=True)
    assert settled(sending, back, at=2.0, owner="b").quota_day == ""


def test_an_empty_text_names_something_too() -> None:
    assert stop_of(None, "", None) == (HoldKind.MINI_APP, "")
    with pytest.raises(TypeError):
        stop_of("", "", None)


def test_what_another_run_left_in_doubt_is_asked_for_anew_and_no_time_of_it_lies_ahead() -> None:
    row = attrs.evolve(
        ROW,
        state=EntryState.UNKNOWN,
        sending_at=3600.0,
        doubt_since=1.0,
        alive_until=3601.0,
        asked_at=3660.0,
        landed=False,
    )
    taken = taken_over(row, CLAIM, is_skipped=False, at=60.0, owner="b")
    assert (taken.asked_at, taken.sending_at, taken.doubt_since, taken.alive_until) == (
        None,
        61.0,
        1.0,
        61.0,
    )


@pytest.mark.parametrize("state", [EntryState.SENDING, EntryState.UNKNOWN])
def test_what_another_run_left_in_doubt_is_under_way_for_a_second_after_it_is_claimed(
    state: EntryState,
) -> None:
    row = attrs.evolve(ROW, state=state, sending_at=1.0, doubt_since=1.0, alive_until=2.0)
    taken = taken_over(row, CLAIM, is_skipped=False, at=86_400.0, owner="b")
    assert (taken.sending_at, taken.alive_until) == (1.0, 86_401.0)
    planned_row = attrs.evolve(row, state=EntryState.PLANNED)
    again = taken_over(planned_row, CLAIM, is_skipped=False, at=86_400.0, owner="b")
    assert again.alive_until == 2.0


@pytest.mark.parametrize("state", [EntryState.PLANNED, EntryState.SENDING, EntryState.UNKNOWN])
def test_a_pause_by_a_clock_that_was_ahead_is_a_minute_at_the_most(state: EntryState) -> None:
    times = []
    for retry_at in (86_400.0, 90.0, 30.0):
        row = attrs.evolve(ROW, state=state, retry_at=retry_at)
        times.append(taken_over(row, CLAIM, is_skipped=False, at=60.0, owner="b").retry_at)
    assert times == [120.0, 90.0, 30.0]
