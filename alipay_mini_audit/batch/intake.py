"""`Intake`: reads submissions lazily, claims them in the journal, and schedules them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from typing import Final, final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.item import Item
from alipay_mini_audit.batch.journal.row import Claim, Claimed, Conflict, Row
from alipay_mini_audit.batch.journal.store import JournalRun
from alipay_mini_audit.batch.platform import Platform
from alipay_mini_audit.batch.policy import BatchPolicy
from alipay_mini_audit.batch.schedule import Schedule
from alipay_mini_audit.batch.source import Mark, read
from alipay_mini_audit.batch.submission import Submission, claim_of
from alipay_mini_audit.models import text_problems
from alipay_mini_audit.problems import Problem, told

__all__ = ["Intake"]

_GROUP: Final = 100
"""How many entries are claimed in one go."""
_PATIENCE_SECONDS: Final = 0.1
"""How long entries wait for others to be claimed with."""

_TEXTS: Final = {
    Conflict.SAME_KEY: (
        ("it was given before in this run.", "Leave one of them out."),
        ("本次运行中已有同一条目。", "请去掉其中一个。"),
    ),
    Conflict.SAME_VERSION: (
        ("{other} submits the same version of the same mini-program.", "Leave one of them out."),
        ("{other} 提交了同一小程序的同一版本。", "请去掉其中一个。"),
    ),
    Conflict.OTHER_MINI_APP: (
        ("the journal knows it as that of {other}.", "Give each mini-program keys of its own."),
        ("日志中该条目属于 {other}。", "请为每个小程序使用各自的键。"),
    ),
}


@final
class Intake:
    """Brings the entries of a run.

    Args:
        platform: knows whose tokens are used.
        journal: of the run.
        policy: of the batch.
        schedule: takes the entries.
        now: returns the time in seconds since 1970.
    """

    def __init__(
        self,
        platform: Platform,
        journal: JournalRun,
        policy: BatchPolicy,
        schedule: Schedule[Item],
        now: Callable[[], float],
    ) -> None:
        self._platform = platform
        self._journal = journal
        self._schedule = schedule
        self._now = now
        begins = policy.not_before
        self._begins_at = 0.0 if begins is None else begins.timestamp()

    async def run(self, submissions: Iterable[Submission] | AsyncIterable[Submission]) -> None:
        """Read all submissions, as far ahead as there is room; whatever reading raises is raised.

        Raises:
            TypeError: one is of another type.
            BatchError: the journal failed.
        """
        async with contextlib.aclosing(read(submissions)) as found:
            await self._bring_all(found)
        self._schedule.close()

    async def _bring_all(self, found: AsyncIterator[Submission | Mark]) -> None:
        group: list[Submission] = []
        async for submission in found:
            if submission is Mark.WAITS:  # what is here need not wait for the next one
                await self._bring(group)
                group = []
                continue
            if not isinstance(submission, Submission):
                raise TypeError(
                    f"submissions: expected Submission, not {type(submission).__name__}"
                )
            if not await self._has_room(group):
                await self._bring(group)
                group = []
                await self._schedule.room()
            group.append(submission)
            if len(group) >= _GROUP:
                await self._bring(group)
                group = []
        await self._bring(group)

    async def _has_room(self, group: Sequence[Submission]) -> bool:
        """Wait for room; `False` if entries in hand, which nobody can send, should wait no more."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS if group else None):
                await self._schedule.room()
        except TimeoutError:
            return False
        return True

    async def _bring(self, group: Sequence[Submission]) -> None:
        if not group:
            return
        good = []
        for submission in group:
            if problems := _problems_of(submission):
                self._refuse(submission, problems)
            else:
                good.append(submission)
        claims = [self._claim(submission) for submission in good]
        for submission, claimed in zip(good, await self._journal.claim(claims), strict=True):
            item = Item(
                submission=submission,
                row=claimed.row,
                starts_at=self._starts_at(submission),
                has_row=claimed.conflict is not Conflict.SAME_KEY,
                may_be_stopped=claimed.is_stopped,
            )
            if claimed.conflict is not None:
                _mark(item, claimed, claimed.conflict)
            self._schedule.put(item, submission.priority)

    def _refuse(self, submission: Submission, problems: Sequence[Problem]) -> None:
        """Bring an entry that no journal can hold."""
        item = Item(submission=submission, row=Row(identity=submission.identity), has_row=False)
        item.problems = tuple(problems)
        item.verdict = (EntryState.INVALID, problems[0].code)
        self._schedule.put(item, submission.priority)

    def _claim(self, submission: Submission) -> Claim:
        token = self._platform.token_of(submission)
        claim = claim_of(submission.identity, submission.mini_app, token)
        return attrs.evolve(claim, template=submission.template_id or "", at=self._now())

    def _starts_at(self, submission: Submission) -> float:
        own = submission.not_before
        return max(self._begins_at, 0.0 if own is None else own.timestamp())


def _problems_of(submission: Submission) -> list[Problem]:
    """Return what cannot be written down; half a character is in no encoding."""
    return [
        problem
        for name in ("key", "mini_app", "template_id", "app_auth_token")
        if not _is_encodable(text := getattr(submission, name) or "")
        for problem in text_problems(name, text)
    ]


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _mark(item: Item, claimed: Claimed, conflict: Conflict) -> None:
    """Say that an entry collides with another one."""
    values = {"other": claimed.other}
    item.problems = (told("key", "same_entry", *_TEXTS[conflict], values=values),)
    item.verdict = (EntryState.INVALID, conflict.value)
