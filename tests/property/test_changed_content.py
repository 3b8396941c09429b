"""Whatever becomes of other content, the journal knows what the platform has accepted."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, closing, nullcontext, suppress
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scripted_platform import BINDING, REPLY, ScriptedPlatform

from alipay_mini_audit.batch import (
    BatchEntry,
    BatchPolicy,
    Binding,
    EntryState,
    MemoryJournal,
    SqliteJournal,
    Submission,
)
from alipay_mini_audit.batch.content import stamp_of
from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.batch.manifest.building import made_key, mini_app_of
from alipay_mini_audit.batch.runner import run_batch
from alipay_mini_audit.calls import Call, SendGate
from alipay_mini_audit.errors import (
    BatchError,
    ConnectionFailed,
    InvalidRequest,
    Outcome,
    ReplyLost,
    StateConflict,
)
from alipay_mini_audit.models import ApplyReply, AuditApply, Resolution, Verdict, VerdictKind
from alipay_mini_audit.protocol import json_text

AnyJournal = MemoryJournal | SqliteJournal
CONTENTS = ("first", "second", "third")
ANSWERS = (
    *("accepted", "accepted", "refused", "in audit", "not sent"),
    *("accepted, and the reply was lost", "lost on its way"),
)
FINDINGS = ("true", "true", "true", "nothing", "no answer")
DOUBTFUL = (EntryState.SENDING, EntryState.UNKNOWN)
REJECTED = Verdict(app_version="0.0.1", kind=VerdictKind.REJECTED, status="AUDIT_REJECT")


@attrs.frozen
class Night:
    """A run: what the entry holds and is called, and what goes wrong.

    Attributes:
        content: what its text is.
        is_named: the manifest says which mini-program it is.
        changed: of the policy.
        quota: of the policy.
        attempts: of the policy.
        is_held: an operator holds its template.
        is_skipped: an operator has skipped it, for this night.
        dies_after: how many actions of the journal are carried out before the process is killed;
            `None` if it lives.
        dies_late: the next one is carried out as well, and the process never hears of it.
        is_judged: its audit ends afterwards, and somebody follows it.
        answers: the platform's to what is sent, the last of them first; then it accepts.
        findings: what it says when it is asked, the last of them first; then the truth.
    """

    content: str
    is_named: bool
    changed: str
    quota: int | None
    attempts: int
    is_held: bool
    is_skipped: bool
    dies_after: int | None
    dies_late: bool
    is_judged: bool
    answers: list[str]
    findings: list[str]


SELDOM = st.sampled_from([False, False, False, True])
NIGHTS = st.lists(
    st.builds(
        Night,
        content=st.sampled_from(CONTENTS),
        is_named=st.booleans(),
        changed=st.sampled_from(["send", "send", "send", "hold"]),
        quota=st.sampled_from([None, 99]),
        attempts=st.integers(1, 3),
        is_held=SELDOM,
        is_skipped=SELDOM,
        dies_after=st.sampled_from([None, None, None, 1, 2, 3, 4, 6]),
        dies_late=st.booleans(),
        is_judged=SELDOM,
        answers=st.lists(st.sampled_from(ANSWERS), max_size=3),
        findings=st.lists(st.sampled_from(FINDINGS), max_size=2),
    ),
    min_size=1,
    max_size=5,
)
FIRST = Night(
    content="first",
    is_named=False,
    changed="send",
    quota=99,
    attempts=1,
    is_held=False,
    is_skipped=False,
    dies_after=None,
    dies_late=False,
    is_judged=False,
    answers=[],
    findings=[],
)
"""In which it is accepted."""


class Platform:
    """Accepts, refuses and loses, and tells the truth when it is asked, if anything."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.verdict: Verdict | None = None
        self.places = 0
        """How many places of a quota what was accepted has used."""
        self.has_landed = False
        self.quota: int | None = None
        self.sent_with: int | None = None
        self._answers: list[str] = []
        self._findings: list[str] = []
        self._scripted = ScriptedPlatform()

    def begin(self, night: Night) -> None:
        """Note what is to come in a night."""
        self.quota = night.quota
        self._answers, self._findings = list(night.answers), list(night.findings)

    @property
    def binding(self) -> Binding:
        return BINDING

    def token_of(self, submission: Submission) -> str | None:
        return submission.app_auth_token

    async def prepare(self, submission: Submission) -> Call:
        return await self._scripted.prepare(submission)

    async def submit(self, call: Call, gate: SendGate) -> ApplyReply:
        try:
            await gate.before_request("r")
        except BatchError:  # if it was written down all the same
            self.has_landed, self.sent_with = False, self.quota
            raise
        assert call.fields is not None
        answer = self._answers.pop() if self._answers else ANSWERS[0]
        self.has_landed = answer.startswith("accepted")
        if self.has_landed:
            self.accepted.append(str(call.fields["version_desc"]))
            self.verdict = None
            self.places += self.quota is not None
        self.sent_with = self.quota
        if "lost" in answer:
            raise ReplyLost("Gone.", outcome=Outcome.UNKNOWN)
        if answer == "not sent":
            raise ConnectionFailed("No.", outcome=Outcome.NOT_SENT)
        if answer == "refused":
            raise InvalidRequest("INVALID_LOGO", "No.", outcome=Outcome.REFUSED)
        if answer == "in audit":
            raise StateConflict("SUBMIT_REPEAT", "No.", outcome=Outcome.REFUSED)
        return REPLY

    async def ask(self, submission: Submission, ago: float) -> Resolution:
        del submission, ago
        finding = self._findings.pop() if self._findings else FINDINGS[0]
        if finding == "no answer":
            raise ConnectionFailed("No.", outcome=Outcome.NOT_SENT)
        return Resolution(landed=None if finding == "nothing" else self.has_landed)

    @property
    def before(self) -> str | None:
        """What was accepted before the last attempt."""
        known = self.accepted[: -1 if self.has_landed else None]
        return known[-1] if known else None


def submission_of(night: Night) -> Submission:
    mini_app = "2021" if night.is_named else None
    request = AuditApply(app_version="0.0.1", version_desc=night.content)
    key = made_key(mini_app_of(mini_app, "token"), "0.0.1")
    return Submission(
        key, request, app_auth_token="token", mini_app=mini_app, template_id="template"
    )


def stamp_for(content: str | None) -> str:
    request = AuditApply(app_version="0.0.1", version_desc=content)
    return stamp_of(json_text(request.to_wire()), {})


async def row_of(journal: AnyJournal) -> Row | None:
    rows = [row async for row in journal.entries()]
    assert len(rows) <= 1
    return rows[0] if rows else None


def dies(journal: AnyJournal, night: Night, patch: pytest.MonkeyPatch) -> None:
    """Let nothing more be written by a run once it has written so often."""
    carry_out: Callable[..., Awaitable[Any]] = journal._carry_out
    left = [night.dies_after or 0]

    async def or_die(action: Callable[..., Any], *, may_wait: bool = False) -> object:
        left[0] -= 1
        if left[0] == -1 and night.dies_late:
            await carry_out(action, may_wait=may_wait)
        if left[0] < 0:
            raise BatchError("Killed.", code="journal_failed")
        return await carry_out(action, may_wait=may_wait)

    patch.setattr(journal, "_carry_out", or_die)


async def send(night: Night, platform: Platform, journal: AnyJournal) -> None:
    """Send what a night sends until it is over or killed, and see what it has told."""
    policy = BatchPolicy(
        unknown_window=0.0,
        attempts=night.attempts,
        changed=night.changed,
        template_quota=night.quota,
    )
    platform.begin(night)
    entries: list[BatchEntry] = []
    with pytest.MonkeyPatch.context() as patch:
        if night.dies_after is not None:
            dies(journal, night, patch)
        with suppress(BatchError) if night.dies_after else nullcontext():
            found = run_batch(platform, [submission_of(night)], journal, policy)
            entries = [entry async for entry in found]
            assert len(entries) == 1
    for entry in entries:
        assert not entry.state.is_submitted or platform.accepted[-1] == night.content


async def live(night: Night, platform: Platform, journal: AnyJournal) -> None:
    """Live through a night, and what people do around it."""
    if night.is_held:
        await journal.hold(template="template")
    if night.is_skipped:
        await journal.skip(template="template")
    await send(night, platform, journal)
    if night.is_held or night.is_skipped:
        await journal.release(template="template")
    if night.is_judged:
        async with journal.run(BINDING) as owned:
            row = await row_of(journal)
            if row is not None and row.state is EntryState.DONE:
                platform.verdict = REJECTED
                await owned.judge(row.identity, row.epoch, since=None, verdict=REJECTED)


def see(row: Row | None, platform: Platform) -> None:
    """See that a journal says what is so."""
    if row is None or row.state in DOUBTFUL:
        known = None if row is None else row.former
        before = platform.before
        assert (known is None) == (before is None)
        if known is not None:
            assert known.state.is_submitted
            assert known.stamp == stamp_for(before)
        return
    assert row.former is None
    assert row.state.is_submitted == bool(platform.accepted)
    if row.state.is_submitted:
        assert row.stamp == stamp_for(platform.accepted[-1])
        assert row.verdict == platform.verdict


def see_places(path: Path, row: Row | None, platform: Platform) -> None:
    """See that a place of a quota is used by what was accepted, or may have been."""
    is_in_doubt = row is not None and row.state in DOUBTFUL and not platform.has_landed
    places = platform.places + (is_in_doubt and platform.sent_with is not None)
    with closing(sqlite3.connect(path)) as db:
        (used,) = db.execute("SELECT coalesce(sum(used), 0) FROM quota").fetchone()
    assert used == places


async def live_through(nights: list[Night], path: Path | None) -> None:
    platform = Platform()
    async with AsyncExitStack() as stack:
        journal: AnyJournal = MemoryJournal() if path is None else SqliteJournal(path)
        await stack.enter_async_context(journal)
        for night in (FIRST, *nights):
            await live(night, platform, journal)
            row = await row_of(journal)
            see(row, platform)
            if path is not None:
                see_places(path, row, platform)
            pairs = zip(platform.accepted, platform.accepted[1:], strict=False)
            assert all(one != other for one, other in pairs)


def check(nights: list[Night], path: Path | None) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("alipay_mini_audit.batch.steps._APART_SECONDS", 0.0)
        patch.setattr("alipay_mini_audit.batch.settling._FIRST_DELAY", 0.0)
        patch.setattr("alipay_mini_audit.batch.journal.changes.LEASE_SECONDS", 0.0)
        asyncio.run(live_through(nights, path))


@given(NIGHTS)
def test_what_was_accepted_is_known_whatever_comes_of_other_content(nights: list[Night]) -> None:
    check(nights, None)


@settings(max_examples=30)
@given(NIGHTS)
def test_what_was_accepted_is_known_to_a_journal_on_disk(nights: list[Night]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(nights, Path(folder, "night.journal"))
