"""A client as those who wait for verdicts use it. Each question is put once; waiting repeats it."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Final, final

import attrs

from alipay_mini_audit.batch import BatchEntry, Binding, Journal
from alipay_mini_audit.batch.pace import MemoryPaceBook, Pace
from alipay_mini_audit.calls import CallOptions, CallRunner, CallSpec
from alipay_mini_audit.client.answers import detail_about
from alipay_mini_audit.client.arguments import expect, options_with, version_of
from alipay_mini_audit.client.watches import Watches
from alipay_mini_audit.lifecycle import BuildPending, wait_for_build
from alipay_mini_audit.models import BuildStatus, Verdict, VersionDetail, read_model
from alipay_mini_audit.models.numbers import as_number
from alipay_mini_audit.protocol import BUILD_STATUS, DETAIL
from alipay_mini_audit.transport import Transport, closed_client
from alipay_mini_audit.verdicts import (
    UPLOADING,
    Inbox,
    Poll,
    Poller,
    Target,
    TokenFor,
    Watched,
    follow_journal,
    wait_for,
)

__all__ = ["Binding", "ClientWatch"]

_BUILDS: Final = Poll(first=1.0, factor=1.5, longest=60.0)


@final
@attrs.frozen
class ClientWatch:
    """Puts the questions of those who wait, for one client or view; see `FollowPlatform`.

    Attributes:
        binding: which application calls where.
        runner: of the client.
        transport: of the client.
        options: of the client or view.
        watches: of the client.
    """

    binding: Binding
    runner: CallRunner
    transport: Transport
    options: CallOptions
    watches: Watches
    _once: CallOptions = attrs.field(init=False, repr=False)

    @_once.default
    def _without_repeats(self) -> CallOptions:
        return attrs.evolve(self.options, retry=attrs.evolve(self.options.retry, attempts=1))

    async def ask(self, target: Target) -> VersionDetail:
        """See `FollowPlatform`."""
        about = version_of(target.app_version, target.bundle_id)
        options = options_with(self._once, target.app_auth_token, None, None)
        with self.transport.under_way():
            answer = await self.runner.run(CallSpec(operation=DETAIL, query=about), options)
        return detail_about(answer, about)

    @contextmanager
    def poller(self, pace: Pace) -> Iterator[Poller]:
        """See `FollowPlatform`."""
        poller = Poller(pace)
        self.watches.add(poller)
        try:
            yield poller
        finally:
            self.watches.remove(poller)

    async def wait(
        self,
        app_version: str,
        bundle_id: str | None,
        mini_app_id: str | None,
        *,
        seconds: float | None,
        inbox: Inbox | None,
        poll: Poll | None,
        submitted_at: datetime.datetime | None,
    ) -> Verdict:
        """Wait for one verdict, see `AuditClient.wait_for_verdict`.

        Raises:
            TypeError: an argument is of another type than it has to be, and is named.
        """
        expect("app_version", app_version, str, "a text")
        expect("mini_app_id", mini_app_id, str | None, "a text or None")
        expect("inbox", inbox, Inbox | None, "an Inbox or None")
        expect("poll", poll, Poll | None, "a Poll or None")
        expect("submitted_at", submitted_at, datetime.datetime | None, "a datetime or None")
        if submitted_at is not None and submitted_at.tzinfo is None:
            raise TypeError("submitted_at: expected a datetime with a time zone")
        _expect_seconds(seconds)
        version_of(app_version, bundle_id)
        token = self.options.app_auth_token
        target = Target(
            app_version=app_version,
            bundle_id=bundle_id,
            mini_app_id=self.binding.app_id
            if (mini_app_id, token) == (None, None)
            else mini_app_id,
            app_auth_token=token,
        )
        earliest = None if submitted_at is None else submitted_at - UPLOADING
        watched = Watched(target=target, poll=poll or Poll(), earliest=earliest)
        return await wait_for(self._shared_poller(), watched, self.ask, inbox, seconds)

    async def build(
        self, app_version: str, bundle_id: str | None, *, seconds: float | None, poll: Poll | None
    ) -> BuildStatus:
        """Wait for the end of a build, see `AuditClient.wait_for_build`.

        Raises:
            TypeError: an argument is of another type than it has to be, and is named.
        """
        expect("app_version", app_version, str, "a text")
        expect("poll", poll, Poll | None, "a Poll or None")
        _expect_seconds(seconds)
        about = version_of(app_version, bundle_id)
        spec = CallSpec(operation=BUILD_STATUS, query=about)

        async def ask() -> BuildStatus:
            """Ask once how far the build has come."""
            with self.transport.under_way():
                answer = await self.runner.run(spec, self._once)
            return read_model(BuildStatus, answer.fields, answer.meta)

        poller = self._shared_poller()
        if poller.is_closed:
            raise closed_client()
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        with poller.until(deadline) as scope:
            try:
                return await wait_for_build(ask, scope, poll or _BUILDS)
            except BuildPending as error:
                if poller.is_closed and not error.has_failed:
                    raise closed_client() from None
                raise

    async def pause(self, stop: asyncio.Event, seconds: float) -> bool:
        """Wait for an event, or so long; return whether it is set.

        Raises:
            ConfigurationError: the client is closed, or was meanwhile.
        """
        poller = self._shared_poller()
        if poller.is_closed:
            raise closed_client()
        with poller.until(asyncio.get_running_loop().time() + seconds) as scope:
            try:
                async with scope:
                    return await stop.wait()
            except TimeoutError:
                if poller.is_closed:
                    raise closed_client() from None
                return stop.is_set()

    def follow(
        self,
        journal: Journal,
        *,
        token_for: TokenFor,
        inbox: Inbox | None,
        poll: Poll | None,
        stop: asyncio.Event | None,
        take_over: bool,
    ) -> AsyncGenerator[BatchEntry, None]:
        """Return what follows a journal, see `AuditClient.follow`.

        Raises:
            TypeError: an argument is of another type than it has to be, and is named.
        """
        expect("journal", journal, Journal, "a SqliteJournal or a MemoryJournal")
        expect("inbox", inbox, Inbox | None, "an Inbox or None")
        expect("poll", poll, Poll | None, "a Poll or None")
        expect("stop", stop, asyncio.Event | None, "an asyncio.Event or None")
        if not callable(token_for):
            raise TypeError("token_for: expected a function of a BatchEntry that returns a token")
        return follow_journal(
            self, journal, token_for, poll or Poll(), inbox, stop, take_over=take_over
        )

    def _shared_poller(self) -> Poller:
        """Return the poller of all single waits with the client."""
        if self.watches.poller is None:
            self.watches.poller = Poller(Pace(MemoryPaceBook(), ceiling=None))
            self.watches.add(self.watches.poller)
        return self.watches.poller


def _expect_seconds(seconds: float | None) -> None:
    if seconds is not None and ((given := as_number(seconds)) is None or given < 0):
        raise TypeError(f"timeout: expected a number of seconds from 0 on, not {seconds!r}")
