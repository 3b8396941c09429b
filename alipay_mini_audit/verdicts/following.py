"""`follow_journal`: every entry of a journal that was submitted, until its verdict is known.

A verdict is written down before it is told, so that each is told by one run only; what a crash kept
from being told is in the journal all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.batch import BatchEntry, Binding, EntryState, Journal
from alipay_mini_audit.batch.journal.actions import superseded
from alipay_mini_audit.batch.journal.row import BY_TOKEN, Row
from alipay_mini_audit.batch.journal.store import JournalRun
from alipay_mini_audit.batch.next_step import closes_at
from alipay_mini_audit.batch.pace import Pace
from alipay_mini_audit.concurrency import finish
from alipay_mini_audit.errors import ApiError, AuditError, BatchError, ConfigurationError
from alipay_mini_audit.models import Verdict, VersionDetail
from alipay_mini_audit.transport import closed_client
from alipay_mini_audit.verdicts.agenda import Agenda
from alipay_mini_audit.verdicts.inbox import Inbox
from alipay_mini_audit.verdicts.poll import Poll
from alipay_mini_audit.verdicts.poller import CONCURRENCY, Poller, is_passing
from alipay_mini_audit.verdicts.watched import UPLOADING, Target, Watched

__all__ = ["FollowPlatform", "TokenFor", "follow_journal"]

_WINDOW: Final = 120.0
"""Seconds for which what was sent may still arrive, as `BatchPolicy.unknown_window`."""
_CLOCKS_DIFFER: Final = datetime.timedelta(minutes=10)
"""By how much this machine's clock may differ: of more the platform's documentation says that it
refuses the call for its timestamp."""
_BEFORE: Final = datetime.timedelta(hours=1)
"""So much earlier than its last attempt an entry may have been accepted, by an earlier one."""
_NOTED: Final = datetime.timedelta(minutes=2)
"""So much later than it signs its reply the platform may note when it was submitted."""
TokenFor = Callable[[BatchEntry], "str | Awaitable[str | None] | None"]


class FollowPlatform(Protocol):
    """What is asked of the client."""

    @property
    def binding(self) -> Binding:
        """Which application calls where."""
        ...

    async def ask(self, target: Target) -> VersionDetail:
        """Ask once where a version stands.

        Raises:
            AuditError: the question failed.
        """
        ...

    def poller(self, pace: Pace) -> contextlib.AbstractContextManager[Poller]:
        """Give a poller for the length of the block; closing the client closes it."""
        ...


async def follow_journal(
    platform: FollowPlatform,
    journal: Journal,
    token_for: TokenFor,
    poll: Poll,
    inbox: Inbox | None,
    stop: asyncio.Event | None,
    *,
    take_over: bool = False,
) -> AsyncGenerator[BatchEntry, None]:
    """Yield the entries whose verdict comes to be known, until all have theirs.

    Args:
        platform: puts the questions.
        journal: which is open.
        token_for: says with whose token to ask.
        poll: how often to ask for each.
        inbox: whose messages end the wait for the next question; `None` for none.
        stop: once it is set, questions are broken off, and it ends.
        take_over: own the journal though another process does.

    Raises:
        BatchError: the journal cannot be used, or was taken over.
        ConfigurationError: the client is closed.
    """
    async with contextlib.AsyncExitStack() as stack:
        owned = await stack.enter_async_context(journal.run(platform.binding, take_over=take_over))
        pace = Pace(journal.pace_book(platform.binding), ceiling=None)
        await stack.enter_async_context(pace)
        poller = stack.enter_context(platform.poller(pace))
        follow = _Follow(platform, owned, poller, token_for)
        listening = stack.enter_context(contextlib.ExitStack())
        async for row in journal.entries(EntryState.DONE):
            if row.verdict is None:
                follow.add(row, poll, inbox, listening)
        entries = await stack.enter_async_context(contextlib.aclosing(follow.entries(stop)))
        async for entry in entries:
            yield entry


@final
@attrs.define(eq=False)
class _Followed:
    row: Row
    watched: Watched
    unlisten: Callable[[], None] | None = None

    @property
    def due(self) -> float:
        """When to ask for it, in the time of the event loop."""
        return self.watched.due


@final
class _Follow:
    def __init__(
        self, platform: FollowPlatform, journal: JournalRun, poller: Poller, token_for: TokenFor
    ) -> None:
        self._platform = platform
        self._journal = journal
        self._poller = poller
        self._token_for = token_for
        self._agenda: Agenda[_Followed] = Agenda()
        self._results: asyncio.Queue[BatchEntry | None] = asyncio.Queue()
        self._failure: Exception | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._is_ending = False

    def add(
        self, row: Row, poll: Poll, inbox: Inbox | None, listening: contextlib.ExitStack
    ) -> None:
        """Take an entry in, before `entries`."""
        item = _Followed(row, _watched(row, poll, self._platform.binding.app_id))
        self._agenda.add(item)
        if inbox is None:
            return
        loop = asyncio.get_running_loop()

        def ring(is_certain: bool) -> None:  # noqa: FBT001  # of the message, see `Ring`
            """Bring the next question forward, if the message does."""
            if item.watched.rang(loop.time(), is_certain=is_certain):
                self._agenda.moved(item)

        item.unlisten = inbox.add(item.watched.target, ring)
        listening.callback(item.unlisten)

    async def entries(self, stop: asyncio.Event | None) -> AsyncGenerator[BatchEntry, None]:
        """Yield each entry that is over."""
        self._tasks = [asyncio.create_task(self._guarded()) for _ in range(CONCURRENCY)]
        ending = asyncio.create_task(self._tell_end())
        heeding = None if stop is None else asyncio.create_task(self._heed(stop))
        try:
            while (entry := await self._results.get()) is not None:
                yield entry
        finally:
            if heeding is not None:
                heeding.cancel()
            self._end()
            await finish(ending)
        if self._failure is not None:
            raise self._failure

    async def _heed(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._end()

    def _end(self) -> None:
        """Break off all questions, which changes nothing; what is being written down is."""
        self._is_ending = True
        self._agenda.stop()
        for task in self._tasks:
            task.cancel()

    async def _tell_end(self) -> None:
        await asyncio.wait(self._tasks)
        self._results.put_nowait(None)

    async def _guarded(self) -> None:
        try:
            await self._work()
        except asyncio.CancelledError:
            if not self._is_ending:  # nobody would take the place of what is gone
                self._failure = self._failure or _broken_off()
                self._end()
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the iterator raises it
            self._failure = self._failure or error
            self._end()

    async def _work(self) -> None:
        try:
            with self._poller.until(None) as scope:
                async with scope:
                    while (item := await self._agenda.take()) is not None:
                        await self._advance(item)
        except TimeoutError:
            if not self._poller.is_closed:
                raise
            raise closed_client() from None

    async def _advance(self, item: _Followed) -> None:
        """Ask for one entry, and write down what was learnt."""
        token = self._token_for(_entry_of(item.row))
        if inspect.isawaitable(token):
            token = await token
        target = attrs.evolve(item.watched.target, app_auth_token=token)
        item.watched.target = target
        try:
            detail = await self._poller.look(item.watched, self._platform.ask)
        except (BatchError, ConfigurationError):
            raise
        except AuditError as error:
            if is_passing(error):
                self._agenda.put(item)
            else:
                self._over(item, _entry_of(item.row, error))
            return
        verdict = item.watched.saw(detail)
        await finish(self._write(item, verdict))
        if verdict is None:
            self._agenda.put(item)

    async def _write(self, item: _Followed, verdict: Verdict | None) -> None:
        since = item.watched.since
        moment = None if since is None else since.timestamp()
        if verdict is None and moment == item.row.audit_since:
            return
        row = await self._journal.judge(
            item.row.identity, item.row.epoch, since=moment, verdict=verdict
        )
        if row is None:
            raise superseded()
        item.row = row
        if verdict is not None:
            told = attrs.evolve(_entry_of(row), verdict=verdict)  # with its detail
            self._over(item, told)

    def _over(self, item: _Followed, entry: BatchEntry) -> None:
        if item.unlisten is not None:
            item.unlisten()
        self._results.put_nowait(entry)
        self._agenda.done()


def _watched(row: Row, poll: Poll, app_id: str) -> Watched:
    """Return an entry as it is watched: with when it can have been submitted."""
    named = row.mini_app if row.mini_app and not row.mini_app.startswith(BY_TOKEN) else None
    target = Target(
        app_version=row.identity.app_version,
        bundle_id=row.identity.bundle_id or None,
        mini_app_id=named if row.mini_app else app_id,
    )
    earliest, latest = _when_submitted(row)
    return Watched(
        target=target,
        poll=poll,
        earliest=earliest,
        latest=latest,
        since=None if row.audit_since is None else _aware(row.audit_since),
    )


def _when_submitted(row: Row) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """Return between when an entry was submitted, by the platform's clock, as far as is known.

    What the platform's reply says needs no clock of this machine, which may have been set since.
    """
    if row.accepted_at is not None:
        accepted = _aware(row.accepted_at)
        return accepted - UPLOADING, accepted + _NOTED
    if row.sending_at is None:
        return None, None
    sent, closed = _aware(row.sending_at), _aware(closes_at(row, _WINDOW))
    return sent - _BEFORE - _CLOCKS_DIFFER, closed + _CLOCKS_DIFFER


def _broken_off() -> BatchError:
    reason = "What asks for a token, or the journal, cancelled what this run was doing."
    return BatchError(reason, code="batch_stopped")


def _aware(moment: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(moment, datetime.UTC)


def _entry_of(row: Row, error: AuditError | None = None) -> BatchEntry:
    code = error.code if isinstance(error, ApiError) else ""
    return BatchEntry(
        key=row.identity.key,
        app_version=row.identity.app_version,
        bundle_id=row.identity.bundle_id or None,
        state=row.state,
        error=error,
        reason=row.reason if error is None else code or "question failed",
        attempts=row.attempts,
        mini_app=row.mini_app,
        template_id=row.template or None,
        verdict=row.verdict,
    )
