"""`run_batch`: reads, schedules, works and yields; what happens to an entry is `next_step`'s."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from typing import Final, final

import attrs

from alipay_mini_audit.batch.clock import RunClock
from alipay_mini_audit.batch.entry import BatchEntry, EntryState
from alipay_mini_audit.batch.intake import Intake
from alipay_mini_audit.batch.item import Item
from alipay_mini_audit.batch.journal.memory import MemoryJournal
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.journal.store import Journal, JournalRun
from alipay_mini_audit.batch.next_step import Ask, Limits, Send, Wait, next_step
from alipay_mini_audit.batch.pace import Pace
from alipay_mini_audit.batch.platform import Platform
from alipay_mini_audit.batch.policy import BatchPolicy
from alipay_mini_audit.batch.schedule import Schedule
from alipay_mini_audit.batch.steps import EntrySteps
from alipay_mini_audit.batch.streak import FailureStreak
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.concurrency import finish
from alipay_mini_audit.errors import BatchError

__all__ = ["run_batch"]

_MOST_QUESTIONS: Final = 8
"""How many questions in a row may fail before an entry stays unknown."""
_BESIDE: Final = 0.5
"""So many more than are sent are looked at or written down, which takes as long as a small call."""
_LATER: Final = "outside the time window"


async def run_batch(
    platform: Platform,
    submissions: Iterable[Submission] | AsyncIterable[Submission],
    journal: Journal | None,
    policy: BatchPolicy,
    *,
    take_over: bool = False,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[BatchEntry, None]:
    """Submit many versions, and yield what becomes of each, in the order of completion.

    Args:
        platform: makes the calls.
        submissions: read lazily; what reading raises is raised once what is being sent has ended.
        journal: where everything is written down, which is open; `None` for nowhere.
        policy: how to go about it.
        take_over: own the journal though another process does.
        stop: once it is set nothing more is begun, and it ends when what is being sent has ended;
            `None` for a run that only leaving it can stop.

    Raises:
        BatchError: the batch was stopped. Where an entry stands that was not yielded, the journal
            says.
    """
    async with contextlib.AsyncExitStack() as stack:
        own = None
        if journal is None:
            journal = own = await stack.enter_async_context(MemoryJournal())
        owned = await stack.enter_async_context(journal.run(platform.binding, take_over=take_over))
        book = journal.pace_book(platform.binding)
        pace = await stack.enter_async_context(Pace(book, ceiling=policy.rate))
        forget = None if own is None else own.forget
        run = _BatchRun(platform, owned, pace, policy, forget)
        entries = await stack.enter_async_context(
            contextlib.aclosing(run.entries(submissions, stop))
        )
        async for entry in entries:
            yield entry


@final
class _BatchRun:
    def __init__(
        self,
        platform: Platform,
        journal: JournalRun,
        pace: Pace,
        policy: BatchPolicy,
        forget: Callable[[Identity], None] | None,
    ) -> None:
        self._forget = forget
        self._policy = policy
        self._now = RunClock()
        until = None if policy.until is None else policy.until.timestamp()
        self._limits = {
            may_ask: Limits(attempts=policy.attempts, until=until, may_ask=may_ask)
            for may_ask in (False, True)
        }
        self._steps = EntrySteps(platform, journal, pace, policy, self._now)
        self._schedule: Schedule[Item] = Schedule(self._now)
        self._intake = Intake(platform, journal, policy, self._schedule, self._now)
        self._results: asyncio.Queue[BatchEntry | None] = asyncio.Queue()
        self._failure: Exception | None = None
        self._streak = FailureStreak(policy.stop_after)
        self._tasks: list[asyncio.Task[None]] = []
        self._in_hand: dict[int, Item] = {}
        self._is_stopping = False
        self._is_ending = False

    async def entries(
        self,
        submissions: Iterable[Submission] | AsyncIterable[Submission],
        stop: asyncio.Event | None,
    ) -> AsyncGenerator[BatchEntry, None]:
        """Yield what becomes of each entry, until all are over or `stop` is set."""
        reading = self._guarded(self._intake.run(submissions), self._stop_softly)
        most = self._policy.concurrency
        works = [self._work(number) for number in range(1, most + int(most * _BESIDE) + 1)]
        guarded = [reading, *(self._guarded(work, self._stop) for work in works)]
        self._tasks = [asyncio.create_task(work) for work in guarded]
        ending = asyncio.create_task(self._tell_end())
        heeding = asyncio.create_task(self._heed(stop or asyncio.Event()))
        try:
            while (entry := await self._results.get()) is not None:
                self._schedule.done()
                yield entry
        finally:
            heeding.cancel()
            self._end()
            await finish(ending)
        if self._failure is not None:
            raise self._failure

    async def _heed(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stop_softly(None)

    def _end(self) -> None:
        self._is_stopping = self._is_ending = True
        for task in self._tasks:
            task.cancel()

    async def _tell_end(self) -> None:
        """Let the end follow the last result, whatever becomes of the tasks."""
        await asyncio.wait(self._tasks)
        self._results.put_nowait(None)

    async def _guarded(self, work: Awaitable[None], stop: Callable[[Exception], None]) -> None:
        """Let the whole run end, hard or softly, with the first part of it that fails."""
        try:
            await work
        except asyncio.CancelledError:
            if not self._is_stopping:
                stop(_broken_off())  # nobody would take the place of what is gone
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the iterator raises it
            stop(error)

    def _stop(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
        self._end()

    def _stop_softly(self, error: Exception | None) -> None:
        """Begin nothing more, not even a question, and let what is being sent end.

        Args:
            error: what is raised in the end; `None` for nothing.
        """
        self._is_stopping = True
        if self._failure is None:
            self._failure = error
        self._schedule.stop()
        self._tasks[0].cancel()
        for number, item in self._in_hand.items():
            if not item.is_under_way:
                self._tasks[number].cancel()

    async def _work(self, number: int) -> None:
        while not self._is_stopping and (item := await self._schedule.take()) is not None:
            self._in_hand[number] = item
            try:
                is_over = await self._advance(item)
            except BaseException:
                if item.reply is not None:  # accepted, though nobody could write it down
                    self._results.put_nowait(item.entry())
                raise
            finally:
                del self._in_hand[number]
            if is_over:
                self._finish(item)

    async def _advance(self, item: Item) -> bool:
        """Take the next steps of an entry; `False` if it waits for a moment."""
        if not item.is_recalled and item.verdict is None:
            await self._steps.recall(item)
        while item.verdict is None and not self._is_stopping:
            seen = self._as_seen(item)
            limits = self._limits[item.failed_questions < _MOST_QUESTIONS]
            match next_step(seen, self._now(), self._policy.unknown_window, limits):
                case Send():
                    await self._steps.send(item)
                    item.is_under_way = False
                case Ask():
                    await self._steps.ask(item)
                case Wait(until):
                    self._schedule.park(item, item.priority, until)
                    return False
                case _:
                    return True
        return True

    def _as_seen(self, item: Item) -> Row:
        """Return the row with what only this run knows."""
        row = item.row
        starts_at = item.starts_at if row.state is EntryState.PLANNED else 0.0
        if not item.unsent and starts_at <= row.retry_at:
            return row
        return attrs.evolve(
            row, tries=row.tries + item.unsent, retry_at=max(row.retry_at, starts_at)
        )

    def _finish(self, item: Item) -> None:
        if item.verdict is None and item.row.state is EntryState.PLANNED and not item.row.reason:
            item.verdict = (EntryState.PLANNED, _LATER)
        entry = item.entry()
        # It keeps its room among those read ahead until its caller takes it.
        self._results.put_nowait(entry)
        if self._forget is not None and item.has_row:
            self._forget(item.row.identity)
        if (error := self._streak.add(entry)) is not None:
            self._stop_softly(error)


def _broken_off() -> BatchError:
    reason = "The submissions, a source or the journal cancelled what this run was doing."
    return BatchError(reason, code="batch_stopped")
