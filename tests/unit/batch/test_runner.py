"""A run: entries come as they are completed, and whatever ends it, nothing goes on behind it."""

import asyncio
import datetime
import time
from collections.abc import AsyncIterator, Iterator

import attrs
import pytest
from support.scripted_platform import BINDING, REPLY, ScriptedPlatform

from alipay_mini_audit.batch.clock import RunClock
from alipay_mini_audit.batch.content import stamp_of
from alipay_mini_audit.batch.entry import BatchEntry, EntryState
from alipay_mini_audit.batch.journal.memory import MemoryJournal
from alipay_mini_audit.batch.journal.row import Claim, Identity, Settlement
from alipay_mini_audit.batch.journal.run import Run
from alipay_mini_audit.batch.policy import BatchPolicy
from alipay_mini_audit.batch.runner import run_batch
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.errors import (
    BatchError,
    ConfigurationError,
    ConnectionFailed,
    InvalidRequest,
    MalformedReply,
    Outcome,
    ReplyLost,
)
from alipay_mini_audit.models import AuditApply, Resolution
from alipay_mini_audit.protocol import json_text

QUICK = BatchPolicy(concurrency=1, unknown_window=0.0)
NOTHING_CAME = Resolution(landed=False)


def some(count: int) -> Iterator[Submission]:
    for number in range(count):
        request = AuditApply(app_version=f"0.0.{number}")
        yield Submission(f"k{number}", request, mini_app=f"m{number}")


@pytest.fixture
async def journal() -> AsyncIterator[MemoryJournal]:
    async with MemoryJournal() as opened:
        yield opened


async def run(
    platform: ScriptedPlatform,
    count: int = 1,
    journal: MemoryJournal | None = None,
    policy: BatchPolicy = QUICK,
) -> list[BatchEntry]:
    async with asyncio.timeout(10):
        return [each async for each in run_batch(platform, some(count), journal, policy)]


async def collect(found: list[BatchEntry], entries: AsyncIterator[BatchEntry]) -> None:
    """Note what comes until it ends or fails."""
    async for entry in entries:
        found.append(entry)  # noqa: PERF401  # what came before an error is kept


async def test_without_a_journal_everything_is_sent_once() -> None:
    platform = ScriptedPlatform()
    entries = await run(platform, 300, policy=BatchPolicy())
    assert {entry.state for entry in entries} == {EntryState.DONE}
    assert sorted(platform.sent) == sorted(f"0.0.{number}" for number in range(300))


async def test_they_come_in_the_order_of_completion() -> None:
    other_is_done = asyncio.Event()

    async def slow() -> object:
        await other_is_done.wait()
        return REPLY

    platform = ScriptedPlatform(answers=[slow])
    keys = []
    policy = BatchPolicy(concurrency=2)
    async for entry in run_batch(platform, some(3), None, policy):
        keys.append(entry.key)
        if len(keys) == 2:
            other_is_done.set()
    assert keys == ["k1", "k2", "k0"]


async def test_no_more_are_under_way_than_it_is_said() -> None:
    under_way, most = 0, 0

    async def counted() -> object:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return REPLY

    platform = ScriptedPlatform(answers=[counted] * 30)
    await run(platform, 30, policy=BatchPolicy(concurrency=4))
    assert most == 4


async def test_the_next_ones_are_sent_while_outcomes_are_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    all_are_sent = asyncio.Event()
    settle = Run.settle

    async def settle_late(self: Run, identity: Identity, epoch: int, what: Settlement) -> object:
        await all_are_sent.wait()
        return await settle(self, identity, epoch, what)

    async def counted() -> object:
        if len(platform.sent) == 6:
            all_are_sent.set()
        return REPLY

    monkeypatch.setattr(Run, "settle", settle_late)
    platform = ScriptedPlatform(answers=[counted] * 6)
    entries = await run(platform, 6, policy=BatchPolicy(concurrency=4))
    assert [entry.state for entry in entries] == [EntryState.DONE] * 6


async def test_what_is_lost_is_asked_for_and_sent_again() -> None:
    platform = ScriptedPlatform(answers=[ReplyLost("x")], findings=[NOTHING_CAME])
    (entry,) = await run(platform)
    assert (entry.state, entry.attempts, entry.error) == (EntryState.DONE, 2, None)
    assert len(platform.asked) == 1


async def test_what_stays_lost_is_given_up_after_three_attempts() -> None:
    platform = ScriptedPlatform(answers=[ReplyLost("x")] * 3, findings=[NOTHING_CAME] * 3)
    (entry,) = await run(platform)
    assert (entry.state, entry.attempts) == (EntryState.PLANNED, 3)
    assert isinstance(entry.error, ReplyLost)
    assert entry.reason == "lost on its way"


async def test_what_was_accepted_and_cannot_be_read_is_never_sent_again() -> None:
    unreadable = MalformedReply("x", outcome=Outcome.ACCEPTED_UNREADABLE)
    platform = ScriptedPlatform(answers=[unreadable], findings=[NOTHING_CAME])
    (entry,) = await run(platform)
    assert (entry.state, entry.reason) == (EntryState.UNKNOWN, "outcome unknown")
    assert len(platform.sent) == 1


async def test_questions_that_fail_end_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.steps.delay_after", lambda _: 0.001)
    lost = ConnectionFailed("x")
    platform = ScriptedPlatform(answers=[ReplyLost("x")], findings=[lost] * 20)
    (entry,) = await run(platform)
    assert (entry.state, entry.error) == (EntryState.UNKNOWN, lost)
    assert len(platform.asked) == 8


async def leave(journal: MemoryJournal, *, sent_at: float, **learnt: object) -> None:
    """Leave an entry as a run does that ends while it sends, or after it has learnt something."""
    (submission,) = some(1)
    stamp = stamp_of(json_text(submission.request.to_wire()), {})
    async with journal.run(BINDING) as ended:
        (claimed,) = await ended.claim([Claim(identity=submission.identity, mini_app="m0")])
        epoch = claimed.row.epoch
        await ended.begin(submission.identity, epoch, at=sent_at, stamp=stamp, quota=None)
        if learnt:
            unknown = Settlement(state=EntryState.UNKNOWN, **learnt)  # type: ignore[arg-type]
            assert await ended.settle(submission.identity, epoch + 1, unknown)


async def test_a_process_that_ended_while_it_sent_is_asked_for_first(
    journal: MemoryJournal,
) -> None:
    await leave(journal, sent_at=time.time() - 30)
    platform = ScriptedPlatform(findings=[Resolution(landed=True)])
    (entry,) = await run(platform, 1, journal)
    assert (entry.state, entry.attempts, platform.sent) == (EntryState.DONE, 1, [])
    ((key, ago),) = platform.asked
    assert (key, ago) == ("k0", pytest.approx(30, abs=5))


@pytest.mark.parametrize("ahead", [-60.0, 86_400.0])
async def test_an_answer_to_another_run_is_no_last_word(
    journal: MemoryJournal, ahead: float
) -> None:
    asked_at = time.time() + ahead
    times = {"sent_at": asked_at - 30, "alive_until": asked_at - 20}
    await leave(journal, **times, asked_at=asked_at, landed=False)
    platform = ScriptedPlatform(findings=[Resolution(landed=True)])
    (entry,) = await run(platform, 1, journal)
    assert (entry.state, entry.attempts, platform.sent) == (EntryState.DONE, 1, [])
    assert len(platform.asked) == 1


async def test_an_attempt_that_lies_ahead_is_over_after_a_lease_and_not_before(
    journal: MemoryJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.journal.changes.LEASE_SECONDS", 0.2)
    ahead = time.time() + 86_400
    await leave(journal, sent_at=ahead, alive_until=ahead)
    platform = ScriptedPlatform(findings=[NOTHING_CAME, NOTHING_CAME])
    began = time.monotonic()
    (entry,) = await run(platform, 1, journal)
    assert (entry.state, entry.attempts, platform.sent) == (EntryState.DONE, 2, ["0.0.0"])
    assert len(platform.asked) == 2, "the first answer came too early to count"
    assert time.monotonic() - began >= 0.19  # two clocks, and each is rounded


async def test_a_clock_that_was_set_forward_since_closes_no_window(
    journal: MemoryJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = ScriptedPlatform(answers=[ReplyLost("x")], findings=[Resolution(landed=None)])
    (entry,) = await run(lost, 1, journal)
    assert entry.state is EntryState.UNKNOWN
    ahead = RunClock(wall=lambda: time.time() + 86_400)
    monkeypatch.setattr("alipay_mini_audit.batch.runner.RunClock", lambda: ahead)
    late = ScriptedPlatform(findings=[NOTHING_CAME, Resolution(landed=True)])
    began = time.monotonic()
    (entry,) = await run(late, 1, journal, BatchPolicy(unknown_window=0.2))
    assert (entry.state, entry.attempts, late.sent) == (EntryState.DONE, 1, [])
    assert 0.2 <= time.monotonic() - began < 4


@pytest.mark.parametrize("name", ["not_before", "until"])
async def test_outside_the_window_nothing_is_sent(name: str) -> None:
    now = datetime.datetime.now(datetime.UTC)
    moment = now + datetime.timedelta(seconds=0.15 if name == "not_before" else -1)
    platform = ScriptedPlatform()
    (entry,) = await run(platform, policy=attrs.evolve(QUICK, **{name: moment}))
    if name == "not_before":
        assert entry.state is EntryState.DONE
        assert datetime.datetime.now(datetime.UTC) >= moment
    else:
        assert (entry.state, entry.reason) == (EntryState.PLANNED, "outside the time window")
        assert platform.prepared == []


async def test_leaving_it_ends_everything(journal: MemoryJournal) -> None:
    hanging, cancelled = [], []
    are_hanging = asyncio.Event()

    async def hang() -> object:
        hanging.append(True)
        if len(hanging) == 2:
            are_hanging.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return REPLY

    platform = ScriptedPlatform(answers=[REPLY, hang, hang])
    before = asyncio.all_tasks()
    entries = run_batch(platform, some(3), journal, BatchPolicy(concurrency=3))
    async with asyncio.timeout(10):
        assert (await anext(entries)).key == "k0"
        await are_hanging.wait()
        await entries.aclose()
    assert len(cancelled) == 2
    assert asyncio.all_tasks() == before
    counts = (await journal.summary()).counts
    assert counts == {EntryState.DONE: 1, EntryState.UNKNOWN: 2}
    async with journal.run(BINDING):
        """It is free for the next one."""


async def test_a_row_of_failures_stops_it_and_what_came_before_is_told(
    journal: MemoryJournal,
) -> None:
    refusals = [InvalidRequest("INVALID_LOGO", "") for _ in range(10)]
    platform = ScriptedPlatform(answers=[REPLY, *refusals])
    found: list[BatchEntry] = []
    policy = attrs.evolve(QUICK, stop_after=3)
    with pytest.raises(BatchError) as caught:
        await collect(found, run_batch(platform, some(10), journal, policy))
    assert caught.value.code == "batch_stopped"
    states = [entry.state for entry in found]
    assert states == [EntryState.DONE, *[EntryState.REFUSED] * 3]
    assert (await journal.summary()).counts[EntryState.PLANNED] == 6


@pytest.mark.parametrize("kind", [LookupError, BatchError])
async def test_what_fails_in_the_source_is_raised_here(kind: type[Exception]) -> None:
    def source() -> Iterator[Submission]:
        yield from some(200)
        raise kind("no row")

    with pytest.raises(kind):
        await collect([], run_batch(ScriptedPlatform(), source(), None, BatchPolicy()))


async def test_what_is_under_way_as_the_source_fails_is_settled_and_told(
    journal: MemoryJournal,
) -> None:
    under_way, has_failed = asyncio.Event(), asyncio.Event()

    async def slow() -> object:
        under_way.set()
        await has_failed.wait()
        await asyncio.sleep(0.05)
        return REPLY

    async def source() -> AsyncIterator[Submission]:
        for submission in some(3):
            yield submission
        await under_way.wait()
        has_failed.set()
        raise LookupError("no row")

    platform = ScriptedPlatform(answers=[slow] * 2)
    found: list[BatchEntry] = []
    policy = BatchPolicy(concurrency=2)
    with pytest.raises(LookupError, match="no row"):
        await collect(found, run_batch(platform, source(), journal, policy))
    assert [entry.state for entry in found] == [EntryState.DONE] * 2
    assert (await journal.summary()).counts == {EntryState.DONE: 2, EntryState.PLANNED: 1}


async def test_what_has_not_left_as_the_source_fails_does_not_leave(
    journal: MemoryJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_waiting = asyncio.Event()

    async def never(_: object) -> None:
        is_waiting.set()
        await asyncio.Event().wait()

    async def source() -> AsyncIterator[Submission]:
        for submission in some(1):
            yield submission
        await is_waiting.wait()
        raise LookupError("no row")

    monkeypatch.setattr("alipay_mini_audit.batch.pace.Pace.moment", never)
    platform = ScriptedPlatform()
    async with asyncio.timeout(5):
        with pytest.raises(LookupError, match="no row"):
            await collect([], run_batch(platform, source(), journal, QUICK))
    assert platform.sent == []
    assert (await journal.summary()).counts == {EntryState.PLANNED: 1}


async def test_what_is_lost_as_the_source_fails_is_told_and_not_asked_for(
    journal: MemoryJournal,
) -> None:
    under_way, has_failed = asyncio.Event(), asyncio.Event()

    async def lost() -> object:
        under_way.set()
        await has_failed.wait()
        await asyncio.sleep(0.01)
        return ReplyLost("x")

    async def source() -> AsyncIterator[Submission]:
        for submission in some(1):
            yield submission
        await under_way.wait()
        has_failed.set()
        raise LookupError("no row")

    platform = ScriptedPlatform(answers=[lost])
    found: list[BatchEntry] = []
    with pytest.raises(LookupError, match="no row"):
        await collect(found, run_batch(platform, source(), journal, QUICK))
    assert [(entry.state, entry.attempts) for entry in found] == [(EntryState.UNKNOWN, 1)]
    assert platform.asked == []


async def test_a_fault_of_the_set_up_ends_it() -> None:
    platform = ScriptedPlatform(unprepared=[ConfigurationError("client", "it is closed")])
    with pytest.raises(ConfigurationError):
        await run(platform, 5)


async def test_what_was_accepted_is_told_though_nobody_could_write_it_down(
    journal: MemoryJournal,
) -> None:
    async def close() -> object:
        await journal.aclose()
        return REPLY

    platform = ScriptedPlatform(answers=[close])
    found: list[BatchEntry] = []
    with pytest.raises(BatchError) as caught:
        await collect(found, run_batch(platform, some(3), journal, QUICK))
    assert caught.value.code == "journal_closed"
    assert [entry.reply for entry in found] == [REPLY]


async def test_a_caller_that_is_slow_holds_the_reading_up() -> None:
    asyncio.get_running_loop().set_debug(False)  # it takes most of the time
    read = []
    are_sent = asyncio.Event()

    def source() -> Iterator[Submission]:
        for submission in some(1100):
            read.append(submission.key)
            yield submission

    def last() -> object:
        are_sent.set()
        return REPLY

    platform = ScriptedPlatform(answers=[*[REPLY] * 1000, last])
    entries = run_batch(platform, source(), None, BatchPolicy())
    async with asyncio.timeout(20):
        await anext(entries)
        await are_sent.wait()
        assert len(read) <= 1002
        assert len([entry async for entry in entries]) == 1099


async def test_a_journal_that_another_run_owns_is_refused(journal: MemoryJournal) -> None:
    async with journal.run(BINDING):
        with pytest.raises(BatchError) as caught:
            await run(ScriptedPlatform(), 1, journal)
        assert caught.value.code == "journal_locked"
        entries = run_batch(ScriptedPlatform(), some(1), journal, QUICK, take_over=True)
        assert [entry.state async for entry in entries] == [EntryState.DONE]


async def test_a_stop_lets_what_is_being_sent_end_and_begins_nothing_more(
    journal: MemoryJournal,
) -> None:
    stop, may_end = asyncio.Event(), asyncio.Event()

    async def stop_first() -> object:
        stop.set()
        asyncio.get_running_loop().call_later(0.05, may_end.set)
        await may_end.wait()
        return REPLY

    platform = ScriptedPlatform(answers=[stop_first])
    async with asyncio.timeout(10):
        batch = run_batch(platform, some(2000), journal, QUICK, stop=stop)
        found = [(each.key, each.state) async for each in batch]
    assert found == [("k0", EntryState.DONE)]
    assert platform.sent == ["0.0.0"]
    assert (await journal.summary()).counts[EntryState.DONE] == 1


async def test_a_stop_ends_a_run_that_waits_for_a_moment_or_for_its_submissions() -> None:
    stop = asyncio.Event()
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)

    async def slow() -> AsyncIterator[Submission]:
        for each in some(3):
            yield each
        asyncio.get_running_loop().call_later(0.05, stop.set)
        await asyncio.Event().wait()

    platform = ScriptedPlatform()
    policy = attrs.evolve(QUICK, not_before=later)
    async with asyncio.timeout(10):
        assert [each async for each in run_batch(platform, slow(), None, policy, stop=stop)] == []
    assert platform.sent == []


async def test_what_fails_after_a_stop_is_raised(journal: MemoryJournal) -> None:
    stop = asyncio.Event()

    def fail() -> object:
        stop.set()
        return ConfigurationError("signer", "it is gone")

    platform = ScriptedPlatform(answers=[fail])
    with pytest.raises(ConfigurationError):
        async with asyncio.timeout(10):
            [each async for each in run_batch(platform, some(3), journal, QUICK, stop=stop)]
