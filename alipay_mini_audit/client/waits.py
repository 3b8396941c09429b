"""`ClientWaits`: what a client waits for: a build before a submission, a verdict after it."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from alipay_mini_audit.calls import NoToken
from alipay_mini_audit.client.base import ClientBase
from alipay_mini_audit.models import BuildStatus, Verdict

if TYPE_CHECKING:
    from alipay_mini_audit.batch import BatchEntry, Journal
    from alipay_mini_audit.verdicts import Inbox, Poll, TokenFor

__all__ = ["ClientWaits"]


class ClientWaits(ClientBase):
    """The waits of `AuditClient`; closing the client ends them."""

    async def wait_for_build(
        self,
        app_version: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeout: float | None = 1800.0,  # noqa: ASYNC109  # it raises an error of the tree
        poll: Poll | None = None,
    ) -> BuildStatus:
        """Wait until a version is built and can be submitted.

        Right after an upload an apply is refused with `MINI_APP_PACKAGE_INFO_NOT_EXIST`. A build
        takes milliseconds or minutes, and no message tells of its end (Alipay's FAQ). For the first
        30 seconds the version may be one that the platform does not know.

        Args:
            app_version: the version.
            bundle_id: the application it runs in; `None` is the Alipay wallet.
            app_auth_token: as for `apply`.
            timeout: seconds; half an hour by default, `None` waits for as long as it takes.
            poll: how often to ask; `None` is after a second, and then up to a minute apart.

        Raises:
            BuildPending: the build has failed, or has not ended in time.
            ConfigurationError: the client was closed.
            ValidationError, SigningError, CallError: a question failed, and would fail again.
        """
        return await self._watch(app_auth_token).build(
            app_version, bundle_id, seconds=timeout, poll=poll
        )

    async def wait_for_verdict(
        self,
        app_version: str,
        *,
        mini_app_id: str | None = None,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # it raises an error of the tree
        inbox: Inbox | None = None,
        poll: Poll | None = None,
        submitted_at: datetime.datetime | None = None,
    ) -> Verdict:
        """Wait until the audit of a version has ended, and say how.

        The platform is asked at once and then at the intervals of `poll`; a message in the inbox
        about this version makes the next question come at once. Any number of waits of a client
        share one pace, and ask 16 at a time. A failed question that may be answered later ends
        nothing.

        Args:
            app_version: the version.
            mini_app_id: the app id of its mini-program, by which messages are told apart; `None`
                is the application itself without a token, and with one a message has to name the
                version, and is heeded once between two questions.
            bundle_id: the application it runs in; `None` is the Alipay wallet.
            app_auth_token: as for `apply`.
            timeout: seconds; `None` waits for as long as it takes.
            inbox: where your handlers of notifications put what comes; `None` for none.
            poll: how often to ask; `None` is `Poll()`, after a minute and then ever less.
            submitted_at: when it was submitted by the platform's clock, an aware moment as
                `reply.meta.platform_time`. What the platform still shows of a submission more than
                ten minutes before is waited out; `None` takes the first answer for this one.

        Raises:
            TypeError: `submitted_at` has no time zone.
            VerdictPending: none came in time; nothing is changed by that. `last` is the last
                answer.
            ConfigurationError: the client was closed.
            ValidationError, SigningError, CallError: a question failed, and would fail again.
        """
        return await self._watch(app_auth_token).wait(
            app_version,
            bundle_id,
            mini_app_id,
            seconds=timeout,
            inbox=inbox,
            poll=poll,
            submitted_at=submitted_at,
        )

    def follow(
        self,
        journal: Journal,
        *,
        token_for: TokenFor,
        inbox: Inbox | None = None,
        poll: Poll | None = None,
        stop: asyncio.Event | None = None,
        take_over: bool = False,
    ) -> AsyncGenerator[BatchEntry, None]:
        """Wait for the verdict of every entry of a journal that was submitted, and yield each.

        A verdict is in the journal before it is yielded, and yielded by one run only: what a crash
        kept from being yielded, `journal.entries(EntryState.REJECTED)` tells. It ends when each has
        its verdict; run again, it goes on. One whose question fails for good is yielded with its
        `error`, and asked for again by the next run.

        Args:
            journal: of `submit_many`; it is owned meanwhile, as by that.
            token_for: returns the merchant's token to ask with for an entry, or awaits it; `None`
                takes the client's. The journal holds none. What it raises is raised as it is.
            inbox: as for `wait_for_verdict`; for messages to be told apart, `mini_app` of the
                submissions has to be the app id of the mini-program.
            poll: as for `wait_for_verdict`, for each entry.
            stop: once it is set nothing more is asked, and it ends.
            take_over: as for `submit_many`.

        Raises:
            BatchError: the journal cannot be used, or another process has taken it over.
            ConfigurationError: the client is closed, or the extra `batch` is not installed.
        """
        return self._watch().follow(
            journal,
            token_for=token_for,
            inbox=inbox,
            poll=poll,
            stop=stop,
            take_over=take_over,
        )
