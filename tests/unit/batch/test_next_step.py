"""What happens to an entry next: every case by hand, and the rules told a second time."""

import itertools
from collections.abc import Iterator

import attrs
import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.next_step import (
    Ask,
    Final,
    Limits,
    Send,
    Step,
    Wait,
    closes_at,
    next_step,
)
from alipay_mini_audit.errors import Outcome

WINDOW = 120.0
CLOSES = 1130.0
"""An attempt from 1000 to 1010 may arrive until then."""
NEW = Row(identity=Identity("a", "1"))
BROKEN_OFF = attrs.evolve(
    NEW,
    state=EntryState.UNKNOWN,
    attempts=1,
    tries=1,
    sending_at=1000.0,
    doubt_since=1000.0,
    alive_until=1010.0,
    outcome=Outcome.UNKNOWN,
)
OVER = (
    *(EntryState.DONE, EntryState.INVALID, EntryState.REFUSED),
    *(EntryState.SKIPPED, EntryState.HELD, EntryState.DEFERRED),
)
DOUBTFUL = (EntryState.SENDING, EntryState.UNKNOWN)


@pytest.mark.parametrize("state", OVER)
def test_what_is_over_stays_so(state: EntryState) -> None:
    for row in (attrs.evolve(NEW, state=state), attrs.evolve(BROKEN_OFF, state=state)):
        assert next_step(row, 2000.0, WINDOW) == Final()


@pytest.mark.parametrize(
    ("retry_at", "tries", "until", "expected"),
    [
        (0.0, 0, None, Send()),
        (1000.0, 0, None, Send()),
        (1001.0, 0, None, Wait(1001.0)),
        (0.0, 2, None, Send()),
        (0.0, 3, None, Final()),
        (1001.0, 3, None, Final()),
        (0.0, 0, 1000.5, Send()),
        (0.0, 0, 1000.0, Final()),
        (0.0, 0, 999.0, Final()),
        (1001.0, 0, 1001.5, Wait(1001.0)),
        (1001.0, 0, 1001.0, Final()),
    ],
)
def test_what_is_planned_is_sent_while_there_is_time_and_a_try_left(
    retry_at: float, tries: int, until: float | None, expected: Step
) -> None:
    row = attrs.evolve(NEW, retry_at=retry_at, tries=tries)
    assert next_step(row, 1000.0, WINDOW, Limits(until=until)) == expected


@pytest.mark.parametrize("state", DOUBTFUL)
@pytest.mark.parametrize(
    ("now", "asked_at", "landed", "retry_at", "expected"),
    [
        (1011.0, None, None, 0.0, Ask()),
        (1011.0, None, None, 1012.0, Wait(1012.0)),
        (1200.0, None, None, 0.0, Ask()),
        (1020.0, 1015.0, False, 0.0, Wait(CLOSES)),
        (1020.0, 1015.0, None, 0.0, Wait(CLOSES)),
        (1129.0, 1015.0, False, 0.0, Wait(CLOSES)),
        (1130.0, 1015.0, False, 0.0, Ask()),
        (1140.0, 1129.9, False, 0.0, Ask()),
        (1140.0, 1015.0, False, 1150.0, Wait(1150.0)),
        (1020.0, 1015.0, False, 1150.0, Wait(1150.0)),
        (1130.0, 1130.0, False, 0.0, Send()),
        (1140.0, 1135.0, False, 0.0, Send()),
        (1140.0, 1135.0, False, 1150.0, Wait(1150.0)),
        (1140.0, 1135.0, None, 0.0, Final()),
        (1140.0, 1135.0, True, 0.0, Final()),
    ],
)
def test_what_is_doubtful_is_asked_for_until_nothing_can_arrive_any_more(
    state: EntryState,
    now: float,
    asked_at: float | None,
    landed: bool | None,
    retry_at: float,
    expected: Step,
) -> None:
    row = attrs.evolve(BROKEN_OFF, state=state, asked_at=asked_at, landed=landed, retry_at=retry_at)
    assert next_step(row, now, WINDOW) == expected


@pytest.mark.parametrize("state", DOUBTFUL)
@pytest.mark.parametrize("asked_at", [None, 1015.0])
def test_without_a_question_left_it_stays_doubtful(
    state: EntryState, asked_at: float | None
) -> None:
    row = attrs.evolve(BROKEN_OFF, state=state, asked_at=asked_at, landed=False)
    assert next_step(row, 2000.0, WINDOW, Limits(may_ask=False)) == Final()


def test_no_question_is_needed_for_what_was_answered_in_time() -> None:
    row = attrs.evolve(BROKEN_OFF, asked_at=1135.0, landed=False)
    assert next_step(row, 1140.0, WINDOW, Limits(may_ask=False)) == Send()


def test_what_was_accepted_and_cannot_be_read_is_never_sent_again() -> None:
    row = attrs.evolve(
        BROKEN_OFF, outcome=Outcome.ACCEPTED_UNREADABLE, asked_at=1135.0, landed=False
    )
    assert next_step(row, 1140.0, WINDOW) == Final()


@pytest.mark.parametrize(("tries", "until"), [(3, None), (1, 1139.0)])
def test_what_did_not_arrive_is_sent_under_the_same_limits(tries: int, until: float | None) -> None:
    row = attrs.evolve(BROKEN_OFF, asked_at=1135.0, landed=False, tries=tries)
    assert next_step(row, 1140.0, WINDOW, Limits(until=until)) == Final()


def test_questions_are_put_after_the_end_of_a_night() -> None:
    assert next_step(BROKEN_OFF, 1140.0, WINDOW, Limits(attempts=1, until=1100.0)) == Ask()


@pytest.mark.parametrize(
    ("sending_at", "alive_until", "expected"),
    [(1000.0, 1010.0, 1130.0), (1000.0, None, 1120.0), (1000.0, 990.0, 1120.0), (None, None, 120)],
)
def test_a_window_begins_with_the_end_of_the_last_attempt(
    sending_at: float | None, alive_until: float | None, expected: float
) -> None:
    row = attrs.evolve(NEW, sending_at=sending_at, alive_until=alive_until)
    assert closes_at(row, WINDOW) == expected


def cases() -> Iterator[tuple[Row, float, Limits]]:
    facts = itertools.product(
        EntryState,
        (None, *Outcome),
        (None, True, False),
        (None, 1050.0, 1130.0, 1150.0),
        (1020.0, 1130.0, 1200.0),
        (0.0, 5.0),
        (0, 3),
        (None, -1.0, 3.0, 7.0),
        (True, False),
    )
    for state, outcome, landed, asked_at, now, delay, tries, until, may_ask in facts:
        row = attrs.evolve(
            BROKEN_OFF,
            state=state,
            outcome=outcome,
            landed=landed,
            asked_at=asked_at,
            retry_at=now + delay if delay else 0.0,
            tries=tries,
        )
        limits = Limits(until=None if until is None else now + until, may_ask=may_ask)
        yield row, now, limits


def told_again(row: Row, now: float, limits: Limits) -> Step:
    """The rules in other words, without a look at how they are written."""
    if row.state in OVER:
        return Final()
    may_be_sent = row.state is EntryState.PLANNED
    if row.state in DOUBTFUL:
        has_last_word = row.asked_at is not None and row.asked_at >= CLOSES
        if not has_last_word:
            if not limits.may_ask:
                return Final()
            was_asked = row.asked_at is not None
            due = [row.retry_at, CLOSES] if was_asked else [row.retry_at]
            return Wait(max(due)) if any(now < moment for moment in due) else Ask()
        may_be_sent = row.landed is False and row.outcome is not Outcome.ACCEPTED_UNREADABLE
    starts = max(now, row.retry_at)
    if not may_be_sent or row.tries == 3 or (limits.until is not None and starts >= limits.until):
        return Final()
    return Send() if starts == now else Wait(starts)


def test_every_case_is_as_the_rules_say() -> None:
    seen = set()
    for row, now, limits in cases():
        step = next_step(row, now, WINDOW, limits)
        assert step == told_again(row, now, limits), (row, now, limits)
        seen.add(type(step))
    assert seen == {Send, Ask, Wait, Final}
