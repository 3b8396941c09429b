"""Whatever an entry has been through, nothing is sent in the dark, and no doubt is forgotten."""

import asyncio

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from alipay_mini_audit.batch.budget import Budget
from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.changes import settled
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.next_step import Limits, Send, Wait, next_step
from alipay_mini_audit.batch.settling import after_answer, after_failure
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    CallError,
    ConnectionFailed,
    InvalidRequest,
    MalformedReply,
    Outcome,
    RateLimited,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
    ServiceUnavailable,
    StateConflict,
    UntrustedReply,
)
from alipay_mini_audit.models import Resolution

TIMES = st.floats(0, 2000)
MAYBE = st.none() | TIMES
ROWS = st.builds(
    Row,
    identity=st.just(Identity("a", "1")),
    state=st.sampled_from(EntryState),
    tries=st.integers(0, 4),
    sending_at=MAYBE,
    doubt_since=MAYBE,
    alive_until=MAYBE,
    asked_at=MAYBE,
    landed=st.sampled_from([None, True, False]),
    outcome=st.none() | st.sampled_from(Outcome),
    retry_at=TIMES,
)
LIMITS = st.builds(Limits, attempts=st.integers(1, 4), until=MAYBE, may_ask=st.booleans())
WINDOWS = st.floats(0, 500)
CODES = st.sampled_from(["SUBMIT_REPEAT", "INVALID_LOGO", "SYSTEM_ERROR", "NOBODY_KNOWS"])


@st.composite
def call_errors(draw: st.DrawFn, outcomes: st.SearchStrategy[Outcome]) -> CallError:
    outcome = draw(outcomes)
    kinds = [ApiError, InvalidRequest, RateLimited, ServiceUnavailable, StateConflict]
    others = [ConnectionFailed, MalformedReply, ReplyLost, ReplyTimeout, UntrustedReply]
    kind: type[CallError] = draw(st.sampled_from([*kinds, *others, SendInterrupted]))
    if issubclass(kind, ApiError):
        return kind(draw(CODES), "No.", outcome=outcome)
    if issubclass(kind, SendInterrupted):
        path = draw(st.sampled_from([None, "attachments.app_logo"]))
        return kind("Cut.", path=path, outcome=outcome)
    return kind("Lost.", outcome=outcome)


@given(ROWS, TIMES, WINDOWS, LIMITS)
def test_nothing_doubtful_is_sent_before_the_platform_had_the_last_word(
    row: Row, now: float, window: float, limits: Limits
) -> None:
    step = next_step(row, now, window, limits)
    if step == Send() and row.state is not EntryState.PLANNED:
        assert row.state in (EntryState.SENDING, EntryState.UNKNOWN)
        assert row.landed is False
        assert row.outcome is not Outcome.ACCEPTED_UNREADABLE
        assert row.asked_at is not None
        for end in (row.sending_at, row.alive_until):
            assert end is None or row.asked_at >= end + window


@given(ROWS, TIMES, WINDOWS, LIMITS)
def test_who_waits_waits_for_a_moment_to_come(
    row: Row, now: float, window: float, limits: Limits
) -> None:
    step = next_step(row, now, window, limits)
    if isinstance(step, Wait):
        assert step.until > now
        assert not isinstance(next_step(row, step.until, window, limits), Wait)


@given(
    ROWS, call_errors(st.sampled_from([Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE])), TIMES, TIMES
)
def test_a_failure_that_may_have_landed_is_asked_for(
    row: Row, error: AuditError, now: float, delay: float
) -> None:
    found = after_failure(row, error, now, delay)
    assert found.state is EntryState.UNKNOWN
    assert (found.outcome, found.returns_quota, found.ends_doubt) == (error.outcome, False, False)


@given(ROWS, call_errors(st.sampled_from(Outcome)), TIMES, WINDOWS)
def test_after_a_failure_it_is_sent_again_only_if_it_surely_did_not_count(
    row: Row, error: CallError, now: float, window: float
) -> None:
    sending = attrs.evolve(
        row, state=EntryState.SENDING, sending_at=now, alive_until=now, asked_at=None, landed=None
    )
    after = settled(sending, after_failure(sending, error, now, 1.0), at=now, owner="o")
    step = next_step(after, now + 10_000, window, Limits(attempts=9))
    if step == Send():
        assert error.is_repeatable
        assert error.outcome in (Outcome.NOT_SENT, Outcome.REFUSED)


@given(ROWS, st.sampled_from([None, True, False]), TIMES, WINDOWS)
def test_a_negative_answer_ends_no_doubt_before_the_window_closes(
    row: Row, landed: bool | None, now: float, window: float
) -> None:
    found = after_answer(row, Resolution(landed=landed), now, window)
    assert (found.state is EntryState.DONE) == (landed is True)
    if found.state is EntryState.PLANNED:
        assert landed is False
        assert row.outcome is not Outcome.ACCEPTED_UNREADABLE
        assert now >= max(row.sending_at or 0.0, row.alive_until or 0.0) + window


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from(["come", "leave", "cancel"]), st.integers(0, 9), st.booleans()),
        max_size=40,
    )
)
def test_no_byte_of_a_budget_is_lost_or_lent_twice(
    orders: list[tuple[str, int, bool]],
) -> None:
    asyncio.run(follow(orders))


async def follow(orders: list[tuple[str, int, bool]]) -> None:
    """Come, leave and give up as ordered, with and without a turn of the loop in between."""
    budget = Budget(5)
    inside: list[int] = []
    tasks: list[asyncio.Task[None]] = []
    leaving: list[asyncio.Event] = []

    async def stay(size: int, leave: asyncio.Event) -> None:
        async with budget.hold(size):
            inside.append(min(size, 5))
            assert sum(inside) <= 5
            try:
                await leave.wait()
            finally:
                inside.remove(min(size, 5))

    for order, number, has_turn in orders:
        if order == "come":
            leaving.append(asyncio.Event())
            tasks.append(asyncio.create_task(stay(number, leaving[-1])))
        elif tasks and order == "leave":
            leaving[number % len(tasks)].set()
        elif tasks:
            tasks[number % len(tasks)].cancel()
        if has_turn:
            await asyncio.sleep(0)
    for event in leaving:
        event.set()
    ended = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    assert {type(each) for each in ended} <= {type(None), asyncio.CancelledError}
    async with asyncio.timeout(10), budget.hold(5):
        pass
