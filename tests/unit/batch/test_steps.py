"""The steps of one entry: recall, send and ask, and what is written down of each."""

import asyncio
import datetime
import os
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest
from support.scripted_platform import BINDING, REPLY, ScriptedPlatform

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.item import Item
from alipay_mini_audit.batch.journal.memory import MemoryJournal
from alipay_mini_audit.batch.journal.row import Claim, Row
from alipay_mini_audit.batch.journal.run import Run
from alipay_mini_audit.batch.journal.sqlite import SqliteJournal
from alipay_mini_audit.batch.journal.store import Journal
from alipay_mini_audit.batch.pace import MemoryPaceBook, Pace
from alipay_mini_audit.batch.policy import BatchPolicy
from alipay_mini_audit.batch.quota import next_midnight
from alipay_mini_audit.batch.steps import EntrySteps
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.calls import Call, SendGate
from alipay_mini_audit.errors import (
    BatchError,
    ConfigurationError,
    ConnectionFailed,
    InvalidRequest,
    Outcome,
    Problem,
    RateLimited,
    ReplyLost,
    StateConflict,
    ValidationError,
)
from alipay_mini_audit.models import ApplyReply, AuditApply, ReplyMeta, Resolution, VersionDetail

START = 1_800_000_000.0
META = ReplyMeta(request_id="q", trace_id="t-q", http_status=200)
LANDED = Resolution(landed=True, detail=VersionDetail(app_version="1.0", meta=META))


@attrs.define
class Scene:
    """The steps of a run with a platform that does as it is told, and a clock set by hand."""

    journal: Journal
    run: Run
    platform: ScriptedPlatform = attrs.Factory(ScriptedPlatform)
    now: float = START
    steps: EntrySteps | None = None

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def with_policy(self, policy: BatchPolicy) -> EntrySteps:
        if self.steps is None:
            pace = Pace(MemoryPaceBook(), ceiling=None, clock=self.clock, sleep=self.sleep)
            self.steps = EntrySteps(self.platform, self.run, pace, policy, self.clock)
        return self.steps

    async def item(self, key: str = "a", *, template: str = "", path: Path | None = None) -> Item:
        request = AuditApply(app_version=f"{key}.0", version_desc="A version.")
        files = None if path is None else {"app_logo": path}
        submission = Submission(key, request, files, template_id=template or None)
        claim = Claim(identity=submission.identity, mini_app=key, template=template)
        (claimed,) = await self.run.claim([claim])
        return Item(submission=submission, row=claimed.row)

    async def send(self, item: Item, policy: BatchPolicy | None = None) -> Row:
        await self.with_policy(policy or BatchPolicy()).send(item)
        return await self.kept(item)

    async def ask(self, item: Item, policy: BatchPolicy | None = None) -> Row:
        await self.with_policy(policy or BatchPolicy()).ask(item)
        return await self.kept(item)

    async def kept(self, item: Item) -> Row:
        (row,) = [
            each async for each in self.journal.entries() if each.identity == item.row.identity
        ]
        return row


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with MemoryJournal(clock=lambda: START) as journal, journal.run(BINDING) as run:
        yield Scene(journal, run)


async def test_what_is_accepted_is_done(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    item = await scene.item(path=path)
    row = await scene.send(item)
    assert row == item.row
    assert (row.state, row.attempts, row.doubt_since) == (EntryState.DONE, 1, None)
    assert row.stamp
    assert row.digest
    assert (item.reply, item.error) == (REPLY, None)


async def test_what_cannot_be_prepared_is_invalid_and_nothing_was_begun(scene: Scene) -> None:
    problem = Problem("memo", "too_long", "It is long.")
    scene.platform.unprepared = [ValidationError([problem])]
    item = await scene.item()
    row = await scene.send(item)
    assert (row.state, row.reason, row.attempts) == (EntryState.INVALID, "too_long", 0)
    assert item.problems == (problem,)
    assert scene.platform.sent == []


async def test_what_did_not_arrive_waits_longer_each_time(scene: Scene) -> None:
    scene.platform.answers = [ConnectionFailed("x"), ConnectionFailed("x")]
    item = await scene.item()
    first = await scene.send(item)
    assert (first.state, first.reason, first.tries) == (EntryState.PLANNED, "no connection", 1)
    assert first.retry_at == START + 1
    assert (await scene.send(item)).retry_at == START + 2
    assert (await scene.send(item)).state is EntryState.DONE


async def test_what_is_throttled_costs_no_try_but_not_for_ever(scene: Scene) -> None:
    scene.platform.answers = [RateLimited("LIMIT", "") for _ in range(51)]
    item = await scene.item()
    tries = [(await scene.send(item)).tries for _ in range(51)]
    assert tries == [0] * 50 + [1]


async def test_what_was_lost_is_asked_for_and_done(scene: Scene) -> None:
    scene.platform.answers = [ReplyLost("x")]
    scene.platform.findings = [LANDED]
    item = await scene.item()
    row = await scene.send(item)
    assert (row.state, row.doubt_since, row.alive_until) == (EntryState.UNKNOWN, START, START)
    scene.now += 7
    row = await scene.ask(item)
    assert scene.platform.asked == [("a", 7.0)]
    assert (row.state, row.trace_id) == (EntryState.DONE, "t-q")
    assert item.reply is not None
    assert item.reply.meta.resolved


async def test_a_question_is_about_the_first_attempt_that_is_in_doubt(scene: Scene) -> None:
    scene.platform.answers = [ReplyLost("x"), StateConflict("SUBMIT_REPEAT", "")]
    scene.platform.findings = [Resolution(landed=False), LANDED]
    item = await scene.item()
    await scene.send(item)
    scene.now += 120
    assert (await scene.ask(item)).state is EntryState.PLANNED
    scene.now += 10
    row = await scene.send(item)
    assert (row.state, row.reason, row.attempts) == (EntryState.UNKNOWN, "SUBMIT_REPEAT", 2)
    scene.now += 1
    assert (await scene.ask(item)).state is EntryState.DONE
    assert scene.platform.asked == [("a", 120.0), ("a", 131.0)]


async def test_a_clock_that_was_put_back_asks_about_now(scene: Scene) -> None:
    scene.platform.answers = [ReplyLost("x")]
    scene.platform.findings = [LANDED]
    item = await scene.item()
    await scene.send(item)
    scene.now -= 3600
    await scene.ask(item)
    assert scene.platform.asked == [("a", 0.0)]


async def test_a_question_that_fails_changes_nothing_and_waits(scene: Scene) -> None:
    scene.platform.answers = [ReplyLost("x")]
    scene.platform.findings = [
        ConnectionFailed("x"),
        ConnectionFailed("x"),
        Resolution(landed=None),
    ]
    item = await scene.item()
    before = await scene.send(item)
    for failures, delay in ((1, 1.0), (2, 2.0)):
        assert await scene.ask(item) == before
        assert (item.failed_questions, item.row.retry_at) == (failures, START + delay)
    assert (await scene.ask(item)).asked_at == START
    assert item.failed_questions == 0


@pytest.mark.parametrize("is_touched_only", [True, False])
async def test_a_doubt_about_other_content_is_no_doubt_about_this(
    scene: Scene, tmp_path: Path, *, is_touched_only: bool
) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    scene.platform.answers = [ReplyLost("x"), StateConflict("SUBMIT_REPEAT", "")]
    scene.platform.findings = [Resolution(landed=False)]
    item = await scene.item(path=path)
    await scene.send(item)
    scene.now += 121
    assert (await scene.ask(item)).state is EntryState.PLANNED
    os.utime(path, ns=(1, 1))
    if not is_touched_only:
        path.write_bytes(b"another picture")
    row = await scene.send(item)
    # The platform's answer came late: what it has is what was sent first.
    expected = EntryState.UNKNOWN if is_touched_only else EntryState.REFUSED
    assert (row.state, row.attempts) == (expected, 2)
    assert row.doubt_since == (START if is_touched_only else None)


async def test_a_doubt_about_other_content_outlives_what_stands_again(scene: Scene) -> None:
    policy = BatchPolicy(changed="send")
    first = await scene.item()
    request = AuditApply(app_version="a.0", version_desc="It is mended now.")
    other = attrs.evolve(first.submission, request=request)
    item = Item(submission=other, row=await scene.send(first, policy))
    await scene.with_policy(policy).recall(item)
    scene.platform.answers = [ReplyLost("x"), StateConflict("SUBMIT_REPEAT", "")]
    scene.platform.findings = [Resolution(landed=False), Resolution(landed=True)]
    doubtful = await scene.send(item)
    assert (doubtful.state, doubtful.former is not None) == (EntryState.UNKNOWN, True)
    scene.now += 121
    assert (await scene.ask(item)).state is EntryState.DONE  # as it was before
    assert (item.row.state, item.is_anew) == (EntryState.PLANNED, True)
    row = await scene.send(item)
    # The platform's answer came late: what it has is what was sent first.
    assert (row.state, row.doubt_since, item.row) == (EntryState.UNKNOWN, START, row)
    row = await scene.ask(item)
    assert (row.state, row.former, row.attempts) == (EntryState.DONE, None, 3)


async def test_what_is_again_what_was_accepted_is_not_sent(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    policy = BatchPolicy(changed="send")
    item = await scene.item(path=path)
    before = await scene.send(item, policy)
    again = Item(submission=item.submission, row=before)
    path.write_bytes(b"another picture")
    await scene.with_policy(policy).recall(again)
    assert again.is_anew
    path.write_bytes(b"picture")  # while it waited for its moment
    assert await scene.send(again) == before
    assert again.verdict == (EntryState.DONE, "already done")


@pytest.mark.parametrize(("ago", "apart"), [(0, 3), (119, 3), (120 + 30, 0)])
async def test_other_content_is_sent_when_it_can_be_told_from_what_was_accepted(
    scene: Scene, ago: int, apart: int
) -> None:
    policy = BatchPolicy(changed="send")
    await scene.send(await scene.item(), policy)
    scene.now += ago
    item = await scene.item()
    item.row = attrs.evolve(item.row, stamp="another", digest="")
    await scene.with_policy(policy).recall(item)
    assert max(0, item.row.retry_at - scene.now) == apart
    assert item.is_anew


@pytest.mark.parametrize("stop", ["hold", "skip"])
async def test_what_is_stopped_is_told_so(scene: Scene, stop: str) -> None:
    item = await scene.item()
    await (scene.journal.hold(key="a") if stop == "hold" else scene.journal.skip(key="a"))
    row = await scene.send(item)
    expected = {
        "hold": (EntryState.HELD, "on hold"),
        "skip": (EntryState.SKIPPED, "skipped"),
    }[stop]
    assert (row.state, row.reason, row.attempts) == (*expected, 0)
    assert scene.platform.sent == []


async def test_beyond_the_quota_of_its_template_it_is_deferred(scene: Scene) -> None:
    policy = BatchPolicy(template_quota=1)
    first, second, other = [
        await scene.item(key, template=template)
        for key, template in (("a", "t"), ("b", "t"), ("c", ""))
    ]
    for item in (first, other):
        assert (await scene.send(item, policy)).state is EntryState.DONE
    row = await scene.send(second, policy)
    assert (row.state, row.attempts) == (EntryState.DEFERRED, 0)
    assert second.deferred_until == next_midnight(START) == row.retry_at


async def test_a_refused_entry_gives_its_place_back(scene: Scene) -> None:
    policy = BatchPolicy(template_quota=1)
    scene.platform.answers = [InvalidRequest("INVALID_LOGO", "")]
    first, second = [await scene.item(key, template="t") for key in "ab"]
    assert (await scene.send(first, policy)).state is EntryState.REFUSED
    assert (await scene.send(second, policy)).state is EntryState.DONE


async def test_a_lost_entry_keeps_its_place(scene: Scene) -> None:
    policy = BatchPolicy(template_quota=1)
    scene.platform.answers = [ReplyLost("x")]
    first, second = [await scene.item(key, template="t") for key in "ab"]
    assert (await scene.send(first, policy)).state is EntryState.UNKNOWN
    assert (await scene.send(second, policy)).state is EntryState.DEFERRED


async def test_a_template_that_is_refused_again_and_again_rests(scene: Scene) -> None:
    scene.platform.answers = [InvalidRequest("SYSTEM_LIMIT", "") for _ in range(3)]
    item, other = [await scene.item(key, template="t") for key in "ab"]
    for _ in range(2):
        row = await scene.send(item)
        assert (row.state, row.reason, row.tries) == (EntryState.PLANNED, "SYSTEM_LIMIT", 0)
        assert row.retry_at == scene.now + 60
        scene.now += 60
    row = await scene.send(item)
    assert (row.state, row.retry_at) == (EntryState.DEFERRED, next_midnight(START))
    assert (await scene.send(other)).state is EntryState.DEFERRED
    assert scene.platform.sent == ["a.0"] * 3


async def test_what_is_too_late_is_not_begun(scene: Scene) -> None:
    until = datetime.datetime.fromtimestamp(START - 1, datetime.UTC)
    item = await scene.item()
    row = await scene.send(item, BatchPolicy(until=until))
    assert (row.state, row.attempts) == (EntryState.PLANNED, 0)
    assert item.row.retry_at >= until.timestamp()


async def test_a_fault_of_the_set_up_ends_the_run_and_is_no_ones_failure(scene: Scene) -> None:
    item = await scene.item()
    for fault in ("unprepared", "answers"):
        setattr(scene.platform, fault, [ConfigurationError("client", "it is closed")])
        with pytest.raises(ConfigurationError):
            await scene.send(item)
    row = await scene.kept(item)
    assert (row.state, row.reason) == (EntryState.PLANNED, "not sent")


async def test_who_is_cancelled_while_it_is_sent_leaves_it_unknown(scene: Scene) -> None:
    begun = asyncio.Event()

    async def hang() -> None:
        begun.set()
        await asyncio.Event().wait()

    scene.platform.answers = [hang]
    item = await scene.item()
    sending = asyncio.create_task(scene.send(item))
    await asyncio.wait_for(begun.wait(), 1)
    scene.now += 3
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    row = await scene.kept(item)
    assert (row.state, row.outcome, row.alive_until) == (
        EntryState.UNKNOWN,
        Outcome.UNKNOWN,
        START + 3,
    )


async def test_who_is_cancelled_before_anything_leaves_waits_for_no_window(tmp_path: Path) -> None:
    """What is cancelled while it is being marked as being sent is not in doubt afterwards."""

    class Impatient(ScriptedPlatform):
        async def submit(self, call: Call, gate: SendGate) -> ApplyReply:
            asyncio.get_running_loop().call_soon(sending.cancel)  # before the disk can answer
            return await super().submit(call, gate)

    async with SqliteJournal(tmp_path / "night.journal") as journal, journal.run(BINDING) as run:
        scene = Scene(journal, run, Impatient())
        item = await scene.item()
        sending = asyncio.create_task(scene.send(item))
        with pytest.raises(asyncio.CancelledError):
            await sending
        row = await scene.kept(item)
    assert (row.state, row.outcome, row.attempts) == (EntryState.PLANNED, Outcome.NOT_SENT, 1)
    assert scene.platform.sent == []


async def test_who_has_lost_the_journal_ends(scene: Scene) -> None:
    item = await scene.item()
    async with scene.journal.run(BINDING, take_over=True):
        with pytest.raises(BatchError) as caught:
            await scene.send(item)
    assert caught.value.code == "batch_superseded"
    assert scene.platform.sent == []


@pytest.mark.parametrize(
    ("state", "changed", "same", "expected"),
    [
        (EntryState.DONE, "hold", True, (EntryState.DONE, "already done")),
        (EntryState.DONE, "hold", False, (EntryState.HELD, "content changed")),
        (EntryState.DONE, "send", False, (EntryState.PLANNED, "")),
        (EntryState.UNKNOWN, "hold", True, (EntryState.UNKNOWN, "outcome unknown")),
        (EntryState.UNKNOWN, "hold", False, (EntryState.HELD, "content changed")),
        (EntryState.UNKNOWN, "send", False, (EntryState.UNKNOWN, "outcome unknown")),
        (EntryState.REFUSED, "hold", True, (EntryState.REFUSED, "INVALID_LOGO")),
        (EntryState.REFUSED, "hold", False, (EntryState.PLANNED, "")),
        (EntryState.REFUSED, "send", False, (EntryState.PLANNED, "")),
    ],
)
async def test_an_entry_of_an_earlier_run_is_recalled(
    scene: Scene,
    tmp_path: Path,
    state: EntryState,
    changed: str,
    *,
    same: bool,
    expected: tuple[EntryState, str],
) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    answers = {
        EntryState.UNKNOWN: [ReplyLost("x")],
        EntryState.REFUSED: [InvalidRequest("INVALID_LOGO", "")],
    }
    scene.platform.answers = list(answers.get(state, []))
    item = await scene.item(path=path)
    policy = BatchPolicy(changed=changed)  # type: ignore[arg-type]
    assert (await scene.send(item, policy)).state is state
    if not same:
        path.write_bytes(b"another")
    again = Item(submission=item.submission, row=item.row)
    await scene.with_policy(policy).recall(again)
    entry = again.entry()
    assert (entry.state, entry.reason) == expected
    assert again.is_recalled


async def test_what_is_the_same_is_recalled_without_preparing_it(
    scene: Scene, tmp_path: Path
) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    item = await scene.item(path=path)
    await scene.send(item)
    await scene.with_policy(BatchPolicy()).recall(item)
    assert scene.platform.prepared == ["a"]
    assert item.verdict == (EntryState.DONE, "already done")


async def test_a_file_with_another_time_is_read_and_still_the_same(
    scene: Scene, tmp_path: Path
) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    item = await scene.item(path=path)
    await scene.send(item)
    path.chmod(0o600)
    await scene.with_policy(BatchPolicy()).recall(item)
    assert scene.platform.prepared == ["a", "a"]
    assert item.verdict == (EntryState.DONE, "already done")


async def test_a_file_that_is_gone_is_another_content(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    item = await scene.item(path=path)
    await scene.send(item)
    path.unlink()
    await scene.with_policy(BatchPolicy()).recall(item)
    assert item.verdict == (EntryState.HELD, "content changed")


async def test_what_was_never_sent_is_not_looked_at(scene: Scene) -> None:
    item = await scene.item()
    await scene.with_policy(BatchPolicy()).recall(item)
    assert (item.verdict, item.is_recalled) == (None, True)
    assert scene.platform.prepared == []


async def test_others_of_a_suspected_template_wait_a_minute(scene: Scene) -> None:
    scene.platform.answers = [InvalidRequest("SYSTEM_LIMIT", "")]
    first, second, other = [
        await scene.item(key, template=template)
        for key, template in (("a", "t"), ("b", "t"), ("c", "u"))
    ]
    await scene.send(first)
    assert (await scene.send(second)).attempts == 0
    assert second.row.retry_at == START + 60
    assert (await scene.send(other)).state is EntryState.DONE
    scene.now += 60
    assert (await scene.send(second)).state is EntryState.DONE


async def test_an_entry_is_not_suspected_for_ever(scene: Scene) -> None:
    codes = ["SYSTEM_LIMIT", "HAS_NO_MODIFY_CNT"] * 3
    scene.platform.answers = [InvalidRequest(code, "") for code in codes]
    item = await scene.item(template="t")
    states = []
    for _ in codes:
        states.append((await scene.send(item)).state)
        scene.now += 60
    assert states == [EntryState.PLANNED] * 5 + [EntryState.REFUSED]


async def test_a_question_of_a_closed_client_ends_the_run(scene: Scene) -> None:
    scene.platform.answers = [ReplyLost("x")]
    scene.platform.findings = [ConfigurationError("client", "it is closed")]
    item = await scene.item()
    before = await scene.send(item)
    with pytest.raises(ConfigurationError):
        await scene.ask(item)
    assert await scene.kept(item) == before


async def test_a_part_that_is_none_any_more_is_another_content(scene: Scene) -> None:
    item = await scene.item()
    await scene.send(item)
    item.submission = attrs.evolve(item.submission, attachments={"no_such_part": b"x"})
    await scene.with_policy(BatchPolicy()).recall(item)
    assert item.verdict == (EntryState.HELD, "content changed")
