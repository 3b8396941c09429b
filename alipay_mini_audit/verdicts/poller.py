"""`Poller`: the questions of all who wait for verdicts of one application, at one pace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, final

from alipay_mini_audit.batch.pace import Pace
from alipay_mini_audit.concurrency import ClosableWaits
from alipay_mini_audit.errors import (
    ApiError,
    AuditError,
    CallError,
    MalformedReply,
    Outcome,
    RateLimited,
    SigningError,
    UntrustedReply,
)
from alipay_mini_audit.models import VersionDetail
from alipay_mini_audit.verdicts.watched import Target, Watched

__all__ = ["CONCURRENCY", "Ask", "Poller", "is_passing"]

CONCURRENCY: Final = 16
"""How many questions are under way at once."""
_SERVER_ERROR: Final = 500
Ask = Callable[[Target], Awaitable[VersionDetail]]


@final
class Poller:
    """Asks where versions stand: few at once, and no faster than the platform allows.

    What the platform throttles slows all of them down.

    Args:
        pace: gives each question its moment; whoever made it closes it.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._places = asyncio.Semaphore(CONCURRENCY)
        self._waits = ClosableWaits()

    @property
    def is_closed(self) -> bool:
        """Whether nobody may wait any more."""
        return self._waits.is_closed

    async def look(self, watched: Watched, ask: Ask) -> VersionDetail:
        """Ask once where a version stands, and set when to ask again, answered or not.

        Args:
            watched: the version.
            ask: puts one question, once.

        Raises:
            AuditError: the question failed.
        """
        async with self._places:
            await self._pace.moment()
            watched.asking()
            try:
                detail = await ask(watched.target)
            except RateLimited as error:
                await self._pace.throttled(error.retry_after)
                raise
            except ApiError:
                await self._pace.accepted()
                raise
            finally:
                watched.asked(asyncio.get_running_loop().time())
            await self._pace.accepted()
        return detail

    @contextmanager
    def until(self, deadline: float | None) -> Iterator[asyncio.Timeout]:
        """Give a scope to wait in, which `close` ends too; see `ClosableWaits.until`."""
        with self._waits.until(deadline) as scope:
            yield scope

    def close(self) -> None:
        """End every wait."""
        self._waits.close()


def is_passing(error: AuditError) -> bool:
    """Say whether a question that failed may be answered if it is put again later.

    A question changes nothing, so one whose outcome is unknown is as good as one that was not sent.
    An answer that cannot be trusted, or that no API gives, would come again: somebody has to look.
    """
    if not isinstance(error, CallError | SigningError):
        return False
    if isinstance(error, UntrustedReply):
        return False
    if isinstance(error, MalformedReply):
        return error.http_status is not None and error.http_status >= _SERVER_ERROR
    return error.is_repeatable or error.outcome is Outcome.UNKNOWN
